"""Writes llama-tiny.json: what transformers' LlamaForCausalLM computes with known weights.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.18.0
    venv/bin/python llama-tiny.py

The weights are drawn with the seed below and rounded to four decimals before they are used, so that
the file holds them exactly. The second sample is padded on the right.
"""

import json
import pathlib

import torch
import transformers

SEED = 20
CONFIG = dict(
    vocab_size=50,
    hidden_size=16,
    intermediate_size=40,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=32,
    rms_norm_eps=1e-5,
    rope_theta=500.0,
    tie_word_embeddings=False,
)
NUM_TOKENS = [12, 7]


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


def main():
    torch.manual_seed(SEED)
    config = dict(CONFIG)
    theta = config.pop("rope_theta")
    llama = transformers.LlamaConfig(
        **config,
        rope_parameters={"rope_type": "default", "rope_theta": theta},
        attn_implementation="eager",
    )
    model = transformers.LlamaForCausalLM(llama).float()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            drawn = torch.randn(parameter.shape) * 0.3
            parameter.copy_(((1 + drawn) if "norm" in name else drawn).mul(1e4).round() / 1e4)

    num_tokens = torch.tensor(NUM_TOKENS)
    mask = (torch.arange(max(NUM_TOKENS)) < num_tokens[:, None]).long()
    ids = torch.randint(CONFIG["vocab_size"], mask.shape) * mask
    labels = ids.masked_fill(mask == 0, -100)
    output = model(input_ids=ids, attention_mask=mask, labels=labels)
    output.loss.backward()

    golden = {
        "made": {
            "by": "llama-tiny.py",
            "seed": SEED,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "config": {k: Decimals(str(v)) if type(v) is float else v for k, v in CONFIG.items()},
        "input_ids": {"shape": list(ids.shape), "values": ids.flatten().tolist()},
        "attention_mask": {"shape": list(mask.shape), "values": mask.flatten().tolist()},
        "logits": {"shape": list(output.logits.shape), "values": numbers(output.logits, 6)},
        "loss": Decimals(f"{output.loss.item():.7f}"),
        "weights": tensors(model.named_parameters(), 4),
        "gradients": tensors(((n, p.grad) for n, p in model.named_parameters()), 7),
    }
    golden["config"]["rms_norm_eps"] = Decimals("0.00001")
    pathlib.Path(__file__).with_suffix(".json").write_text(dump(golden))


if __name__ == "__main__":
    main()
