"""The tokens: 256 bytes so that any text encodes, the family's words, special tokens."""

from __future__ import annotations

from problems import NAMES, THINGS

PROMPT_WORDS = "user assistant has fewer more than twice half as many how does have".split()
CHAIN_WORDS = """I want me solve it Wait Let let go over all the facts again turn each fact around
Now this part whole way Right same before up checks agree""".split()
LINE_WORDS = "Plan Back Order Let Next So Check Facts Sum All".split()
MARKS = [".", "?", ",", ":", ".\n", ".\n\n", " +", " -", " /", " ="]
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]


def byte_letters() -> list[str]:
    """GPT-2's printable stand-in for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, spare = {}, 0
    for b in range(256):
        letters[b] = chr(b) if b in plain else chr(256 + spare)
        spare += b not in plain
    return [letters[b] for b in range(256)]


def to_letters(token: str) -> str:
    letters = byte_letters()
    return "".join(letters[b] for b in token.encode())


def word_tokens() -> list[str]:
    words = [*NAMES, *THINGS, *map(str, range(100)), *PROMPT_WORDS, *CHAIN_WORDS]
    tokens = [*(" " + w for w in words), *LINE_WORDS, *MARKS]
    return list(dict.fromkeys(t for t in tokens if len(t.encode()) > 1))


def token_ids() -> dict[str, int]:
    """Each token as it reads in text, and its number."""
    ids = {chr(b): b for b in range(128)}
    for token in [*word_tokens(), *SPECIALS]:
        ids[token] = 256 + len(ids) - 128
    return ids


def vocabulary_size() -> int:
    return max(token_ids().values()) + 1
