"""Writes NAME-tiny.json: what transformers computes with known weights, for each family.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.18.0
    venv/bin/python tiny-models.py

The weights are drawn with the seed below and rounded to four decimals before they are used, so that
the files hold them exactly. The second sample is padded: on the right, in qwen2-tiny on the left.
The configuration is as transformers saves it.
"""

import json
import pathlib

import torch
import transformers

SEED = 20
NUM_TOKENS = [12, 7]
COMMON = dict(
    vocab_size=30,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    rms_norm_eps=1e-5,
    attn_implementation="eager",
)
PLAIN = {"rope_type": "default", "rope_theta": 500.0}
# Of the four frequencies of a head one stays, one is slowed in part, and two by the factor.
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500.0,
    "factor": 4.0,
    "low_freq_factor": 0.25,
    "high_freq_factor": 2.0,
    "original_max_position_embeddings": 16,
}
FAMILIES = {
    "llama": (
        transformers.LlamaForCausalLM,
        dict(vocab_size=50, intermediate_size=40, max_position_embeddings=32),
    ),
    "llama3": (
        transformers.LlamaForCausalLM,
        dict(
            num_attention_heads=2,
            num_key_value_heads=1,
            rope_parameters=LLAMA3,
            tie_word_embeddings=True,
        ),
    ),
    "mistral": (transformers.MistralForCausalLM, dict(sliding_window=5)),
    "qwen2": (transformers.Qwen2ForCausalLM, dict()),
    "qwen3": (transformers.Qwen3ForCausalLM, dict(head_dim=6, tie_word_embeddings=True)),
    "mixtral": (
        transformers.MixtralForCausalLM,
        dict(intermediate_size=12, num_local_experts=4, num_experts_per_tok=2),
    ),
    "qwen2_moe": (
        transformers.Qwen2MoeForCausalLM,
        dict(
            num_experts=4,
            num_experts_per_tok=2,
            moe_intermediate_size=8,
            shared_expert_intermediate_size=12,
            norm_topk_prob=False,
        ),
    ),
    "qwen3_moe": (
        transformers.Qwen3MoeForCausalLM,
        dict(
            num_experts=5,
            num_experts_per_tok=3,
            moe_intermediate_size=8,
            norm_topk_prob=True,
            head_dim=6,
            tie_word_embeddings=True,
        ),
    ),
}
# What transformers calls experts' matrices in files: gate, up and down, which it fuses in memory.
EXPERT_NAMES = {"mixtral": ("w1", "w3", "w2")}
EXPERTS = ("mixtral", "qwen2_moe", "qwen3_moe")


def numbers(tensor, decimals):
    """Flattens a tensor to a list of plain decimals."""
    return [Decimals(f"{x:.{decimals}f}") for x in tensor.detach().double().flatten().tolist()]


class Decimals(float):
    """A number that JSON shows as it was formatted."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text.rstrip("0").rstrip(".") if "." in text else text
        return number

    def __repr__(self):
        return "0" if self.text in ("", "-0") else self.text


def tensors(named, decimals):
    """Gives each tensor's shape and numbers by its name."""
    return {
        name: {"shape": list(tensor.shape), "values": numbers(tensor, decimals)}
        for name, tensor in named
    }


def as_saved(family, named):
    """Names tensors as transformers saves them: each expert's matrices apart."""
    gate, up, down = EXPERT_NAMES.get(family, ("gate_proj", "up_proj", "down_proj"))
    for name, tensor in named:
        if family == "mixtral":
            name = name.replace(".mlp.", ".block_sparse_moe.")
        path, _, last = name.rpartition(".")
        if not path.endswith(".experts"):
            yield name, tensor
            continue
        for i, expert in enumerate(tensor):
            if last == "down_proj":
                yield f"{path}.{i}.{down}.weight", expert
            else:
                for own, part in zip((gate, up), expert.chunk(2)):
                    yield f"{path}.{i}.{own}.weight", part


def expert_loads(model, ids, mask):
    """Counts by layer and expert the real tokens that are sent to it."""
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, output_router_logits=True)
    loads = []
    for logits in output.router_logits:
        chosen = logits.topk(model.config.num_experts_per_tok).indices[mask.flatten() == 1]
        loads.append(chosen.flatten().bincount(minlength=logits.shape[-1]).tolist())
    return {"shape": [len(loads), len(loads[0])], "values": sum(loads, [])}


def dump(golden):
    """Formats as JSON, one tensor a line."""

    def lines(value, depth):
        if isinstance(value, dict) and "values" not in value:
            pad = "  " * (depth + 1)
            rows = (f"{pad}{json.dumps(k)}: {lines(v, depth + 1)}" for k, v in value.items())
            return "{\n" + ",\n".join(rows) + "\n" + "  " * depth + "}"
        if isinstance(value, dict):
            return "{" + ", ".join(f'"{k}": {lines(v, 0)}' for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ",".join(lines(v, 0) for v in value) + "]"
        return repr(value) if isinstance(value, float) else json.dumps(value)

    return lines(golden, 0) + "\n"


def samples(vocabulary_size, pads_left):
    """Draws token ids; a label is what a real token before it could have foretold."""
    length = max(NUM_TOKENS)
    mask = (torch.arange(length) < torch.tensor(NUM_TOKENS)[:, None]).long()
    ids = torch.randint(vocabulary_size, mask.shape)
    if pads_left:
        mask = mask.flip(1)
    ids = ids * mask
    seen = torch.cat([torch.zeros(len(mask), 1).long(), mask[:, :-1]], 1)
    return ids, mask, ids.masked_fill(mask * seen == 0, -100)


def golden(name):
    """Runs a model of the family, and tells all."""
    torch.manual_seed(SEED)
    model_class, own = FAMILIES[name]
    settings = {**COMMON, "rope_parameters": PLAIN, **own}
    config = model_class.config_class(**settings)
    if name in EXPERTS:
        config._experts_implementation = "eager"
    model = model_class(config).float()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            drawn = torch.randn(parameter.shape) * 0.3
            if "norm" in parameter_name:
                drawn = 1 + drawn
            parameter.copy_(drawn.mul(1e4).round() / 1e4)

    ids, mask, labels = samples(settings["vocab_size"], name == "qwen2")
    output = model(input_ids=ids, attention_mask=mask, labels=labels)
    output.loss.backward()

    # of all in the first family, elsewhere of the first layer: what reaches it went through all
    kept = (
        (n, p.grad)
        for n, p in model.named_parameters()
        if name == "llama" or "layers.1" not in n and ("mlp" not in n or name in EXPERTS)
    )
    made = {
        "made": {
            "by": "tiny-models.py",
            "seed": SEED,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "config": json.loads(model.config.to_json_string()),
        "input_ids": {"shape": list(ids.shape), "values": ids.flatten().tolist()},
        "attention_mask": {"shape": list(mask.shape), "values": mask.flatten().tolist()},
        "labels": {"shape": list(labels.shape), "values": labels.flatten().tolist()},
        "logits": {"shape": list(output.logits.shape), "values": numbers(output.logits, 6)},
        "loss": Decimals(f"{output.loss.item():.7f}"),
        "weights": tensors(as_saved(name, model.named_parameters()), 4),
        "gradients": tensors(as_saved(name, kept), 7),
    }
    if name in EXPERTS:
        made["expert_loads"] = expert_loads(model, ids, mask)
    return made


def main():
    for name in FAMILIES:
        file = pathlib.Path(__file__).with_name(f"{name}-tiny.json")
        file.write_text(dump(golden(name)))


if __name__ == "__main__":
    main()
