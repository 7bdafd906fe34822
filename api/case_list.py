"""Which of a list of things of CASE are answered: `sort`, `orderBy`, `filter`, `fields`, `limit` and `offset`.

By the REST/JSON Binding of CASE 1.1, section 3.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from api.problems import Problem, invalid
from api.reading import whole

Thing = dict[str, Any]
Condition = Callable[[Thing], bool]

MOST: Final = 1_000
USUAL: Final = 100
FARTHEST: Final = 10**9
PARAMETERS: Final = ("limit", "offset", "sort", "orderBy", "filter", "fields")

_TEST = re.compile(r"(\w+) *(!=|>=|<=|=|>|<|~) *'([^']*)'")
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "~": lambda held, given: given.casefold() in held.casefold(),
}


class BadSort(Problem):
    """A field that is not sorted by; the standard has a word of its own for it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the things, and how many there are of which these are some."""

    things: list[Thing]
    total: int
    headers: Mapping[str, str]


def page_of(every: Sequence[Thing], given: Mapping[str, str], fields: Sequence[str], path: str) -> Page:
    """What is asked for; `fields` are the properties that things may have. Raises `Problem`."""
    limit, offset = whole(given, "limit", USUAL, 1, MOST), whole(given, "offset", 0, 0, FARTHEST)
    fits = _condition(given["filter"], fields) if "filter" in given else _every
    chosen = [each for each in every if fits(each)]
    chosen = _sorted(chosen, given, fields)
    shown = _fields(given["fields"], fields) if "fields" in given else fields
    page = [{name: each[name] for name in shown if name in each} for each in chosen[offset : offset + limit]]
    return Page(page, len(chosen), _headers(given, limit, offset, len(chosen), path))


def _sorted(every: list[Thing], given: Mapping[str, str], fields: Sequence[str]) -> list[Thing]:
    by, order = given.get("sort"), given.get("orderBy", "asc")
    if order not in ("asc", "desc"):
        raise invalid("orderBy", order, "give asc or desc")
    if by is None:
        return every
    if by not in fields:
        raise BadSort(*_unknown("sort", by, fields))
    return sorted(every, key=lambda each: str(each.get(by, "")), reverse=order == "desc")


def _fields(text: str, fields: Sequence[str]) -> Sequence[str]:
    names = text.split(",")
    for name in names:
        if name not in fields:
            raise Problem(*_unknown("fields", name, fields))
    return names


def _every(_: Thing) -> bool:
    return True


def _condition(text: str, fields: Sequence[str]) -> Condition:
    """What things pass: `field='text'`, one or two of these joined by AND or OR."""
    first, *others = re.split(r"(?<=') (AND|OR) ", text)
    if len(others) > 2:
        raise invalid("filter", text, "join at most two conditions, by AND or OR")
    one = _test(first, fields)
    if not others:
        return one
    join, another = others[0], _test(others[1], fields)
    return (lambda each: one(each) and another(each)) if join == "AND" else (lambda each: one(each) or another(each))


def _test(text: str, fields: Sequence[str]) -> Condition:
    found = _TEST.fullmatch(text)
    if found is None:
        raise invalid("filter", text, "write a field, one of = != > >= < <= ~, and a text in single quotes")
    name, test, value = found.groups()
    if name not in fields:
        raise Problem(*_unknown("filter", name, fields))
    return lambda each: _OPERATORS[test](str(each.get(name, "")), value)


def _unknown(parameter: str, name: str, fields: Sequence[str]) -> tuple[str, str, Any]:
    made = invalid(parameter, name, f"give one of {', '.join(fields)}")
    return made.kind, made.detail, made.faults


def _headers(given: Mapping[str, str], limit: int, offset: int, total: int, path: str) -> dict[str, str]:
    """How many there are, and where other pages are (RFC 8288)."""
    last = (total - 1) // limit * limit if total else 0
    places = {"first": 0, "last": last}
    places |= {"next": offset + limit} if offset + limit < total else {}
    places |= {"prev": max(0, min(offset - limit, last))} if offset else {}

    def address(start: int) -> str:
        return f"{path}?{urlencode({**given, 'limit': limit, 'offset': start})}"

    links = ", ".join(f'<{address(start)}>; rel="{name}"' for name, start in places.items())
    return {"X-Total-Count": str(total), "Link": links}
