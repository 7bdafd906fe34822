"""Which form of an answer a request asks for."""

from __future__ import annotations

from collections.abc import Sequence

from api.problems import Problem, fault


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that an Accept header prefers, the first offered among equals; 406 when none will do."""
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    qualities = [_quality(media, ranges) for media in offered]
    best = max(qualities)
    if best <= 0:
        fix = f"accept one of {', '.join(offered)}"
        raise Problem("not-acceptable", "the answer has none of the forms asked for", [fault("Accept", accept, fix)])
    return offered[qualities.index(best)]


def accepts_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header names gzip, and does not refuse it.

    >>> accepts_gzip("br, gzip;q=0.5"), accepts_gzip("gzip;q=0"), accepts_gzip(None)
    (True, False, False)
    """
    return any(name == "gzip" and quality > 0 for name, quality in map(_range, (header or "").split(",")))


def _range(part: str) -> tuple[str, float]:
    media, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            quality = _number(value.strip())
    return media.strip().lower(), quality


def _number(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most specific range that covers the media type."""
    main = media.partition("/")[0]
    for pattern in (media, f"{main}/*", "*/*"):
        found = [quality for name, quality in ranges if name == pattern]
        if found:
            return max(found)
    return 0.0


def language_of(header: str | None, default: str) -> str:
    """The language that an Accept-Language header prefers, "" for the deployment's own."""
    ranges = sorted((_range(part) for part in (header or "").split(",") if part.strip()), key=lambda one: -one[1])
    for tag, quality in ranges:
        if quality > 0 and tag != "*" and tag.isascii() and tag.replace("-", "").isalnum() and len(tag) <= 35:
            return "" if tag == default.lower() or tag.partition("-")[0] == default.lower() else tag
    return ""
