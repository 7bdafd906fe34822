"""Findings of `skillgraph check`: what the store's engine finds, and whether the saved index is as it was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graph.place import index_folder
from graph.report import Finding
from graph.store import Store

Look = Callable[[], Finding]
"""Something that looks at one more thing: the index, alerts."""


def health(store: Store, looks: Sequence[Look] = ()) -> list[Finding]:
    """What is well, what is not, and the fix; what is not well comes first."""
    found = [*store.health(), *(look() for look in looks)]
    return sorted(found, key=lambda finding: finding.well)


def index_of(url: str) -> Finding:
    """The saved index of a store: all of its files is read, and nothing of it believed."""
    from graph.index.files import verify, version_of

    folder = index_folder(url)
    if folder is None or version_of(folder) is None:
        return Finding("index", True, "not built yet", "The first question builds it.")
    if verify(folder):
        return Finding("index", True, "as it was written")
    return Finding("index", False, "not as it was written", f"Delete {folder}: the next question builds it again.")
