"""What change records name, by what it means for what is derived."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import orjson

from graph.keys import unpack_keys
from graph.neo4j.cypher import Layout
from graph.neo4j.derived.reading import Ask, Ints, column, columns, joined, union
from graph.persons import OTHER, SAME

_ITEMS = "MATCH (i:_ChangeItem) WHERE $since < i.change AND i.change <= $number RETURN i.type, i.operation, i.keys"
_RATED = "UNWIND $keys AS key MATCH (:Resource {_key: key})-[:evidence]->(e) RETURN collect(DISTINCT e._key)"
_ABOUT = "UNWIND $keys AS key MATCH (:Resource {_key: key})<-[:about]-(e:Evidence) RETURN collect(e._key)"
_JUDGED = (
    "UNWIND $keys AS key MATCH (:Resource {_key: key})<-[:criterion]-(:Rating)-[:evidence]->(e) "
    "RETURN collect(DISTINCT e._key)"
)
_CRITERIA = "UNWIND $keys AS key MATCH (:Resource {_key: key})<-[:HAS_LEVEL]-(c) RETURN collect(DISTINCT c._key)"
_LEARNERS = "UNWIND $keys AS key MATCH (:Resource {_key: key})-[:learner]->(l) RETURN collect(key), collect(l._key)"
_BEFORE = (
    "UNWIND $keys AS key MATCH (h:_History {start: key, type: 'Evidence'}) WHERE h.until > $since "
    "RETURN collect(DISTINCT h.person)"
)
_RATED_BEFORE = (
    "UNWIND $keys AS key MATCH (h:_History {start: key, type: 'Rating'}) WHERE h.until > $since RETURN collect(h.props)"
)
_KEYS_OF = "UNWIND $ids AS id MATCH (n:Resource {id: id}) RETURN collect(n._key)"

_SCALES = ("Scale", "Level", "CORRESPONDS_TO")
_GRANTS = ("TEACHES", "MEASURES", "ATTESTS")
_MARKS = ("ASSESSES", "HAS_LEVEL")
DECISIONS = (SAME, OTHER)


@dataclass(slots=True)
class Touched:
    """Keys named by change records, by type; edges by the keys of their starts."""

    since: int
    everything: bool = False  # no telling what it concerns
    unjoined: bool = False  # identities join other records than before, and no longer tell which
    named: dict[str, Ints] = field(default_factory=dict)
    changed: dict[str, Ints] = field(default_factory=dict)  # those of them that were there before

    def of(self, *types: str) -> Ints:
        """Keys of some types, ascending."""
        return union(*(self.named[name] for name in types if name in self.named))

    def rules(self, layout: Layout) -> bool:
        """Whether rules were named that held skills depend on."""
        return any(name in self.named for name in (*_SCALES, *_GRANTS, *_MARKS, "CriterionLevel", *_lasting(layout)))


def read_touched(ask: Ask, layout: Layout, since: int, number: int) -> Touched:
    """What the changes after `since`, up to `number`, name."""
    named, changed = defaultdict(list), defaultdict(list)
    touched = Touched(since)
    for name, operation, packed in ask(_ITEMS, since=since, number=number):
        keys = unpack_keys(packed, edges=name in layout.edges)
        keys = keys[:, 0] if name in layout.edges else keys
        named[name].append(keys)
        if operation != "added":
            changed[name].append(keys)
        touched.everything |= name in _SCALES
        touched.unjoined |= operation == "erased"
    touched.named = {name: joined(keys) for name, keys in named.items()}
    touched.changed = {name: joined(keys) for name, keys in changed.items()}
    touched.unjoined |= not changed.keys().isdisjoint(("Identity", *DECISIONS))
    return touched


def evidence_concerned(ask: Ask, layout: Layout, touched: Touched) -> Ints:
    """The evidence that was touched, was rated, or that touched rules speak of."""
    criteria = union(touched.of(*_MARKS), column(ask, _CRITERIA, touched.of("CriterionLevel")))
    return union(
        touched.of("Evidence"),
        column(ask, _RATED, touched.of("Rating")),
        _rated_before(ask, touched),
        column(ask, _ABOUT, touched.of(*_GRANTS, *_lasting(layout))),
        column(ask, _JUDGED, criteria),
    )


def learners_of(ask: Ask, keys: Ints) -> tuple[Ints, Ints]:
    """(key of a fact, key of the record it is about)."""
    facts, records = columns(ask, _LEARNERS, keys, 2)
    return facts, records


def learners_before(ask: Ask, touched: Touched) -> Ints:
    """The records that touched evidence was about before."""
    keys = touched.changed.get("Evidence")
    found = union() if keys is None else column(ask, _BEFORE, keys, since=touched.since)
    return found[found > 0]


def _rated_before(ask: Ask, touched: Touched) -> Ints:
    """The evidence that touched ratings belonged to before."""
    keys = touched.changed.get("Rating")
    if keys is None:
        return union()
    kept = [text for (texts,) in ask(_RATED_BEFORE, keys=keys.tolist(), since=touched.since) for text in texts]
    ids = sorted({id for text in kept if (id := orjson.loads(text).get("evidence"))})
    return union(joined(ask(_KEYS_OF, ids=ids)[0]))


def _lasting(layout: Layout) -> list[str]:
    """What evidence may be about that says how long it counts, or which attempt."""
    about = layout.nodes["Evidence"].properties["about"].targets
    return [name for name in about if {"validity", "attempts"} & layout.nodes[name].properties.keys()]
