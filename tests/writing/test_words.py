"""What users say travels in parameters alone: whatever their words are, the texts of the statements are the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from neo4j import ManagedTransaction, Query, Session, Transaction

from graph.digest import digest
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.pulse import QUESTION
from graph.viewer import OPERATOR, Viewer
from ontology.ids import escape_local
from queries.question import QuestionError, catalogue
from queries.twin import ask_twin
from tests.neo4j import fresh_store
from tests.store.ada import held
from tests.store.writing import Row, gone, put, rows
from tests.writing.conftest import opened


@dataclass(frozen=True)
class Words:
    """All that users choose: names, texts, and what follows the at sign in the header of a column."""

    name: str
    text: str
    language: str

    def id(self, kind: str) -> str:
        return f"{kind}:{self.name}"

    @property
    def person(self) -> str:
        """A learner's key is looked for in what was put aside, as its source wrote it."""
        return f"person:{escape_local(self.name)}"


PLAIN = Words("one", "some words", "de")
HOSTILE = Words("`}) DETACH DELETE n //", "'\"}) $rows `words` \\", "`] = 1 SET n:`Resource")


def test_the_statements_are_the_same_whatever_users_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    plain, hostile = (statements(words, tmp_path / str(place)) for place, words in enumerate((PLAIN, HOSTILE)))

    assert hostile == plain
    assert not [text for text in hostile for word in vars(HOSTILE).values() if word in text]
    for clause in ("CREATE", "DELETE", "fulltext", "_Load", "_HeldRow", "_Key", "_Erased", "SUPPORTS", "_Change"):
        assert any(clause in text for text in plain), clause


def statements(words: Words, home: Path) -> set[str]:
    """The texts that are sent while a new store is written to, read, and rid of a person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_HOME", str(home))
        store = opened(fresh_store())
        heard: set[str] = set()
        for kind in (Session, Transaction, ManagedTransaction):
            patch.setattr(kind, "run", _overheard(heard, kind.run))
        try:
            _write(store, words)
            _keep(store, words)
            _read(store, words)
            _ask(store, words)
            store.erase(words.person)
        finally:
            store.close()
    return heard - {QUESTION}  # asked whenever the server is slow to answer, whatever it is asked


def _overheard(heard: set[str], run: Callable[..., Any]) -> Callable[..., Any]:
    def told(self: Any, query: str | Query, *given: Any, **named: Any) -> Any:
        heard.add(query.text if isinstance(query, Query) else query)
        return run(self, query, *given, **named)

    return told


def _write(store: Neo4jStore, words: Words) -> None:
    """Add, change, state a second time, take back."""
    source, skill, person, role = words.name, words.id("skill"), words.person, words.id("role")
    load = store.ledger.start(words.name, source, None, complete=True)
    blocks = [
        rows("OrgUnit", {"id": words.id("unit"), "label": words.text}, {"id": "unit:x", "part_of": words.id("unit")}),
        rows(
            "Skill",
            {"id": "skill:x"},
            _spoken(words, skill, alt_labels=(words.name, words.text), replaced_by=("skill:x",)),
        ),
        rows("Role", _spoken(words, role)),
        rows("Learner", _spoken(words, person, kind="internal"), {"id": "person:x", "label": words.text}),
        rows("Identity", {"id": words.id("identity"), "learner": person, "system": words.name, "value": words.text}),
        rows("Evidence", _evidence(words)),
        rows("Rating", {"id": words.id("rating"), "evidence": words.id("evidence"), "rater": person, "skill": skill}),
        rows("REQUIRES", {"from": role, "to": skill, "level": 1_000_000, "rationale": words.text}),
        rows("MEMBER_OF", {"from": person, "to": words.id("unit")}),
    ]
    put(store, *blocks, source=source, load=load)
    put(store, *blocks, source=source, load=load)
    put(store, blocks[-2], blocks[-1], source=f"{source} 2")
    put(store, rows("Skill", _spoken(words, skill, code=words.name), version=2), source=source)
    put(store, rows("Evidence", {**_evidence(words), "url": words.text}, version=2), source=source)
    put(store, rows("REQUIRES", {"from": role, "to": skill, "level": 2_000_000}, version=2), source=f"{source} 3")
    put(store, gone("REQUIRES", {"from": role, "to": skill}), source=f"{source} 2")
    put(store, gone("Skill", {"id": skill}, {"id": "skill:never"}, version=3), source=source)
    put(store, gone("Role", {"id": role}), source=source)
    list(store.owned(source, "Skill"))
    list(store.owned(source, "MEMBER_OF"))


def _spoken(words: Words, id: str, **more: Any) -> Row:
    return {"id": id, "label": words.text, f"label@{words.language}": words.text, **more}


def _evidence(words: Words) -> Row:
    return {
        "id": words.id("evidence"), "learner": words.person, "kind": "work_sample", "skill": words.id("skill"),
        "level": 2_000_000, "shown_at": 1_700_000_000,
    }  # fmt: skip


def _keep(store: Neo4jStore, words: Words) -> None:
    """The ledger, the keyring, and a lock."""
    ledger, keyring = store.ledger, store.keyring
    (load,) = ledger.loads(words.name)
    waiting = held(load.id, 2, kind="waiting", refers_to=words.id("skill"), people=(words.person,))
    rejected = held(load.id, 3, file=words.text, value=words.text, raw={words.name: words.text})
    ledger.hold_rows([waiting, rejected])
    ledger.waiting_for([words.id("skill")])
    ledger.naming([words.person], [words.text], [words.id("evidence")])
    list(ledger.held_rows(name=words.name))
    ledger.release([waiting])
    ledger.erased([words.person])
    ledger.finish(replace(load, state="done", finished_at=1, message=words.text))
    ledger.set_last_complete(words.name, 1)
    with store.hold(words.name):
        pass
    _, secret = keyring.create(frozenset({"match"}), frozenset({words.id("unit")}), words.name, words.text)
    keyring.find(secret)
    keyring.find(words.text)
    keyring.revoke(words.name)


def _read(store: Neo4jStore, words: Words) -> None:
    """By everybody, and by who sees some units only."""
    ids = [words.id("skill"), words.person, words.id("unit"), words.id("evidence")]
    for viewer in (OPERATOR, Viewer(frozenset({"graph", "people"}), org_units=frozenset({words.id("unit")}))):
        for id in ids:
            store.get(id, viewer)
        store.many(ids, viewer)
        store.page("Learner", viewer, after=words.name)
        store.facts("Evidence", {"learner": ids[1:2], "skill": ids[:1]}, viewer)
        store.facts("Identity", {"system": [words.name], "value": [words.text]}, viewer)
        store.expand(ids, viewer, incoming=True)
        store.search(words.text, viewer)
        store.search(words.name, viewer, ["Skill"], words.language)
    store.types_of(ids)
    store.keys("nodes", ids)
    list(store.scan("Skill", ["id", "label", f"label@{words.language}"]))
    store.changes(0)
    store.superseded([words.person])
    digest(store)


def _ask(store: Neo4jStore, words: Words) -> None:
    raw = {"person": words.person, "role": words.id("role"), "skill": words.id("skill")}
    for name, question in catalogue().items():
        asked = {field: id for field, id in raw.items() if field in question.parameters.model_fields}
        with suppress(QuestionError):  # of ids that are none
            ask_twin(store, OPERATOR, name, asked, language=words.language)
