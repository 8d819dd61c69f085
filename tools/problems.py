"""The family of problems: what they say, how they are drawn, which are held out."""

from __future__ import annotations

import random
from dataclasses import dataclass

NAMES = "Ava Ben Cal Dan Eve Fay Gus Hal Ida Jon Kim Leo Mia Ned Oli Pam".split()
THINGS = "coins shells cards books pears keys".split()
MIN_STATEMENTS = 3
MAX_STATEMENTS = 16
MAX_VALUE = 99
HELD_OUT_PERCENT = 2


@dataclass(frozen=True)
class Statement:
    name: str
    kind: str  # "has", "fewer", "more", "twice" or "half"
    amount: int  # 0 for "twice" and "half"
    other: str  # "" for "has"

    def words(self, thing: str) -> list[str]:
        if self.kind == "has":
            return [self.name, "has", str(self.amount), thing]
        if self.kind in ("fewer", "more"):
            return [self.name, "has", str(self.amount), self.kind, "than", self.other]
        return [self.name, "has", self.kind, "as", "many", "as", self.other]


@dataclass(frozen=True)
class Problem:
    thing: str
    statements: tuple[Statement, ...]
    target: str

    def text(self) -> str:
        facts = [" ".join(s.words(self.thing)) + "." for s in self.statements]
        return " ".join([*facts, f"How many {self.thing} does {self.target} have?"])

    def values(self) -> dict[str, int]:
        values: dict[str, int] = {}
        for s in self.statements:
            values[s.name] = apply(s, values.get(s.other, 0))
        return values

    def answer(self) -> int:
        return self.values()[self.target]

    def needed(self) -> list[Statement]:
        """The statements the answer rests on, the root first."""
        by_name = {s.name: s for s in self.statements}
        chain = [by_name[self.target]]
        while chain[-1].kind != "has":
            chain.append(by_name[chain[-1].other])
        return chain[::-1]


def apply(statement: Statement, other: int) -> int:
    match statement.kind:
        case "has":
            return statement.amount
        case "fewer":
            return other - statement.amount
        case "more":
            return other + statement.amount
        case "twice":
            return 2 * other
        case _:
            return other // 2


def fnv1a32(text: str) -> int:
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def is_held_out(problem: Problem) -> bool:
    return fnv1a32(problem.text()) % 100 < HELD_OUT_PERCENT


def draw_amount(rng: random.Random, limit: int) -> int:
    """1..limit, small ones more often; 0 where nothing else fits."""
    if limit < 1:
        return 0
    if rng.random() < 0.6:
        return rng.randint(1, min(limit, 20))
    return rng.randint(1, limit)


def draw_statement(rng: random.Random, name: str, known: list[str], values: dict[str, int],
                   root_share: float, last_share: float) -> Statement:
    if not known or rng.random() < root_share:
        return Statement(name, "has", rng.randint(0, MAX_VALUE), "")
    other = known[-1] if rng.random() < last_share else rng.choice(known)
    value = values[other]
    kinds = ["fewer", "more"]
    if 2 * value <= MAX_VALUE:
        kinds.append("twice")
    if value % 2 == 0:
        kinds.append("half")
    # 0 doubles and halves to itself, so a chain would never leave it again.
    if value == 0:
        kinds = ["more", "more", "more", "twice", "half"]
    if value == MAX_VALUE:
        kinds = ["fewer"]
    kind = rng.choice(kinds)
    if kind == "fewer":
        return Statement(name, kind, draw_amount(rng, value), other)
    if kind == "more":
        return Statement(name, kind, draw_amount(rng, MAX_VALUE - value), other)
    return Statement(name, kind, 0, other)


def draw(rng: random.Random, low: int = MIN_STATEMENTS, high: int = MAX_STATEMENTS) -> Problem:
    """One problem of low..high statements, held out or not."""
    count = rng.randint(low, high)
    names = rng.sample(NAMES, count)
    root_share = rng.choice((0.05, 0.15, 0.3))
    last_share = rng.choice((0.0, 0.0, 0.5, 0.8, 1.0))
    values: dict[str, int] = {}
    statements: list[Statement] = []
    for i, name in enumerate(names):
        s = draw_statement(rng, name, names[:i], values, root_share, last_share)
        values[name] = apply(s, values.get(s.other, 0))
        statements.append(s)
    target = names[-1] if rng.random() < 0.4 else rng.choice(names)
    return Problem(rng.choice(THINGS), tuple(statements), target)


def draw_split(rng: random.Random, held_out: bool, low: int = MIN_STATEMENTS,
               high: int = MAX_STATEMENTS) -> Problem:
    while True:
        problem = draw(rng, low, high)
        if is_held_out(problem) == held_out:
            return problem
