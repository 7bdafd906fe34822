"""The rubrics of a CASE package: criteria with the items they judge, and their levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders.records import Parts
from loaders.rows import shown
from loaders.source import BadRecord, Rows
from loaders.sources.case_shapes import ASSESSED, CHANGED, CRITERION, LEVEL, Links, key
from loaders.sources.objects import Object, Shape, objects, single
from loaders.sources.results import rounded
from loaders.strict import Unreadable

HEAVIEST = Decimal(10_000)
"""What a criterion weighs at most in the model."""

Cells = Callable[[Shape, Any, list[str]], dict[str, Any]]
"""Makes the columns of one row, and tells what is unusual in it; raises `Unreadable`."""

MakeRow = Callable[[Shape, Any, int, Cells], Rows]
"""The row of a thing, which may be one that can't be read."""


class Rubrics:
    """Rows of lists within lists, numbered as they come; `own` makes the columns that every thing has."""

    def __init__(self, file: str, links: Links, own: Cells, make: MakeRow) -> None:
        self._file, self._links, self._own, self._make = file, links, own, make
        self._parts = Parts()

    def criteria(self, rubric: Object) -> Iterator[Rows]:
        """The rows of what is in a rubric."""
        criteria = list(self._inner(rubric, "CFRubricCriteria", CRITERION))
        weights = _whole([each.get("weight") for each in criteria if isinstance(each, Mapping)])
        owner = {"rubricId": _identifier(rubric)}
        for value in criteria:
            if isinstance(value, BadRecord):
                yield value
                continue
            whole = _within(value, owner)
            yield self._numbered(CRITERION, whole, lambda cells: {"weight": _weight(cells["weight"], weights)})
            if isinstance(value, Mapping):
                yield from self._assessed(value)
                yield from self._levels(value)

    def _levels(self, criterion: Object) -> Iterator[Rows]:
        owner = {"rubricCriterionId": _identifier(criterion)}
        for value in self._inner(criterion, "CFRubricCriterionLevels", LEVEL):
            if isinstance(value, BadRecord):
                yield value
            else:
                yield self._numbered(LEVEL, _within(value, owner), lambda cells: {"score": rounded(cells["score"])})

    def _assessed(self, criterion: Object) -> Iterator[Rows]:
        if criterion.get("CFItemURI") is None:
            return

        def cells(shape: Shape, value: Object, flags: list[str]) -> dict[str, Any]:
            flags += ["bare-link"] if isinstance(value["CFItemURI"], str) else []
            found = {"identifier": _identifier(value), "CFItemURI": self._links.node(value, "CFItemURI")}
            return shape.cells(value) | found | {CHANGED: single(value, CHANGED)}

        yield self._make(ASSESSED, criterion, self._row(ASSESSED), cells)

    def _inner(self, value: Object, name: str, shape: Shape) -> Iterator[Any]:
        """The items of a list within; of what is no list one row that can't be read."""
        try:
            yield from objects(value, name)
        except Unreadable as error:
            yield shape.bad(*self._parts.place(shape.table, self._file), {}, error)

    def _numbered(self, shape: Shape, value: Any, more: Callable[[Object], Mapping[str, str | None]]) -> Rows:
        """A row of a list within a list; `more` are columns made of its own."""

        def cells(shape: Shape, value: Any, flags: list[str]) -> dict[str, Any]:
            found = self._own(shape, value, flags)
            return {**found, **more(found)}

        return self._make(shape, value, self._row(shape), cells)

    def _row(self, shape: Shape) -> int:
        return self._parts.place(shape.table, self._file)[1]


def _within(value: Any, owner: Mapping[str, str | None]) -> Any:
    """A thing with whose part it is: that tells where it stands, whatever it says itself."""
    return {**value, **owner} if isinstance(value, Mapping) else value


def _identifier(value: Object) -> str | None:
    found = value.get("identifier")
    return key(found) if isinstance(found, str) else None


def _whole(weights: Sequence[Any]) -> Mapping[str, int]:
    """The weights of one rubric's criteria as whole numbers in about that proportion: 0.25 and 0.5 are 25 and 50."""
    numbers = {weight: number for weight in weights if isinstance(weight, str) and (number := _number(weight))}
    if not numbers:
        return {}
    factor = Decimal(10) ** max(0, *(-int(number.as_tuple().exponent) for number in numbers.values()))
    factor = min(factor, HEAVIEST / max(numbers.values()))
    return {weight: max(1, round(number * factor)) for weight, number in numbers.items()}


def _weight(weight: Any, known: Mapping[str, int]) -> str | None:
    if weight is None or weight == "":
        return None
    if weight not in known:
        raise Unreadable("weight", f"{shown(weight)!r} is no number above 0: mend or leave it out", shown(weight))
    return str(known[weight])


def _number(weight: str) -> Decimal | None:
    """A weight above 0; None for what is none."""
    try:
        number = Decimal(weight).normalize()
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None
