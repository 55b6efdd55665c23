"""Writes adamw.json: five steps of torch.optim.AdamW, for AdamWTest.

Run: python adamw.py > adamw.json     (written with torch 2.13.0+cpu)
"""

import json

import torch

SHAPES = {"matrix": [3, 4], "vector": [5]}
RATES = [0.0625, 0.03125, 0.015625, 0.0, 0.125]  # exact in float32
DECAY = 0.125


def floats(tensor):
    return [float(x) for x in tensor.detach().flatten()]


def main():
    generator = torch.Generator().manual_seed(7)
    normal = lambda shape: torch.randn(shape, generator=generator)
    weights = {name: normal(shape) for name, shape in SHAPES.items()}
    start = {name: floats(weight) for name, weight in weights.items()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [weights["matrix"]], "weight_decay": DECAY},
            {"params": [weights["vector"]], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.999),
        eps=1e-8,
        fused=False,
        foreach=False,
    )
    steps = []
    for rate in RATES:
        for group in optimizer.param_groups:
            group["lr"] = rate
        for weight in weights.values():
            weight.grad = normal(weight.shape)
            weight.grad[0] = 0  # a row, or a number, that never gets a gradient
        optimizer.step()
        state = {name: optimizer.state[weight] for name, weight in weights.items()}
        steps.append(
            {
                "rate": rate,
                "gradients": {name: floats(weight.grad) for name, weight in weights.items()},
                "weights": {name: floats(weight) for name, weight in weights.items()},
                "means": {name: floats(state[name]["exp_avg"]) for name in weights},
                "variances": {name: floats(state[name]["exp_avg_sq"]) for name in weights},
            }
        )
    golden = {"torch": torch.__version__, "decay": DECAY, "shapes": SHAPES, "start": start}
    print(json.dumps({**golden, "steps": steps}, indent=1))


main()
