"""Rows that loads put aside, in the database, and what loads said: read page by page, and without an erased person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph.ledger_rows import HELD_COLUMNS, held_row
from graph.neo4j.referrers import Ask
from graph.putaside import Search, naming, texts_of

PAGE = 2_000
_MOST_CHARACTERS = 4_000_000  # in one statement
COLUMNS = ", ".join(f"coalesce(h.{name}, '')" if name == "refers_to" else f"h.{name}" for name in HELD_COLUMNS)
"""A held row `h` as the columns that `graph.ledger_rows.held_row` takes."""

Cells = tuple[Any, ...]

_PAGE = (
    "MATCH (h:_HeldRow) WHERE h.key > $after AND {0} "
    f"WITH h ORDER BY h.key LIMIT $limit RETURN collect([h.key, {COLUMNS}])"
)
_CHOOSE = {"load": "h.load = $load AND h.row IS NOT NULL", "name": "h.name = $name", "kind": "h.kind = $kind"}
_REMOVE = "UNWIND $keys AS key MATCH (h:_HeldRow {key: key}) DELETE h"
_SAID = "MATCH (l:_Load) RETURN collect([l.id, l.counts])"
_SILENCE = "UNWIND $rows AS row MATCH (l:_Load {id: row[0]}) SET l.counts = row[1]"


def pages(ask: Ask, after: int = 0, **chosen: Any) -> Iterator[list[list[Any]]]:
    """Rows as lists of their key and `COLUMNS`, in the order they were held; `chosen` are a load, name or kind."""
    given = {name: value for name, value in chosen.items() if value is not None}
    query = _PAGE.format(" AND ".join(["true", *map(_CHOOSE.__getitem__, given)]))
    while True:
        rows: list[list[Any]] = ask(query, after=after, limit=PAGE, **given)[0][0]
        if rows:
            yield rows
            after = rows[-1][0]
        if len(rows) < PAGE:
            return


def slices(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    """Rows of `HELD_COLUMNS` in parts that one statement takes: a row may well have megabytes."""
    part: list[Cells] = []
    characters = 0
    for row in rows:
        size = sum(len(cell) for cell in row if isinstance(cell, str))
        if part and (len(part) == PAGE or characters + size > _MOST_CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(row)
        characters += size
    if part:
        yield part


@dataclass(frozen=True, slots=True)
class Naming:
    """The held rows that name a person, as far as they were looked at."""

    texts: tuple[tuple[str, ...], ...]  # what was looked for
    keys: tuple[int, ...]
    last: int  # the last key that was looked at


def find_naming(ask: Ask, people: Sequence[str], names: Sequence[str], facts: Sequence[str], seen: Naming) -> Naming:
    """Rows that name a person, after those that were seen when the same was looked for."""
    texts = (tuple(people), tuple(names), tuple(sorted(facts)))
    keys, last = (list(seen.keys), seen.last) if texts == seen.texts else ([], 0)
    search = naming(people, names, facts)
    for rows in pages(ask, last):
        keys += [key for key, *cells in rows if search.finds(texts_of(held_row(cells)))]
        last = rows[-1][0]
    return Naming(texts, tuple(keys), last)


NOTHING_SEEN = Naming((), (), 0)


def remove(ask: Ask, keys: Sequence[int]) -> None:
    ask(_REMOVE, keys=list(keys))


def silence_loads(ask: Ask, names: Sequence[str]) -> None:
    """A load's message may quote a bad value: one that names the person is dropped."""
    search, quiet = Search(names), []
    for load, text in ask(_SAID)[0][0]:
        counts = json.loads(text)
        if search.finds([counts.get("message", "")]):
            quiet.append([load, json.dumps(counts | {"message": ""})])
    ask(_SILENCE, rows=quiet)
