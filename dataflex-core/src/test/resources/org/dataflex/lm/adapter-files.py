"""Writes the directory adapter-files beside this script: adapters of weight-files/single as PEFT saves them.

Made with peft 0.21.0, safetensors 0.8.0, torch 2.13.0, transformers 5.18.0; seed 11.
"""
import json
import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
OUT = HERE / "adapter-files"
ADAPTERS = {
    "plain": dict(target_modules="all-linear", lora_dropout=0.1),
    "rslora": dict(target_modules=["q_proj", "v_proj", "down_proj"], use_rslora=True),
}


def adapter(name, own):
    torch.manual_seed(11)
    base = LlamaForCausalLM.from_pretrained(HERE / "weight-files/single", attn_implementation="eager")
    base.name_or_path = "tiny-llama"
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **own)).eval()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            if "lora_" in parameter_name:
                parameter.copy_(torch.randn(parameter.shape) * 0.3)
        logits = model(torch.tensor([[1, 2, 3, 5, 8]])).logits[0]
    model.save_pretrained(OUT / name)
    (OUT / name / "README.md").unlink(missing_ok=True)
    config = json.loads((OUT / name / "adapter_config.json").read_text())
    config["target_modules"].sort()  # a set, in another order each time
    (OUT / name / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (OUT / name / "logits.json").write_text(json.dumps([[round(x, 6) for x in row] for row in logits.tolist()]))


shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
for adapter_name, settings in ADAPTERS.items():
    adapter(adapter_name, settings)
