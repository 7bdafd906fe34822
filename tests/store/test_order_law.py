"""The same versioned records once or many times, in any order, deletions before creations: one graph."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.canonical import content_hash
from graph.digest import digest
from graph.store import Block, Outcome, Store
from graph.viewer import OPERATOR
from tests.store.engines import Engine, Fresh
from tests.store.writing import Row, gone, put, rows

SPACES = count()


class Record(NamedTuple):
    """One version of one node, edge or fact; `content` None is a removal."""

    type: str
    key: tuple[str, ...]
    version: int
    content: dict[str, Any] | None

    def rank(self) -> tuple[int, int]:
        """Of two versions of a record the one that ranks higher stands."""
        return self.version, 2**64 if self.content is None else -content_hash(self.content)

    def skills(self) -> set[str]:
        """The skills it refers to."""
        if self.content is None or self.type == "Skill":
            return set()
        return set(self.key) if self.type == "DEPENDS_ON" else {self.content["skill"]} - {None}


IDS = ("a", "b", "c")
PAIRS = [(one, other) for one in IDS for other in IDS if one != other]


def versions(
    type_name: str, keys: Sequence[tuple[str, ...]], **stated: st.SearchStrategy[Any]
) -> st.SearchStrategy[Record]:
    content = st.none() | st.fixed_dictionaries(stated)
    return st.builds(Record, st.just(type_name), st.sampled_from(keys), st.integers(1, 4), content)


RECORDS = st.lists(
    versions("Skill", [(each,) for each in IDS], label=st.sampled_from("xyz"))
    | versions("DEPENDS_ON", PAIRS, kind=st.sampled_from(["essential", "optional"]))
    | versions("Evidence", [("e",), ("f",)], score=st.integers(0, 2), skill=st.sampled_from([None, *IDS])),
    min_size=1,
    max_size=9,
)


def settled(records: Sequence[Record]) -> list[Record]:
    """Without what holds on to skills that end removed: that stays retired, or waits for good, as the order has it."""
    groups: dict[tuple[str, tuple[str, ...]], list[Record]] = defaultdict(list)
    for record in records:
        groups[record.type, record.key].append(record)
    last = {name: max(group, key=Record.rank) for name, group in groups.items()}
    removed = {record.key[0] for record in last.values() if record.type == "Skill" and record.content is None}
    holding = {
        name
        for name, group in groups.items()
        if last[name].skills() and any(record.skills() & removed for record in group)
    }
    return [record for record in records if (record.type, record.key) not in holding]


def lay(store: Store, space: str, ordered: Sequence[Record], chance: random.Random) -> None:
    """Write in batches of any size, what waits again and again until nothing more is taken."""
    waiting = list(ordered)
    while waiting:
        left = []
        rest = list(waiting)
        while rest:
            size = chance.choice([1, 1, 2, 4])
            part, rest = rest[:size], rest[size:]
            outcomes = put(store, *(block(space, record) for record in part)).outcomes
            left += [record for record, (outcome,) in zip(part, outcomes, strict=True) if outcome == Outcome.MISSING]
        if len(left) == len(waiting):
            return
        waiting = left


def block(space: str, record: Record) -> Block:
    names = [f"{space}:{each}" for each in record.key]
    row: Row = {"from": names[0], "to": names[1]} if len(names) == 2 else {"id": names[0]}
    if record.content is None:
        return gone(record.type, row, version=record.version)
    stated = {name: value for name, value in record.content.items() if value is not None}
    if record.type == "Evidence":
        stated["learner"] = "hr:ada"
        stated |= {name: f"{space}:{stated[name]}" for name in ("skill",) if name in stated}
    columns = rows(record.type, row | stated).columns
    return Block(record.type, columns, [record.version], [content_hash(record.content)])  # the same in every id space


def state(store: Store, space: str) -> list[tuple[Any, ...]]:
    ids = [f"{space}:{each}" for each in (*IDS, "e", "f")]
    nodes = [(node.id, node.type, node.properties) for node in store.many(ids, OPERATOR).values()]
    edges = [(edge.start, edge.end, edge.properties) for edge in store.expand(ids[:3], OPERATOR)]
    return [*nodes, *edges]


def test_any_order_and_any_repeats_end_alike(store: Store, engine: Engine) -> None:
    """One store for all examples: each has an id space of its own."""
    put(store, rows("Learner", {"id": "hr:ada"}))

    @settings(max_examples=int(1000 * engine.examples), deadline=None, suppress_health_check=list(HealthCheck))
    @given(records=RECORDS.map(settled), seed=st.integers(0, 2**32))
    def law(records: list[Record], seed: int) -> None:
        chance = random.Random(seed)
        again = records + [record for record in records if chance.random() < 0.3]
        chance.shuffle(again)
        one, other = (f"x{next(SPACES)}" for _ in range(2))

        lay(store, one, records, chance)
        lay(store, other, again, chance)
        assert without_space(state(store, one), one) == without_space(state(store, other), other)

    law()


def without_space(told: list[tuple[Any, ...]], space: str) -> str:
    return repr(told).replace(f"{space}:", "")


def test_reordered_repeated_and_interrupted_writes_reach_one_digest(fresh: Fresh) -> None:
    """The same law over whole stores, with the digest itself."""
    chance = random.Random(7)
    labels = [{"id": f"s:{n}", "label": f"{n}-{version}", "version": version} for n in range(30) for version in (1, 2)]
    edges = [{"from": f"s:{n}", "to": f"s:{n - 1}"} for n in range(1, 30)]
    blocks = [rows("Skill", row) for row in labels] + [rows("BROADER", edge) for edge in edges]
    blocks += [
        gone("BROADER", edges[4], version=5),
        gone("Skill", {"id": "s:29"}, version=6),
        gone("BROADER", edges[28]),
    ]
    digests = set()
    for number in range(4):
        store = fresh()
        order = blocks * (1 + number % 2)
        chance.shuffle(order)
        for _ in range(2):  # what waits is written again
            for part in (order[place : place + 5] for place in range(0, len(order), 5)):
                put(store, *part)
        digests.add(digest(store))
    assert len(digests) == 1
