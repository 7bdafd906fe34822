"""Erasure, as every engine does it: what is a person's, what is remembered of it, what goes beside the store.

What is a person's follows from the model: records of the type whose `person` is "id", facts whose `person` property
leads there, edges at these records. Rows of others that name the person stay, without the name: see `graph.mentions`.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from graph.alike import salted_marks
from graph.errors import NoSuchPerson
from graph.history import REBUILT
from graph.kinds import E, Kinds, N
from graph.ledger_rows import erasure_hashes
from graph.person import Person, learner_type
from graph.place import index_folder, local_name, staging_folder
from graph.secret import Secret
from graph.store import Node
from ontology.model import Model

SOURCE = "skillgraph"  # who says in the change record that somebody was erased


def about_people(kinds: Kinds[N, E]) -> Iterator[tuple[N, str]]:
    """Types of records about people with the property that leads to the person; what is led through comes first."""
    known = set(kinds.people)
    waiting = [(kind, kind.person) for kind in kinds.nodes.values() if kind.person not in (None, "id")]
    while waiting:
        ready = [(kind, name) for kind, name in waiting if name and kind.references[name].targets <= known]
        yield from ready
        known |= {kind.number for kind, _ in ready}
        left = [each for each in waiting if each not in ready]
        if len(left) == len(waiting):
            raise ValueError(f"{left[0][0].name}.{left[0][1]} leads to no person: mend sg:person in the ontology")
        waiting = left


def removed_record(id: str, model: Model) -> Person:
    """Whom a record was about that its source removed: only that it was there is still known."""
    return Person((Node(id, learner_type(model).name, {}, "", 0),), ())


def hashes_left(secret: Secret, person: Person, ids: Iterable[str], salts: Collection[tuple[str, str]]) -> list[bytes]:
    """What refuses the person's return: keyed hashes of each id that goes and each identity, and nothing else.

    Of identities also as they were hashed, or may be again, with the salts (system, salt) that are known; one that is
    hashed with another salt can't be told to be the person's any more.
    """
    texts = [*ids, *(f"{system} {value}" for system, value in person.identities)]
    texts += (mark for system, value in person.identities for mark in salted_marks(salts, system, value))
    return list(dict.fromkeys(hash for text in texts for hash in erasure_hashes(secret, text)))


def nobody(url: str, id: str) -> NoSuchPerson:
    fix = "Name any record of the person by its id; `skillgraph ask person-skills` takes the same ids."
    return NoSuchPerson(url, "no record of a person has this id", fix, id)


def remove_beside(url: str, further: Sequence[Path] = ()) -> tuple[str, ...]:
    """Remove what lies beside the store on this machine and holds copies of people: staging, index, rebuilt stores.

    Loads and the index make theirs anew. Returns the names of what was there.
    """
    there = [each for each in [*_beside(url), *further] if each.exists()]
    for each in there:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    return tuple(each.name for each in there)


def counted(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts for a report, in order of names."""
    return {name: count for name, count in sorted(counts.items()) if count}


def _beside(url: str) -> Iterator[Path]:
    yield from filter(None, [staging_folder(url), index_folder(url)])
    own = local_name(url)
    if own is not None and own.parent.is_dir():
        yield from (each for each in own.parent.iterdir() if each.name.startswith(own.name + REBUILT))
