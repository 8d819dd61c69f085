"""Free-running accuracy on held-out problems: greedy, whole cache, by number of statements."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from chain import answer_tokens, prompt_tokens, reply_tokens
from model import Decoder, Shape, rotary
from problems import MAX_STATEMENTS, MIN_STATEMENTS, Problem, draw_split
from vocabulary import token_ids

IDS = token_ids()
END = IDS["<|im_end|>"]


def load(path: Path) -> tuple[Decoder, float]:
    saved = torch.load(path)
    model = Decoder(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved["tokens"]


@torch.no_grad()
def generate(model: Decoder, prompts: list[list[int]], limit: int) -> list[list[int]]:
    """Greedy replies to prompts of different lengths.

    Prompts go in one token at a time, each row switching to its own output
    where its prompt ends: slots and positions are then the same for all rows.
    """
    shape = model.shape
    rows, group = len(prompts), shape.query_heads // shape.kv_heads
    longest = max(map(len, prompts))
    room = longest + limit
    keys = torch.zeros(shape.layers, rows, shape.kv_heads, room, shape.head_dim)
    values = torch.zeros_like(keys)
    given = torch.full((rows, longest), -1)
    for row, prompt in enumerate(prompts):
        given[row, : len(prompt)] = torch.tensor(prompt)
    out: list[list[int]] = [[] for _ in prompts]
    live = list(range(rows))
    token = given[:, 0]
    for position in range(room - 1):
        x = model.model.embed_tokens(token)[:, None]
        cos, sin = rotary(torch.tensor([position]), shape)
        for i, layer in enumerate(model.model.layers):
            q, k, v = layer.self_attn.heads(layer.input_layernorm(x), cos, sin)
            keys[i, :, :, position], values[i, :, :, position] = k[:, :, 0], v[:, :, 0]
            seen = slice(0, position + 1)
            # The queries of a group stand side by side, as if they were several positions.
            y = F.scaled_dot_product_attention(q.view(-1, shape.kv_heads, group, shape.head_dim),
                                               keys[i, :, :, seen], values[i, :, :, seen])
            x = x + layer.self_attn.o_proj(y.reshape(len(live), 1, -1))
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        token = model.lm_head(model.model.norm(x[:, 0])).argmax(-1)
        following = given[:, position + 1] if position + 1 < longest else torch.full((len(live),), -1)
        token = torch.where(following >= 0, following, token)
        stay = []
        for slot, row in enumerate(live):
            if following[slot] >= 0:
                stay.append(slot)
                continue
            out[row].append(int(token[slot]))
            if token[slot] != END:
                stay.append(slot)
        if not stay:
            break
        # Dropping finished rows copies the cache, so only when it pays.
        if len(stay) <= 0.8 * len(live) or len(stay) < 4:
            live = [live[s] for s in stay]
            pick = torch.tensor(stay)
            keys, values, token, given = keys[:, pick], values[:, pick], token[pick], given[pick]
    return [cut(reply) for reply in out]


def cut(reply: list[int]) -> list[int]:
    return reply[: reply.index(END) + 1] if END in reply else reply


def is_right(problem: Problem, reply: list[int]) -> bool:
    wanted = [IDS[t] for t in ["</think>", *answer_tokens(problem), "<|im_end|>"]]
    return reply[-len(wanted):] == wanted


def held_out_problems(count: int, seed: int, low: int, high: int) -> list[Problem]:
    """As many of each number of statements."""
    rng = random.Random(seed)
    sizes = [low + i % (high - low + 1) for i in range(count)]
    return [draw_split(rng, True, n, n) for n in sorted(sizes)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--low", type=int, default=MIN_STATEMENTS)
    parser.add_argument("--high", type=int, default=MAX_STATEMENTS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", type=int, default=0, help="wrong replies to print")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model, tokens = load(args.checkpoint)
    print(f"{args.checkpoint}: {tokens / 1e6:.1f} M tokens trained")
    problems = held_out_problems(args.problems, args.seed, args.low, args.high)
    print(" n  right  of  exact chain  mean tokens")
    totals = [0, 0, 0, 0]
    for n in range(args.low, args.high + 1):
        some = [p for p in problems if len(p.statements) == n]
        prompts = [[IDS[t] for t in prompt_tokens(p)] for p in some]
        limit = max(len(reply_tokens(p)) for p in some) + 50
        replies = generate(model, prompts, limit)
        right = [is_right(p, r) for p, r in zip(some, replies)]
        exact = [r == [IDS[t] for t in reply_tokens(p)] for p, r in zip(some, replies)]
        length = sum(map(len, replies))
        for i, value in enumerate((sum(right), len(some), sum(exact), length)):
            totals[i] += value
        print(f"{n:2} {sum(right):5} {len(some):4} {sum(exact):8} {length / len(some):12.0f}", flush=True)
        for p, r, ok in zip(some, replies, exact):
            if not ok and args.show > 0:
                args.show -= 1
                show_first_error(p, r)
    right, count, exact, length = totals
    print(f"all {right} of {count} right ({100 * right / count:.1f} %), {exact} chains exact, "
          f"mean reply {length / count:.0f} tokens")


def show_first_error(problem: Problem, reply: list[int]) -> None:
    texts = {i: t for t, i in IDS.items()}
    true = reply_tokens(problem)
    said = [texts.get(i, "?") for i in reply]
    at = next((i for i, (a, b) in enumerate(zip(true, said)) if a != b), min(len(true), len(said)))
    print(f"--- {problem.text()}\n  at {at}: {''.join(true[max(0, at - 30):at])!r}\n"
          f"  should be {''.join(true[at:at + 8])!r}, is {''.join(said[at:at + 8])!r}; right {is_right(problem, reply)}")


if __name__ == "__main__":
    main()
