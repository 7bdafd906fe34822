"""What a figure came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the page: the goal, what was measured, and what a peer needed in the same run."""

    what: str
    goal: str
    measured: str
    reached: bool
    peer: str = ""
