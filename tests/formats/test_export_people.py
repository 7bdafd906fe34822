"""What a deployment's own ontology says of people, though of nothing that is personal, is told to no key without them.

A room is booked by somebody and names a contact, people like skills as rooms do, and nobody said that it is personal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph.exports import exports
from graph.feed import Feed, Position
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR, PUBLIC, Viewer
from tests.ontology.test_extension import HEAD, WORDS
from tests.store.writing import gone, put, rows

TURTLE = f"""
acme:Room a owl:Class ; rdfs:subClassOf sg:Node ; sg:public true ; {WORDS} .
acme:booked_by a owl:ObjectProperty ; rdfs:subPropertyOf sg:reference ; rdfs:range sg:Learner ; {WORDS} .
acme:contact a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:string ; {WORDS} .
acme:MENTORS a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; rdfs:range sg:Learner ; {WORDS} .
acme:LIKES a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; rdfs:range sg:Skill ; {WORDS} .
acme:RoomShape a sh:NodeShape ; sh:targetClass acme:Room ; sg:public true ;
    sh:property [ sh:path acme:booked_by ; sh:class sg:Learner ; sh:maxCount 1 ] ,
        [ sh:path acme:contact ; sh:datatype xsd:string ; sh:maxCount 1 ; sg:namesPerson true ] ,
        [ sh:path acme:LIKES ; sh:nodeKind sh:IRI ; sh:class sg:Skill ] .
acme:LearnerShape a sh:NodeShape ; sh:targetClass sg:Learner ;
    sh:property [ sh:path acme:MENTORS ; sh:nodeKind sh:IRI ; sh:class sg:Learner ] ,
        [ sh:path acme:LIKES ; sh:nodeKind sh:IRI ; sh:class sg:Skill ] .
"""
LIKING = {"from": "person:ada", "to": "skill:linux"}
STRANGERS = [
    PUBLIC,
    Viewer(frozenset({"publish"})),
    Viewer(frozenset({"graph", "people", "audit"})),
    Viewer(frozenset({"graph", "match", "people"}), frozenset({"unit:empty"})),
]
SERVED = [name for name, export in exports().items() if export.media_type]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("rooms")
    (folder / "acme.ttl").write_text(HEAD + TURTLE, encoding="utf-8")
    with closing(open_store(f"sqlite:{folder / 'skillgraph.db'}", Settings(ontology=folder))) as store:
        put(
            store,
            rows("OrgUnit", {"id": "unit:empty", "label": "Empty"}),
            rows("Skill", {"id": "skill:linux", "label": "Linux"}),
            rows("Learner", {"id": "person:ada"}, {"id": "person:bob"}),
            rows("Room", {"id": "room:blue", "label": "Blue", "booked_by": "person:ada", "contact": "person:bob"}),
            rows("MENTORS", {"from": "person:ada", "to": "person:bob"}),
            rows("LIKES", LIKING, {"from": "room:blue", "to": "skill:linux"}),
        )
        put(store, gone("LIKES", LIKING))
        put(store, rows("LIKES", LIKING, version=3))
        yield store


@pytest.mark.parametrize("viewer", STRANGERS, ids=lambda viewer: "+".join(sorted(viewer.scopes)))
@pytest.mark.parametrize("name", SERVED)
def test_no_export_names_a_person_to_who_may_not_know_of_them(
    rooms: Store, written: Callable[..., Path], name: str, viewer: Viewer
) -> None:
    assert "person:" not in written(rooms, name, viewer).read_text("utf-8")


@pytest.mark.parametrize("viewer", STRANGERS, ids=lambda viewer: "+".join(sorted(viewer.scopes)))
def test_no_node_names_a_person_to_who_may_not_know_of_them(rooms: Store, viewer: Viewer) -> None:
    skill, room = rooms.get("skill:linux", viewer), rooms.get("room:blue", viewer)
    assert skill is not None
    assert [(edge.start, edge.end) for edge in skill.edges] == [("room:blue", "skill:linux")]
    assert "person:" not in repr(room)
    assert "person:" not in repr(rooms.expand(["skill:linux"], viewer, incoming=True))


@pytest.mark.parametrize("viewer", STRANGERS, ids=lambda viewer: "+".join(sorted(viewer.scopes)))
def test_no_change_names_a_person_to_who_may_not_know_of_them(rooms: Store, viewer: Viewer) -> None:
    page = Feed(rooms).page(viewer, Position(), 100, 10**6, time.time())
    told = {id for change in page.changes for item in change.items for id in item.ids}
    assert [id for id in told if "person:" in id] == []
    assert "skill:linux" in told


def test_the_rest_is_told(rooms: Store, written: Callable[..., Path]) -> None:
    liked = "<http://localhost:8000/id/room:blue> <https://acme.example/ns#LIKES>"
    assert liked in written(rooms, "ntriples", Viewer(frozenset({"publish"}))).read_text("utf-8")
    assert liked in written(rooms, "ntriples", PUBLIC).read_text("utf-8")
    whole = written(rooms, "ntriples", OPERATOR).read_text("utf-8")
    for said in ("#booked_by> <http://localhost:8000/id/person:ada>", '#contact> "person:bob"', "#MENTORS>", liked):
        assert said in whole
    page = Feed(rooms).page(Viewer(frozenset({"graph", "match"})), Position(), 100, 10**6, time.time())
    likes = [item for change in page.changes for item in change.items if item.type == "LIKES"]
    assert [(item.operation, len(item.ids)) for item in likes] == [("added", 2), ("removed", 1), ("added", 1)]
