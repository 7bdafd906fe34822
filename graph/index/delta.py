"""What changes since a snapshot concern, and the snapshot after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graph.derive.rules import Differing
from graph.index.facts import REMOVABLE, Facts, Owners, Reader, id_handles
from graph.index.read import read, read_rules
from graph.index.records import read_learners
from graph.index.regroup import Regrouping, TooMuch, keys_of
from graph.index.snapshot import Snapshot
from graph.index.tables import Layered, layer
from graph.index.vocabulary import read_sub_units, read_vocabulary
from graph.settings import Settings
from graph.store import Change, Store

FACTS = ("Evidence", "Rating", "Identity", "Employment", "Application")
RULES = (
    "TEACHES", "MEASURES", "ATTESTS", "CORRESPONDS_TO", "Scale", "Level", "ASSESSES", "HAS_LEVEL", "CriterionLevel",
)  # fmt: skip
VOCABULARY = ("Skill", "BROADER", "EXACT_MATCH")


@dataclass(slots=True)
class Touched:
    """What change records name, by what it means for the index."""

    learners: set[str] = field(default_factory=set)
    facts: dict[str, set[str]] = field(default_factory=dict)
    identities: bool = False  # who is one person may have changed
    rules: bool = False
    vocabulary: bool = False
    units: bool = False
    erased: bool = False

    def add(self, changes: Iterable[Change], rule_types: Sequence[str]) -> None:
        """Note what more changes name."""
        for item in (item for change in changes for item in change.items):
            self.erased |= item.operation == "erased"
            self.rules |= item.type in rule_types
            self.vocabulary |= item.type in VOCABULARY
            self.units |= item.type == "OrgUnit"
            self.identities |= item.type in ("Learner", "Identity")
            if item.type == "Learner":
                self.learners.update(item.ids)
            elif item.type == "MEMBER_OF":
                self.learners.update(id.partition(" ")[0] for id in item.ids)
            elif item.type in FACTS:
                self.facts.setdefault(item.type, set()).update(item.ids)

    @property
    def rows(self) -> int:
        """How many records and facts were named."""
        return len(self.learners) + sum(map(len, self.facts.values()))

    @property
    def people(self) -> bool:
        """Whether anything about people was named."""
        return bool(self.learners or self.facts)


def rule_types(store: Store) -> tuple[str, ...]:
    """Types that derivation depends on, what evidence may be about among them."""
    return (*RULES, *store.model.nodes["Evidence"].properties["about"].targets)


class Delta:
    """One step from a snapshot to a later one, reading only what changed; raises `TooMuch`."""

    def __init__(self, snapshot: Snapshot, store: Store, settings: Settings, most_records: int) -> None:
        self.snapshot, self.store, self.settings, self.most = snapshot, store, settings, most_records
        self.derived_records = 0

    def apply(self, touched: Touched) -> Snapshot:
        """The snapshot after what was touched, still under its old number."""
        if touched.erased:
            raise TooMuch
        snapshot = self.snapshot
        if touched.vocabulary:
            snapshot = replace(snapshot, vocabulary=read_vocabulary(self.store))
        if touched.units:
            snapshot = replace(snapshot, sub_units=read_sub_units(self.store))
        records: set[int] = set()
        if touched.rules:
            rules = read_rules(self.store)
            records |= self._records_under(rules.differing(snapshot.rules))
            snapshot = replace(snapshot, rules=rules)
        if touched.people:
            records |= self._records_touched(touched)
        return self._renewed(snapshot, records, touched) if records or touched.learners else snapshot

    def _records_under(self, differing: Differing) -> set[int]:
        """Records whose evidence the changed rules speak of."""
        if differing.scales:
            raise TooMuch
        rated = self._column("Rating", "evidence", ("criterion", differing.criteria))
        under = self._column("Evidence", "learner", ("about", differing.about))
        return {*under, *self._column("Evidence", "learner", ("key", rated))}

    def _records_touched(self, touched: Touched) -> set[int]:
        """All records of the persons that the touched facts are or were about."""
        if len(touched.learners) > self.most:
            raise TooMuch
        people = self.snapshot.people
        persons = {people.number_of(id) for id in touched.learners}
        records = set(self.store.keys("nodes", sorted(touched.learners)).tolist())
        for type_name, ids in touched.facts.items():
            named = sorted(ids)
            keys = self.store.keys(type_name, named)
            if type_name not in REMOVABLE and not keys.all():
                raise TooMuch  # whom a log's row that is gone was about is not known by its id
            records |= self._learners_of(type_name, keys[keys > 0].tolist())
            persons |= self.snapshot.owners_of(type_name, id_handles(named) if type_name in REMOVABLE else keys)
        return (records | self._members(persons)) - {0}

    def _learners_of(self, type_name: str, keys: Sequence[int]) -> set[int]:
        """The records that facts are about now."""
        if type_name == "Rating":
            return self._learners_of("Evidence", sorted(self._column("Rating", "evidence", ("key", keys))))
        return self._column(type_name, "learner", ("key", keys))

    def _column(self, type_name: str, column: str, where: tuple[str, Collection[int]]) -> set[int]:
        """The distinct keys in a reference column of some rows."""
        name, keys = where
        if not keys:
            return set()
        return set(read(self.store, type_name, [column], (name, sorted(keys)))[column].tolist()) - {0}

    def _members(self, persons: Iterable[int | None]) -> set[int]:
        people = self.snapshot.people
        return {key for person in persons if person is not None for key in people.member_keys(person)}

    def _renewed(self, snapshot: Snapshot, records: set[int], touched: Touched) -> Snapshot:
        """The snapshot with everything about these records' persons read and derived again."""
        regrouping = Regrouping(self.store, snapshot, self.settings, self.most)
        if touched.identities:
            records = regrouping.closure(records, touched.learners)
        records |= self._members(snapshot.people.persons_of(keys_of(records)).tolist())
        if len(records) > self.most:
            raise TooMuch
        self.derived_records = len(records)
        learners = read_learners(self.store, ("key", sorted(records)))
        people = snapshot.people
        owners: Mapping[str, Owners] = {}
        persons = {int(person) for person in people.persons_of(keys_of(records)) if person >= 0}
        if touched.identities:
            persons |= {number for id in touched.learners if (number := people.number_of(id)) is not None}
            snapshot, owners = regrouping.regrouped(learners, records, touched.learners, persons)
            people = snapshot.people
            persons |= {int(person) for person in people.persons_of(keys_of(records)) if person >= 0}
        places = dict(snapshot.places)
        reader = Reader(self.store, snapshot.rules, people.persons_of, places, learners.keys.tolist())
        facts = reader.facts(learners)
        return relaid(replace(snapshot, places=places), facts, persons, owners)


def relaid(snapshot: Snapshot, facts: Facts, persons: set[int], owners: Mapping[str, Owners]) -> Snapshot:
    """The snapshot with all facts about some persons replaced."""
    gone = np.array(sorted(persons), np.int32)
    before = snapshot.layers["skills"].changed
    changed = np.zeros(len(snapshot.base.people.primary), np.bool_) if before is None else before.copy()
    changed[gone[gone < len(changed)]] = True
    layers = {
        name: Layered(old.base, layer(old.over, gone, facts.rows[name].group, facts.rows[name].columns), changed)
        for name, old in snapshot.layers.items()
    }
    merged = {name: dict(newer) for name, newer in snapshot.owners.items()}
    for name, (handles, of) in {**facts.owners, **owners}.items():
        newer = merged.setdefault(name, {})
        for handle, person in zip(handles.tolist(), of.tolist(), strict=True):
            newer[handle] = newer.get(handle, frozenset()) | {person}
    return replace(snapshot, layers=layers, owners=merged)
