"""Trains the model, in stages, from nothing or from a checkpoint.

A stage is LOW-HIGH:MTOKENS[:FIRST>LAST[:DROPOUT]]: problems of LOW to HIGH
statements, millions of tokens, learning-rate factor from FIRST to LAST, and
the highest attention dropout: each step draws its own, from 0 up to it.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from chain import LONG_WAY, name_list, prompt_tokens, reply_tokens, spaced
from model import AttentionDropout, Decoder, Shape
from muon import Muon
from problems import NAMES, draw_split
from vocabulary import token_ids, vocabulary_size

IDS = token_ids()
NAME_IDS = torch.tensor([IDS[" " + n] for n in NAMES])
NUMBER_IDS = torch.tensor([IDS.get(f" {i}", -1) for i in range(100)])


@dataclass
class Stage:
    low: int
    high: int
    tokens: float
    first: float = 1.0
    last: float = 1.0
    dropout: float = 0.0

    @staticmethod
    def parse(text: str) -> Stage:
        span, tokens, *rest = text.split(":")
        low, high = map(int, span.split("-"))
        stage = Stage(low, high, float(tokens) * 1e6)
        if rest:
            stage.first, stage.last = map(float, rest[0].split(">"))
        if len(rest) > 1:
            stage.dropout = float(rest[1])
        return stage


Example = tuple[list[int], int]  # ids, and where the loss begins


def bare_sums(rng: random.Random, rows: int) -> tuple[Tensor, Tensor]:
    """Lines of random sums; only the results count, since nothing tells the rest."""
    tokens: list[list[int]] = []
    for _ in range(rows):
        row: list[int] = []
        for _ in range(20):
            a, b = sorted((rng.randint(0, 99), rng.randint(0, 99)))
            form = rng.randrange(6)
            if form < 2:
                words = [b, "-", a, "=", b - a]
            elif form < 4:
                words = [b - a, "+", a, "=", b]
            elif form == 4:
                words = [a // 2, "+", a // 2, "=", a // 2 * 2]
            else:
                words = [a // 2 * 2, "/", 2, "=", a // 2]
            row += [IDS[f" {w}"] for w in words] + [IDS["."]]
        tokens.append(row)
    ids = torch.tensor(tokens)
    return ids, ids == IDS[" ="]


UNTOLD = {IDS["Next"], IDS["."]}  # after these anything may follow


def bare_facts(rng: random.Random, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Facts, and far behind them the same facts shuffled, and ways back to a root.

    All counts but what nothing tells: which fact comes next. The distance is in
    the positions alone, so that it costs nothing.
    """
    statements = rng.choice([4, 6, 8, 12, 16])
    told, again, counted = [], [], []
    for _ in range(count // statements):
        problem = draw_split(rng, False, statements, statements)
        facts = [[IDS[t] for t in [*spaced(s.words(problem.thing)), "."]] for s in problem.statements]
        told.append([t for fact in facts for t in fact])
        again.append([t for fact in rng.sample(facts, len(facts)) for t in [IDS["Next"], *fact]])
        counted.append([t not in UNTOLD for t in again[-1]])
        for target in rng.sample(problem.statements, 4):
            names = [s.name for s in replace(problem, target=target.name).needed()][::-1]
            again[-1] += [IDS[t] for t in name_list("Back", names, ".\n")]
            counted[-1] += [False, False, *[True] * len(names), False]
    first, second = padded(told), padded(again)
    ids = torch.cat([first, second], 1)
    wanted = torch.zeros_like(ids, dtype=torch.bool)
    for row, flags in enumerate(counted):
        wanted[row, first.shape[1] : first.shape[1] + len(flags)] = torch.tensor(flags)
    positions = torch.arange(ids.shape[1])
    positions[first.shape[1] :] += rng.randint(0, 3000)
    return ids, wanted, positions


def padded(rows: list[list[int]]) -> Tensor:
    ids = torch.full((len(rows), max(map(len, rows))), IDS["<|endoftext|>"])
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
    return ids


def example(rng: random.Random, low: int, high: int, held_out: bool = False, long_share: float = 0.0) -> Example:
    problem = draw_split(rng, held_out, low, high)
    if high >= LONG_WAY and rng.random() < long_share:
        while len(problem.needed()) < LONG_WAY:
            problem = draw_split(rng, held_out, low, high)
    prompt = [IDS[t] for t in prompt_tokens(problem)]
    return prompt + [IDS[t] for t in reply_tokens(problem)], len(prompt) - 1


def to_batch(examples: list[Example]) -> tuple[Tensor, Tensor]:
    """Ids, and the mask of positions whose next token counts."""
    ids = padded([tokens for tokens, _ in examples])
    wanted = torch.zeros_like(ids, dtype=torch.bool)
    for row, (tokens, start) in enumerate(examples):
        wanted[row, start : len(tokens) - 1] = True
    return ids, wanted


def batches(rng: random.Random, stage: Stage, batch_tokens: int, long_share: float) -> Iterator[tuple[Tensor, Tensor]]:
    """Problems of like length together, so that little is padding."""
    while True:
        pool = [example(rng, stage.low, stage.high, long_share=long_share) for _ in range(300)]
        pool.sort(key=lambda e: len(e[0]))
        groups: list[list[Example]] = [[]]
        for e in pool:
            if groups[-1] and (len(groups[-1]) + 1) * len(e[0]) > batch_tokens:
                groups.append([])
            groups[-1].append(e)
        rng.shuffle(groups)
        for group in groups:
            yield to_batch(group)


@torch.no_grad()
def accuracy(model: Decoder, held_out: list[tuple[Tensor, Tensor]]) -> str:
    """Teacher-forced: share right of the names, the numbers, and the rest."""
    counts = torch.zeros(3, 2)
    for ids, wanted in held_out:
        guess = model(ids, wanted).argmax(-1)
        truth = ids.roll(-1, 1)[wanted]
        name, number = torch.isin(truth, NAME_IDS), torch.isin(truth, NUMBER_IDS)
        for i, kind in enumerate((name, number, ~(name | number))):
            counts[i] += torch.tensor([(guess == truth)[kind].sum(), kind.sum()])
    names, numbers, rest = (counts[:, 0] / counts[:, 1]).tolist()
    return f"names {names:.4f} numbers {numbers:.4f} rest {rest:.4f}"


@torch.no_grad()
def start_numbers(model: Decoder) -> None:
    """A number's first vector is half its own, and else one for its tens plus one for its units.

    All random; but sums then are a matter of two small tables and a carry,
    not of ten thousand pairs of strangers.
    """
    vectors = model.model.embed_tokens.weight
    tens, units = torch.randn(2, 10, vectors.shape[1])
    for n in range(100):
        vectors[IDS[f" {n}"]] = 0.5 * vectors[IDS[f" {n}"]] + 0.6 * (tens[n // 10] + units[n % 10])


def is_hidden_matrix(name: str, p: Tensor) -> bool:
    return p.ndim == 2 and "embed" not in name and "lm_head" not in name


def save(path: Path, model: Decoder, optimizers: list[torch.optim.Optimizer], seen: float) -> None:
    part = path.with_suffix(".part")
    torch.save({"shape": model.shape.as_dict(), "model": model.state_dict(), "tokens": seen,
                "optimizers": [o.state_dict() for o in optimizers]}, part)
    part.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stages", nargs="+", type=Stage.parse, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--fresh-optimizer", action="store_true")
    parser.add_argument("--batch", type=int, default=10000, help="tokens")
    parser.add_argument("--muon-lr", type=float, default=0.01)
    # Embeddings start at length 1 a dimension, so it takes large steps to move them.
    parser.add_argument("--embedding-lr", type=float, default=0.01)
    parser.add_argument("--adam-lr", type=float, default=0.005, help="for the head, norms and biases")
    parser.add_argument("--sum-rows", type=int, default=8, help="rows of twenty bare sums beside each batch")
    parser.add_argument("--sum-weight", type=float, default=0.3)
    parser.add_argument("--facts", type=int, default=192, help="bare facts, told twice, beside each batch")
    parser.add_argument("--long-share", type=float, default=0.0,
                        help="share of problems drawn until they rest on as many facts as make a chain work in parts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=int, default=60, help="steps")
    parser.add_argument("--threads", type=int, default=2)
    for field, default in (("hidden", 192), ("layers", 4), ("query-heads", 6), ("kv-heads", 3), ("mlp", 512)):
        parser.add_argument(f"--{field}", type=int, default=default)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)
    args.out.mkdir(parents=True, exist_ok=True)
    saved = torch.load(args.resume) if args.resume else None
    shape = Shape(**saved["shape"]) if saved else Shape(
        vocabulary_size(), args.hidden, args.layers, args.query_heads, args.kv_heads, mlp=args.mlp)
    model = Decoder(shape)
    matrices = [p for n, p in model.named_parameters() if is_hidden_matrix(n, p)]
    vectors = [model.model.embed_tokens.weight]
    others = [p for n, p in model.named_parameters() if not is_hidden_matrix(n, p) and p is not vectors[0]]
    optimizers = [Muon(matrices, lr=args.muon_lr),
                  torch.optim.AdamW(vectors, betas=(0.9, 0.98), weight_decay=0.0),
                  torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0)]
    rates = [args.muon_lr, args.embedding_lr, args.adam_lr]
    seen = 0.0
    if not saved:
        start_numbers(model)
    else:
        model.load_state_dict(saved["model"])
        seen = saved["tokens"]
        if not args.fresh_optimizer:
            for o, state in zip(optimizers, saved["optimizers"]):
                o.load_state_dict(state)
    # Another seed than the run that was cut short, or its problems would come again.
    rng = random.Random(args.seed + int(seen))
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {shape}", flush=True)

    dropout = AttentionDropout(shape.query_heads, 0.0, torch.Generator().manual_seed(args.seed))
    step = 0
    for stage in args.stages:
        print(f"stage {stage}", flush=True)
        check_rng = random.Random(7)
        held_out = [
            to_batch([example(check_rng, n, n, held_out=True) for _ in range(3)])
            for n in sorted({stage.low, (stage.low + stage.high) // 2, stage.high})]
        begin, clock, mark, report, found = seen, time.time(), seen, 0.0, 0.0
        for ids, wanted in batches(rng, stage, args.batch, args.long_share):
            share = (seen - begin) / stage.tokens
            if share >= 1:
                break
            warm = min(1.0, (step + 1) / 50)
            for o, rate in zip(optimizers, rates):
                o.param_groups[0]["lr"] = rate * warm * (stage.first + (stage.last - stage.first) * share)
            dropout.share = rng.uniform(0.0, stage.dropout)
            loss = F.cross_entropy(model(ids, wanted, dropout if dropout.share else None), ids.roll(-1, 1)[wanted])
            loss.backward()
            size = int(wanted.sum())
            if args.sum_rows:
                # A chain holds few sums for its length, and sums are learned by seeing many.
                lines, results = bare_sums(rng, args.sum_rows)
                (args.sum_weight * F.cross_entropy(model(lines, results), lines.roll(-1, 1)[results])).backward()
            if args.facts:
                # Nearly every fact of a chain comes in the order it was told, and so can be found
                # without its name; only the few others teach to look for the name.
                lines, wanted, positions = bare_facts(rng, args.facts)
                fetched = F.cross_entropy(model(lines, wanted, positions=positions), lines.roll(-1, 1)[wanted])
                fetched.backward()
                found = fetched.item() if found == 0 else 0.95 * found + 0.05 * fetched.item()
            torch.nn.utils.clip_grad_norm_(others, 1.0)
            for o in optimizers:
                o.step()
                o.zero_grad()
            seen += size
            step += 1
            report = loss.item() if report == 0 else 0.95 * report + 0.05 * loss.item()
            if step % args.report == 0:
                speed = (seen - mark) / (time.time() - clock)
                print(f"{time.strftime('%H:%M:%S')} step {step} {seen / 1e6:.2f}M loss {report:.4f} facts {found:.4f} "
                      f"{speed:.0f} tok/s {accuracy(model, held_out)}", flush=True)
                clock, mark = time.time(), seen
                save(args.out / "last.pt", model, optimizers, seen)
        save(args.out / f"stage-{stage.low}-{stage.high}-{seen / 1e6:.0f}M.pt", model, optimizers, seen)
        save(args.out / "last.pt", model, optimizers, seen)


if __name__ == "__main__":
    main()
