"""Writes tokenizer.json and tokenizer_config.json."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from problems import NAMES
from vocabulary import SPECIALS, byte_letters, to_letters, token_ids, word_tokens

CONTEXT = 32768

# No line breaks that count: the tokenizer makes them spaces, and strips those.
CHAT_TEMPLATE = """{%- for message in messages %}
    {%- if message['role'] == 'user' %}
        {{- '<|im_start|>user\\n' + message['content'] + '<|im_end|>' }}
    {%- elif message['role'] == 'assistant' %}
        {%- set content = message['content'] %}
        {%- if '</think>' in content %}
            {%- set content = content.split('</think>')[-1] %}
        {%- endif %}
        {{- '<|im_start|>assistant\\n' + content.strip() + '<|im_end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n<think>' }}
{%- endif %}"""


def normalizers() -> list[dict]:
    """One spelling: single spaces, one before the first word, capitals on names alone."""
    steps: list[dict] = [
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
        {"type": "Strip", "strip_left": True, "strip_right": True},
        {"type": "Lowercase"},
        {"type": "Prepend", "prepend": " "},
    ]
    for name in NAMES:
        steps.append({"type": "Replace", "pattern": {"Regex": rf"\b{name.lower()}\b"}, "content": name})
    return steps


def added_token(token: str) -> dict:
    return {"content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            # Thinking tags are part of the text that a reader decodes; the others are not.
            "special": token not in ("<think>", "</think>")}


def tokenizer() -> dict:
    ids = token_ids()
    vocabulary = {letter: b for b, letter in enumerate(byte_letters())}
    vocabulary |= {to_letters(t): ids[t] for t in word_tokens()}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": ids[t], **added_token(t)} for t in SPECIALS],
        "normalizer": {"type": "Sequence", "normalizers": normalizers()},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": True, "vocab": vocabulary, "merges": []},
    }


def tokenizer_config() -> dict:
    ids = token_ids()
    return {
        "added_tokens_decoder": {str(ids[t]): added_token(t) for t in SPECIALS},
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "chat_template": CHAT_TEMPLATE,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (("tokenizer.json", tokenizer()), ("tokenizer_config.json", tokenizer_config())):
        (out / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
