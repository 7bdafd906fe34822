"""Findings of `skillgraph check`: what the store's engine finds, and whether the index is fresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graph.report import Finding
from graph.store import Store

Look = Callable[[], Finding]
"""Something that looks at one more thing: the index, alerts."""


def health(store: Store, looks: Sequence[Look] = ()) -> list[Finding]:
    """What is well, what is not, and the fix; what is not well comes first."""
    found = [*store.health(), *(look() for look in looks)]
    return sorted(found, key=lambda finding: finding.well)
