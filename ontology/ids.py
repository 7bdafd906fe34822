"""Ids: CURIEs at every boundary, expanded to IRIs by the deployment's prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

DEFAULT_BASE = "http://localhost:8000/"
LONGEST_ID = 512  # characters of a CURIE

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}:(?:[A-Za-z0-9._-]|~[0-9a-f]{2})+", re.ASCII)
_LOCAL = re.compile(r"(?:[A-Za-z0-9._-]|~[0-9A-Fa-f]{2})*", re.ASCII)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")
_UCS = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U000e1000-\U000efffd" + "".join(
    f"{chr(plane)}-{chr(plane + 0xFFFD)}" for plane in range(0x10000, 0xE0000, 0x10000)
)


def _some(also: str) -> str:
    """What may stand in a part of an IRI, and as much of it as there is (RFC 3987, section 2.2)."""
    return rf"(?:[A-Za-z0-9._~!$&'()*+,;=\-{_UCS}{also}]++|%[0-9A-Fa-f]{{2}})*+"


_ADDRESS = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*+:(?://(?:{_some(':')}@)?{_some('')}(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    rf"{_some(':@/?')}(?:#{_some(':@/?')})?"
)
"""An IRI that every reader of RDF takes; hosts that are IPv6 addresses are not among them."""
_ESCAPING = "write each byte of other characters than A-Z a-z 0-9 . _ - as ~ and two hex digits"
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def escape_local(text: str) -> str:
    """A key as the local part of an id: bytes other than `A-Z a-z 0-9 . _ -` become `~` and two hex digits.

    >>> escape_local("C++ / é~")
    'C~2b~2b~20~2f~20~c3~a9~7e'
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{text!r} holds half a character and can't be an id: mend its encoding") from error
    return "".join(chr(byte) if byte in _SAFE else f"~{byte:02x}" for byte in raw)


def unescape_local(local: str) -> str:
    """The source's key again; hex digits of either case are read.

    >>> unescape_local("C~2b~2B")
    'C++'
    """
    if _LOCAL.fullmatch(local) is None:
        raise ValueError(f"{local[:80]!r} is no escaped key: {_ESCAPING}")
    raw = re.sub(rb"~([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), local.encode())
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{local[:80]!r} does not unescape to UTF-8: {_ESCAPING}") from error


def is_curie(text: str) -> bool:
    """Whether the text is an id in its one canonical form.

    >>> is_curie("esco-skill:abc"), is_curie("a:b c"), is_curie("a:~41"), is_curie("http://x.org/y")
    (True, False, False, False)
    """
    if len(text) > LONGEST_ID or _CURIE.fullmatch(text) is None:
        return False
    if "~" not in text:
        return True
    local = text.partition(":")[2]
    try:
        return escape_local(unescape_local(local)) == local
    except ValueError:
        return False


def is_iri(text: str) -> bool:
    """Whether the text is a whole IRI: a scheme, and no character that an IRI never has.

    >>> is_iri("https://example.org/é"), is_iri("label"), is_iri("a:b c")
    (True, False, False)
    """
    return _IRI.fullmatch(text) is not None


def make_curie(prefix: str, key: str) -> str:
    """The id of a source's key in an id space.

    >>> make_curie("moodle-course", "42/a")
    'moodle-course:42~2fa'
    """
    if _PREFIX.fullmatch(prefix) is None:
        raise ValueError(f"{prefix!r} is no prefix: write letters, digits and hyphens, a letter first")
    curie = f"{prefix}:{escape_local(key)}"
    if not key or len(curie) > LONGEST_ID:
        raise ValueError(f"{key[:60]!r} can't be the key of an id: an id has a key and at most {LONGEST_ID} characters")
    return curie


@dataclass(frozen=True)
class Prefixes:
    """Id spaces: prefix -> namespace. A prefix that is not declared expands below `<base>id/`."""

    namespaces: Mapping[str, str] = field(default_factory=dict)
    base: str = DEFAULT_BASE

    def __post_init__(self) -> None:
        object.__setattr__(self, "namespaces", MappingProxyType(dict(self.namespaces)))

    def expand(self, curie: str) -> str:
        """The IRI of an id; below `<base>id/` too when its key holds what no IRI may, such as a blank or a bracket.

        >>> Prefixes({"isco": "http://data.europa.eu/esco/isco/"}).expand("isco:C2512")
        'http://data.europa.eu/esco/isco/C2512'
        >>> Prefixes({}, "https://skills.example/").expand("hr:7")
        'https://skills.example/id/hr:7'
        """
        if not is_curie(curie):
            raise ValueError(f"{curie[:80]!r} is no id: write prefix:local, or a full IRI")
        prefix, _, local = curie.partition(":")
        namespace = self.namespaces.get(prefix)
        iri = "" if namespace is None else namespace + unescape_local(local)
        return iri if _ADDRESS.fullmatch(iri) else f"{self.base}id/{curie}"

    def compact(self, iri: str) -> str:
        """The id of an IRI: the longest declared namespace it begins with; `iri:` holds what no other takes.

        >>> Prefixes({"isco": "http://data.europa.eu/esco/isco/"}).compact("http://data.europa.eu/esco/isco/C2512")
        'isco:C2512'
        """
        own = f"{self.base}id/"
        if iri.startswith(own) and is_curie(iri[len(own) :]):
            return iri[len(own) :]
        for namespace, prefix in self._longest_first:
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return make_curie(prefix, iri[len(namespace) :])
        return make_curie("iri", iri)

    def curie(self, text: str) -> str:
        """The id of a CURIE or an IRI, in its canonical form.

        >>> Prefixes({"isco": "http://data.europa.eu/esco/isco/"}).curie("isco:~432512")
        'isco:C2512'
        """
        if is_curie(text):
            return text
        prefix, colon, local = text.partition(":")
        if colon and local and _PREFIX.fullmatch(prefix) and _LOCAL.fullmatch(local):
            return make_curie(prefix, unescape_local(local))
        if _IRI.fullmatch(text) is None:
            raise ValueError(f"{text[:80]!r} is no id: write prefix:local, or a full IRI")
        return self.compact(text)

    def edge_iri(self, edge_type: str, start: str, end: str) -> str:
        """The IRI of an edge that has properties.

        >>> Prefixes({}, "https://skills.example/").edge_iri("REQUIRES", "hr:7", "skill:1")
        'https://skills.example/edge/REQUIRES/hr:7/skill:1'
        """
        return f"{self.base}edge/{edge_type}/{start}/{end}"

    @cached_property
    def _longest_first(self) -> tuple[tuple[str, str], ...]:
        pairs = ((namespace, prefix) for prefix, namespace in self.namespaces.items() if namespace)
        return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[1])))
