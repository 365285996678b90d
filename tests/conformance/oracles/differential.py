"""Asks our FEEL and the real engine the same, and makes small what they answer differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.conformance.feel.differences import excuse
from tests.conformance.feel.grammar import VARIABLES
from tests.conformance.feel.ours import answer, answer_unary
from tests.conformance.feel.sampling import Case
from tests.conformance.oracles.asking import Oracle

_SHOWN = 10


def compare(oracle: Oracle, asked: list[Case], seed: int) -> Counter[str]:
    """Asks both about all cases.

    Returns:
        How often each known kind of difference was met, by its row.

    Raises:
        AssertionError: answers differ otherwise; says which, each made small, and the seed.
    """
    known: Counter[str] = Counter()
    unknown: list[Case] = []
    for case, _, kind in _differing(oracle, asked):
        if kind is None:
            unknown.append(case)
        else:
            known[kind] += 1
    small = [_told(oracle, reduced(oracle, case)) for case in unknown[:_SHOWN]]
    told = "\n".join(dict.fromkeys(small))
    assert not unknown, (
        f"{len(unknown)} of {len(asked)} answers differ (CONFORMANCE_SEED={seed}). "
        f"Mend our FEEL, or list the kind in docs/reference/feel.md and differences.py:\n{told}"
    )
    return known


def reduced(oracle: Oracle, case: Case) -> Case:
    """The smallest part of a case found that still differs for no known reason."""
    while True:
        trees = {str(tree): tree for tree in case.tree.smaller()}
        smaller = [Case(trees[text], case.subject) for text in sorted(trees, key=len)]
        found = (less for less, _, kind in _differing(oracle, smaller) if kind is None)
        less = next(found, None)
        if less is None:
            return case
        case = less


def _differing(oracle: Oracle, cases: list[Case]) -> Iterator[tuple[Case, Any, str | None]]:
    """The cases with different answers: the real one, and the row that is the reason."""
    real = oracle.ask("feel", [case.question() for case in cases])
    for case, wanted in zip(cases, real, strict=True):
        given = ours(case)
        if given != wanted:
            kind = excuse(str(case.tree), given, wanted)
            yield case, wanted, kind and kind.row


def ours(case: Case) -> dict[str, Any]:
    """Our answer."""
    text = str(case.tree)
    if case.subject is ...:
        return answer(text, VARIABLES)
    return answer_unary(text, case.subject, VARIABLES)


def _told(oracle: Oracle, case: Case) -> str:
    (wanted,) = oracle.ask("feel", [case.question()])
    about = "" if case.subject is ... else f"   about {case.subject!r}"
    return f"{case.tree}{about}\n  - ours {ours(case)}\n  + real {wanted}"
