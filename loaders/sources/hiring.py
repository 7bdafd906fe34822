"""What applicant tracking systems have in common: words, addresses and ratings as cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Config
from loaders.sources.made import Make
from loaders.sources.objects import objects
from loaders.strict import Unreadable
from loaders.words import normalised, word_id


class Spellings:
    """The first spelling of each word in a load: one word has one label, however it is written elsewhere."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def of(self, name: Any) -> Any:
        """The label of a word; what is no word stays as it is."""
        return self._first.setdefault(normalised(name), name) if isinstance(name, str) else name


def word(prefix: str, column: str = "name") -> Make:
    """The id of the word in a column."""
    return lambda cells, _: word_id(prefix, cells[column]) if cells.get(column) else None


def address_key(prefix: str) -> Make:
    """A keyed hash of the e-mail address in the column `value`, whatever its case."""

    def make(cells: Mapping[str, Any], config: Config) -> str | None:
        address = cells.get("value")
        if not address or config.secret is None:
            return None
        return config.secret.pseudonym(prefix, address.strip().casefold())

    return make


def either(*columns: str) -> Make:
    """The first of these columns that holds something."""
    return lambda cells, _: next((found for name in columns if (found := cells.get(name))), None)


def no_object(table: str, file: str, row: int, value: Any) -> BadRecord:
    """An item that is nothing to read."""
    return BadRecord(table, file, BadRow(row, "", shown(value), "is no object that this system gives: leave it out"))


def inner(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an object, none where there is no list; raises `Unreadable` for anything else."""
    found = objects(value, name)
    for each in found:
        if not isinstance(each, Mapping):
            raise Unreadable(name, "holds what is no object: leave it out", shown(each))
    return found
