"""One xAPI statement (1.0.3, 2.0, with the verbs of cmi5) read: what is kept of it, and what it says of a learner.

Nothing here asks a store, so the same statement says the same whichever way it comes and whatever came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from loaders.events import event_key, made_of
from loaders.rows import shown
from loaders.sources.xapi_agents import MARK, Actor, Agents, is_group, swapped
from loaders.sources.xapi_result import ADL, CMI5, OUTCOMES, VOIDED, outcome_of, score_of
from loaders.strict import Unreadable
from ontology.ids import Prefixes
from ontology.values import LATEST, parse_instant

TAKEN_UP: Mapping[str, str] = {  # verb -> how the enrolment stands then
    f"{ADL}registered": "enrolled",
    f"{ADL}launched": "in_progress",
    f"{ADL}initialized": "in_progress",
    f"{ADL}attempted": "in_progress",
    f"{CMI5}abandoned": "withdrawn",
}
_ENDED = {"passed": "completed", "failed": "failed", "waived": "waived"}
_JUDGED = frozenset({f"{ADL}passed", f"{ADL}failed"})
_ACTIVITY = "http://adlnet.gov/expapi/activities/"
ASSESSMENTS = frozenset(
    {f"{_ACTIVITY}assessment", f"{_ACTIVITY}simulation", "http://id.tincanapi.com/activitytype/test"}
)
"""Types of activities that are assessments; any other type is that of a learning object."""
QUESTIONS = frozenset({f"{_ACTIVITY}cmi.interaction", f"{_ACTIVITY}interaction", f"{_ACTIVITY}question"})
"""Types of parts of an assessment: what is said of one is no outcome of the whole."""

LONGEST, LARGEST = 2_000, 1_000_000
"""Characters of an IRI, and of a whole statement."""
MOST_KNOWN = 100_000  # activities whose ids are remembered
VERSIONS = re.compile(r"1\.0(\.\d+)?|2\.0(\.\d+)?")
UNKNOWN_VERSION = "is none that is read here: 1.0.x or 2.0.x"
OWN = frozenset({"id", "stored", "authority"})
"""What is not kept in a statement's text: its id, which stands beside it, and what whoever stores it says of it."""
NO_ID = "made-statement-id"
"""The flag of a statement without id: one was made of its content."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of Evidence or Enrolment that a statement says; `row` has the model's property names, as texts."""

    type: str
    row: Mapping[str, Any]
    version: int
    rank: int  # of two of one version the higher is meant

    @property
    def id(self) -> str:
        id: str = self.row["id"]
        return id

    @property
    def about(self) -> str:
        """The id of the activity that it is about."""
        about: str = self.row["about" if self.type == "Evidence" else "learning_object"]
        return about


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: its row, the people in it, and what it says."""

    id: str  # a UUID
    row: Mapping[str, Any]
    actors: Sequence[Actor]
    facts: Sequence[Fact]
    voids: str | None  # the id of the statement that this one takes back
    at: int | None  # seconds
    flags: Sequence[str] = ()
    timed: bool = True  # whether the statement says itself when it was done


class Reader:
    """Statements read; ids of activities by the deployment's prefixes."""

    def __init__(self, agents: Agents, prefixes: Prefixes) -> None:
        self._agents, self._prefixes = agents, prefixes
        self._ids: dict[str, str] = {}

    def read(self, value: Any, now: int | None = None) -> Said:
        """The statement; `now` is its instant where it has none. Raises `Unreadable`."""
        if not isinstance(value, dict):
            raise Unreadable("", "is no statement: write an object with actor, verb and object", shown(value))
        _check_version(value)
        people: dict[str, Actor] = {}
        verb, target = verb_of(value), value.get("object")
        at, time = _instant(value)
        kept = self._kept(value, people)
        actor = next(iter(people.values())) if people and not is_group(value["actor"]) else None
        text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
        id = _uuid(value["id"], "id") if "id" in value else str(uuid5(NAMESPACE_URL, text))
        at = now if at is None else at
        if at is not None and "timestamp" not in kept:
            text = orjson.dumps({**kept, "timestamp": time or _text(at)}, option=orjson.OPT_SORT_KEYS).decode()
        row = {"id": id, "verb": verb, "statement": text, **_around(value), **_people(actor, people)}
        facts = self.facts(value, actor.id, at, time) if actor else ()
        flags = () if "id" in value else (NO_ID,)
        if len(text) > LARGEST:
            raise Unreadable("", f"is longer than {LARGEST:,} characters: shorten what it holds")
        return Said(id, row, list(people.values()), facts, _voided(verb, target), at, flags, "timestamp" in value)

    def facts(self, value: Mapping[str, Any], learner: str, at: int | None, time: str | None = None) -> list[Fact]:
        """What a statement says of a learner; `time` is the instant as it was written."""
        verb, target = value["verb"]["id"], value["object"]
        if verb not in OUTCOMES and verb not in TAKEN_UP:
            return []
        if target.get("objectType", "Activity") != "Activity":
            return []
        score = score_of(value.get("result"))
        kind = _type(target)
        if kind in QUESTIONS:
            return []
        if at is None:
            raise Unreadable("timestamp", "is missing: say when it was done")
        about, moment = self.about(target["id"]), time or _text(at)
        if verb in TAKEN_UP:
            return [] if kind in ASSESSMENTS else [_enrolment(learner, about, TAKEN_UP[verb], moment, at)]
        outcome = outcome_of(verb, value.get("result"))
        told = kind is None and verb in _JUDGED and score is not None
        found = []
        if kind in ASSESSMENTS or told:
            found.append(_evidence(learner, "assessment", about, outcome, score, moment, at))
        if kind not in ASSESSMENTS:
            found.append(_evidence(learner, "completion", about, outcome, None, moment, at))
        if kind not in ASSESSMENTS and not told:
            found.append(_enrolment(learner, about, _ENDED[outcome], moment, at))
        return found

    def about(self, activity: str) -> str:
        """The id of an activity's node."""
        found = self._ids.get(activity)
        if found is None:
            try:
                found = self._prefixes.curie(activity)
            except ValueError as error:
                raise Unreadable("object.id", str(error), shown(activity)) from error
            if len(self._ids) >= MOST_KNOWN:
                self._ids.clear()
            self._ids[activity] = found
        return found

    def _kept(self, value: Mapping[str, Any], people: dict[str, Actor]) -> dict[str, Any]:
        """The statement with marks in the place of people, who are noted; the actor keeps the name it is called by."""
        if "actor" not in value:
            raise Unreadable("actor", "is missing: say who did it")

        def swap(agent: Any, place: str) -> Any:
            actor = self._agents.actor(agent, place)
            people.setdefault(actor.id, actor)
            mine = place == "actor" and isinstance(agent.get("name"), str)
            return {MARK: actor.mark, "name": agent["name"]} if mine else {MARK: actor.mark}

        return swapped({name: each for name, each in value.items() if name not in OWN}, swap)


