"""Snapshots with the name of the version that they were read from, or saved as."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from graph.index.files import load, version_of
from graph.index.snapshot import Snapshot
from graph.settings import Settings
from graph.store import Store

BUILDING = "\0index"
"""The lock of who builds; no load has such a name."""


class Saved(NamedTuple):
    """A pristine snapshot."""

    snapshot: Snapshot
    version: str | None  # None: it is in memory only


def load_saved(store: Store, settings: Settings, directory: Path) -> Saved | None:
    """The version that counts; None where there is none that can be believed."""
    version = version_of(directory)
    snapshot = None if version is None else load(store, settings, directory, version)
    return None if snapshot is None else Saved(snapshot, version)


def build_and_save(store: Store, settings: Settings, directory: Path) -> Saved:
    """A new snapshot, as a new version; in memory only where that can't be written. The caller holds `BUILDING`."""
    from graph.index.builder import renewed  # who only opens an index need not know how one is built

    return renewed(store, settings, directory)
