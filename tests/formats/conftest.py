"""An academy small enough to hold in mind, with every sort of thing that the formats say something of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from graph.exports import Wanted, exports
from graph.open import open_store
from graph.settings import Settings
from graph.store import Block, Store
from graph.viewer import OPERATOR, Viewer
from ontology.values import MILLION, parse_instant
from tests.store.writing import put, rows

Document = dict[str, Any]
Written = Callable[..., Path]


def at(text: str) -> int:
    return parse_instant(text)[0]


def edges(type_name: str, *pairs: str, **properties: Any) -> Block:
    """Edges told as `from to`, all with the same properties."""
    ends = (pair.split() for pair in pairs)
    return rows(type_name, *({"from": start, "to": end, **properties} for start, end in ends))


VOCABULARY = (
    rows(
        "Skill",
        {"id": "skill:linux", "label": "Linux", "label@de": "Linux-Verwaltung", "code": "L1", "type": "skill"},
        {"id": "skill:shell", "label": "shell", "alt_labels": ("bash", "sh"), "description": "Writes scripts."},
        {"id": "skill:unix", "label": "Unix", "status": "retired", "replaced_by": ("skill:linux",)},
        {"id": "skill:systems", "label": "systems", "type": "group", "hidden_labels": ("sistems",)},
        {"id": "skill:favourites", "label": "favourites", "type": "collection"},
        {"id": "other:linux", "label": "GNU/Linux"},
    ),
    edges("BROADER", "skill:linux skill:systems", "skill:shell skill:linux"),
    edges("RELATED", "skill:unix skill:shell", "skill:linux skill:favourites", "skill:shell skill:systems"),
    edges("EXACT_MATCH", "skill:linux other:linux"),
    edges("DEPENDS_ON", "skill:shell skill:linux", kind="essential"),
    rows("Scale", {"id": "scale:five", "label": "five"}),
    rows("Level", {"id": "level:five-4", "label": "fourth", "scale": "scale:five", "rank": 4}),
    edges("CORRESPONDS_TO", "level:five-4 level:practitioner"),
)
CATALOGUE = (
    rows(
        "LearningObject",
        {
            "id": "course:linux", "label": "Linux course", "label@de": "Linux-Kurs", "type": "course",
            "provider": "Academy", "language": "en", "duration": "PT16H", "cost": 199 * MILLION, "currency": "EUR",
            "url": "https://academy.example/linux", "status": "active",
        },
        {"id": "course:basics", "label": "Basics", "type": "module", "cost": 0},
    ),
    rows("Assessment", {"id": "assessment:lab", "label": "Lab", "type": "simulation", "proctored": True}),
    rows("Credential", {"id": "credential:badge", "label": "Badge", "type": "badge", "validity": "P1Y"}),
    edges("TEACHES", "course:linux skill:linux", level=4 * MILLION, scale="scale:five"),
    edges("TEACHES", "course:basics skill:shell", level=MILLION),
    edges("TEACHES", "course:linux skill:unix", level=MILLION, until=at("2020-01-01")),
    edges("PREREQUISITE", "course:linux course:basics"),
    edges("ASSESSED_BY", "course:linux assessment:lab"),
    edges("MEASURES", "assessment:lab skill:shell", cut_scores="1:0.5|2:0.7"),
    edges("ATTESTS", "credential:badge skill:linux", level=2 * MILLION),
    rows("Rubric", {"id": "rubric:lab", "label": "Lab rubric"}),
    rows("Criterion", {"id": "criterion:one", "label": "Works", "weight": 2, "position": 1}),
    rows("CriterionLevel", {"id": "mark:two", "label": "well", "points": 3_500_000, "level": 2 * MILLION}),
    rows("InterviewQuestion", {"id": "question:one", "label": "What is a shell?"}),
    edges("SCORED_WITH", "assessment:lab rubric:lab", "question:one rubric:lab"),
    edges("HAS_CRITERION", "rubric:lab criterion:one"),
    edges("HAS_LEVEL", "criterion:one mark:two"),
    edges("ASSESSES", "criterion:one skill:shell"),
)  # fmt: skip
DEMAND = (
    rows("OrgUnit", {"id": "unit:platform", "label": "Platform"}),
    rows(
        "Role",
        {"id": "role:admin", "label": "administrator", "type": "job", "code": "A-1"},
        {"id": "role:it", "label": "IT", "type": "group", "code": "25"},
        {"id": "role:published", "label": "systems administrator", "type": "occupation"},
    ),
    rows(
        "Requisition",
        {
            "id": "opening:berlin", "label": "administrator in Berlin", "description": "Keep it running.",
            "opened_at": at("2025-01-07"), "closed_at": at("2025-03-01"), "location": "Berlin", "openings": 2,
            "org_unit": "unit:platform",
        },
        {"id": "opening:filled", "label": "filled", "status": "filled"},
    ),
    edges("REQUIRES", "role:admin skill:linux", level=2 * MILLION, kind="must"),
    edges("REQUIRES", "role:admin skill:shell", level=MILLION, kind="preferred"),
    edges("REQUIRES_CREDENTIAL", "role:admin credential:badge"),
    edges("BROADER", "role:admin role:it"),
    edges("EXACT_MATCH", "role:admin role:published"),
    edges("FOR_ROLE", "opening:berlin role:admin"),
    rows("Learner", {"id": "person:ada", "label": "Ada", "email": "ada@firm.example"}),
)  # fmt: skip


@pytest.fixture(scope="session")
def academy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The academy's store, to be read only."""
    store = open_store(f"sqlite:{tmp_path_factory.mktemp('academy') / 'skillgraph.db'}")
    receipt = put(store, *VOCABULARY, *CATALOGUE, *DEMAND, source="academy")
    assert {outcome for outcomes in receipt.outcomes for outcome in outcomes.tolist()} == {0}
    yield store
    store.close()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a store out in a format; gives the file."""

    def write(store: Store, name: str, viewer: Viewer = OPERATOR, settings: Settings | None = None) -> Path:
        path = tmp_path / f"{name}{exports()[name].suffix}"
        exports()[name].write(store, path, Wanted(viewer, settings or Settings()))
        return path

    return write


def by_id(path: Path) -> dict[str, Document]:
    """The nodes of a JSON-LD document's graph by the last part of their address."""
    found: list[Document] = orjson.loads(path.read_bytes())["@graph"]
    return {each["@id"].rpartition("/")[2]: each for each in found}
