"""Kept xAPI statements found and given back: xAPI 1.0.3 Communication 2.1.3 to 2.1.6, xAPI 2.0 4.1.6.

Statements stand in the order in which they were stored: that of the change records. `stored` is the instant of that
change, whose number stands in the nanoseconds, so that what was stored within one second stays in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import orjson

from graph.store import Change, Node, Store
from graph.viewer import Viewer
from loaders.sources.xapi_agents import MARK, agent_of, mark_of, swapped
from loaders.sources.xapi_ids import STATEMENT, voiding_of
from loaders.sources.xapi_voids import local_of
from ontology.values import format_instant

MOST: Final = 200
"""Statements of a page."""
_LOOKED_AT: Final = 5_000  # statements that one request looks at; then it says where to go on
_AT_ONCE: Final = 500
_CHANGES: Final = 200
_NANO: Final = 10**9

Place = tuple[int, int]
"""A change number, and how many of its statements were looked at; (0, place) within those of one learner."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; `learner` "" is whoever, None is somebody who is not here."""

    learner: str | None = ""
    related_agents: bool = False
    verb: str = ""
    activity: str = ""
    related_activities: bool = False
    registration: str = ""
    since: Place | None = None  # (seconds, nanoseconds); stored after it
    until: Place | None = None  # stored at it or before
    ascending: bool = False
    limit: int = MOST

    def fits(self, node: Node) -> bool:
        """Whether a statement is asked for."""
        held = node.properties
        return (
            (not self.verb or held["verb"] == self.verb)
            and (not self.registration or held.get("registration") == self.registration)
            and (not self.learner or self._about_learner(held))
            and (not self.activity or self._about_activity(held))
        )

    def _about_learner(self, held: Mapping[str, Any]) -> bool:
        return held.get("learner") == self.learner or (self.related_agents and self.learner in held.get("mentions", ()))

    def _about_activity(self, held: Mapping[str, Any]) -> bool:
        if held.get("object") == self.activity:
            return True
        return self.related_activities and self.activity in set(_activities(orjson.loads(str(held["statement"]))))

    def within(self, stored: Place) -> bool:
        """Whether what was stored then is asked for."""
        return (self.since is None or stored > self.since) and (self.until is None or stored <= self.until)


@dataclass(slots=True)
class Page:
    """Statements found, and where to go on; None at the end."""

    found: list[tuple[Node, Place]] = field(default_factory=list)  # with the instant and number they were stored at
    more: Place | None = None


