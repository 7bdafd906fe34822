"""The store that the match engine is measured on; made once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import skillgraph
from benchmarks.population import Population
from benchmarks.tables import PEOPLE, write_tables
from benchmarks.vocabulary import FULL_ESCO, Vocabulary, vocabulary


@dataclass(frozen=True, slots=True)
class Populated:
    """A population, its skills, and the SQLite file that holds them."""

    people: Population
    skills: Vocabulary
    store: Path

    @property
    def index(self) -> Path:
        """Where figures keep an index of it, apart from what the command keeps beside the store."""
        return self.store.with_name("measured.index")


def populated(work: Path, people: int = PEOPLE) -> Populated:
    """Of so many people, over full ESCO where that is here."""
    esco = FULL_ESCO if FULL_ESCO.is_dir() else None
    population = Population(people)
    made = Populated(population, vocabulary(population, esco), work / f"match-{people}" / "store.db")
    if not made.store.exists():
        _make(made)
    return made


def _make(made: Populated) -> None:
    """Written elsewhere first, so that half a store is never taken for one."""
    final, folder = made.store.parent, made.store.parent.with_suffix(".part")
    shutil.rmtree(folder, ignore_errors=True)
    tables = write_tables(folder / "tables", made.people, made.skills)
    if made.skills.esco:
        skillgraph(folder / "store.db", "load", "esco", str(made.skills.esco))
    skillgraph(folder / "store.db", "load", "tables", str(tables), "--name", "bench")
    shutil.rmtree(tables)
    folder.rename(final)
