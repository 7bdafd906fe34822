"""The sentences that stand beside rows, said once for whoever answers: the index, or a question's Cypher twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from queries.fields import THOUSAND


def left_out(role: str, skill: str) -> str:
    """A requirement that asks for nothing."""
    return f"{role} requires {skill} at a level below the lowest of the home scale: left out"


def nothing_required() -> str:
    """An empty profile."""
    return "Nothing is required at this instant: nobody is in the answer."


def no_core() -> str:
    """A profile that only orders."""
    return "The profile has no must and no essential requirement: nobody can be ready."


def replaced(skill: str, newer: Sequence[str]) -> str:
    """A requirement on a retired skill is asked as it stands: evidence of what replaced it does not count for it."""
    return f"{skill} is replaced by {', '.join(newer)}: ask for that, to count evidence of either."


def threshold(thousandths: int) -> str:
    """What it takes to be ready."""
    return f"Ready is who reaches {thousandths / THOUSAND:g} of the points of must and essential requirements."


def verdict(ready: bool, points: int, of: int) -> str:
    """One person's standing."""
    return f"{'Ready' if ready else 'Not ready'}: {points} of {of} points."


SENTENCES: Mapping[str, Callable[..., str]] = {
    each.__name__: each for each in (left_out, nothing_required, no_core, replaced, threshold, verdict)
}
"""By the names that twins use."""
