"""A question answered by its Cypher twin: inside Neo4j alone, with the rows that the index gives.

A twin is one statement, `NAME.cypher` beside the question. A line `// part: NAME` in it stands for `parts/NAME.cypher`:
what several twins ask alike. Each part says what it gives; what it takes are parameters and variables of its scope.
A twin gives one record of one map, with `rows`, `total`, `cut_ties` if there may be any, `notes` (see
`queries.sentences`) and `faults` (see `queries.refusals`), the first of which is told in place of rows.

Here only parameters are prepared, and rows put in their declared order.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from graph.evidence import classes
from graph.scales import HOME
from graph.store import Cypher
from graph.viewer import Viewer
from ontology.model import Model
from ontology.values import OPEN
from queries.ages import spans_within
from queries.ask import find, permitted
from queries.counting import STRENGTH, counted_kinds
from queries.lookup import NOT_OFFERED
from queries.parse import parse
from queries.question import Answer, P, Parameters, Question, QuestionError
from queries.refusals import NAMES, REFUSALS
from queries.sentences import SENTENCES

_PART = re.compile(r"^ *// part: ([a-z]+)\n", re.MULTILINE)
_NOWHERE = ""  # no node has this id
_LARGEST = 2**63 - 1  # whole number in Cypher


def ask_twin(
    store: Cypher,
    viewer: Viewer,
    name: str,
    raw: Mapping[str, object],
    now: int | None = None,
    *,
    text: bool = True,
    language: str = "",
) -> Answer:
    """As `queries.ask.ask`, by the question's twin: the first `limit` rows, and no cursor. Raises the same errors."""
    question = find(name)
    parameters = parse(permitted(question, viewer), raw, text=text)
    return answer(store, viewer, question, parameters, int(time.time()) if now is None else now, language)


def answer(  # noqa: PLR0917 - the same, parsed
    store: Cypher, viewer: Viewer, question: Question[P], parameters: P, now: int, language: str = ""
) -> Answer:
    """Answer a question whose parameters are parsed already."""
    cursor = getattr(parameters, "cursor", None)
    if cursor:
        raise QuestionError("cursor", cursor, "only the index has pages: leave it out, or ask the index")
    bound = prepared(store.model, viewer, parameters, now, language)
    number, rows = store.run_cypher(text_of(question.twin), {"ask": bound})
    told: Mapping[str, Any] = rows[0][0]
    for fault in told["faults"]:
        raise _refusal(parameters, **fault)
    return Answer(
        rows=[_in_order(question.row, row) for row in told["rows"]],
        total=told["total"],
        as_of=bound["at"],
        version=number,
        cut_ties=told.get("cut_ties", 0),
        notes=tuple(_sentence(**note) for note in told["notes"]),
    )


@cache
def text_of(twin: Path) -> str:
    """The whole text of a twin."""
    parts = twin.parent / "parts"
    return _PART.sub(lambda part: (parts / f"{part[1]}.cypher").read_text("utf-8"), twin.read_text("utf-8"))


def prepared(model: Model, viewer: Viewer, parameters: Parameters, now: int, language: str) -> dict[str, Any]:
    """What a twin's parameters are bound to; each twin says which it takes."""
    given = {"threshold": None, **parameters.model_dump()}
    at = now if given["as_of"] is None else given["as_of"]
    age = given.get("max_age")
    return {
        **{name: _bound(model, name, value) for name, value in given.items()},
        "at": at,
        "kinds": counted_kinds(model, given.get("evidence_kinds")),
        "classes": classes(model),
        "strongest": sorted(STRENGTH, key=STRENGTH.__getitem__, reverse=True),
        "spans": None if age is None else list(spans_within(age, at)),
        "now": now,
        "units": None if viewer.org_units is None else sorted(viewer.org_units),
        "names": viewer.names,
        "label": f"label@{language}" if language else None,
        "home": HOME,
        "open": OPEN,
        "not_offered": NOT_OFFERED,
    }


def _bound(model: Model, name: str, value: Any) -> Any:
    """A parameter as Cypher takes it: ids in canonical form; the largest whole number there is is no level either."""
    match value:
        case str() if name in NAMES:
            return _curie(model, value)
        case int():
            return min(value, _LARGEST)
        case list():
            return [_bound(model, name, each) for each in value]
        case dict():
            return {key: _bound(model, key, each) for key, each in value.items()}
        case _:
            return value


def _curie(model: Model, text: str) -> str:
    try:
        return model.prefixes.curie(text.strip())
    except ValueError:
        return _NOWHERE


def _refusal(parameters: Parameters, fault: str, field: str, place: int | None = None, **more: Any) -> QuestionError:
    """The error that a fault stands for; `field` is a path of names and positions, `place` one in a list of values."""
    value: Any = parameters.model_dump()
    for step in field.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    return REFUSALS[fault](field, value if place is None or not isinstance(value, list) else value[place], **more)


def _sentence(note: str, **more: Any) -> str:
    return SENTENCES[note](**more)


def _in_order(model: type[BaseModel], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row, and the rows in it, with the declared fields in the declared order."""
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    if fields.keys() != row.keys():
        raise TypeError(f"the twin gives {sorted(row)} for a {model.__name__}, which declares {sorted(fields)}")
    return {name: _nested(name, info.annotation, row[name]) for name, info in fields.items()}


def _nested(name: str, annotation: Any, value: Any) -> Any:
    if get_origin(annotation) is not list:
        return value
    if not isinstance(value, list):
        raise TypeError(f"the twin gives {value!r} for {name}, which is declared as a list")
    (inner,) = get_args(annotation)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return [_in_order(inner, each) for each in value]
    return value
