"""The small extract of ESCO that the demo company refers to, in ESCO's own CSV form.

Source: ESCO classification of the European Commission, version 1.2.0. Descriptions, notes and collections are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

OCCUPATIONS = (
    "cloud engineer",
    "ICT system administrator",
    "data engineer",
    "customer service representative",
    "client relations manager",
    "ICT help desk agent",
    "customer experience manager",
    "computer numerical control machine operator",
    "industrial maintenance supervisor",
    "product quality inspector",
    "forklift operator",
    "health and safety officer",
)
"""Preferred labels of the ESCO occupations whose profiles the demo company's roles were drawn from."""

LEFT_OUT = ("description", "scopeNote", "definition", "inScheme")

Rows = list[dict[str, str]]


def extract(download: Path, out: Path) -> dict[str, int]:
    """Write the extract of an ESCO download in English; returns rows per file."""
    out.mkdir(parents=True, exist_ok=True)
    occupations = _read(download, "occupations")
    roles = {row["conceptUri"] for row in occupations if row["preferredLabel"] in OCCUPATIONS}
    relations = [r for r in _read(download, "occupationSkillRelations") if r["occupationUri"] in roles]
    essential = {row["skillUri"] for row in relations if row["relationType"] == "essential"}
    relations = [row for row in relations if row["skillUri"] in essential]
    broader_skills = list(_ancestry(_read(download, "broaderRelationsSkillPillar"), essential))
    broader_occupations = list(_ancestry(_read(download, "broaderRelationsOccPillar"), roles))
    between = [
        row
        for row in _read(download, "skillSkillRelations")
        if {row["originalSkillUri"], row["relatedSkillUri"]} <= essential
    ]
    above = {row["broaderUri"] for row in broader_skills}  # groups, and skills that others are a part of
    wider = {row["broaderUri"] for row in broader_occupations}  # ISCO groups, and occupations
    files = {
        "skills": [row for row in _read(download, "skills") if row["conceptUri"] in essential | above],
        "skillGroups": [row for row in _read(download, "skillGroups") if row["conceptUri"] in above],
        "occupations": [row for row in occupations if row["conceptUri"] in roles | wider],
        "ISCOGroups": [row for row in _read(download, "ISCOGroups") if row["conceptUri"] in wider],
        "occupationSkillRelations": relations,
        "broaderRelationsSkillPillar": broader_skills,
        "broaderRelationsOccPillar": broader_occupations,
        "skillSkillRelations": between,
    }
    return {name: _write(out / f"{name}_en.csv", rows) for name, rows in files.items()}


def _ancestry(relations: Rows, start: Collection[str]) -> Iterator[dict[str, str]]:
    """The rows that lead from the starting concepts upwards to the top."""
    by_child: dict[str, Rows] = {}
    for row in relations:
        by_child.setdefault(row["conceptUri"], []).append(row)
    seen: set[str] = set()
    waiting = sorted(start)
    while waiting:
        concept = waiting.pop()
        if concept in seen:
            continue
        seen.add(concept)
        for row in by_child.get(concept, []):
            yield row
            waiting.append(row["broaderUri"])


def _read(download: Path, name: str) -> Rows:
    with (download / f"{name}_en.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Rows) -> int:
    columns = list(rows[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({c: "" if c in LEFT_OUT else text for c, text in row.items()})
    return len(rows)
