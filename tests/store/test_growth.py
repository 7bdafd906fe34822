"""A model that grew opens an older store; one that lacks a part of it is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graph.errors import ModelMismatch, NotWritable
from graph.settings import Settings
from graph.sqlite.engine import SqliteStore
from graph.sqlite.opening import prepare
from graph.viewer import OPERATOR
from ontology.model import Datatype, Model, NodeType, Property
from tests.store.writing import one, put, rows, tell


def text(name: str, **more: object) -> Property:
    return Property(name, f"urn:{name}", name, name, Datatype.STRING, **more)  # type: ignore[arg-type]


def grown(model: Model) -> Model:
    """One class of each storage, a column, a property and a value more."""
    evidence, skill = model.nodes["Evidence"], model.nodes["Skill"]
    kind = evidence.properties["kind"]
    kinds = replace(kind, values=(*kind.values, "observation"))
    badge = Property("badge", "urn:badge", "badge", "badge", Datatype.REFERENCE, targets=("Badge",))
    site = replace(skill, name="Site", properties={"label": skill.properties["label"], "town": text("town")})
    worn = {"learner": evidence.properties["learner"], "colour": text("colour")}
    badge_type = NodeType("Badge", "urn:Badge", "badge", "badge", evidence.parent, worn, "columns", person="learner")
    nodes = {
        **model.nodes,
        "Evidence": replace(
            evidence, properties={**evidence.properties, "kind": kinds, "note": text("note"), "badge": badge}
        ),
        "Skill": replace(skill, properties={**skill.properties, "motto": text("motto")}),
        "Site": site,
        "Badge": badge_type,
    }
    return replace(model, nodes=nodes, hash="grown", extension="grown")


def opened(path: Path, model: Model) -> SqliteStore:
    prepare(path, model)
    return SqliteStore(path, model, Settings())


@pytest.fixture
def path(tmp_path: Path, model: Model) -> Path:
    store = opened(tmp_path / "old.db", model)
    put(store, rows("Learner", {"id": "hr:ada"}))
    put(store, rows("Evidence", {"id": "ev:1", "learner": "hr:ada", "kind": "interview"}))
    store.close()
    return tmp_path / "old.db"


def test_new_classes_properties_and_values_need_no_code(path: Path, model: Model) -> None:
    store = opened(path, grown(model))
    new = {"id": "ev:2", "learner": "hr:ada", "kind": "observation", "note": "seen", "badge": "b:1"}

    badge = rows("Badge", {"id": "b:1", "learner": "hr:ada", "colour": "red"})
    assert tell(store, badge, rows("Evidence", new)) == ["ADDED"] * 2
    assert tell(store, rows("Site", {"id": "site:1", "label": "North yard", "town": "Kiel"})) == ["ADDED"]
    assert tell(store, rows("Skill", {"id": "skill:a", "motto": "onward"})) == ["ADDED"]
    assert {"id": "ev:2", **one(store, "ev:2").properties} == new
    assert one(store, "ev:1").properties == {"learner": "hr:ada", "kind": "interview"}
    assert one(store, "site:1").properties["town"] == "Kiel"
    assert [hit.id for hit in store.search("yard north", OPERATOR)] == ["site:1"]
    assert [node.id for node in store.facts("Badge", {"colour": ["red"]}, OPERATOR)] == ["b:1"]
    store.close()


def test_a_store_does_not_open_without_the_extension_it_was_written_with(path: Path, model: Model) -> None:
    opened(path, grown(model)).close()

    with pytest.raises(ModelMismatch, match="SKILLGRAPH_ONTOLOGY"):
        prepare(path, model)
    opened(path, grown(model)).close()


def test_a_store_opened_for_reading_does_not_grow(path: Path, model: Model) -> None:
    with pytest.raises(NotWritable, match="Open it once for writing"):
        prepare(path, grown(model), read_only=True)
    prepare(path, replace(model, hash="only words changed"), read_only=True)


def test_values_may_only_be_added_at_the_end(path: Path, model: Model) -> None:
    evidence = model.nodes["Evidence"]
    kind = evidence.properties["kind"]
    turned = replace(evidence, properties={**evidence.properties, "kind": replace(kind, values=kind.values[::-1])})

    with pytest.raises(ModelMismatch, match=r"Evidence\.kind"):
        prepare(path, replace(model, nodes={**model.nodes, "Evidence": turned}, hash="turned"))