def page(store: Store, viewer: Viewer, query: Query, begin: Place | None) -> Page:
    """Statements that were stored, newest or oldest first, none that is voided."""
    made, looked = Page(), 0
    if query.learner is None:
        return made
    if query.learner and not query.related_agents:
        return _of_learner(store, viewer, query, begin)
    for change in _walk(store, begin, query.ascending):
        stored = (change.at, change.number % _NANO)
        if _is_past(stored, query):
            break
        looked += 1
        ids = _added(change) if query.within(stored) else []
        ids = ids if query.ascending else ids[::-1]
        first = begin[1] if begin and begin[0] == change.number else 0
        for start in range(first, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            for place, node in _seen(store, viewer, some, query):
                if len(made.found) == query.limit:
                    made.more = (change.number, start + place)
                    return made
                made.found.append((node, stored))
            looked += len(some)
            if looked >= _LOOKED_AT:
                made.more = (change.number, start + len(some))
                return made
        if looked >= _LOOKED_AT:
            made.more = (change.number, len(ids))
            return made
    return made


def _added(change: Change) -> list[str]:
    """The statements that a batch brought."""
    return [id for item in change.items if item.type == "Statement" and item.operation == "added" for id in item.ids]


def _of_learner(store: Store, viewer: Viewer, query: Query, begin: Place | None) -> Page:
    """The page of one learner's statements, who are found without looking at others'.

    A place is how many statements of the learner's were stored before: voided ones count, so that it stays the same.
    """
    nodes = {node.id: node for node in store.facts("Statement", {"learner": [query.learner or ""]}, viewer)}
    numbers = _numbers(store, list(nodes))
    order = sorted(numbers, key=lambda id: (numbers[id], id))
    voided = voided_among(store, [node for node in nodes.values() if query.fits(node)])
    stored_at = cache(lambda number: _stored_at(store, number))
    made = Page()
    for place in _places(len(order), begin, query.ascending):
        node = nodes[order[place]]
        if node.id in voided or not query.fits(node):
            continue
        stored = stored_at(numbers[node.id])
        if _is_past(stored, query):
            break
        if query.within(stored):
            if len(made.found) == query.limit:
                made.more = (0, place if query.ascending else place + 1)
                break
            made.found.append((node, stored))
    return made


def _places(length: int, begin: Place | None, ascending: bool) -> range:
    """Places in a list to look at; its end is what came last."""
    if ascending:
        return range(begin[1] if begin else 0, length)
    return range(min(begin[1], length) if begin else length)[::-1]


def _numbers(store: Store, ids: Sequence[str]) -> dict[str, int]:
    """The number of the change that stored each of the statements."""
    keys = store.keys("Statement", ids).tolist() if ids else []
    by_key = dict(zip(keys, ids, strict=True))
    return {
        by_key[key]: int(number)
        for batch in (store.scan("Statement", ["key", "_change"], ("key", keys)) if keys else ())
        for key, number in zip(batch.arrays["key"].tolist(), batch.arrays["_change"].tolist(), strict=True)
    }


def _stored_at(store: Store, number: int) -> Place:
    """When the batch of a change was stored."""
    return store.changes(number - 1, 1)[0].at, number % _NANO


def _is_past(stored: Place, query: Query) -> bool:
    """Whether nothing further can be asked for."""
    bound = query.until if query.ascending else query.since
    return bound is not None and (stored > bound if query.ascending else stored <= bound)


def _walk(store: Store, begin: Place | None, ascending: bool) -> Iterator[Change]:
    """Change records in order, from a number on."""
    if ascending:
        last = begin[0] - 1 if begin else 0
        while some := store.changes(last, _CHANGES):
            yield from some
            last = some[-1].number
        return
    top = min(begin[0], store.number()) if begin else store.number()
    while top > 0:
        low = max(0, top - _CHANGES)
        yield from reversed([change for change in store.changes(low, _CHANGES) if change.number <= top])
        top = low


def _seen(store: Store, viewer: Viewer, ids: Sequence[str], query: Query) -> Iterator[tuple[int, Node]]:
    """Those of the statements that are asked for and may be seen, each with its place."""
    fitting = {id: node for id, node in store.many(ids, viewer).items() if query.fits(node)}
    voided = voided_among(store, list(fitting.values()))
    for place, id in enumerate(ids):
        if id in fitting and id not in voided:
            yield place, fitting[id]


def voided_among(store: Store, statements: Sequence[Node]) -> set[str]:
    """The ids of those that are voided, by the source that stated them; one that voids can't be."""
    marks = [voiding_of(local_of(node), node.source) for node in statements]
    return {node.id for node, kind in zip(statements, store.types_of(marks) if marks else (), strict=True) if kind}


def one(store: Store, viewer: Viewer, id: str) -> tuple[Node, Place] | None:
    """A statement by its UUID with when it was stored; None when it is not here or may not be seen."""
    curie = f"{STATEMENT}:{id}"
    node = store.many([curie], viewer).get(curie)
    return None if node is None else (node, _stored_at(store, _numbers(store, [curie])[curie]))


def stored_text(stored: Place) -> str:
    """When it was stored, as statements say it."""
    return f"{format_instant(stored[0])[:-1]}.{stored[1]:09d}Z"


def given_back(
    store: Store, viewer: Viewer, found: Sequence[tuple[Node, Place]], home: str, form: str = "exact"
) -> list[dict[str, Any]]:
    """Statements as JSON values, with the people in them, and with what the store says of them.

    `home` is the address of this service, as whose accounts its sources stand. In the form `ids` activities, verbs and
    people have nothing but their identity.
    """
    people = _agents(store, viewer, (node for node, _ in found), home)
    return [_statement(node, stored, people, home, form) for node, stored in found]


def _agents(store: Store, viewer: Viewer, nodes: Iterable[Node], home: str) -> dict[str, dict[str, Any]]:
    """Mark -> agent."""
    learners = list(dict.fromkeys(id for node in nodes for id in _people(node)))
    identities = store.facts("Identity", {"learner": learners}, viewer) if learners else []
    made = {mark_of(id): _account(home, id) for id in learners}  # where the identity is another source's to tell
    for each in identities:
        learner = str(each.properties["learner"])
        if each.id.partition(":")[2] == learner.partition(":")[2]:
            made[mark_of(learner)] = agent_of(str(each.properties["system"]), str(each.properties["value"]))
    return made


def _people(node: Node) -> Iterator[str]:
    if learner := node.properties.get("learner"):
        yield str(learner)
    mentions = node.properties.get("mentions", ())
    yield from mentions if isinstance(mentions, tuple) else ()


def _account(home: str, name: str) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": home, "name": name}}


def _statement(node: Node, stored: Place, people: Mapping[str, Any], home: str, form: str) -> dict[str, Any]:
    kept = orjson.loads(str(node.properties["statement"]))

    def swap(agent: Any, _: str) -> Any:
        if not isinstance(agent, dict) or MARK not in agent:
            return agent
        name = {"name": agent["name"]} if "name" in agent and form != "ids" else {}
        return people.get(agent[MARK], _account(home, "erased")) | name

    made = {"id": node.id.partition(":")[2], **swapped(kept, swap)}
    made |= {"stored": stored_text(stored), "authority": _account(home, node.source)}
    made.setdefault("version", "1.0.0")
    return _bare(made) if form == "ids" else made


def _bare(statement: dict[str, Any]) -> dict[str, Any]:
    """Without what activities and verbs are called."""
    made = {**statement, "verb": {"id": statement["verb"]["id"]}}
    target = made["object"]
    if target.get("objectType", "Activity") == "Activity":
        made["object"] = {"objectType": "Activity", "id": target["id"]}
    return made


def _activities(statement: Mapping[str, Any]) -> Iterator[str]:
    """Every activity that a statement names; statements of files may hold anything where one is expected."""
    target = _map(statement.get("object"))
    if target.get("objectType") == "SubStatement":
        yield from _activities(target)
    else:
        yield from _ids([target])
    for some in _map(_map(statement.get("context")).get("contextActivities")).values():
        yield from _ids(some if isinstance(some, list) else [some])


def _map(value: Any) -> Mapping[str, Any]:
    """An object; nothing in the place of anything else."""
    return value if isinstance(value, dict) else {}


def _ids(activities: Iterable[Any]) -> Iterator[str]:
    found = (_map(each).get("id") for each in activities)
    yield from (id for id in found if isinstance(id, str))
