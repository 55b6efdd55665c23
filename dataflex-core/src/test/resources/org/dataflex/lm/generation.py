"""Writes generation.json: how transformers continues prompts, and what its filters keep.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.18.0
    venv/bin/python generation.py

The models are those of NAME-tiny.json. Three prompts of different lengths make a batch that is
padded on the left; the tokens are greedy. "margin" is how far the likeliest logit was from the next
one at the closest choice of all.
"""

import json
import pathlib
import re

import torch
import transformers

HERE = pathlib.Path(__file__).parent
FAMILIES = ["llama", "llama3", "mistral", "qwen2", "qwen3"]
PROMPTS = [[3, 1, 4], [15, 9, 2, 6, 5, 3, 5, 8], [29, 7, 18, 2, 8]]
NEW_TOKENS = 24
LOGITS = [0.5, -1.25, 3.0, 2.0, 0.0, 2.75, -4.0, 1.5, 2.5, 0.25]
FILTERS = [
    dict(temperature=1.0, top_k=0, top_p=1.0),
    dict(temperature=0.5, top_k=0, top_p=1.0),
    dict(temperature=1.0, top_k=4, top_p=1.0),
    dict(temperature=1.0, top_k=0, top_p=0.7),
    dict(temperature=2.0, top_k=6, top_p=0.8),
    dict(temperature=1.5, top_k=50, top_p=0.01),
]


def model(family):
    """Makes the model of a golden file."""
    golden = json.loads((HERE / f"{family}-tiny.json").read_text())
    config = transformers.AutoConfig.for_model(**golden["config"])
    config._attn_implementation = "eager"
    made = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            tensor = golden["weights"][name]
            parameter.copy_(torch.tensor(tensor["values"]).reshape(tensor["shape"]))
    return made


def continued(family):
    """Continues the prompts."""
    longest = max(map(len, PROMPTS))
    ids = torch.tensor([[0] * (longest - len(p)) + p for p in PROMPTS])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in PROMPTS])
    output = model(family).generate(
        ids,
        attention_mask=mask,
        max_new_tokens=NEW_TOKENS,
        min_new_tokens=NEW_TOKENS,
        do_sample=False,
        output_logits=True,
        return_dict_in_generate=True,
        eos_token_id=None,
        pad_token_id=0,
    )
    best = torch.stack(output.logits).topk(2).values
    margin = (best[..., 0] - best[..., 1]).min().item()
    return {"margin": round(margin, 4), "tokens": output.sequences[:, longest:].tolist()}


def filtered(temperature, top_k, top_p):
    """Gives the probabilities that are left of LOGITS."""
    scores = torch.tensor([LOGITS], dtype=torch.float64)
    warpers = [transformers.TemperatureLogitsWarper(temperature)]
    if top_k:
        warpers.append(transformers.TopKLogitsWarper(top_k))
    if top_p < 1:
        warpers.append(transformers.TopPLogitsWarper(top_p))
    for warper in warpers:
        scores = warper(None, scores)
    return [round(p, 9) for p in scores.softmax(-1)[0].tolist()]


def main():
    golden = {
        "made": {
            "by": "generation.py",
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
        "prompts": PROMPTS,
        "greedy": {family: continued(family) for family in FAMILIES},
        "logits": LOGITS,
        "filters": [{**f, "probabilities": filtered(**f)} for f in FILTERS],
    }
    text = re.sub(r"\[[^][{}]*\]", lambda row: " ".join(row[0].split()), json.dumps(golden, indent=1))
    (HERE / "generation.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
