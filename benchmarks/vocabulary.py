"""The skills of a population by popularity: full ESCO's where it is here, else made up."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.measure import ROOT
from benchmarks.population import Population

FULL_ESCO = ROOT.parent / "shared" / "data" / "esco-1.2.0"
GROUP_SIZE = 500
_FIRST = 280
"""From here on by popularity, 500 of ESCO's skills are together as common as the thirty of role M."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`grouped` are the skills of one group: none of them has narrower ones."""

    ids: tuple[str, ...]
    grouped: tuple[int, ...]
    esco: Path | None


def vocabulary(people: Population, esco: Path | None) -> Vocabulary:
    """As many skills as the population has, ESCO's shuffled."""
    if esco is None:
        ids, broad = [f"bench-skill:{n}" for n in range(people.skills)], set()
    else:
        found = sorted(_key(row["conceptUri"]) for row in _rows(esco / "skills_en.csv"))
        order = np.random.default_rng(people.seed).permutation(len(found))[: people.skills]
        ids = [f"esco-skill:{found[n]}" for n in order]
        broad = {f"esco-skill:{_key(row['broaderUri'])}" for row in _rows(esco / "broaderRelationsSkillPillar_en.csv")}
    narrow = (n for n in range(min(_FIRST, len(ids) // 2), len(ids)) if ids[n] not in broad)
    return Vocabulary(tuple(ids), tuple(islice(narrow, GROUP_SIZE)), esco)


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _key(uri: str) -> str:
    return uri.rsplit("/", 1)[1]
