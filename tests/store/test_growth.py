"""A model that grew opens an older store; one that lacks a part of it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from graph.errors import ModelMismatch, NotWritable
from graph.open import open_store
from graph.store import Store
from graph.viewer import OPERATOR
from ontology.model import Datatype, Model, NodeType, Property
from tests.store.writing import one, put, rows, tell

Opening = Callable[..., Store]


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


@pytest.fixture
def opening(store_url: str, model: Model, monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Opens, with a model, the store that was written with the bundled one."""

    def opened(model: Model, read_only: bool = False) -> Store:
        monkeypatch.setattr("graph.open.load_model", lambda *_: model)
        return open_store(store_url, read_only=read_only)

    store = opened(model)
    put(store, rows("Learner", {"id": "hr:ada"}))
    put(store, rows("Evidence", {"id": "ev:1", "learner": "hr:ada", "kind": "interview"}))
    store.close()
    return opened


def test_new_classes_properties_and_values_need_no_code(opening: Opening, model: Model) -> None:
    store = opening(grown(model))
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
    (facts,) = store.scan("Evidence", ["kind", "note", "badge"])
    assert facts.arrays["kind"].tolist()[1] == len(grown(model).nodes["Evidence"].properties["kind"].values)
    assert facts.arrays["note"].tolist() == [None, "seen"]
    assert facts.arrays["badge"].tolist() == [0, *store.keys("Badge", ["b:1"]).tolist()]
    store.close()


def test_a_store_does_not_open_without_the_extension_it_was_written_with(opening: Opening, model: Model) -> None:
    opening(grown(model)).close()

    with pytest.raises(ModelMismatch, match="SKILLGRAPH_ONTOLOGY"):
        opening(model)
    opening(grown(model)).close()


def test_a_store_opened_for_reading_does_not_grow(opening: Opening, model: Model) -> None:
    with pytest.raises(NotWritable, match="Open it once for writing"):
        opening(grown(model), read_only=True)
    opening(replace(model, hash="only words changed"), read_only=True).close()


def test_values_may_only_be_added_at_the_end(opening: Opening, model: Model) -> None:
    """A value's place is what scans tell of it."""
    evidence = model.nodes["Evidence"]
    kind = evidence.properties["kind"]
    turned = replace(evidence, properties={**evidence.properties, "kind": replace(kind, values=kind.values[::-1])})

    with pytest.raises(ModelMismatch, match=r"Evidence\.kind"):
        opening(replace(model, nodes={**model.nodes, "Evidence": turned}, hash="turned"))
