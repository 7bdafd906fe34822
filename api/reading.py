"""Requests read strictly: query strings, media types, bodies and their encodings."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from fastapi import Request

from api.guard import too_large
from api.problems import Problem, fault, invalid, unreadable

MAX_PARAMETERS = 1_000
MAX_GZIP_MEMBERS = 64  # each costs a copy of what is left
JSON = "application/json"
NDJSON = "application/x-ndjson"
JSON_LD = "application/ld+json"


def query_of(request: Request) -> dict[str, list[str]]:
    """The query string as lists of values in order; raises 400 for what is no UTF-8."""
    raw: bytes = request.scope["query_string"]
    pieces = [piece for piece in raw.split(b"&") if piece]
    if len(pieces) > MAX_PARAMETERS:
        raise unreadable("query", f"{len(pieces)} parameters", f"send at most {MAX_PARAMETERS}")
    found: dict[str, list[str]] = {}
    for piece in pieces:
        name, _, value = piece.partition(b"=")
        found.setdefault(_text(name, "query"), []).append(_text(value, "query"))
    return found


def _text(quoted: bytes, field: str) -> str:
    data = unquote_to_bytes(quoted.replace(b"+", b" "))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise unreadable(field, quoted.decode("latin-1"), "percent-encode UTF-8") from None
    return text


def only(query: Mapping[str, Sequence[str]], known: Sequence[str]) -> dict[str, str]:
    """Parameters that stand once each and are known; raises 422 that names the one that is not."""
    for name, values in query.items():
        if name not in known:
            raise invalid(name, values[0], f"leave it out; known are: {', '.join(known) or 'no parameters'}")
        if len(values) > 1:
            raise invalid(name, " ".join(values), "give it once")
    return {name: values[0] for name, values in query.items()}


def whole(parameters: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole-number parameter within its range."""
    text = parameters.get(name)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or not low <= int(text) <= high:
        raise invalid(name, text, f"give a whole number from {low} to {high}")
    return int(text)


def media_type(request: Request, allowed: Sequence[str]) -> str:
    """The body's media type, one of `allowed`; raises 415 for another type or another character set."""
    stated = request.headers.get("content-type", "")
    kind, _, rest = stated.partition(";")
    kind = kind.strip().lower()
    if kind not in allowed:
        raise _unsupported("Content-Type", stated, f"send {' or '.join(allowed)}", {"Accept": ", ".join(allowed)})
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise _unsupported("Content-Type", stated, "encode the body as UTF-8", {})
    return kind


async def body_of(request: Request, limit: int) -> bytes:
    """The whole body, unpacked when it came with Content-Encoding gzip; `limit` bounds the unpacked bytes too."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        accepted = {"Accept-Encoding": "gzip, identity"}
        raise _unsupported("Content-Encoding", encoding, "send it as it is, or with gzip", accepted)
    data = await request.body()
    return data if encoding == "identity" else gunzip(data, limit)


def gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip stream; raises 413 as soon as they hold more than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    while data:
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            part = unpacker.decompress(data, limit - size + 1)
        except zlib.error:
            raise unreadable("body", data[:20].hex(), "send a sound gzip stream") from None
        size += len(part)
        if size > limit:
            raise too_large("unpacked body", size, limit)
        if not unpacker.eof:
            raise unreadable("body", "", "send the gzip stream to its end")
        parts.append(part)
        if len(parts) > MAX_GZIP_MEMBERS:
            raise unreadable("body", f"over {MAX_GZIP_MEMBERS} members", "pack it as one gzip member")
        data = unpacker.unused_data
    return b"".join(parts)


def _unsupported(field: str, value: str, fix: str, headers: Mapping[str, str]) -> Problem:
    return Problem(
        "unsupported-media-type", f"{field} is not one that is read here", [fault(field, value, fix)], headers
    )
