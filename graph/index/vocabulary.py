"""Skills and which of them count for which (reach, design section 4); org units and their sub-units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup, spread
from graph.index.read import read
from graph.index.texts import Texts, code_point_order
from graph.store import Store

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Relation:
    """Pairs of keys, ascending by `start` and then `end`."""

    start: Keys
    end: Keys

    @classmethod
    def of(cls, start: Keys, end: Keys) -> Relation:
        """In order, and each pair once."""
        pairs = np.unique(np.stack([start, end], axis=1).astype(np.int64), axis=0)
        return cls(pairs[:, 0], pairs[:, 1])

    def after(self, keys: Keys) -> Keys:
        """All ends of these starts."""
        first = np.searchsorted(self.start, keys, side="left")
        return self.end[spread(first, np.searchsorted(self.start, keys, side="right") - first)]


@dataclass(frozen=True)
class Vocabulary:
    """All skills in ascending order of ids. `equal` holds EXACT_MATCH both ways and replaced_by reversed."""

    keys: Keys
    ids: Texts
    equal: Relation
    narrower: Relation
    _memo: dict[tuple[str, bool], tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _keys_memo: dict[tuple[str, bool], tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def reach(self, skill: str, narrower: bool) -> tuple[str, ...]:
        """The smallest set with the skill and, for each in it, its equals and, if asked, what is narrower; sorted."""
        asked = (skill, narrower)
        if asked not in self._memo:
            self._memo[asked] = tuple(sorted({skill, *self.names(self._closure(self.keys_of([skill]), narrower))}))
        return self._memo[asked]

    def reach_keys(self, skill: str, narrower: bool) -> tuple[int, ...]:
        """The keys of what is in reach and is there, ascending."""
        asked = (skill, narrower)
        if asked not in self._keys_memo:
            keys = self.keys_of(self.reach(skill, narrower))
            self._keys_memo[asked] = tuple(sorted(keys[keys > 0].tolist()))
        return self._keys_memo[asked]

    def keys_of(self, ids: Iterable[str]) -> Keys:
        """Keys of skills; 0 for what is no skill."""
        return np.array([self.key_by_id.get(id, 0) for id in ids], np.int64)

    def names(self, keys: Keys) -> list[str]:
        """Ids of skills that are here."""
        known, places = lookup(keys, self._by_key[0])
        return [self.ids[place] for place in self._by_key[1][places[known]].tolist()]

    @cached_property
    def key_by_id(self) -> dict[str, int]:
        """Of every skill."""
        return dict(zip(self.ids, self.keys.tolist(), strict=True))

    @cached_property
    def _by_key(self) -> tuple[Keys, NDArray[np.int64]]:
        order = np.argsort(self.keys, kind="stable")
        return self.keys[order], order

    def _closure(self, keys: Keys, narrower: bool) -> Keys:
        relations = (self.equal, self.narrower) if narrower else (self.equal,)
        return closure(keys[keys > 0], relations)


def closure(keys: Keys, relations: Sequence[Relation]) -> Keys:
    """The keys and everything that any of the relations leads to, again and again."""
    reached, fresh = np.unique(keys), np.unique(keys)
    while len(fresh):
        following = np.unique(np.concatenate([relation.after(fresh) for relation in relations]))
        fresh = np.setdiff1d(following, reached, assume_unique=True)
        reached = np.union1d(reached, fresh)
    return reached


def read_vocabulary(store: Store) -> Vocabulary:
    """All skills with EXACT_MATCH, replaced_by and BROADER."""
    found = read(store, "Skill", ["key", "id", "replaced_by"])
    ids = found["id"].tolist()
    order = code_point_order(ids)
    keys = found["key"][order].astype(np.int64)
    key_by_id = dict(zip(ids, found["key"].tolist(), strict=True))
    pairs = [
        (key_by_id[newer], key)
        for key, stated in zip(found["key"].tolist(), found["replaced_by"].tolist(), strict=True)
        for newer in _several(stated)
        if newer in key_by_id
    ]
    newer, older = np.array(pairs, np.int64).reshape(-1, 2).T
    match = _among(store, "EXACT_MATCH", keys)
    equal = Relation.of(np.concatenate([match[0], match[1], newer]), np.concatenate([match[1], match[0], older]))
    low, high = _among(store, "BROADER", keys)
    return Vocabulary(keys, Texts.of([ids[place] for place in order.tolist()]), equal, Relation.of(high, low))


def _several(stated: object) -> tuple[str, ...]:
    if stated is None:
        return ()
    return (stated,) if isinstance(stated, str) else tuple(stated)  # type: ignore[arg-type]


def _among(store: Store, edge: str, skills: Keys) -> tuple[Keys, Keys]:
    """The ends of those edges that join skills; Roles have edges of the same types."""
    found = read(store, edge, ["from", "to"])
    both = np.isin(found["from"], skills) & np.isin(found["to"], skills)
    return found["from"][both], found["to"][both]


def read_sub_units(store: Store) -> Relation:
    """Org unit -> those directly part of it."""
    found = read(store, "OrgUnit", ["key", "id", "part_of"])
    key_by_id = dict(zip(found["id"].tolist(), found["key"].tolist(), strict=True))
    pairs = [
        (key_by_id[whole], key)
        for key, stated in zip(found["key"].tolist(), found["part_of"].tolist(), strict=True)
        for whole in _several(stated)
        if whole in key_by_id
    ]
    whole, part = np.array(pairs, np.int64).reshape(-1, 2).T
    return Relation.of(whole, part)
