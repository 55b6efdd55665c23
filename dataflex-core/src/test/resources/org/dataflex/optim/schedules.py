"""Writes schedules.json: the learning rate of every update of transformers' schedules.

Run: python schedules.py > schedules.json     (written with transformers 5.18.0, torch 2.13.0+cpu)
"""

import json

import torch
import transformers
from transformers.optimization import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_cosine_with_min_lr_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

PEAK = 2.0**-10  # exact in float32
SIZES = [(0, 10), (3, 20), (7, 50), (0, 1), (4, 5)]  # warm-up, total


def rates(total, schedule):
    """The rate that each optimizer.step() uses, the update after the last planned one included."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=PEAK)
    scheduler = schedule(optimizer)
    values = []
    for _ in range(total + 1):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def main():
    cases = []
    for warm_up, total in SIZES:
        schedules = {
            "cosine": lambda o: get_cosine_schedule_with_warmup(o, warm_up, total),
            "cosine_to_quarter": lambda o: get_cosine_with_min_lr_schedule_with_warmup(
                o, warm_up, total, min_lr_rate=0.25
            ),
            "linear": lambda o: get_linear_schedule_with_warmup(o, warm_up, total),
            "constant": lambda o: get_constant_schedule_with_warmup(o, warm_up),
        }
        for name, schedule in schedules.items():
            case = {"schedule": name, "warm_up": warm_up, "total": total}
            cases.append({**case, "rates": rates(total, schedule)})
    golden = {"transformers": transformers.__version__, "peak": PEAK}
    print(json.dumps({**golden, "cases": cases}, indent=1))


main()
