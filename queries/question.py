"""The mechanism of questions: a module states its parameters, row, scope and answer; the rest is made from that.

A question is a module of this package with a constant `QUESTION`; the module's name, with hyphens, is the question's
name and its docstring is what users read. `NAME.cypher` beside it, where there is one, is its twin for Neo4j.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from inspect import cleandoc
from pathlib import Path
from sys import modules
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from graph.index import Index
from graph.store import Store
from graph.viewer import Viewer
from ontology.values import format_instant
from queries.memory import Memory


class Parameters(BaseModel):
    """Base of every question's parameters: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(BaseModel):
    """Base of every question's row."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The keys of a row, in order, as they are in JSON (`class`, not `class_`)."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Asking:
    """All that an answer may look at: one store, its index at one change number, one viewer, one instant for now."""

    store: Store
    index: Index
    viewer: Viewer
    now: int  # seconds UTC, fixed once a request
    language: str = ""  # of labels; empty is the deployment's
    ranks: dict[tuple[int, str | None, int], int] = field(default_factory=dict)  # levels resolved in this request
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as plain JSON-ready dicts in the order of the question's Row model, and what is said of them."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    as_of: int
    version: int
    cut_ties: int = 0
    next: str | None = None
    notes: Sequence[str] = field(default=())

    def document(self, question: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as it is sent: `skillgraph ask --json` prints the same as HTTP."""
        return {
            "question": question,
            "parameters": dict(parameters),
            "as_of": format_instant(self.as_of),
            "version": self.version,
            "rows": list(self.rows),
            "next": self.next,
            "total": self.total,
            "cut_ties": self.cut_ties,
            "notes": list(self.notes),
        }


class QuestionError(ValueError):
    """A parameter that cannot be answered; names the field, the bad value and the fix."""

    def __init__(self, field: str, value: object, fix: str) -> None:
        super().__init__(f"{field}: {fix}" if value is None else f"{field}: {_short(value)}: {fix}")
        self.field, self.value, self.fix = field, value, fix


class UnknownId(QuestionError):
    """An id that is not there, or that may not be seen: the two look the same."""


class UnknownQuestion(ValueError):
    """No question of that name; names the nearest."""


class Forbidden(PermissionError):
    """The viewer lacks the scope that the question needs."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a key with the scope {scope!r}.")
        self.scope = scope


@dataclass(frozen=True, slots=True)
class Question(Generic[P]):
    """One question: everything the command, the route, the OpenAPI page and the console's form need."""

    name: str
    parameters: type[P]
    row: type[Row]
    scope: str
    answer: Callable[[Asking, P], Answer]
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # name -> parameters, asked of the demo

    @property
    def description(self) -> str:
        """The module's docstring, for users."""
        return cleandoc(modules[self.answer.__module__].__doc__ or "")

    @property
    def twin(self) -> Path:
        """Where the Cypher text that answers it inside Neo4j lies; the file need not be there."""
        return Path(__file__).with_name(f"{self.name}.cypher")

    def check(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raise `TypeError` for a row whose fields are not the declared ones in the declared order."""
        names = self.row.names()
        for row in rows:
            if tuple(row) != names:
                raise TypeError(f"{self.name} answers rows of {tuple(row)}; its Row declares {names}")


@cache
def catalogue() -> Mapping[str, Question[Any]]:
    """Every question module of this package, by name in code-point order."""
    package = __name__.rpartition(".")[0]
    names = sorted(info.name for info in pkgutil.iter_modules(modules[package].__path__))
    found = (_question_of(f"{package}.{name}") for name in names)
    return {question.name: question for question in found if question is not None}


def _question_of(module: str) -> Question[Any] | None:
    """The module's QUESTION; raises `TypeError` when its name is not the module's or it has no docstring."""
    question: Question[Any] | None = getattr(importlib.import_module(module), "QUESTION", None)
    if question is None:
        return None
    name = module.rpartition(".")[2].replace("_", "-")
    if question.name != name or not question.description:
        raise TypeError(f"{module}: its QUESTION must be named {name!r}, and the module needs a docstring for users")
    return question


def _short(value: object) -> str:
    """A bad value as an error shows it: never more than a line of it."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
