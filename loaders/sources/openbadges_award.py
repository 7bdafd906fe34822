"""One credential of Open Badges 2.0 or 3.0 in one form: who got what from whom, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.rows import shown
from loaders.sources.openbadges_beside import BADGE, Beside, id_of
from loaders.sources.openbadges_files import types
from loaders.sources.signs import looks_like
from loaders.strict import Unreadable

THREE = ("OpenBadgeCredential", "AchievementCredential")
TWO = "Assertion"
KNOWN = "known are Open Badges 2.0 (Assertion) and 3.0 (OpenBadgeCredential, AchievementCredential) and CLR 2.0"

_VERSIONS = (
    (re.compile(r"purl\.imsglobal\.org/spec/(ob|clr)/(v\d+p\d+)"), {"ob": "v3p0", "clr": "v2p0"}),
    (re.compile(r"w3id\.org/(openbadges)/(v\d+)"), {"openbadges": "v2"}),
)
_HASH = re.compile(r"(sha256|md5)\$([0-9A-Fa-f]+)")
_ADDRESS, _URL = ("emailaddress", "email"), ("url", "id")
_USER_NAME = "username"
_ACCOUNTS = (_USER_NAME, "systemid", "sourcedid", "accountid")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the issuer knows the person by; `system` is empty for what nobody is joined by."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Award:
    """A credential of a person; times as they are written."""

    version: str
    key: str  # its id, empty when it has none
    issuer: str
    identities: Sequence[Identity]
    achievement: Mapping[str, Any]  # as in 3.0; of one that is only named, its id
    valid_from: str | None
    valid_until: str | None
    is_whole: bool = True  # whether it says itself what was achieved, so that who signs it signs that too
    results: Sequence[Any] = ()
    evidence: Sequence[Any] = ()


def award(value: Mapping[str, Any], beside: Beside) -> Award:
    """Reads a credential; raises `Unreadable` for another version, another format, or one that is nobody's."""
    _check_version(value)
    kinds = types(value)
    if set(kinds) & set(THREE):
        return _three(value)
    if TWO in kinds:
        return _two(value, beside)
    raise Unreadable("type", _foreign(value), ", ".join(kinds))


def _check_version(value: Mapping[str, Any]) -> None:
    for context in several(value.get("@context")):
        for pattern, known in _VERSIONS:
            found = pattern.search(context) if isinstance(context, str) else None
            if found and found[2] != known[found[1]]:
                raise Unreadable("@context", f"names the version {found[2]}, which is not read: {KNOWN}", context)


def _foreign(value: Mapping[str, Any]) -> str:
    if "recipient" in value and "badge" in value:
        return f"is missing, as in Open Badges 1.0 and 1.1, which are not read: {KNOWN}"
    found = looks_like(value)
    if found is not None:
        return f"this looks like {found}, not Open Badges: load it as what it is"
    return f"is no type of Open Badges: {KNOWN}"


def _three(value: Mapping[str, Any]) -> Award:
    subject = one(value.get("credentialSubject"), "credentialSubject")
    issuer = id_of(value.get("issuer"))
    known = [_of_uri(id_of(subject))] if id_of(subject) else []
    for place, each in enumerate(several(subject.get("identifier"))):
        given = one(each, f"credentialSubject.identifier[{place}]")
        known.append(_identity(given.get("identityType"), given.get("identityHash"), given, issuer))
    achievement = subject.get("achievement")
    if isinstance(achievement, list):
        achievement = achievement[0] if achievement else None
    return Award(
        "3.0",
        id_of(value),
        issuer,
        known,
        _named(achievement, "credentialSubject.achievement"),
        text(value, "validFrom") or text(value, "issuanceDate") or text(value, "awardedDate"),
        text(value, "validUntil") or text(value, "expirationDate"),
        results=several(subject.get("result")),
        evidence=several(value.get("evidence")),
    )


def _two(value: Mapping[str, Any], beside: Beside) -> Award:
    recipient = one(value.get("recipient"), "recipient")
    named = badge = value.get("badge")
    if isinstance(named, str):
        badge = beside.badges.get(named.strip(), named)
    issuer = id_of(badge.get("issuer")) if isinstance(badge, Mapping) else ""
    kind = recipient.get("type") or "email"
    return Award(
        "2.0",
        id_of(value) or text(value, "uid") or "",
        issuer,
        [_identity(kind, recipient.get("identity"), recipient, issuer)],
        _named(badge, "badge"),
        text(value, "issuedOn") or text(value, "validFrom"),
        text(value, "expires") or text(value, "validUntil"),
        not isinstance(named, str),
        evidence=several(value.get("evidence")),
    )


def is_badge(value: Mapping[str, Any]) -> bool:
    """Whether this is a badge class of 2.0 by itself."""
    return BADGE in types(value)


def _named(value: Any, place: str) -> Mapping[str, Any]:
    """An achievement that is given whole, or by its id; empty where there is none."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"id": value}
    return one(value, place)


def _identity(kind: Any, given: Any, around: Mapping[str, Any], issuer: str) -> Identity:
    """An IdentityObject of 3.0, or a recipient of 2.0."""
    plain, said = re.sub(r"[^a-z]", "", str(kind).rpartition(":")[2].lower()), str(given or "").strip()
    hashed, salt = _HASH.fullmatch(said), around.get("salt")
    if hashed and plain in (*_ADDRESS, *_URL):
        salted = f" {salt}" if isinstance(salt, str) and salt else ""
        return Identity(f"hashed:{hashed[1]}", f"{hashed[2].lower()}{salted}")
    if hashed or not said or around.get("hashed") is True:
        return Identity("", said)
    if plain in _ADDRESS:
        return Identity("email", said.removeprefix("mailto:"))
    if plain in _URL:
        return _of_uri(said)
    if plain not in _ACCOUNTS or not issuer:
        return Identity("", said)
    return Identity("account", f"{issuer} {said}" if plain == _USER_NAME else f"{issuer} {plain}:{said}")


def _of_uri(uri: str) -> Identity:
    scheme = uri.partition(":")[0].lower()
    if scheme == "mailto":
        return Identity("email", uri[len("mailto:") :])
    return Identity("openid" if scheme in ("http", "https") else "openbadges-subject", uri)


def text(value: Mapping[str, Any], name: str) -> str | None:
    """A text that is not empty; raises `Unreadable` for what is none."""
    found = value.get(name)
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    if isinstance(found, str):
        return found.strip()
    raise Unreadable(name, "is no text", shown(found))


def several(value: Any) -> list[Any]:
    """What may be one or several, as JSON-LD has it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def one(value: Any, place: str) -> Mapping[str, Any]:
    """An object, or the only one of a list; raises `Unreadable`."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        return value
    raise Unreadable(place, "is missing" if value is None else "is no object", "" if value is None else shown(value))


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects among one or several values."""
    return (each for each in several(value) if isinstance(each, Mapping))
