"""A store that has lived: of everything that a store can hold there is something in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from graph.contents import BOOKS, Movable
from graph.digest import record_types
from graph.store import Batch, Store
from tests.store.ada import ADA, fill, held
from tests.store.writing import gone, put, rows

ODD_TEXTS = (
    'a "quoted", text', "two\nlines", "and\r\nmore\r", "tab\tand back\\slash", " outer space ", "漢字 😀 é", "'",
    "\u2028", "-1", "null", ";|,", "\x1f\x7f",
)  # fmt: skip
"""Texts that a file format may stumble over."""


@dataclass(frozen=True)
class Lived:
    """The store, and the secrets of its API keys."""

    store: Store
    key: str
    revoked: str


def lived(store: Store) -> Lived:
    """Fill it: facts of all kinds, several sources, removals, versions, loads, keys, and somebody who was erased."""
    fill(store)
    skills(store)
    removals(store)
    loads(store)
    _, key = store.keyring.create(frozenset({"match", "people"}), frozenset({"unit:platform"}), "hr", "of the ATS")
    revoked, secret = store.keyring.create(frozenset({"load"}))
    store.keyring.revoke(revoked.id)
    store.erase(ADA)
    put(store, rows("Skill", {"id": "skill:last", "label": "said after the erasure"}))
    return Lived(store, key, secret)


def skills(store: Store) -> None:
    """Lists, languages, references of every sort, and edges that several sources state."""
    put(
        store,
        rows("Scale", {"id": "scale:ten", "label": "one to ten"}),
        rows(
            "Skill",
            *({"id": f"skill:odd-{place}", "label": text} for place, text in enumerate(ODD_TEXTS)),
            {"id": "skill:lists", "alt_labels": ODD_TEXTS, "label@de": "Listen", "alt_labels@pt-BR": ("um", "dois")},
            {"id": "skill:new", "replaced_by": (), "label": "New"},
            {"id": "skill:old", "label": "Old", "status": "retired",
             "replaced_by": ("skill:new", "skill:lists", "skill:new")},
        ),
        rows("OrgUnit", {"id": "unit:below", "label": "Below", "part_of": "unit:platform"}),
        rows("Learner", {"id": "person:cleo", "label": "Cleo", "kind": "external"}),
        rows("Identity", {"id": "i:c", "learner": "person:cleo", "system": "x", "value": "1", "verified": False}),
        rows(
            "Evidence",
            {"id": "evidence:cleo", "learner": "person:cleo", "kind": "work_sample", "skill": "skill:new",
             "level": 2_000_000, "scale": "scale:ten", "shown_at": 0, "expires_at": 1_900_000_000, "url": "https://x.example"},
        ),
        source="lms",
    )  # fmt: skip
    requires = {"from": "role:admin", "to": "skill:new", "level": 1_500_000, "scale": "scale:ten", "weight": 3}
    for source in ("lms", "hr", "esco"):
        put(store, rows("REQUIRES", requires, version=7), rows("RELATED", RELATED, version=3), source=source)
    put(store, gone("REQUIRES", requires, version=8), source="lms")
    put(store, rows("Skill", {"id": "skill:new", "label": "Newer"}, version=5), source="lms")


RELATED: dict[str, Any] = {"from": "skill:new", "to": "skill:lists"}


def removals(store: Store) -> None:
    """What was removed, what was removed and is still referred to, and a removal of what never was."""
    put(
        store,
        rows("Skill", {"id": "skill:gone"}, {"id": "skill:kept", "label": "Kept"}),
        rows("BROADER", {"from": "skill:gone", "to": "skill:kept"}),
        rows("Evidence", {"id": "evidence:gone", "learner": "person:ben", "kind": "interview", "skill": "skill:kept"}),
        source="esco",
    )
    put(
        store,
        rows("LearningObject", {"id": "course:linux", "label": "Linux", "validity": "P1Y", "duration": "PT8H"}),
        rows("Enrolment", {"id": "enrolment:1", "learner": "person:ben", "learning_object": "course:linux"}),
        source="lms",
    )
    put(store, rows("DEPENDS_ON", {"from": "skill:new", "to": "skill:kept", "kind": "optional"}), source="hr")
    put(store, gone("Evidence", {"id": "evidence:gone"}), source="esco")
    put(store, gone("BROADER", {"from": "skill:gone", "to": "skill:kept"}), source="esco")
    put(store, gone("Skill", {"id": "skill:gone"}, {"id": "skill:kept"}, version=3), source="esco")
    put(store, gone("Skill", {"id": "skill:never"}, version=4), source="esco")


def loads(store: Store) -> None:
    """One that is done, with rows that it put aside, and one that died."""
    ledger = store.ledger
    first = ledger.start("hr", "hr", 1_000, complete=True)
    record = ledger.load(first)
    assert record is not None
    done = replace(record, state="done", finished_at=2_000, read=5, written=3, rejected=1, waiting=1, message="ü\n")
    ledger.finish(done)
    ledger.hold_rows(
        [
            held(first, 2, raw={"points": "x", "note": 'a "quoted"\nnote'}),
            held(first, 3, kind="waiting", refers_to="skill:awaited", people=("person:ben",), raw={"skill": "awaited"}),
        ]
    )
    ledger.set_last_complete("hr", 1_000)
    ledger.start("lms", "lms", None, complete=False)


def everything(store: Store) -> dict[str, list[str]]:
    """All that a store tells of itself, whatever its engine and the order in which it tells it."""
    assert isinstance(store, Movable)
    with store.contents() as contents:
        told = {"head": [repr(contents.head)]}
        for kind in record_types(store.model):
            batches = contents.nodes(kind.name) if kind.name in store.model.nodes else contents.edges(kind.name)
            told[kind.name] = sorted(row for batch in batches for row in _rows(batch))
        for book in BOOKS:
            told[f"_{book.name}"] = sorted(row for batch in contents.book(book) for row in _rows(batch))
    return told


def _rows(batch: dict[str, list[Any]]) -> list[str]:
    rows = [dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)]
    return [repr(sorted((name, _plain(value)) for name, value in row.items() if value is not None)) for row in rows]


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def outcomes(store: Store, *batches: Batch) -> list[list[list[int]]]:
    """What becomes of batches, written one after the other."""
    return [[each.tolist() for each in store.write(batch).outcomes] for batch in batches]
