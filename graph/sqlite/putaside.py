"""What loads put aside and said: rows and messages that name an erased person."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ontology.ids import unescape_local

_FEWEST_CHARACTERS = 3  # a shorter text is looked for as a whole value only


def remove_held_rows(db: sqlite3.Connection, people: Sequence[str], names: Sequence[str], facts: Iterable[str]) -> int:
    """Forget rejected, waiting and conflicting rows that name the person; returns how many.

    A row too many does no harm: its source still has it.
    """
    found = [(key,) for key in rows_naming(db, people, names, facts)]
    db.executemany("DELETE FROM held_row WHERE key = ?", found)
    return len(found)


def rows_naming(db: sqlite3.Connection, people: Sequence[str], names: Sequence[str], facts: Iterable[str]) -> list[int]:
    """Keys of the held rows that name the person in a field or anywhere in their text, or a fact by its whole id."""
    search = Search([*names, *_source_keys(people)], facts)
    return [key for key, *texts in _rows(db) if search.finds(texts)]


def silence_loads(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """A load's message may quote a bad value: one that names the person is dropped."""
    search = Search(names)
    for load, text in db.execute("SELECT id, counts FROM load").fetchall():
        counts = json.loads(text)
        if search.finds([counts.get("message", "")]):
            db.execute("UPDATE load SET counts = ? WHERE id = ?", (json.dumps(counts | {"message": ""}), load))


class Search:
    """Finds texts as whole words; short ones and numbers, which mean many things, and `values` as whole values."""

    def __init__(self, texts: Sequence[str], values: Iterable[str] = ()) -> None:
        folded = {text.casefold() for text in texts}
        self.whole = folded | {value.casefold() for value in values}
        words = sorted(text for text in folded if len(text) >= _FEWEST_CHARACTERS and not text.isdigit())
        inside = "|".join(map(re.escape, words))
        self.pattern = re.compile(rf"(?<!\w)(?:{inside})(?!\w)") if words else None

    def finds(self, values: Sequence[str]) -> bool:
        """Whether one of the values is, or holds, one of the texts."""
        for value in map(str.casefold, values):
            if value.strip() in self.whole or (self.pattern is not None and self.pattern.search(value)):
                return True
        return False


def _rows(db: sqlite3.Connection) -> Iterator[list[Any]]:
    query = "SELECT key, file, value, reason, refers_to, people, raw FROM held_row"
    for key, *texts, people, raw in db.execute(query):
        yield [key, *texts, *json.loads(people), *_leaves(json.loads(raw))]


def _leaves(value: Any) -> Iterator[str]:
    """Every text and number in a raw row; the items of a list in a cell stand for themselves too."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        text = str(value)
        yield text
        if "|" in text:
            yield from text.split("|")


def _source_keys(ids: Sequence[str]) -> Iterator[str]:
    """A record's key as its source writes it, and as it stands in the id."""
    for id in ids:
        local = id.partition(":")[2]
        yield local
        yield unescape_local(local)
