"""Makes byte-level/ (a tokenizer with the special tokens of several families) and template-ids.json:
what transformers' apply_chat_template gives for chat-templates/, and the ids of LLaMA-Factory's
templates by name, put together here piece by piece as its Template._encode does.

Run with the Python packages tokenizers and transformers; the versions are noted in the output.
sentence-piece/ is the tokenizer of karpathy/tinyllamas stories260K (MIT) in the form of Hugging Face.
"""

import json
import os

import tokenizers
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
TEXT = ["You are a helpful assistant. ", "system user assistant\n\n", "What is the answer? It is 42.\n", "Grüße 你好! "] * 20

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    TEXT,
    trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
os.makedirs("byte-level", exist_ok=True)
tokenizer.save("byte-level/tokenizer.json", pretty=False)
with open("byte-level/tokenizer_config.json", "w") as out:
    json.dump({"bos_token": "<s>", "eos_token": {"content": "</s>", "special": True}}, out)

CONVERSATIONS = [
    {"system": "", "turns": [["What is the answer?", "It is 42."]]},
    {"system": "Be brief.\n", "turns": [["  What?  ", " It is 42.\n"], ["Why 你好 😀?", "\nBecause 'x' \"y\" \\n."]]},
    {"system": "", "turns": [["a", "b"], ["c", "d"], ["e <|im_end|> f", "<think>\nhm\n</think>\n\ng"]]},
    {"system": "{{ 6*7 }}", "turns": [["Say {{ name }}. {% for i in range(3) %}{{ i }}{% endfor %}",
                                       "\\frac{{#1}{2} f{{a}} #} <div style={{color: 1}}>"]]},
]
TEMPLATES = {"byte-level": ["llama3", "qwen", "mistral", "reasoning", "blocks"], "sentence-piece": ["llama2", "mistral", "blocks"]}


def load(name):
    return PreTrainedTokenizerFast(tokenizer_file=f"{name}/tokenizer.json", bos_token="<s>", eos_token="</s>")


def messages(conversation):
    out = [{"role": "system", "content": conversation["system"]}] if conversation["system"] else []
    for user, assistant in conversation["turns"]:
        out += [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return out


chat = []
for name, templates in TEMPLATES.items():
    fast = load(name)
    for template in templates:
        fast.chat_template = open(f"chat-templates/{template}.jinja").read()
        for conversation in CONVERSATIONS:
            ids = fast.apply_chat_template(messages(conversation), tokenize=True, return_dict=False)
            text = fast.apply_chat_template(messages(conversation), tokenize=False)
            prompt = fast.apply_chat_template(messages(conversation)[:-1], tokenize=False, add_generation_prompt=True)
            chat.append({"tokenizer": name, "template": template, "conversation": conversation, "ids": ids,
                         "text": text, "lastPrompt": prompt})

BOS, EOS = {"bos"}, {"eos"}
IM = {"system": ["<|im_start|>system\n{{content}}<|im_end|>\n"],
      "user": ["<|im_start|>user\n{{content}}<|im_end|>\n<|im_start|>assistant\n"], "assistant": ["{{content}}<|im_end|>\n"]}
NAMED = {
    "alpaca": {"user": ["### Instruction:\n{{content}}\n\n### Response:\n"], "assistant": ["{{content}}", EOS, "\n\n"],
               "default": "Below is an instruction that describes a task. "
                          "Write a response that appropriately completes the request.\n\n"},
    "chatml": IM,
    "default": {"system": ["System: {{content}}", EOS, "\n"], "user": ["Human: {{content}}", EOS, "\nAssistant:"],
                "assistant": ["{{content}}", EOS, "\n"]},
    "empty": {"assistant": ["{{content}}"]},
    "llama2": {"system": ["<<SYS>>\n{{content}}\n<</SYS>>\n\n"], "user": [BOS, "[INST] {{content}} [/INST]"], "fused": True},
    "llama3": {"prefix": [BOS], "system": ["<|start_header_id|>system<|end_header_id|>\n\n{{content}}<|eot_id|>"],
               "user": ["<|start_header_id|>user<|end_header_id|>\n\n{{content}}<|eot_id|>"
                        "<|start_header_id|>assistant<|end_header_id|>\n\n"], "assistant": ["{{content}}<|eot_id|>"]},
    "mistral": {"prefix": [BOS], "system": ["{{content}}\n\n"], "user": ["[INST] {{content}}[/INST]"],
                "assistant": [" {{content}}", EOS], "fused": True},
    "qwen": {**IM, "default": "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."},
    "vanilla": {},
    "zephyr": {"system": ["<|system|>\n{{content}}", EOS], "user": ["<|user|>\n{{content}}", EOS, "<|assistant|>\n"],
               "default": "You are Zephyr, a helpful assistant."},
}


def encode(fast, slots, content):
    ids = []
    for slot in slots:
        if isinstance(slot, set):
            ids.append(fast.bos_token_id if slot == BOS else fast.eos_token_id)
        else:
            ids += fast.encode(slot.replace("{{content}}", content), add_special_tokens=False)
    return ids


def turns(fast, form, conversation):
    system = conversation["system"] or form.get("default", "")
    out = []
    for i, (user, assistant) in enumerate(conversation["turns"]):
        prompt = []
        if i == 0:
            prompt += encode(fast, form.get("prefix", []), "")
            if system and form.get("fused"):
                user = form["system"][0].replace("{{content}}", system) + user
            elif system:
                prompt += encode(fast, form.get("system", ["{{content}}"]), system)
        prompt += encode(fast, form.get("user", ["{{content}}"]), user)
        out.append([prompt, encode(fast, form.get("assistant", ["{{content}}", EOS]), assistant)])
    return out


named = []
for tokenizer_name in TEMPLATES:
    fast = load(tokenizer_name)
    for name, form in NAMED.items():
        if tokenizer_name == "sentence-piece" and "<|" in json.dumps(form, default=str):
            continue  # not its tokens
        for conversation in CONVERSATIONS:
            named.append({"tokenizer": tokenizer_name, "template": name, "conversation": conversation,
                          "turns": turns(fast, form, conversation)})

with open("template-ids.json", "w", encoding="utf-8") as out:
    json.dump({"origin": f"template-ids.py with tokenizers {tokenizers.__version__}, transformers {transformers.__version__}",
               "chat": chat, "named": named}, out, separators=(",", ":"))
    out.write("\n")
