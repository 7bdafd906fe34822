"""Worked examples: made by asking, kept as they were answered, and not stale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from api.app import create_app
from api.examples import DEMO, MAX_ROWS, kept_examples, load_demo, make_examples, write_examples
from api.openapi import document
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load
from ontology.model import load_model
from queries import question as questions
from tests.conftest import COMPANY


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions whose examples are of the tiny company."""
    given = {"role-matches": {"cloud engineers": {"role": "role:cloud-engineer", "as_of": "2025-01-01"}}}
    found = {name: replace(each, examples=given.get(name, {})) for name, each in questions.catalogue().items()}
    monkeypatch.setattr("api.examples.catalogue", lambda: found)


def test_an_example_is_the_answer_cut_short(company: Store, small: None, tmp_path: Path) -> None:
    write_examples(company, Settings(), tmp_path / "examples.json")
    kept = orjson.loads((tmp_path / "examples.json").read_bytes())
    answer = kept["role-matches"]["cloud engineers"]
    assert (answer["total"], len(answer["rows"])) == (4, MAX_ROWS)
    assert [row["person"] for row in answer["rows"]] == ["person:ada", "person:cleo"]
    assert answer["rows"][0]["label"] is None


def test_examples_are_the_same_from_any_store_of_the_same_facts(company: Store, small: None) -> None:
    made = make_examples(company, Settings())
    load(company, LoadRequest(source="tables", paths=(COMPANY,)))
    assert make_examples(company, Settings()) == made


def test_the_kept_examples_are_those_of_the_demo_company(store: Store) -> None:
    """Stale? `make generated` makes them again."""
    if not (DEMO / "company").is_dir():
        pytest.skip("the demo company is not here: python -m demo.generate makes it")
    load_demo(store)
    made = orjson.loads(orjson.dumps(make_examples(store, Settings())))
    assert set(made) == set(questions.catalogue())
    assert all(made.values()), "each question has an example"
    assert kept_examples() == made


def test_the_examples_are_in_the_openapi() -> None:
    made = document(create_app("sqlite:never-opened.db"), load_model())
    for name, examples in kept_examples().items():
        answer = made["paths"][f"/v1/{name}"]["get"]["responses"]["200"]["content"]["application/json"]
        assert {label: each["value"] for label, each in answer["examples"].items()} == examples
