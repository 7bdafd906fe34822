"""What the contract suite has to know of each engine; everything else it asks of the store itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from graph.store import Store


class Faults(Protocol):
    """Counts the calls to the engine's database and makes the `at`-th fail, and every later one too when `for_good`."""

    calls: int
    at: int  # 0: none fails
    for_good: bool
    error: BaseException | None  # what is raised; None: what the engine's driver raises when its database fails


Fresh = Callable[[], Store]
"""Opens a new, empty store and closes the one before: an engine may have room for one only."""

Traces = dict[str, list[str]]
"""Where a text still stands -> the texts."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How tests get a store of an engine, and at what they cannot ask the store itself."""

    fresh: Callable[[Path], str]
    """The address of a new, empty store below a folder. The store of an earlier address may be gone with it."""

    failing: Callable[[pytest.MonkeyPatch], Faults]
    """Stores fail as they are told from the next that is opened on."""

    traces: Callable[[Store, Sequence[str]], Traces]
    """Looks for texts in everything the store keeps, in the database and beside it on this machine."""

    examples: float = 1.0
    """How many of the examples of a law are tried; less where each takes longer."""

    def __call__(self, folder: Path) -> str:
        return self.fresh(folder)


def texts_in_files(folder: Path, texts: Sequence[str]) -> Traces:
    """Files below a folder that hold one of the texts."""
    found = {str(path): [text for text in texts if text.encode() in path.read_bytes()] for path in _files(folder)}
    return {place: there for place, there in found.items() if there}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