def _check_version(value: Mapping[str, Any]) -> None:
    """Raise for a statement of a version that may mean something else."""
    version = value.get("version")
    if version is not None and (not isinstance(version, str) or VERSIONS.fullmatch(version) is None):
        raise Unreadable("version", UNKNOWN_VERSION, shown(version))


def _around(value: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement was done to, and the enrolment that it belongs to."""
    context = value.get("context")
    registration = context.get("registration") if isinstance(context, dict) else None
    return {
        "object": _object(value.get("object")),
        "registration": None if registration is None else _uuid(registration, "context.registration"),
    }


def _people(actor: Actor | None, people: Iterable[str]) -> dict[str, Any]:
    """Who did it, and who else is named."""
    others = [each for each in people if actor is None or each != actor.id]
    return {"learner": actor and actor.id, "mentions": others or None}


def verb_of(value: Mapping[str, Any]) -> str:
    """The id of a statement's verb; raises `Unreadable`."""
    verb = value.get("verb")
    id = verb.get("id") if isinstance(verb, dict) else None
    if not isinstance(id, str) or ":" not in id or len(id) > LONGEST:
        raise Unreadable(
            "verb.id", f"is no IRI of up to {LONGEST} characters: write the address of the verb", shown(id)
        )
    return id


def _object(value: Any) -> str | None:
    """The id of what it was done to; None for people and statements within the statement."""
    if not isinstance(value, dict):
        raise Unreadable("object", "is missing: say what it was done to", shown(value))
    kind = value.get("objectType", "Activity")
    if kind == "StatementRef":
        return _uuid(value.get("id"), "object.id")
    if kind != "Activity":
        if kind not in ("Agent", "Group", "SubStatement"):
            reason = "is none of Activity, Agent, Group, SubStatement, StatementRef"
            raise Unreadable("object.objectType", reason, shown(kind))
        return None
    id = value.get("id")
    if not isinstance(id, str) or ":" not in id or len(id) > LONGEST:
        raise Unreadable(
            "object.id", f"is no IRI of up to {LONGEST} characters: write the address of the activity", shown(id)
        )
    return id


def _voided(verb: str, target: Any) -> str | None:
    if verb != VOIDED:
        return None
    if target.get("objectType") != "StatementRef":
        raise Unreadable("object.objectType", "is no StatementRef: voided takes back a statement", shown(target))
    return _uuid(target.get("id"), "object.id")


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _uuid(value: Any, place: str) -> str:
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value.lower()
    fix = "write 36 characters, such as 6f1c1b0c-3c61-4b57-8a2b-0d5c1f9a7e10"
    raise Unreadable(place, f"is no UUID: {fix}", shown(value))


_FRACTION = re.compile(r"[.,][0-9]+")
"""Of a second: dropped, as everywhere."""


def _instant(value: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """When it was done, else when it was stored: in seconds, and as written."""
    for name in ("timestamp", "stored"):
        text = value.get(name)
        if text is None:
            continue
        try:
            return seconds(text), _FRACTION.sub("", text)
        except ValueError as error:
            raise Unreadable(name, str(error), shown(text)) from error
    return None, None


def seconds(text: Any) -> int:
    """An instant as RFC 3339 has it, in seconds; one without a zone is UTC. Raises `ValueError`."""
    if not isinstance(text, str):
        raise ValueError("is no instant: write 2025-03-01T09:30:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_instant(text)[0]
    found = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)
    if not 0 <= found <= LATEST:
        raise ValueError(f"{shown(text)} is not between 1970 and 2105")
    return found


def _text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _type(target: Mapping[str, Any]) -> str | None:
    """What an activity is said to be; None where nothing is said."""
    definition = target.get("definition")
    kind = definition.get("type") if isinstance(definition, dict) else None
    return kind if isinstance(kind, str) else None


def _evidence(  # noqa: PLR0917 - one row, column by column
    learner: str, kind: str, about: str, outcome: str, score: str | None, moment: str, at: int
) -> Fact:
    row = {
        "id": event_key(learner, kind, about, at),
        "learner": learner,
        "kind": kind,
        "about": about,
        "score": score,
        "outcome": outcome,
        "shown_at": moment,
        "withdrawn_at": None,
    }
    return Fact("Evidence", row, at, _RANKS[outcome])


_RANKS = {"passed": 0, "waived": 1, "failed": 2}


def _enrolment(learner: str, about: str, status: str, moment: str, at: int) -> Fact:
    ended = status in ("completed", "failed", "waived", "withdrawn")
    row = {
        "id": made_of(learner, about),
        "learner": learner,
        "learning_object": about,
        "status": status,
        "enrolled_at": moment if status == "enrolled" else None,
        "ended_at": moment if ended else None,
    }
    return Fact("Enrolment", row, at, _STAGES.index(status))


_STAGES = ("enrolled", "in_progress", "withdrawn", "completed", "waived", "failed")


def folded_facts(facts: Sequence[Fact]) -> list[Fact]:
    """Of facts of one id the one that is meant: the latest, then the one of higher rank."""
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = fact.type, fact.id
        if key not in best or _order(best[key]) < _order(fact):
            best[key] = fact
    return list(best.values())


def _order(fact: Fact) -> tuple[int, int, str]:
    return fact.version, fact.rank, orjson.dumps(fact.row).decode()
