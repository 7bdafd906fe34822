"""What people hold at an instant, as it may be attested: skills at their levels, and credentials.

Only what was taught or shown counts, and nothing that is unverified: a deployment does not sign what it did not see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from graph.evidence import classes
from graph.index import Index, Postings
from graph.lens import Lens
from graph.loops.plain import counting
from graph.store import Store

_CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Holding:
    """A skill at the highest level that is held, or a credential; `evidence` are the keys of all that supports it."""

    id: str
    level: int  # home rank; 0 of a credential
    since: int
    until: int
    evidence: tuple[int, ...]


def held_by(store: Store, index: Index, person: int, at: int) -> list[Holding]:
    """What one person holds."""
    keys, selection = index.snapshot.layers[_CREDENTIALS].of_person(person)
    distinct, position = np.unique(keys, return_inverse=True)
    ids = store.ids("nodes", distinct.tolist())
    credentials = Postings(ids, selection, position.astype(np.int32))
    return _held(_that_count(store, credentials, at), 0) + _held(_that_count(store, index.person_postings(person), at))


def held_by_all(store: Store, index: Index, at: int) -> Iterator[tuple[int, list[Holding]]]:
    """What everyone holds who holds anything, person by person."""
    credential_ids = [id for batch in store.scan("Credential", ["id"]) for id in batch.arrays["id"].tolist()]
    everyone = np.arange(index.people.count, dtype=np.int32)
    credentials = _by_person(_that_count(store, index.credentials_of(credential_ids, everyone), at))
    skills = _by_person(_that_count(store, index.postings(list(index.snapshot.vocabulary.ids)), at))
    for person in sorted(credentials.keys() | skills.keys()):
        if index.people.alive[person]:
            yield person, [*_held(credentials.get(person), 0), *_held(skills.get(person))]


def _that_count(store: Store, postings: Postings, at: int) -> Postings:
    bits = [1 << code for code, each in enumerate(classes(store.model).values(), 1) if each != "claimed"]
    return postings.where(counting(postings.rows, Lens(at, sum(bits), verified_only=True)))


def _by_person(postings: Postings) -> dict[int, Postings]:
    order = np.argsort(postings.person, kind="stable")
    persons, starts = np.unique(postings.person[order], return_index=True)
    rows = np.split(order, starts)[1:]  # what is before the first is nothing
    return {person: postings.where(own) for person, own in zip(persons.tolist(), rows, strict=True)}


def _held(postings: Postings | None, level: int | None = None) -> list[Holding]:
    """Of one person, by id; `level` is told instead of that of the rows."""
    if postings is None:
        return []
    columns = (postings.skill, postings.level, postings.since, postings.until, postings.evidence)
    rows = sorted(zip(*(column.tolist() for column in columns), strict=True), key=lambda row: postings.skills[row[0]])
    found = []
    for skill, group in groupby(rows, key=lambda row: int(row[0])):
        own = list(group)
        highest = max(row[1] for row in own)
        best = [row for row in own if row[1] == highest]
        since, until = min(row[2] for row in best), max(row[3] for row in best)
        evidence = tuple(sorted({row[4] for row in best}))
        found.append(Holding(postings.skills[skill], highest if level is None else level, since, until, evidence))
    return [each for each in found if each.id]
