"""Finds in rows and messages that loads put aside what names an erased person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph.ledger import HeldRow
from ontology.ids import unescape_local

_FEWEST_CHARACTERS = 3  # a shorter text is looked for as a whole value only


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


def naming(people: Sequence[str], names: Sequence[str], facts: Iterable[str] = ()) -> Search:
    """Finds the person in a field or anywhere in a row's text, and a fact by its whole id."""
    return Search([*names, *_source_keys(people)], facts)


def texts_of(row: HeldRow) -> list[str]:
    """What of a held row may name a person."""
    return [row.file, row.value, row.reason, row.refers_to, *row.people, *_leaves(row.raw)]


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
