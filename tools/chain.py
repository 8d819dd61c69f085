"""The chain of thought: plan, solve, eight to twenty-four checks, sum up.

Written as a list of tokens. Every token follows from a few others that were
said before (one look-up or one sum), so a small model can learn it by heart
as a procedure; and whatever the answer rests on is said again in every check,
as people do.
"""

from __future__ import annotations

from problems import Problem, Statement

FORWARD, BACKWARD = "forward", "backward"


def check_kinds(needed: int) -> list[str]:
    """One kind a check. Short ways are doubted more often, so that any chain is long against what it needs."""
    count = 24 if needed <= 2 else 18 if needed <= 4 else 12 if needed <= 8 else 8
    return ([FORWARD, BACKWARD] * 12)[:count]


def spaced(words: list[str]) -> list[str]:
    return [" " + w for w in words]


def prompt_tokens(problem: Problem) -> list[str]:
    tokens = ["<|im_start|>", " user"]
    for s in problem.statements:
        tokens += [*spaced(s.words(problem.thing)), "."]
    tokens += spaced(["how", "many", problem.thing, "does", problem.target, "have"])
    return [*tokens, "?", "<|im_end|>", "<|im_start|>", " assistant", "<think>"]


def name_list(title: str, names: list[str], end: str) -> list[str]:
    return [title, ":", *spaced(names), end]


def sum_tokens(s: Statement, other: int, value: int) -> list[str]:
    match s.kind:
        case "fewer":
            words = [other, "-", s.amount, "=", value]
        case "more":
            words = [other, "+", s.amount, "=", value]
        case "twice":
            words = [other, "+", other, "=", value]
        case _:
            words = [other, "/", 2, "=", value]
    return spaced([str(w) for w in words])


def reverse_sum_tokens(s: Statement, other: int, value: int) -> list[str]:
    match s.kind:
        case "fewer":
            words = [value, "+", s.amount, "=", other]
        case "more":
            words = [value, "-", s.amount, "=", other]
        case "twice":
            words = [value, "/", 2, "=", other]
        case _:
            words = [value, "+", value, "=", other]
    return spaced([str(w) for w in words])


def derive(opener: str, s: Statement, thing: str, values: dict[str, int]) -> list[str]:
    """ "Next Ava has 10 fewer than Ned. Ned 32. 32 - 10 = 22. Ava 22." """
    tokens = [opener, *spaced(s.words(thing)), "."]
    if s.other:
        tokens += [*spaced([s.other, str(values[s.other])]), "."]
        tokens += [*sum_tokens(s, values[s.other], values[s.name]), "."]
    return [*tokens, *spaced([s.name, str(values[s.name])]), ".\n"]


def turn_around(opener: str, s: Statement, thing: str, values: dict[str, int]) -> list[str]:
    """ " 12 Ava 22. Ava has 10 fewer than Ned. 22 + 10 = 32. Ned 32. Right." """
    tokens = [opener, *spaced([s.name, str(values[s.name])]), ".", *spaced(s.words(thing)), "."]
    if s.other:
        tokens += [*reverse_sum_tokens(s, values[s.other], values[s.name]), "."]
        tokens += [*spaced([s.other, str(values[s.other])]), "."]
    return [*tokens, " Right", ".\n"]


def conclusion(problem: Problem, values: dict[str, int], first: bool) -> list[str]:
    said = spaced([problem.target, "has", str(values[problem.target]), problem.thing])
    if first:
        return ["So", *said, ".\n\n"]
    return ["So", *said, ",", " the", " same", " as", " before", ".\n\n"]


HEADINGS = {
    FORWARD: [" Wait", ",", " let", " me", " go", " over", " all", " the", " facts", " again", ".\n"],
    BACKWARD: [" Let", " me", " turn", " each", " fact", " around", ".\n"],
}


def chain_tokens(problem: Problem) -> list[str]:
    """The thoughts, without <think> and </think>."""
    values, thing = problem.values(), problem.thing
    needed = problem.needed()
    order = [s.name for s in needed]
    kinds = check_kinds(len(needed))

    tokens = ["Plan", ":", " I", " want", " " + problem.target, ".\n"]
    tokens += name_list("Back", order[::-1], ".\n")
    tokens += name_list("Order", order, ".\n\n")
    tokens += ["Let", " me", " solve", " it", ".\n"]
    for s in needed:
        tokens += derive("Next", s, thing, values)
    tokens += conclusion(problem, values, first=True)
    for to_go, kind in zip(range(len(kinds), 0, -1), kinds):
        number = f" {to_go}"
        tokens += ["Check", number, ".", *HEADINGS[kind]]
        tokens += name_list("Facts", order, ".\n")
        for s in needed:
            tokens += (turn_around if kind == BACKWARD else derive)(number, s, thing, values)
        tokens += conclusion(problem, values, first=False)
    tokens += ["Sum", " up", "."]
    for s in needed:
        tokens += spaced([s.name, str(values[s.name])])
    tokens += [".\n", "All", " checks", " agree", ".\n"]
    return tokens


def answer_tokens(problem: Problem) -> list[str]:
    words = [problem.target, "has", str(problem.answer()), problem.thing]
    return [*spaced(words), "."]


def reply_tokens(problem: Problem) -> list[str]:
    """What the model has to say after the prompt."""
    return [*chain_tokens(problem), "</think>", *answer_tokens(problem), "<|im_end|>"]
