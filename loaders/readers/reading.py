"""How one file is to be read: apart from what reads it, for whoever only says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_FIELD = 10_000_000
"""Bytes of one field from which on its row is rejected."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file is to be read; empty means what its format has by default."""

    table: str
    file: str  # as shown to the user
    longest_field: int = LONGEST_FIELD
    separator: str = ""  # of columns in delimited files; "": a comma, in TSV a tab
    quote: str = '"'  # "": quotes are ordinary letters
    encoding: str = "utf-8"
    sheet: str = ""  # of a workbook; "": the only one
    rows: str = ""  # the key under which a JSON document has its rows; "": it is a list of them
    lists: Mapping[str, str] = field(default_factory=dict)  # column -> what its lists are joined by; "|" for others
    singles: frozenset[str] = frozenset()  # columns of one value a row: a list there is a mistake
