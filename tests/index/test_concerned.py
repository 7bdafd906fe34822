"""Whom a known piece of evidence concerns: those for whom anything would be different without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from ontology.values import parse_instant
from tests.companies import CREDENTIALS, MOMENTS, Company, companies
from tests.index.conftest import Say, evidence
from tests.index.telling import tell
from tests.index.test_oracle_held import SLOW
from tests.oracle import Oracle, newest

AT = sorted(parse_instant(moment)[0] + step for moment in MOMENTS for step in (-1, 0, 40_000_000))


@settings(SLOW, max_examples=30)
@given(companies())
def test_whoever_would_lose_or_gain_by_its_absence_is_named(company: Company) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        for load in (*company.first, *company.later):
            tell(store, load)
        index = IndexKeeper(store, Settings(source_order=company.source_order)).current()
        with_all = said(company, without="")
        for row in company.oracle().table("Evidence"):
            handles = store.keys("Evidence", [row["id"]])
            named = {index.people.id_of(person) for person in index.snapshot.owners_of("Evidence", handles)}
            fewer = said(company, without=row["id"])
            assert {person for person, says in with_all.items() if fewer[person] != says} <= named
        store.close()


def test_only_silent_attempts_are_kept_beside_the_rows(academy: Store, say: Say) -> None:
    """What supports nothing concerns nobody, but a failed attempt ends what an earlier one supported."""
    fails = {"score": "0.1"}
    say(
        Evidence=[
            evidence("passed", "assessment", "2024-01-01", about="lab:latest", score="0.9"),
            evidence("failed", "assessment", "2024-02-01", about="lab:latest", **fails),
            evidence("failed-best", "assessment", about="lab:best", **fails),
            evidence("withdrawn", "assessment", about="lab:latest", withdrawn_at="2024-03-01", **fails),
            evidence("undone", "completion", about="course:pods", outcome="failed"),
        ]
    )
    index = IndexKeeper(academy, Settings()).current()
    handles, persons = index.snapshot.base.owners["Evidence"]
    assert academy.ids("Evidence", handles.tolist()) == ["evidence:failed"]
    assert [index.people.id_of(person) for person in persons.tolist()] == ["person:ann"]


def test_evidence_that_a_base_cannot_know_is_not_looked_for_in_it(academy: Store, say: Say) -> None:
    say(Evidence=[evidence("old", "interview", skill="skill:talk", level="2")])
    base = IndexKeeper(academy, Settings()).current().snapshot.base
    say(Evidence=[evidence("new", "interview", skill="skill:talk", level="2")])
    old, new = academy.keys("Evidence", ["evidence:old"]), academy.keys("Evidence", ["evidence:new"])
    assert base.owners_of("Evidence", np.append(old, new)) == base.owners_of("Evidence", old) != set()
    without_rows = replace(base, tables={})
    assert without_rows.owners_of("Evidence", new) == set()
    with pytest.raises(KeyError):
        without_rows.owners_of("Evidence", old)


def said(company: Company, without: str) -> Mapping[str, object]:
    """All that is said of each person when one piece of evidence is not there."""
    read = (*company.first, *company.later)
    rows = newest(load.rows for load in read)
    rows = {**rows, "Evidence": [row for row in rows.get("Evidence", ()) if row["id"] != without]}
    sources = {row["id"]: load.source for load in read for row in load.rows.get("Learner", ())}
    oracle = Oracle(rows, sources, company.source_order)
    return {person: (oracle.supports.get(person), credentials(oracle, person)) for person in oracle.persons}


def credentials(oracle: Oracle, person: str) -> list[bool]:
    return [oracle.holds_credential(person, id, at) for id in CREDENTIALS for at in AT]
