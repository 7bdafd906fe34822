"""What a Neo4j store says is derived, and what the brute force says of the same company."""

from __future__ import annotations

from typing import Any

from graph.neo4j.engine import Neo4jStore
from ontology.values import MILLION, OPEN
from tests.companies import CREDENTIALS, SKILLS
from tests.oracle import FOR_EVER, Oracle

_SUPPORTS = (
    "MATCH (l:Learner)<-[:learner]-(e:Evidence)-[s:SUPPORTS]->(k:Skill) "
    "RETURN l._person, k.id, s.level, s.since, s.until, e.kind, coalesce(e.verification = 'unverified', false), e.id"
)
_PERSONS = "MATCH (l:Learner) RETURN l.id, l._person"
_HELD = "MATCH (p:Learner)-[h:HAS_SKILL]->(k:Skill) RETURN p.id, k.id, h.level"
_UNTIL = (
    "MATCH (l:Learner)<-[:learner]-(e:Evidence) WHERE e.kind = $kind AND e._until IS NOT NULL "
    "MATCH (e)-[:about]->(about) RETURN l._person, about.id, e.shown_at, e._until"
)
_STRAY = (
    "MATCH (l:Learner) WHERE l._person <> l.id AND (l._due IS NOT NULL OR EXISTS { (l)-[:HAS_SKILL]->() }) RETURN l.id"
)


def agree(store: Neo4jStore, oracle: Oracle, now: int) -> None:
    """Everything derived is what a plain reading of the design says."""
    ask = store.server.read
    assert dict(ask(_PERSONS)) == dict(oracle.person_of)
    assert sorted(map(tuple, _supports(store))) == sorted(
        (person, *vars(each).values()) for person, found in oracle.supports.items() for each in found
    )
    assert held(store) == {
        (person, skill): level
        for person in oracle.persons
        for skill in SKILLS
        if (level := oracle.held(person, skill, now))
    }
    assert ask(_STRAY) == []
    _agree_on_credentials(store, oracle)


def held(store: Neo4jStore) -> dict[tuple[str, str], int]:
    """(person, skill) -> the level of HAS_SKILL."""
    found = {(person, skill): level for person, skill, level in store.server.read(_HELD)}
    return {pair: level // MILLION for pair, level in found.items() if level % MILLION == 0}


def _supports(store: Neo4jStore) -> list[list[Any]]:
    rows = store.server.read(_SUPPORTS)
    return [
        [person, skill, level // MILLION, since, OPEN if until is None else until, *rest]
        for person, skill, level, since, until, *rest in rows
    ]


def _agree_on_credentials(store: Neo4jStore, oracle: Oracle) -> None:
    intervals = store.server.read(_UNTIL, kind="credential")
    instants = {turn for _, _, since, until in intervals for turn in (since, until, until - 1) if turn < FOR_EVER}
    for at in instants | {0}:
        holders = {(person, id) for person, id, since, until in intervals if since <= at < until and id in CREDENTIALS}
        assert holders == {
            (person, id) for person in oracle.persons for id in CREDENTIALS if oracle.holds_credential(person, id, at)
        }
