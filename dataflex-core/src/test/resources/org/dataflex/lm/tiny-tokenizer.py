"""Makes tiny-tokenizer/tokenizer.json and tiny-tokenizer.json, the ids that the Python tokenizer gives.

Run with the Python packages tokenizers and transformers; the versions are noted in the output.
"""

import json
import os

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

TEXT = ["The quick brown fox jumps over the lazy dog. ", "int x = 0; // code\n", "Grüße aus Köln, 你好! "] * 20

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    TEXT,
    trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
tokenizer.post_processor = processors.TemplateProcessing(
    single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)]
)
os.makedirs("tiny-tokenizer", exist_ok=True)
tokenizer.save("tiny-tokenizer/tokenizer.json", pretty=False)

texts = ["", "The quick dog", "Köln 你好\n\n  x", "</s> is special", "emoji 🦊 end"]
cases = [
    {
        "text": text,
        "ids": tokenizer.encode(text).ids,
        "plain": tokenizer.encode(text, add_special_tokens=False).ids,
        "decoded": tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=True),
    }
    for text in texts
]
with open("tiny-tokenizer.json", "w", encoding="utf-8") as out:
    json.dump(
        {
            "origin": f"tiny-tokenizer.py with tokenizers {tokenizers.__version__}",
            "vocabulary": tokenizer.get_vocab_size(),
            "cases": cases,
        },
        out,
        indent=1,
    )
