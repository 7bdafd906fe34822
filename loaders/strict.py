"""JSON read strictly: a key that stands twice, NaN and half letters are told; numbers stay as they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.scanner import make_scanner
from typing import Any, NoReturn


class Unreadable(ValueError):
    """What can't be read: the field where that is known, the value, and a sentence that goes on from their names."""

    def __init__(self, field: str, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.value = field, reason, value


class Number(str):
    """A number as it is written, for those who must tell it from a text."""

    __slots__ = ()


def parsed(text: str, numbers: type[str] = str) -> Any:
    """The one JSON value of a text, without white space around it; numbers as text. Raises `Unreadable`."""
    try:
        value, end = _SCANNERS[numbers](text, 0)
    except RecursionError as error:
        raise Unreadable("", "is nested too deep: flatten it") from error
    except StopIteration as error:
        raise Unreadable("", f"is no JSON from character {int(error.value or 0) + 1} on") from error
    except json.JSONDecodeError as error:
        raise Unreadable("", f"is no JSON: {error.msg} after {error.pos} characters") from error
    if end != len(text):
        raise Unreadable("", f"goes on after its JSON, from character {end + 1} on")
    return value


def too_deep(value: Any, most: int) -> bool:
    """Whether there are more than so many objects and lists within each other."""
    level, depth = [value], 0
    while level:
        if depth > most:
            return True
        level = [
            inner
            for each in level
            if isinstance(each, list | dict)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, list | dict)
        ]
        depth += 1
    return False


def half_letter(text: str) -> str:
    """Why a text can't be written, where it holds a lone surrogate; else empty."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        return f"holds half a character ({half}) after {error.start} characters: write it whole"
    return ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(twice, "stands twice in one object: keep one")
    return found


def _no_number(text: str) -> NoReturn:
    raise Unreadable("", f"{text} is no JSON number: leave the field out")


def _scanner(numbers: type[str]) -> Callable[[str, int], tuple[Any, int]]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_float=numbers, parse_int=numbers, parse_constant=_no_number
    )
    scan: Callable[[str, int], tuple[Any, int]] = make_scanner(decoder)  # type: ignore[arg-type]
    return scan


_SCANNERS = {numbers: _scanner(numbers) for numbers in (str, Number)}
