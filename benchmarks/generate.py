"""Seeded native tables of any size: people, skills, one role and evidence with Zipf-like popularity."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

SKILLS = 2_000
COURSES = 500
FIRST_DAY, DAYS = np.datetime64("2022-01-01"), 1_600
ROLE = "bench-role:common"


def generate(folder: Path, evidence: int, people: int, seed: int = 7) -> Path:
    """Write the tables into the folder; two thirds of the evidence states levels, one third is completions."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.random.default_rng(seed)
    _write(
        folder,
        "Skill",
        ["id", "label", "type"],
        ((f"bench-skill:{n}", f"skill {n}", "skill") for n in range(SKILLS)),
    )
    _write(
        folder,
        "LearningObject",
        ["id", "label", "type"],
        ((f"bench-course:{n}", f"course {n}", "course") for n in range(COURSES)),
    )
    taught = numbers.integers(0, SKILLS, (COURSES, 2))
    pairs = (
        (f"bench-course:{n}", f"bench-skill:{skill}", 1 + n % 3)
        for n, row in enumerate(taught)
        for skill in sorted(set(row.tolist()))
    )
    _write(folder, "TEACHES", ["from", "to", "level"], pairs)
    _write(folder, "Role", ["id", "label", "type"], [(ROLE, "asks for the commonest skills", "job")])
    _write(
        folder,
        "REQUIRES",
        ["from", "to", "level", "weight"],
        ((ROLE, f"bench-skill:{n}", 2, 3) for n in range(6)),
    )
    _write(folder, "Learner", ["id", "kind"], ((f"bench-person:{n}", "internal") for n in range(people)))
    _write(folder, "Evidence", EVIDENCE, _evidence(numbers, evidence, people))
    return folder


EVIDENCE = ["id", "learner", "kind", "about", "skill", "level", "shown_at", "expires_at", "verification"]
KINDS = ("assessment", "manager_rating", "work_sample", "self_rating")


def _evidence(numbers: np.random.Generator, rows: int, people: int) -> Iterable[Sequence[object]]:
    block = 100_000
    for start in range(0, rows, block):
        size = min(block, rows - start)
        who = numbers.integers(0, people, size).tolist()
        skill = np.minimum((SKILLS * numbers.random(size) ** 3).astype(int), SKILLS - 1).tolist()
        level = numbers.integers(1, 4, size).tolist()
        shown = (FIRST_DAY + numbers.integers(0, DAYS, size)).astype(str).tolist()
        course = numbers.integers(0, COURSES, size).tolist()
        for n in range(size):
            row = start + n
            if row % 3 == 0:
                yield (
                    f"bench-evidence:{row}",
                    f"bench-person:{who[n]}",
                    "completion",
                    f"bench-course:{course[n]}",
                    "",
                    "",
                    shown[n],
                    "",
                    "",
                )
            else:
                expires = "2030-12-31" if row % 5 == 0 else ""
                yield (
                    f"bench-evidence:{row}",
                    f"bench-person:{who[n]}",
                    KINDS[row % 4],
                    "",
                    f"bench-skill:{skill[n]}",
                    level[n],
                    shown[n],
                    expires,
                    "verified" if row % 2 else "",
                )


def _write(folder: Path, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
