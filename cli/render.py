"""Answers for people to read: tables of any question's rows, and matched people with their reasons in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from cli.runtime import print_table

if TYPE_CHECKING:
    from queries.question import Answer

Cell = Callable[[Mapping[str, Any]], object]
WIDTH = 110  # of a paragraph
LEGEND = "(a skill is followed by the level held/needed, and by how it was proven)"


def print_answer(question: str, answer: Answer) -> None:
    """The answer's rows: explained people as paragraphs, everything else as one table."""
    from ontology.values import format_instant

    title = f"{question} as of {format_instant(answer.as_of)}: {len(answer.rows)} of {answer.total}"
    if not answer.rows:
        typer.echo(title)
    elif question == "role-matches":
        typer.echo("\n".join([title, LEGEND, *(line for row in answer.rows for line in _explained(row))]))
    else:
        columns = _plain_columns(answer.rows[0])
        print_table(list(columns), [[cell(row) for cell in columns.values()] for row in answer.rows], title=title)


def _explained(row: Mapping[str, Any]) -> Iterator[str]:
    """A matched person: a headline, then what they have, what they miss and what closes that."""
    who = f"{row['label']} ({row['person']})" if row.get("label") else row["person"]
    state = "ready" if row["ready"] else "not ready"
    yield f"\n{row['rank']:>3}. {who}: {state}, score {row['score']:.3f}, meets {row['met']} of {row['required']}"
    for heading, text in (("has", _met(row)), ("misses", _missed(row)), ("closed by", _closing(row))):
        if text:
            yield fill(text, WIDTH, initial_indent=f"     {heading:<10}", subsequent_indent=" " * 15)


def _plain_columns(row: Mapping[str, Any]) -> dict[str, Cell]:
    return {name.replace("_", " "): _cell_of(name) for name in row}


def _cell_of(name: str) -> Cell:
    return lambda row: _words(row[name])


def _words(value: Any) -> str:
    """Any JSON value in few words: yes and no, lists by comma, nested rows by their label or first value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return str(value.get("label") or next(iter(value.values()), ""))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_words(item) for item in value)
    return str(value)


def _requirement(item: Mapping[str, Any]) -> str:
    name = item.get("label") or item["skill"]
    held = f"{item['held']}/{item['needed']}"
    how = f" {item['class']}" if item.get("class") else ""
    through = f" by {item['through']}" if item.get("through") not in (None, item["skill"]) else ""
    return f"{name} {held}{how}{through}"


def _met(row: Mapping[str, Any]) -> str:
    skills = [_requirement(item) for item in row["requirements"] if item["is_met"]]
    return "; ".join([*skills, *(_words(item) for item in row["credentials"] if item["is_met"])])


def _missed(row: Mapping[str, Any]) -> str:
    skills = [f"{_requirement(item)} ({item['kind']})" for item in row["requirements"] if not item["is_met"]]
    return "; ".join([*skills, *(f"{_words(item)} (credential)" for item in row["credentials"] if not item["is_met"])])


def _closing(row: Mapping[str, Any]) -> str:
    return "; ".join(dict.fromkeys(_words(item) or item["learning_object"] for item in row["closed_by"]))
