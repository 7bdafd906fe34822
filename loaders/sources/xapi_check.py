"""A statement held against the standard before an LRS takes it: xAPI 1.0.3 Data 2, xAPI 2.0 4.2.

By file statements are read as far as they can be understood; whoever pushes is there to be told. What is looked at here
is the shape; what it says is read by `loaders.sources.xapi_statement`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loaders.rows import shown
from loaders.sources.xapi_agents import identity
from loaders.sources.xapi_statement import UNKNOWN_VERSION, VERSIONS, seconds
from loaders.strict import Unreadable

Check = Callable[[Any, str], None]

_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+""")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DURATION = re.compile(r"P(?=.)(\d+([.,]\d+)?[YMWD])*(T(?=.)(\d+([.,]\d+)?[HMS])+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.DOTALL)
_HEX = re.compile(r"[0-9a-fA-F]{40,128}")
_INTERACTIONS = (
    "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric",
    "other",
)  # fmt: skip


def check(statement: Any) -> None:
    """Raise `Unreadable` for what is no statement of the standard."""
    _STATEMENT(statement, "")
    target = statement["object"]
    if target.get("objectType", "Activity") not in ("Activity", "SubStatement") and "context" in statement:
        for name in ("revision", "platform"):
            if name in statement["context"]:
                raise Unreadable(f"context.{name}", "stands beside an object that is no activity: leave it out")


def _wrong(place: str, reason: str, value: Any) -> Unreadable:
    return Unreadable(place, reason, shown(value))


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str):
        raise _wrong(place, "is no text", value)


def _truth(value: Any, place: str) -> None:
    if not isinstance(value, bool):
        raise _wrong(place, "is neither true nor false: leave the quotes out", value)


