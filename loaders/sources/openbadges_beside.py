"""What lies beside credentials: badge classes, issuers, and the lists by which issuers revoke.

- RevocationList (Open Badges 2.0: `revokedAssertions`) and 1EdTechRevocationList (`revokedCredential`): ids;
- BitstringStatusListCredential (W3C Bitstring Status List 1.0) and StatusList2021Credential: a bit for each credential.

A list counts for credentials of the issuer that it is of.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.readers.documents import Unread
from loaders.sources.openbadges_files import Found, types
from loaders.strict import Unreadable

BADGE = "BadgeClass"
ISSUERS = ("Issuer", "Profile")
ID_LISTS = ("RevocationList", "1EdTechRevocationList", "RevocationListCredential")
BIT_LISTS = ("BitstringStatusListCredential", "StatusList2021Credential")
BIT_ENTRIES = ("BitstringStatusListEntry", "StatusList2021Entry")
REVOKED = ("revokedAssertions", "revokedCredential", "revokedCredentials")
"""Where a list has its ids."""

_MOST_BYTES = 1 << 24  # of an unpacked list: room for 134 million credentials
_GZIP = 31  # zlib's window bits for what gzip packed


@dataclass(frozen=True, slots=True)
class Beside:
    """By id: badge classes and issuers; by the issuer of a list and its id: what it revokes."""

    badges: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    issuers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)  # issuer, or a list of nobody's -> ids of credentials
    bits: dict[tuple[str, str], bytes] = field(default_factory=dict)  # issuer and id of the list -> bits

    @classmethod
    def of(cls, every: Iterable[Found | Unread]) -> Beside:
        """Looks through everything once; what can't be read is told when it is read again."""
        beside = cls()
        for one in every:
            if isinstance(one, Found):
                try:
                    beside._add(one.value)
                except Unreadable:
                    continue
        return beside

    def _add(self, value: Mapping[str, Any]) -> None:
        kinds, key = types(value), id_of(value)
        if BADGE in kinds and key:
            self.badges[key] = value
        elif set(kinds) & set(ISSUERS) and key:
            self.issuers[key] = value
        elif set(kinds) & set(ID_LISTS):
            self.ids.setdefault(id_of(value.get("issuer")) or key, set()).update(revoked_ids(value))
        elif set(kinds) & set(BIT_LISTS):
            self.bits[id_of(value.get("issuer")), key] = bits_of(value)

    def revokes(self, credential: Mapping[str, Any], issuer: str) -> bool:
        """Whether a list at hand says that the credential no longer counts."""
        names = {id_of(credential), str(credential.get("uid") or "")} - {""}
        given = credential.get("credentialStatus")
        statuses = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, Mapping)]
        if any(names & self.ids.get(of, set()) for of in (issuer, *map(id_of, statuses))):
            return True
        return any(self._is_set(each, issuer) for each in statuses if set(types(each)) & set(BIT_ENTRIES))

    def _is_set(self, entry: Mapping[str, Any], issuer: str) -> bool:
        """Whether the credential's bit is 1; the first bit is the leftmost."""
        bits = self.bits.get((issuer, id_of(entry.get("statusListCredential"))), b"")
        place = str(entry.get("statusListIndex", ""))
        if str(entry.get("statusPurpose", "")).lower() != "revocation" or not place.isdecimal() or len(place) > 9:
            return False
        byte, bit = divmod(int(place), 8)
        return byte < len(bits) and bool(bits[byte] >> (7 - bit) & 1)


def is_beside(value: Mapping[str, Any]) -> bool:
    """Whether this is no credential of a person, but means something for those."""
    return bool(set(types(value)) & {*ISSUERS, *ID_LISTS, *BIT_LISTS})


def id_of(value: Any) -> str:
    """The id of an object that is given whole, or by its id; empty where there is none."""
    given = value.get("id", value.get("@id")) if isinstance(value, Mapping) else value
    return given.strip() if isinstance(given, str) else ""


def revoked_ids(value: Mapping[str, Any]) -> Iterator[str]:
    """The ids in a list: texts, or objects with an `id` or `uid`."""
    for name in REVOKED:
        held = value.get(name)
        for each in held if isinstance(held, list) else ():
            if found := id_of(each) or (str(each.get("uid") or "") if isinstance(each, Mapping) else ""):
                yield found


def bits_of(value: Mapping[str, Any]) -> bytes:
    """The unpacked bits of a status list; raises `Unreadable`."""
    subject = value.get("credentialSubject")
    packed = subject.get("encodedList") if isinstance(subject, Mapping) else None
    if not isinstance(packed, str):
        raise Unreadable("encodedList", "is missing: a status list has its bits there")
    try:
        data = base64.urlsafe_b64decode(packed.removeprefix("u") + "==")
        return zlib.decompressobj(_GZIP).decompress(data, _MOST_BYTES)
    except (ValueError, zlib.error) as error:
        raise Unreadable("encodedList", f"can't be unpacked ({error}): get the list again") from error
