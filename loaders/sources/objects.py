"""Objects of a JSON document as rows of a table: the keys that are read, each of the type that it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl

from loaders.records import Parts
from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Chunk, Record
from loaders.strict import Unreadable
from ontology.ids import make_curie

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The rows of one table: each key becomes a column, `links.user` is one within another.

    `who` is the prefix and the key of the learner that a row is about, so that a row that can't be read is found when
    they are erased.
    """

    table: str
    texts: Sequence[str]  # keys of one text, number or truth value
    lists: Sequence[str] = ()  # keys of several texts; one by itself is a list of one
    made: Sequence[str] = ()  # columns that the reader adds
    who: tuple[str, str] | None = None

    def cells(self, value: Any) -> dict[str, Any]:
        """The columns of one object, all of them; raises `Unreadable` for one of another type."""
        if not isinstance(value, Mapping):
            raise Unreadable("", "is no object: every row of this list is one", shown(value))
        cells: dict[str, Any] = {key: at(value, key) if "." in key else value.get(key) for key in self.texts}
        for key, found in cells.items():
            _plain(found, key)
        return cells | {key: several(value, key) for key in self.lists} | dict.fromkeys(self.made)

    def bad(
        self, file: str, row: int, value: Any, error: Unreadable, more: Mapping[str, Any] | None = None
    ) -> BadRecord:
        """The row that can't be read, with what can be, and what is known of it besides, so that it can be mended."""
        raw: dict[str, Any] = {}
        if isinstance(value, Mapping):
            raw = {key: text for key in self.texts if isinstance(text := at(value, key), str | bool)} | dict(more or {})
        if self.who and (key := raw.get(self.who[1])):
            with suppress(ValueError):  # no key of anybody
                raw["learner"] = make_curie(self.who[0], str(key))
        return BadRecord(self.table, file, BadRow(row, error.field, error.value, str(error), raw))

    def nothing(self, file: str) -> Chunk:
        """That a document has no row of the table."""
        return Chunk(self.table, file, pl.DataFrame(schema=dict.fromkeys((*self.texts, *self.made), pl.String)))


class Numbered:
    """Rows of several tables out of documents: of each table of a file numbered as they come, in a file of their own
    within the file.
    """

    def __init__(self) -> None:
        self._parts = Parts()

    def row(
        self, shape: Shape, file: str, value: Any, made: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None
    ) -> Record | BadRecord:
        """The next row of a table; `made` gives the columns that the reader adds, and may raise `Unreadable` too."""
        try:
            cells = shape.cells(value)
            whole = {**cells, **(made(cells) if made else {})}
        except Unreadable as error:
            return self.bad(shape, file, value, error)
        return self._parts.record(shape.table, file, whole)

    def bad(self, shape: Shape, file: str, value: Any, error: Unreadable) -> BadRecord:
        """The next row of a table, which can't be read."""
        return shape.bad(*self._parts.place(shape.table, file), value, error)


class Once:
    """What was said of a key: answers tell the same again and again, and what differs in nothing is a row once."""

    def __init__(self) -> None:
        self._said: set[tuple[str, ...]] = set()

    def first(self, *key: Any) -> bool:
        """Whether it was not said before; a key that is no text is known by how it is written."""
        before = len(self._said)
        self._said.add(tuple(map(str, key)))
        return len(self._said) > before


def at(value: Any, path: str) -> Any:
    """What stands at a key, or at a path of keys; None where there is nothing."""
    if "." not in path:
        return value.get(path) if isinstance(value, dict) else None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def single(value: Object, path: str) -> str | bool | None:
    """One text, number (as text) or truth value; raises `Unreadable`."""
    return _plain(at(value, path), path)


def _plain(found: Any, path: str) -> str | bool | None:
    if found is None or isinstance(found, (str, bool)):
        return found
    raise Unreadable(path, f"is {_kind(found)}, but one value belongs there", shown(found))


def several(value: Object, path: str) -> list[str] | None:
    """A list of texts; raises `Unreadable`."""
    found = at(value, path)
    if found is None:
        return None
    items = found if isinstance(found, list) else [found]
    for item in items:
        if not isinstance(item, str):
            raise Unreadable(path, f"holds {_kind(item)}, but a list of texts belongs there", shown(item))
    return items or None


def objects(value: Object, key: str) -> list[Any]:
    """The list at a key, empty where there is none; raises `Unreadable` for what is no list."""
    found = at(value, key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(key, f"is {_kind(found)}, but a list belongs there", shown(found))
    return found


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else "a single value"
