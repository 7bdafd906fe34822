"""Learner records and the persons they make, read for everyone or for some records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup
from graph.index.read import Scanned, Where, read
from graph.index.texts import code_point_order
from graph.persons import OTHER, SAME, Grouping, Links, Pairs, Records, find_persons
from graph.settings import Settings
from graph.tokens import Identities

IDENTITY_COLUMNS = ("id", "learner", "system", "value", "verified")


@dataclass(frozen=True, slots=True)
class Learners:
    """Learner records in ascending order of their ids."""

    keys: NDArray[np.int64]
    ids: list[str]
    sources: list[str]
    internal: NDArray[np.bool_]
    locations: list[str | None]


@dataclass(frozen=True, slots=True)
class IdentityRows:
    """Identity rows as read: each with its record's key, and whether it joins nobody; and what was decided, as pairs of
    records' keys."""

    ids: list[str]
    learner: NDArray[np.int64]
    system: list[str]
    value: list[str]
    unverified: NDArray[np.bool_]
    same: Pairs
    other: Pairs


def read_learners(store: Scanned, where: Where = None) -> Learners:
    """The records, in ascending order of ids."""
    found = read(store, "Learner", ["key", "id", "source", "kind", "location"], where)
    ids = found["id"].tolist()
    order = code_point_order(ids)
    places = order.tolist()
    locations = found["location"].tolist()
    return Learners(
        keys=found["key"][order].astype(np.int64),
        ids=[ids[place] for place in places],
        sources=found["source"][order].tolist(),
        internal=np.array([kind == "internal" for kind in found["kind"].tolist()], np.bool_)[order],
        locations=[locations[place] for place in places],
    )


def read_identities(store: Scanned, where: Where = None) -> IdentityRows:
    """Identity rows of everyone, or of the records that `where` names ("learner", keys), and the decisions on these."""
    found = read(store, "Identity", IDENTITY_COLUMNS, where)
    unverified = found["verified"] == 0
    texts = (found[name].tolist() for name in ("id", "system", "value"))
    ids, system, value = texts
    same, other = (_read_pairs(store, name, where) for name in (SAME, OTHER))
    return IdentityRows(ids, found["learner"], system, value, unverified, same, other)


def _read_pairs(store: Scanned, name: str, where: Where) -> Pairs:
    """Edges by the keys of their ends; of those that begin at some records only."""
    found = read(store, name, ["from", "to"], None if where is None else ("from", where[1]))
    return found["from"], found["to"]


def group(learners: Learners, identities: IdentityRows, settings: Settings) -> Grouping:
    """The persons that these records make by these identities."""
    order = np.argsort(learners.keys, kind="stable")
    keys = learners.keys[order]
    known, places = lookup(identities.learner, keys)
    rows = np.flatnonzero(known)
    chosen = rows.tolist()
    return find_persons(
        Records(learners.ids, learners.sources),
        Identities(
            order[places[rows]],
            [identities.system[row] for row in chosen],
            [identities.value[row] for row in chosen],
            identities.unverified[rows],
        ),
        settings.source_order,
        settings.unique_identities,
        Links(_placed(identities.same, keys, order), _placed(identities.other, keys, order)),
    )


def _placed(pairs: Pairs, keys: NDArray[np.int64], order: NDArray[np.int64]) -> Pairs:
    """Pairs of keys as pairs of positions; those of records that are not here are left out."""
    (one, left), (other, right) = (lookup(side, keys) for side in pairs)
    here = one & other
    return order[left[here]], order[right[here]]
