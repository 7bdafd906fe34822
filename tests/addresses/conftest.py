"""The tiny company, published: with a skill of awkward names, levels, an interview question, a retired skill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load, load_rows
from tests.api.conftest import Served, logged, serving
from tests.conftest import COMPANY

__all__ = ["logged"]
BASE = "https://skills.example/x/"
SETTINGS = Settings(publish=True, base_iri=BASE, title="Tiny skills", licence="https://licence.example/by")
EVIL = '</script><script>alert("1")</script> & \'quoted\' "twice"'

MORE: dict[str, list[dict[str, Any]]] = {
    "Skill": [
        {
            "id": "skill:evil",
            "label": EVIL,
            "description": EVIL,
            "alt_labels": ["<b>bold</b>"],
            "hidden_labels": ["hid"],
        },
        {"id": "skill:old", "label": "old skill", "status": "retired", "replaced_by": ["skill:linux"]},
        {"id": "skill:systems", "label": "systems", "label@de": "Systeme", "type": "group"},
        {"id": "esco-skill:abc", "label": "somebody else's"},
        {"id": "esco-skill:caf~c3~a9", "label": "of other letters"},
    ],
    "LearningObject": [
        {"id": "course:evil", "label": EVIL, "url": "javascript:alert(1)", "duration": "P1M", "type": "course"}
    ],
    "Rubric": [{"id": "rubric:panel", "label": "panel"}],
    "InterviewQuestion": [{"id": "question:secret", "label": "What would you ask?"}],
    "BROADER": [{"from": "skill:linux", "to": "skill:systems"}],
    "TEACHES": [{"from": "course:evil", "to": "skill:evil", "level": "1"}],
    "SCORED_WITH": [
        {"from": "question:secret", "to": "rubric:panel"},
        {"from": "assessment:drill", "to": "rubric:panel"},
    ],
    "PROBES": [{"from": "question:secret", "to": "skill:linux", "level": "1"}],
}


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The store that all of these read."""
    made = open_store(f"sqlite:{tmp_path_factory.mktemp('published') / 'skillgraph.db'}", SETTINGS)
    record = load(made, LoadRequest(source="tables", paths=(COMPANY,)))
    assert (record.rejected, record.waiting) == (0, 0)
    load_rows(made, "more", MORE)
    yield made
    made.close()


@pytest.fixture(scope="package")
def published(store: Store) -> Iterator[Served]:
    """Served by a deployment that publishes."""
    with serving(store, SETTINGS) as served:
        yield served


@pytest.fixture(scope="package")
def closed(store: Store) -> Iterator[Served]:
    """The same, by one that does not."""
    with serving(store, replace(SETTINGS, publish=False)) as served:
        yield served


@pytest.fixture
def anyone(published: Served) -> Iterator[httpx.Client]:
    """Somebody without a key."""
    with published.client("") as client:
        yield client


@pytest.fixture
def keyed(published: Served) -> Iterator[httpx.Client]:
    """Somebody with a key of every scope."""
    with published.client() as client:
        yield client


def accept(media: str) -> dict[str, str]:
    return {"Accept": media}
