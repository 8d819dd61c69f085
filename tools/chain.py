"""The chain of thought: plan, solve, check many times, sum up.

Written as a list of tokens. Every token follows from a few others that were
said before (one look-up or one sum), so a small model can learn it by heart
as a procedure. A check says again all that it needs, as people do.
"""

from __future__ import annotations

from problems import Problem, Statement

FORWARD, BACKWARD = "forward", "backward"
PART_SIZE = 3
LONG_WAY = 5  # facts; from here on a chain works in parts
PART_CHECKS = {2: 8, 3: 6, 4: 4, 5: 3}  # by number of parts: how often each is checked


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


def conclusion(name: str, problem: Problem, first: bool) -> list[str]:
    said = spaced([name, "has", str(problem.values()[name]), problem.thing])
    if first:
        return ["So", *said, ".\n\n"]
    return ["So", *said, ",", " the", " same", " as", " before", ".\n\n"]


HEADINGS = {
    "facts": {
        FORWARD: [" Wait", ",", " let", " me", " go", " over", " all", " the", " facts", " again", ".\n"],
        BACKWARD: [" Let", " me", " turn", " each", " fact", " around", ".\n"],
    },
    "part": {
        FORWARD: [" Wait", ",", " let", " me", " go", " over", " this", " part", " again", ".\n"],
        BACKWARD: [" Let", " me", " turn", " this", " part", " around", ".\n"],
    },
    "way": {
        FORWARD: [" Now", " let", " me", " go", " the", " whole", " way", " again", ".\n"],
        BACKWARD: [" Now", " let", " me", " turn", " the", " whole", " way", " around", ".\n"],
    },
}


def parts(needed: list[Statement]) -> list[list[Statement]]:
    """Three facts each; a last one alone goes with those before it."""
    cut = [needed[i : i + PART_SIZE] for i in range(0, len(needed), PART_SIZE)]
    if len(cut[-1]) == 1:
        last = cut.pop()
        cut[-1] = cut[-1] + last
    return cut


def checks(problem: Problem, what: str, facts: list[Statement], count: int) -> list[str]:
    """`count` checks of `facts`, forward and backward in turn, numbered down to 1."""
    values, thing, tokens = problem.values(), problem.thing, []
    for done in range(count):
        kind = BACKWARD if done % 2 else FORWARD
        number = f" {count - done}"
        tokens += ["Check", number, ".", *HEADINGS[what][kind]]
        if what == "part":
            tokens += name_list("Order", [s.name for s in problem.needed()], ".\n")
        tokens += name_list("Facts", [s.name for s in facts], ".\n")
        for s in facts:
            tokens += (turn_around if kind == BACKWARD else derive)(number, s, thing, values)
        tokens += conclusion(facts[-1].name, problem, first=False)
    return tokens


def all_checks(problem: Problem) -> list[str]:
    """A short way is doubted often as a whole; a long one part by part, then as a whole once more."""
    needed = problem.needed()
    if len(needed) < LONG_WAY:
        return checks(problem, "facts", needed, 24 if len(needed) <= 2 else 18)
    tokens = checks(problem, "facts", needed, 2)
    cut = parts(needed)
    for part in cut:
        tokens += checks(problem, "part", part, PART_CHECKS[len(cut)])
    return tokens + checks(problem, "way", needed, 2)


def chain_tokens(problem: Problem) -> list[str]:
    """The thoughts, without <think> and </think>."""
    values, needed = problem.values(), problem.needed()
    order = [s.name for s in needed]
    tokens = ["Plan", ":", " I", " want", " " + problem.target, ".\n"]
    tokens += name_list("Back", order[::-1], ".\n")
    tokens += name_list("Order", order, ".\n\n")
    tokens += ["Let", " me", " solve", " it", ".\n"]
    for s in needed:
        tokens += derive("Next", s, problem.thing, values)
    tokens += conclusion(problem.target, problem, first=True)
    tokens += all_checks(problem)
    tokens += ["Sum", " up", "."]
    for name in order:
        tokens += spaced([name, str(values[name])])
    return [*tokens, ".\n", "All", " checks", " agree", ".\n"]


def answer_tokens(problem: Problem) -> list[str]:
    words = [problem.target, "has", str(problem.answer()), problem.thing]
    return [*spaced(words), "."]


def reply_tokens(problem: Problem) -> list[str]:
    """What the model has to say after the prompt."""
    return [*chain_tokens(problem), "</think>", *answer_tokens(problem), "<|im_end|>"]
