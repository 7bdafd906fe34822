"""Which identities say the same though they are written differently: normal forms and hashes (decision 013).

A normal form is what values are compared by; the stated value stays as it was said. A hashed identity is compared with
the hashes of the plain ones that are known, and never reversed:

- `mbox_sha1sum`: SHA-1 in hex digits of `mailto:` and the address (xAPI 1.0.3, part 2, section 2.4.2.3 "Inverse
  Functional Identifier"; xAPI 2.0 has the same);
- `hashed:sha256`, `hashed:md5`: digest in hex digits, a space, the salt; the digest is of the identity and the salt,
  one after the other (Open Badges 2.0 and 3.0, IdentityObject).

Addresses in the wild were hashed as they were typed, so a hash may be of the normal form or of the value as stated.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

EMAIL, OPENID, ACCOUNT, NUMBER = "email", "openid", "account", "employee-number"
MBOX = "mbox_sha1sum"
SALTED: Mapping[str, Callable[[bytes], hashlib._Hash]] = {
    "hashed:sha256": hashlib.sha256,
    "hashed:md5": lambda data: hashlib.md5(data, usedforsecurity=False),
}
"""Systems of identities that were hashed with a salt."""

MARK, MARK_AS_SAID = "_mark", "_mark_as_said"

HASHABLE = (EMAIL, OPENID)
"""Systems whose values hashes are compared with: what is the same for everybody. A number that one system gives may be
somebody else's in another, and a hash does not tell which system's it is of."""

_NO_NUMBER = frozenset({"n/a", "na", "none", "null", "-", "."})
"""What systems write where somebody has no employee number; zeros only are none either."""

_MAILTO = "mailto:"


def normal(system: str, value: str) -> str:
    """What a value is compared by; "" joins nobody.

    >>> normal("email", " MailTo:Ada@Example.org")
    'ada@example.org'
    >>> normal("account", "HTTPS://LMS.Example.org/ Ada")
    'https://lms.example.org Ada'
    >>> normal("employee-number", " 007 ")
    '007'
    >>> normal("employee-number", "N/A"), normal("account", "https://lms.example.org")
    ('', '')
    """
    return form_of(system)(value)


def form_of(system: str) -> Callable[[str], str]:
    """What makes the normal form of a system's values."""
    return _FORMS.get(system, str.strip)


def as_said(system: str, value: str) -> str:
    """A value as it is spelt: without outer space, an address without `mailto:`."""
    return _address(value) if system == EMAIL else value.strip()


def encoded(text: str) -> bytes:
    """What is hashed of a text; stores keep no lone surrogates, but rows may hold them."""
    return text.encode(errors="surrogatepass")


def mark(system: str, value: str) -> str | None:
    """A text that identities which say the same share, also those hashed without a salt; None: it says nothing."""
    form = normal(system, value)
    if not form:
        return None
    return f"{MBOX} {mbox_sha1sum(form)}" if system == EMAIL else f"{system} {form}"


def mark_as_said(system: str, value: str) -> str | None:
    """The further mark of an address that was not stated in its normal form: a hash may be of that spelling."""
    if system != EMAIL or (said := as_said(system, value)) == normal(system, value):
        return None
    return f"{MBOX} {mbox_sha1sum(said)}"


def marks_by_row(columns: Mapping[str, Sequence[Any]], rows: int) -> dict[str, list[str | None]]:
    """What engines keep of identities beside what is stated, to look them up by: column -> its values."""
    nothing = [None] * rows
    stated = list(zip(columns.get("system", nothing), columns.get("value", nothing), strict=True))
    return {
        name: [None if system is None or value is None else of(system, value) for system, value in stated]
        for name, of in ((MARK, mark), (MARK_AS_SAID, mark_as_said))
    }


def marks(system: str, value: str) -> tuple[str, ...]:
    """All marks of an identity; none of one that says nothing."""
    found = (mark(system, value), mark_as_said(system, value))
    return tuple(each for each in found if each)


def mbox_sha1sum(address: str) -> str:
    """The hex digits that stand for an address in xAPI.

    >>> mbox_sha1sum("ada@example.org")
    'd714b8a95bd857a37405a7b56db9108b60ae42bd'
    """
    return hasher(MBOX)(encoded(address))


def hasher(system: str, salt: str = "") -> Callable[[bytes], str]:
    """What makes the hex digits that stand for an identity in a system of hashed ones."""
    if system == MBOX:
        return lambda text: hashlib.sha1(b"mailto:" + text, usedforsecurity=False).hexdigest()
    digest, after = SALTED[system], encoded(salt)
    return lambda text: digest(text + after).hexdigest()


def salt_of(value: str) -> str:
    """The salt in the normal form of an identity."""
    return value.partition(" ")[2]


def hashable_texts(system: str, value: str) -> set[bytes]:
    """What a hash of an identity may have been made of."""
    form = normal(system, value) if system in HASHABLE else ""
    return {encoded(form), encoded(as_said(system, value))} if form else set()


def salted_marks(salts: Iterable[tuple[str, str]], plain: str, value: str) -> set[str]:
    """The marks of an identity as it was hashed under some (system, salt)."""
    texts = hashable_texts(plain, value)
    return {f"{system} {hasher(system, salt)(text)} {salt}" for system, salt in salts for text in texts}


def _email(value: str) -> str:
    """NFKC, without `mailto:` and outer space, case folded; nothing cleverer, which would be guessing."""
    if value.isascii():
        folded = value.strip().lower()
        return folded if folded[: len(_MAILTO)] != _MAILTO else folded[len(_MAILTO) :].strip()
    folded = _address(unicodedata.normalize("NFKC", value)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def _address(value: str) -> str:
    """The address alone, as it is spelt."""
    value = value.strip()
    if value[: len(_MAILTO)].lower() == _MAILTO:
        value = value[len(_MAILTO) :].strip()
    return value


def _url(value: str) -> str:
    """Scheme and host in small letters, no slash at the end (RFC 3986, sections 6.2.2.1 and 6.2.3)."""
    value = value.strip()
    try:
        scheme, host, path, query, fragment = urlsplit(value)
    except ValueError:
        return value  # no URL: compared as it is
    if not host:
        return value
    if not query and not fragment:
        path = path.rstrip("/")
    user, at, place = host.rpartition("@")
    return urlunsplit((scheme, user + at + place.lower(), path, query, fragment))


def _account(value: str) -> str:
    """The home page by the rules of URLs, the name as it is (xAPI: "homePage name"); without a name it is nobody's."""
    page, _, name = value.strip().partition(" ")
    return f"{_url(page)} {name.strip()}" if name else ""


def _number(value: str) -> str:
    """The number as it is; placeholders are nobody's."""
    number = value.strip()
    return number if number.strip("0") and number.casefold() not in _NO_NUMBER else ""


def _digest(value: str) -> str:
    return value.strip().lower()


def _salted(value: str) -> str:
    """The digest in small letters; a salt is what it is, and without a digest it is nobody's."""
    digest, _, salt = value.lstrip().partition(" ")
    return f"{digest.lower()} {salt}" if digest else ""


_FORMS: Mapping[str, Callable[[str], str]] = {
    EMAIL: _email,
    OPENID: _url,
    ACCOUNT: _account,
    NUMBER: _number,
    MBOX: _digest,
    **dict.fromkeys(SALTED, _salted),
}
