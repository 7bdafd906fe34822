"""Where an API is, and that nothing leads away from there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from loaders.errors import LoadError

_PLACE = re.compile(r"\{([^{}]*)\}")
_PORTS = {"http": 80, "https": 443}


def is_address(text: str) -> bool:
    """Whether what a user gives to load is an API's address, not a path.

    >>> is_address("https://harvest.example.org/v1"), is_address("exports/https")
    (True, False)
    """
    return text.lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Base:
    """An API's base address, without a slash at its end."""

    url: str

    def under(self, path: str) -> str:
        """The address of a path below it."""
        return f"{self.url}/{path}" if path else self.url

    def same(self, url: str, beside: str) -> str:
        """An absolute address for what an answer gave (`beside` is whose answer); raises `LoadError` when it leads to
        another host, to which the token must not go."""
        try:
            found = urljoin(beside, url)
            ours, theirs = urlsplit(self.url), urlsplit(found)
            there = _origin(theirs) == _origin(ours) and not theirs.username
        except ValueError:
            there = False
        if not there:
            reason = "an answer leads to another host than was asked: give that one's address, if it is to be trusted"
            raise LoadError(reason, file=shown(beside))
        return found


def base_of(text: str, *, secret: bool) -> Base:
    """The address as a user gave it; `secret` says that a token is sent there.

    Raises `LoadError`, which does not repeat what may be a password.
    """
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
        place = (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else "")
        found = f"{parts.scheme}://{place}{parts.path}".rstrip("/")
    except ValueError as error:
        raise LoadError("the address can't be read: write https://host/path") from error
    if parts.username or parts.password or parts.query or parts.fragment:
        raise LoadError(
            "the address holds more than a host and a path: leave out what stands before @ and after ?; a token is "
            "given by the environment",
            file=found,
        )
    if not host:
        raise LoadError("the address has no host: write https://host/path", file=found)
    if secret and parts.scheme == "http" and not _is_here(host):
        raise LoadError("the token would be sent unencrypted: write https://", file=found)
    return Base(found)


def shown(url: str) -> str:
    """An address as it is shown: without its query, which holds what nobody needs to read."""
    return url.partition("?")[0]


def filled(template: str, places: Mapping[str, str], *, path: bool) -> str:
    """A template with its places filled; in a path what is filled in can't lead elsewhere.

    >>> filled("jobs/{id}/stages", {"id": "4/2"}, path=True)
    'jobs/4%2F2/stages'
    """
    return _PLACE.sub(lambda found: quote(places[found[1]], safe="") if path else places[found[1]], template)


def places_in(*templates: str) -> tuple[str, ...]:
    """The names of all places in templates."""
    return tuple(dict.fromkeys(name for template in templates for name in _PLACE.findall(template)))


def at(value: Any, path: str) -> Any:
    """What stands in a JSON value at a path with dots; None where there is nothing.

    >>> at({"links": {"user": "7"}}, "links.user"), at({"links": None}, "links.user")
    ('7', None)
    """
    for name in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _is_here(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
