"""JSON read strictly: what other readers let pass silently is refused with a sentence.

Refused: anything but UTF-8, lone surrogates, NaN and infinities, a name twice in one object, nesting deeper than 64,
and numbers that would be rounded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson

from api.problems import unreadable
from loaders.strict import too_deep

MAX_DEPTH = 64
MAX_INTEGER = 2**63 - 1
_EXACT = 2**53  # below it every whole number is a double
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def parse_json(data: bytes, field: str = "body", *, numbers_as_text: bool = False) -> Any:
    """The value of one JSON text; raises a 400 `Problem` that names `field`.

    With `numbers_as_text`, numbers come as they were written ("0.50"), for loaders that read decimals exactly.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise unreadable(field, _around(data, error.pos), _fix(data, error)) from None
    if too_deep(value, MAX_DEPTH):
        raise unreadable(field, data[:40].decode("utf-8", "replace"), f"nest at most {MAX_DEPTH} deep")
    del value  # large bodies: not held twice
    return _decoder(field, numbers_as_text).decode(data.decode("utf-8"))


def _decoder(field: str, numbers_as_text: bool) -> json.JSONDecoder:
    """A decoder whose hooks refuse; it runs on text that is known to be sound JSON of bounded depth."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            twice, _ = Counter(name for name, _ in items).most_common(1)[0]
            raise unreadable(field, twice, "state a name once in an object")
        return made

    def integer(text: str) -> int:
        if len(text.lstrip("-")) > len(str(MAX_INTEGER)) or abs(value := int(text)) > MAX_INTEGER:
            raise unreadable(field, text, f"whole numbers go up to {MAX_INTEGER}")
        return value

    as_text: Callable[[str], Any] = str
    return json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_int=as_text if numbers_as_text else integer,
        parse_float=as_text if numbers_as_text else _number,
    )


def _number(text: str) -> int | float:
    """A number; 5.0 is the whole number 5, as JSON Schema has it."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _around(data: bytes, position: int) -> str:
    """The text near a character position; cut from bytes first, a body may be large."""
    text = data[: 4 * (position + 40)].decode("utf-8", "replace")
    return text[max(0, position - 20) : position + 20]


def _fix(data: bytes, error: orjson.JSONDecodeError) -> str:
    if not data.strip():
        return "send a JSON text"
    if data.startswith(_BOMS) or b"\0" in data[:2]:
        return "encode it as UTF-8 without a byte order mark"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "encode it as UTF-8"
    message = str(error).split(":", 1)[0]
    return f"send one sound JSON text ({message}, line {error.lineno} column {error.colno})"
