"""Findings of `skillgraph check`: what the store's engine finds, and whether the saved index is as it was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from graph.place import index_folder
from graph.report import Finding
from graph.settings import Settings
from graph.store import Store

Look = Callable[[], Finding]
"""Something that looks at one more thing: the index, alerts."""


def health(store: Store, looks: Sequence[Look] = ()) -> list[Finding]:
    """What is well, what is not, and the fix; what is not well comes first."""
    found = [*store.health(), *(look() for look in looks)]
    return sorted(found, key=lambda finding: finding.well)


def index_of(store: Store, settings: Settings) -> Finding:
    """The saved index of a store: all of its files is read, and nothing of it believed."""
    folder = index_folder(store.url)
    if folder is None:
        return _NOT_BUILT
    try:
        return _saved_in(folder, store, settings)
    except PermissionError as error:
        return Finding("index", False, f"{error.filename} may not be read", "Give this user the right to it.")


_NOT_BUILT = Finding("index", True, "not built yet", "The first question builds it.")


def _saved_in(folder: Path, store: Store, settings: Settings) -> Finding:
    from graph.index.files import is_there, is_unused, verify_current

    if not is_there(folder):
        return _NOT_BUILT
    if is_unused(store, settings, folder):
        return Finding("index", True, "of another version, store or settings", "The next question builds it again.")
    verdict = verify_current(folder)
    if verdict == "well":
        return Finding("index", True, "as it was written")
    if verdict == "unknown":
        return Finding("index", False, "could not be read", f"Check again; if it stays so, delete {folder}.")
    return Finding("index", False, "not as it was written", f"Delete {folder}: the next question builds it again.")
