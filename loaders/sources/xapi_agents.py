"""Agents of xAPI (1.0.3 Data 2.4.2; 2.0 4.2.2.1): whom a statement names, and how it is kept without naming them.

A statement is kept with a mark in the place of each agent, so that what identifies people stands in their Identity
records alone and goes with them when they are erased.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.secret import Secret
from loaders.events import made_of
from loaders.hashed import folded
from loaders.rows import shown
from loaders.sources.xapi_ids import ACTOR, IDENTITY
from loaders.strict import Unreadable

MARK = "$agent"
LONGEST = 500  # characters of an identity
MOST_KNOWN = 200_000  # agents whose ids are remembered

_KINDS = ("mbox", "mbox_sha1sum", "openid", "account")
_SYSTEMS = {"mbox": "email", "mbox_sha1sum": "mbox_sha1sum", "openid": "openid", "account": "account"}
_MAILTO = re.compile(r"mailto:[^@\s]+@[^@\s]+", re.IGNORECASE)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+""")
_DIGITS = 10  # of a mark: few enough to tell nothing, many enough for the people of one statement


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as agents name them: the Learner's id, and the identity that it is made of."""

    id: str
    identity: str  # the id of the Identity record
    system: str
    value: str
    mark: str  # what stands for the person in kept statements

    @property
    def texts(self) -> tuple[str, str]:
        """What an erasure leaves hashes of: the id, and the identity."""
        return self.id, f"{self.system} {self.value}"


def mark_of(learner: str) -> str:
    """What stands for a learner in kept statements."""
    return made_of(learner)[:_DIGITS]


class Agents:
    """Agents to actors; the same identity is the same actor."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._known: dict[tuple[str, ...], Actor] = {}

    def actor(self, agent: Any, place: str = "actor") -> Actor:
        """The actor; raises `Unreadable` for what has not exactly one identity."""
        key = _key(agent)
        found = self._known.get(key) if key else None
        if found is None:
            kind, value = identity(agent, place)
            id = f"{ACTOR}:{self._secret.pseudonym(ACTOR, value)}"
            found = Actor(id, f"{IDENTITY}:{id.partition(':')[2]}", _SYSTEMS[kind], value, mark_of(id))
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            if key:
                self._known[key] = found
        return found


def _key(agent: Any) -> tuple[str, ...]:
    """What an agent with one well-formed identity of the two usual kinds is remembered by; else nothing."""
    if not isinstance(agent, dict) or "mbox_sha1sum" in agent or "openid" in agent:
        return ()
    account, mbox = agent.get("account"), agent.get("mbox")
    if isinstance(mbox, str) and account is None:
        return (mbox,)
    if isinstance(account, dict) and mbox is None:
        home, name = account.get("homePage"), account.get("name")
        return (home, name) if isinstance(home, str) and isinstance(name, str) else ()
    return ()


def identity(agent: Any, place: str) -> tuple[str, str]:
    """The one identity of an agent or a group, as (its key, the value that is kept); raises `Unreadable`."""
    if not isinstance(agent, dict):
        raise Unreadable(place, "is no agent: write an object with one of mbox, mbox_sha1sum, openid, account")
    given = [kind for kind in _KINDS if kind in agent]
    if len(given) != 1:
        told = f"has {' and '.join(given)}" if given else "has no identity"
        raise Unreadable(place, f"{told}: give exactly one of {', '.join(_KINDS)}", shown(agent))
    kind = given[0]
    value = _VALUES[kind](agent[kind], f"{place}.{kind}")
    if len(value) > LONGEST or not value.isprintable():
        reason = f"is longer than {LONGEST} characters, or has some that can't be printed: mend it"
        raise Unreadable(f"{place}.{kind}", reason, shown(value))
    return kind, value


def _mbox(value: Any, place: str) -> str:
    if not isinstance(value, str) or _MAILTO.fullmatch(value) is None:
        raise Unreadable(place, "is no mailto: IRI: write mailto: and an e-mail address", shown(value))
    return folded(value[len("mailto:") :])


def _sha1(value: Any, place: str) -> str:
    if not isinstance(value, str) or _SHA1.fullmatch(value) is None:
        raise Unreadable(place, "is no SHA-1 digest: write 40 hex digits", shown(value))
    return value.lower()


def _openid(value: Any, place: str) -> str:
    if not isinstance(value, str) or _IRI.fullmatch(value) is None:
        raise Unreadable(place, "is no IRI: write the whole address", shown(value))
    return value


def _account(value: Any, place: str) -> str:
    if not isinstance(value, dict):
        raise Unreadable(place, "is no object: write homePage and name", shown(value))
    home, name = value.get("homePage"), value.get("name")
    if not isinstance(home, str) or _IRI.fullmatch(home) is None:
        reason = "is no IRI: write the address of the system that has the account"
        raise Unreadable(f"{place}.homePage", reason, shown(home))
    if not isinstance(name, str) or not name.strip():
        raise Unreadable(f"{place}.name", "is missing: write the name of the account", shown(name))
    return f"{home} {name}"


_VALUES: Mapping[str, Callable[[Any, str], str]] = {
    "mbox": _mbox,
    "mbox_sha1sum": _sha1,
    "openid": _openid,
    "account": _account,
}


def agent_of(system: str, value: str) -> dict[str, Any]:
    """An identity as an agent again."""
    agent: dict[str, Any] = {"objectType": "Agent"}
    if system == "account":
        home, _, name = value.partition(" ")
        return agent | {"account": {"homePage": home, "name": name}}
    return agent | ({"mbox": f"mailto:{value}"} if system == "email" else {system: value})


def swapped(statement: Mapping[str, Any], swap: Callable[[Any, str], Any]) -> dict[str, Any]:
    """A statement with each single person in it swapped; `swap` gets an agent and its place, and gives what to keep."""
    made = dict(statement)
    if "actor" in made:
        made["actor"] = _person(made["actor"], "actor", swap)
    if "object" in made and isinstance(made["object"], dict) and made["object"].get("objectType") in _INNER:
        made["object"] = _object(made["object"], swap)
    if isinstance(context := made.get("context"), dict):
        made["context"] = _context(context, swap)
    return made


def _person(value: Any, place: str, swap: Callable[[Any, str], Any]) -> Any:
    """An agent swapped; of a group the members."""
    if not is_group(value):
        return swap(value, place)
    members = value.get("member")
    if not isinstance(members, list):
        return value
    return {**value, "member": [swap(each, f"{place}.member") for each in members]}


def is_group(value: Any) -> bool:
    """Whether an agent is a group."""
    return isinstance(value, dict) and value.get("objectType") == "Group"


_INNER = ("Agent", "Group", "SubStatement")  # no set: files hold lists and objects there too


def _object(value: Mapping[str, Any], swap: Callable[[Any, str], Any]) -> Any:
    return swapped(value, swap) if value["objectType"] == "SubStatement" else _person(value, "object", swap)


_IN_CONTEXT = frozenset({"instructor", "team", "contextAgents", "contextGroups"})


def _context(context: Mapping[str, Any], swap: Callable[[Any, str], Any]) -> Mapping[str, Any]:
    if context.keys().isdisjoint(_IN_CONTEXT):
        return context
    made = dict(context)
    for name in ("instructor", "team"):
        if name in made:
            made[name] = _person(made[name], f"context.{name}", swap)
    for name, inner in (("contextAgents", "agent"), ("contextGroups", "group")):
        if isinstance(some := made.get(name), list):
            made[name] = [
                {**each, inner: _person(each[inner], f"context.{name}", swap)}
                if isinstance(each, dict) and inner in each
                else each
                for each in some
            ]
    return made
