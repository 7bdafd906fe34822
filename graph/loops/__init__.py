"""The loops over postings and people: one definition, as numpy (`plain`) and compiled (`compiled`)."""

from graph.loops import plain
from graph.loops.contract import (
    NO_PERSONS,
    Choice,
    Chosen,
    Found,
    Levels,
    Loops,
    Page,
    Persons,
    Points,
    Rows,
    Sums,
    Thin,
)

__all__ = [
    "NO_PERSONS", "Choice", "Chosen", "Found", "Levels", "Loops", "Page", "Persons", "Points", "Rows", "Sums",
    "Thin", "plain",
]  # fmt: skip
