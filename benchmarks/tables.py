"""A population as native tables: `python -m benchmarks.tables FOLDER [PEOPLE] [ESCO]`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.population import (
    CUT_SCORES,
    KINDS,
    RULED,
    SCORES,
    VERIFICATIONS,
    Facts,
    Population,
    taught_level,
)
from benchmarks.roles import COHORT, GROUP, UNIT, Requirement, roles
from benchmarks.vocabulary import Vocabulary, vocabulary
from ontology.values import OPEN

PEOPLE = 1_000_000
COHORT_SHARE, UNIT_SHARE = 0.02, 0.1
_RULES = {"completion": "course", "assessment": "assessment", "credential": "credential"}
_PLACES = ("Berlin", "Leeds", "Lyon", "Porto", "Turin")


def write_tables(folder: Path, people: Population, skills: Vocabulary) -> Path:
    """Write all tables; ESCO's skills are not among them: `skillgraph load esco` loads these."""
    folder.mkdir(parents=True, exist_ok=True)
    made_up = enumerate(skills.ids) if skills.esco is None else ()
    rows = ((skill, f"skill {n}", "skill") for n, skill in made_up)
    _write(folder, "Skill", ["id", "label", "type"], [(GROUP, "a group", "group"), *rows])
    _write(folder, "BROADER", ["from", "to"], ((skills.ids[n], GROUP) for n in skills.grouped))
    _write_roles(folder, skills)
    _write_rules(folder, skills.ids)
    _write_people(folder, people)
    _write_evidence(folder / "Evidence.parquet", people.as_told(), skills.ids)
    return folder


def cohort(people: Population) -> NDArray[np.int64]:
    """The members of the cohort, ascending."""
    return people.some(COHORT_SHARE, 1)


def person_id(number: int) -> str:
    """Ids in the order of their numbers."""
    return f"bench-person:{number:08d}"


def _write_roles(folder: Path, skills: Vocabulary) -> None:
    found = roles(skills)
    _write(folder, "Role", ["id", "label", "type"], ((role, role.split(":")[1], "job") for role in found))
    columns = ["from", "to", "level", "weight", "kind", "reach", "proof"]
    rows = (_required(role, one, skills.ids) for role, asked in found.items() for one in asked)
    _write(folder, "REQUIRES", columns, rows)


def _required(role: str, one: Requirement, skills: Sequence[str]) -> Sequence[object]:
    skill = GROUP if one.skill is None else skills[one.skill]
    return role, skill, one.level, one.weight, one.kind, one.reach, one.proof


def _write_rules(folder: Path, skills: Sequence[str]) -> None:
    """A course, an assessment and a credential for each of the commonest skills."""
    for kind, node, edge in (
        ("completion", "LearningObject", "TEACHES"),
        ("assessment", "Assessment", "MEASURES"),
        ("credential", "Credential", "ATTESTS"),
    ):
        some = range(min(RULED[kind], len(skills)))
        name, measures = _RULES[kind], edge == "MEASURES"
        _write(folder, node, ["id", "label"], ((f"bench-{name}:{n}", f"{name} {n}") for n in some))
        stated = [CUT_SCORES if measures else taught_level(n) for n in some]
        rows = ((f"bench-{name}:{n}", skills[n], stated[n]) for n in some)
        _write(folder, edge, ["from", "to", "cut_scores" if measures else "level"], rows)


def _write_people(folder: Path, people: Population) -> None:
    numbers = pl.DataFrame({"n": np.arange(people.people)})
    place = pl.col("n") % len(_PLACES)
    numbers.select(
        _ids("bench-person:", pl.col("n")).alias("id"),
        pl.when(pl.col("n") % 4 == 0).then(pl.lit("external")).otherwise(pl.lit("internal")).alias("kind"),
        place.replace_strict(list(range(len(_PLACES))), _PLACES).alias("location"),
    ).write_parquet(folder / "Learner.parquet")
    _write(folder, "Cohort", ["id", "label"], [(COHORT, "two in a hundred")])
    _write(folder, "OrgUnit", ["id", "label"], [(UNIT, "one in ten")])
    members = [(COHORT, cohort(people)), (UNIT, people.some(UNIT_SHARE, 2))]
    rows = ((person_id(n), place) for place, some in members for n in some.tolist())
    _write(folder, "MEMBER_OF", ["from", "to"], rows)


def _write_evidence(path: Path, facts: Facts, skills: Sequence[str]) -> None:
    """One row a fact; the streaming engine turns numbers into text a block at a time."""
    names = {name: getattr(facts, name) for name in Facts.__slots__}
    ruled = pl.col("via_rule")
    scored = ruled & (pl.col("kind") == KINDS.index("assessment"))
    about = pl.concat_str(_word("kind", [f"bench-{_RULES.get(kind, '')}:" for kind in KINDS]), pl.col("skill"))
    pl.DataFrame(names).lazy().with_row_index("n").select(
        _ids("bench-evidence:", pl.col("n")).alias("id"),
        _ids("bench-person:", pl.col("person")).alias("learner"),
        _word("kind", KINDS).alias("kind"),
        pl.when(ruled).then(about).alias("about"),
        pl.when(~ruled).then(_word("skill", skills)).alias("skill"),
        pl.when(~ruled).then("level").alias("level"),
        pl.when(scored).then(_word("level", [str(score) for score in SCORES])).alias("score"),
        _instant("since").alias("shown_at"),
        pl.when(pl.col("until") != OPEN).then(_instant("until")).alias("expires_at"),
        _word("verification", VERIFICATIONS).alias("verification"),
    ).sink_parquet(path, row_group_size=250_000)


def _ids(prefix: str, number: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(prefix), number.cast(pl.String).str.zfill(8))


def _word(column: str, words: Sequence[str]) -> pl.Expr:
    """What a column of positions stands for."""
    return pl.lit(pl.Series(list(words))).gather(pl.col(column))


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column).cast(pl.Int64), "s").dt.replace_time_zone("UTC")


def _write(folder: Path, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main(folder: str, people: str = str(PEOPLE), esco: str = "") -> None:
    """Write the tables of so many people."""
    population = Population(int(people))
    write_tables(Path(folder), population, vocabulary(population, Path(esco) if esco else None))


if __name__ == "__main__":
    main(*sys.argv[1:])