def _number(value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(place, "is no number: leave the quotes out", value)


def _count(value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(place, "is no whole number of at least 0", value)


def _like(pattern: re.Pattern[str], reason: str) -> Check:
    def checked(value: Any, place: str) -> None:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise _wrong(place, reason, value)

    return checked


iri = _like(_IRI, "is no IRI: write the whole address")
_uuid = _like(_UUID, "is no UUID: write 36 characters, such as 6f1c1b0c-3c61-4b57-8a2b-0d5c1f9a7e10")
_duration = _like(_DURATION, "is no ISO 8601 duration: write it as PT1H30M")


def _instant(value: Any, place: str) -> None:
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        raise _wrong(place, "is no instant: write 2025-03-01T09:30:00Z", value)
    if value.endswith(("-00:00", "-0000", "-00")) and value[10:].count("-"):
        raise _wrong(place, "has the zone -00:00, which says nothing: write Z", value)
    try:
        seconds(value)
    except ValueError as error:
        raise _wrong(place, str(error), value) from error


def _one_of(*words: str) -> Check:
    def checked(value: Any, place: str) -> None:
        if value not in words if isinstance(value, str) else True:
            raise _wrong(place, f"is none of {', '.join(words)}", value)

    return checked


def _map(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "is no object", value)
    return value


def _languages(value: Any, place: str) -> None:
    for tag, text in _map(value, place).items():
        if _LANGUAGE.fullmatch(tag) is None:
            raise _wrong(place, f"{tag!r} is no language tag: write it as en or en-US", tag)
        _text(text, f"{place}.{tag}")


def _extensions(value: Any, place: str) -> None:
    for name in _map(value, place):
        iri(name, place)


def _list(inner: Check, *, single: bool = False) -> Check:
    """A list; with `single` one by itself too."""

    def checked(value: Any, place: str) -> None:
        if single and isinstance(value, dict):
            inner(value, place)
            return
        if not isinstance(value, list):
            raise _wrong(place, "is no list", value)
        for number, each in enumerate(value):
            inner(each, f"{place}[{number}]")

    return checked


def _shape(needed: Sequence[str], **checks: Check) -> Check:
    """An object with these keys and no others; `object_` is the key `object`."""
    known = {name.rstrip("_"): inner for name, inner in checks.items()}

    def checked(value: Any, place: str) -> None:
        dot = f"{place}." if place else ""
        for name, each in _map(value, place).items():
            inner = known.get(name)
            if inner is None:
                raise _wrong(f"{dot}{name}", f"is not known here: known are {', '.join(known)}", each)
            inner(each, f"{dot}{name}")
        for name in needed:
            if name not in value:
                raise _wrong(f"{dot}{name}", "is missing", None)

    return checked


_IDENTITY: dict[str, Check] = {
    "name": _text,
    "mbox": _text,
    "mbox_sha1sum": _text,
    "openid": iri,
    "account": _shape(["homePage", "name"], homePage=iri, name=_text),
}
_AGENT = _shape([], objectType=_one_of("Agent"), **_IDENTITY)


def _agent(value: Any, place: str) -> None:
    """A person."""
    _AGENT(value, place)
    identity(value, place)


_GROUP = _shape(["objectType"], objectType=_one_of("Group"), member=_list(_agent), **_IDENTITY)


def _group(value: Any, place: str) -> None:
    """A group: with an identity, or with members."""
    _GROUP(value, place)
    if any(name in value for name in ("mbox", "mbox_sha1sum", "openid", "account")):
        identity(value, place)
    elif not value.get("member"):
        raise _wrong(f"{place}.member", "is missing: a group without identity has members", value)


def _actor(value: Any, place: str) -> None:
    (_group if _map(value, place).get("objectType") == "Group" else _agent)(value, place)


_COMPONENTS = _list(_shape(["id"], id=_text, description=_languages))
_DEFINITION = _shape(
    [],
    name=_languages,
    description=_languages,
    type=iri,
    moreInfo=iri,
    extensions=_extensions,
    interactionType=_one_of(*_INTERACTIONS),
    correctResponsesPattern=_list(_text),
    **dict.fromkeys(("choices", "scale", "source", "target", "steps"), _COMPONENTS),
)
_ACTIVITY = _shape(["id"], objectType=_one_of("Activity"), id=iri, definition=_DEFINITION)
_REFERENCE = _shape(["objectType", "id"], objectType=_one_of("StatementRef"), id=_uuid)
_SCORE = _shape([], scaled=_number, raw=_number, min=_number, max=_number)
_RESULT = _shape(
    [], score=_SCORE, success=_truth, completion=_truth, response=_text, duration=_duration, extensions=_extensions
)
_ACTIVITIES = _list(_ACTIVITY, single=True)
_CONTEXT = _shape(
    [],
    registration=_uuid,
    instructor=_actor,
    team=_group,
    contextActivities=_shape([], parent=_ACTIVITIES, grouping=_ACTIVITIES, category=_ACTIVITIES, other=_ACTIVITIES),
    contextAgents=_list(
        _shape(["objectType", "agent"], objectType=_one_of("contextAgent"), agent=_agent, relevantTypes=_list(iri))
    ),
    contextGroups=_list(
        _shape(["objectType", "group"], objectType=_one_of("contextGroup"), group=_group, relevantTypes=_list(iri))
    ),
    revision=_text,
    platform=_text,
    language=_like(_LANGUAGE, "is no language tag: write it as en or en-US"),
    statement=_REFERENCE,
    extensions=_extensions,
)
_VERB = _shape(["id"], id=iri, display=_languages)
_ATTACHMENT = _shape(
    ["usageType", "display", "contentType", "length", "sha2"],
    usageType=iri,
    display=_languages,
    description=_languages,
    contentType=_text,
    length=_count,
    sha2=_like(_HEX, "is no SHA-2 digest: write its hex digits"),
    fileUrl=iri,
)


def _object(value: Any, place: str) -> None:
    kind = _map(value, place).get("objectType", "Activity")
    checks: dict[Any, Check] = {
        "Activity": _ACTIVITY, "Agent": _agent, "Group": _group, "StatementRef": _REFERENCE, "SubStatement": _inner
    }  # fmt: skip
    if not isinstance(kind, str) or kind not in checks:
        raise _wrong(f"{place}.objectType", f"is none of {', '.join(checks)}", kind)
    checks[kind](value, place)


def _inner(value: Any, place: str) -> None:
    """A statement within a statement, which holds none itself."""
    if _map(_map(value, place).get("object", {}), f"{place}.object").get("objectType") == "SubStatement":
        raise _wrong(f"{place}.object", "is a statement within a statement within a statement", value)
    _SUB(value, place)


_PARTS: dict[str, Check] = {
    "actor": _actor,
    "verb": _VERB,
    "object_": _object,
    "result": _RESULT,
    "context": _CONTEXT,
    "timestamp": _instant,
    "attachments": _list(_ATTACHMENT),
}
_SUB = _shape(["actor", "verb", "object"], objectType=_one_of("SubStatement"), **_PARTS)
_STATEMENT = _shape(
    ["actor", "verb", "object"],
    id=_uuid,
    stored=_instant,
    authority=_actor,
    version=_like(VERSIONS, UNKNOWN_VERSION),
    **_PARTS,
)
