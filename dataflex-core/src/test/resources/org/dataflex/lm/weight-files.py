"""Writes the directory weight-files beside this script: tensors and tiny models as the Python libraries save them.

Made with safetensors 0.8.0, torch 2.13.0, transformers 5.18.0; seed 7.
"""
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

OUT = pathlib.Path(__file__).parent / "weight-files"
SIZES = dict(vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=16, rms_norm_eps=1e-6, initializer_range=0.5)


def types():
    tensors = {
        "f64": torch.tensor([[1.5, -2.25, 1e300]], dtype=torch.float64),
        "f32": torch.tensor([[1.5, -2.25], [3e38, 1e-45]]),
        "f16": torch.tensor([1.5, 65504, 6e-8], dtype=torch.float16),
        "bf16": torch.tensor([[1.5], [-3e38], [1e-40]], dtype=torch.bfloat16),
        "i64": torch.tensor([-(2**63), 7]),
        "i32": torch.tensor([-(2**31), 7], dtype=torch.int32),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5),
        "none": torch.zeros(0),
        "none of three": torch.zeros(2, 0, 3),
    }
    save_file(tensors, OUT / "types.safetensors", metadata={"format": "pt", "author": "weight-files.py"})


def models():
    for name, tied, dtype, shard in [
        ("single", False, torch.float32, "1GB"),
        ("sharded", False, torch.float32, "2KB"),
        ("tied", True, torch.float32, "1GB"),
        ("bf16", False, torch.bfloat16, "1GB"),
        ("f16", False, torch.float16, "1GB"),
    ]:
        torch.manual_seed(7)
        config = LlamaConfig(**SIZES, rope_theta=10000.0, tie_word_embeddings=tied, attn_implementation="eager")
        model = LlamaForCausalLM(config).to(dtype).eval()
        model.save_pretrained(OUT / name, max_shard_size=shard)
        (OUT / name / "generation_config.json").unlink(missing_ok=True)
        ids = torch.tensor([[1, 2, 3, 5, 8]])
        with torch.no_grad():
            logits = model.float()(ids).logits[0]
        (OUT / name / "logits.json").write_text(json.dumps([[round(x, 6) for x in row] for row in logits.tolist()]))


shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
types()
models()
