"""Who comes before whom: ready first, then points, then id by code point; pages, shared ranks, ties that were cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graph.derive.joins import placed
from graph.index import STRETCH, People, Who
from graph.loops import Choice, Chosen, Loops, Page, Persons, Sums
from graph.loops.plain import keys_of
from queries.boards import Board, board
from queries.matching import Match, stretches


class Standing(NamedTuple):
    """A row's place in a ranking; the higher `key` comes first, equals share a rank and stand by id."""

    key: int
    id: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page of a ranking, and how many there are in all."""

    persons: Sequence[int]
    keys: Sequence[int]
    ranks: Sequence[int]
    total: int
    cut_ties: int  # how many with the last row's rank come after it
    more: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a ranking that is cut."""

    limit: int
    who: Who | None = None  # None: everyone
    ready_only: bool = False
    after: Standing | None = None  # the row that the page before ended with


def key_of(points: int, ready: bool, of: int) -> int:
    """One number for each row; `of` is the most points there are."""
    return points + (of + 1 if ready else 0)


def told(key: int, of: int) -> tuple[int, bool]:
    """Points, and whether ready, of a key."""
    return (key - of - 1, True) if key > of else (key, False)


def rank(match: Match, cut: Cut) -> Ranked:
    """The page that is wanted."""
    people, few = match.index.people, match.few
    after = None if cut.after is None else (cut.after.key, last_until(people, cut.after.id))
    choice, page, added = match.choice(cut.limit, cut.ready_only, after), Page(cut.limit), list[_Row]()
    room = min(STRETCH, people.count) if few is None else len(few)
    with board(room, 2 * match.profile.of + 1, choice.musts > 0) as sums:
        for some in _everyone(match, sums) if few is None else _few(match, sums, few):
            if some.later:
                added += _added(people, choice, some, cut.who)
            else:
                _offer(match.index.loops, page, choice, some, cut.who)
    chosen = match.index.loops.chosen(page)
    if not added:
        return _page(chosen.persons.tolist(), chosen.keys.tolist(), chosen, cut)
    return _among(people, chosen, added, cut)


@dataclass(frozen=True, slots=True)
class _Some:
    """The sums of some people: `persons` ascending, or where that is None, all from `first` on."""

    sums: Sums
    first: int
    persons: Persons | None
    later: bool  # came after the base was built

    def where(self, who: Who) -> _Some:
        """Those who are let through."""
        if self.persons is None:
            persons = who.inside(self.first, self.first + len(self.sums.points))
            return _Some(self.sums.part(persons - np.int32(self.first)), self.first, persons, self.later)
        let = who.mask[self.persons]
        return _Some(self.sums.part(let), self.first, self.persons[let], self.later)


def _everyone(match: Match, sums: Board) -> Iterator[_Some]:
    """Stretch after stretch; each is to be done with before the next."""
    for stretch in stretches(match.index.people):
        match.sum_stretch(sums, stretch)
        yield _Some(sums.sums.part(slice(len(stretch))), stretch.first, None, stretch.number is None)
        sums.forget(slice(None))


def _few(match: Match, sums: Board, few: Persons) -> Iterator[_Some]:
    """Those whom the base has numbers for, then those who came later."""
    match.sum_few(sums, few)
    known = int(placed(few, len(match.index.people.base.primary)))
    if known:
        yield _Some(sums.sums.part(slice(known)), 0, few[:known], False)
    if known < len(few):
        yield _Some(sums.sums.part(slice(known, len(few))), 0, few[known:], True)


def _offer(loops: Loops, page: Page, choice: Choice, some: _Some, who: Who | None) -> None:
    some = some if who is None else some.where(who)
    if some.persons is None:
        loops.offer_stretch(page, choice, some.sums, some.first)
    elif len(some.persons):
        loops.offer_some(page, choice, some.sums, some.persons)


def last_until(people: People, id: str) -> int:
    """The last person of the base whose id does not come after this one; -1 where all do."""
    record = people.base.ids.place(id)
    there = record < len(people.base.ids) and people.base.ids[record] == id
    return int(placed(people.base.primary, record, "right" if there else "left")) - 1


class _Row(NamedTuple):
    """Someone who came after the base was built: their numbers do not ascend as their ids do."""

    key: int
    id: str
    person: int


def _added(people: People, choice: Choice, some: _Some, who: Who | None) -> list[_Row]:
    """Those of some who have a key, before and after the wanted."""
    some = some if who is None else some.where(who)
    keys = keys_of(some.sums, choice)
    places = np.flatnonzero(keys)
    persons = (places + some.first if some.persons is None else some.persons[places]).tolist()
    return [_Row(key, people.id_of(one), one) for key, one in zip(keys[places].tolist(), persons, strict=True)]


def _among(people: People, chosen: Chosen, added: Sequence[_Row], cut: Cut) -> Ranked:
    """The page with those who came later, each in their place by key and id."""
    higher, passed, rest = chosen.higher, chosen.passed, added
    if cut.after is not None:
        key, id = cut.after
        higher += sum(row.key > key for row in added)
        passed += sum(row.key == key and row.id <= id for row in added)
        rest = [row for row in added if row.key < key or (row.key == key and row.id > id)]
    pairs = zip(chosen.keys.tolist(), chosen.persons.tolist(), strict=True)
    both = [*rest, *(_Row(key, people.id_of(person), person) for key, person in pairs)]
    both.sort(key=lambda row: (-row.key, row.id))
    first, left = both[: cut.limit], both[cut.limit :]
    last = first[-1].key if first else 0
    tied = sum(row.key == last for row in left) + (chosen.tied if chosen.keys[-1:].tolist() == [last] else 0)
    counts = Chosen(chosen.persons, chosen.keys, chosen.total + len(added), higher, passed, tied)
    return _page([row.person for row in first], [row.key for row in first], counts, cut)


def _page(persons: list[int], keys: list[int], chosen: Chosen, cut: Cut) -> Ranked:
    behind = chosen.higher + chosen.passed
    ranks: list[int] = []
    for place, key in enumerate(keys):
        if place:
            ranks.append(ranks[-1] if key == keys[place - 1] else behind + place + 1)
        else:
            shared = cut.after is not None and key == cut.after.key
            ranks.append((chosen.higher if shared else behind) + 1)
    more = chosen.total - behind > len(persons)
    return Ranked(persons, keys, ranks, chosen.total, chosen.tied if keys else 0, more)
