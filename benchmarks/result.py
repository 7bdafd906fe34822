"""What a figure came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the page: the goal, what was measured, and what a peer needed in the same run.

    `numbers` are what the chart is drawn from.
    """

    what: str
    goal: str
    measured: str
    reached: bool
    peer: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
