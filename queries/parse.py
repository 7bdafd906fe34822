"""Raw parameters, as text or as JSON, to a question's parameters; errors name field, value and fix."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError

from ontology.values import shown
from queries.question import P, Parameters, Question, QuestionError

Schema = Mapping[str, Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)

_LENGTHS = {
    "too_short": "give at least {min_length} item, or leave it out",
    "too_long": "give at most {max_length} items",
    "string_too_short": "write at least {min_length} character",
    "string_too_long": "write at most {max_length} characters",
}


def parse(question: Question[P], raw: Mapping[str, object], *, text: bool = True) -> P:
    """The question's parameters.

    With `text`, values are text as `key=value` and query strings give it: lists come as repeated values or with
    commas, objects as JSON; what is no text stands for itself. Without it the values are JSON's own, and a number in
    quotes is refused.
    """
    unknown = next((name for name in raw if name not in question.parameters.model_fields), None)
    if unknown is not None:
        raise QuestionError(unknown, raw[unknown], _nearest(unknown, question))
    given = _from_text(question.parameters, raw) if text else raw
    try:
        return question.parameters.model_validate(given, strict=True)
    except ValidationError as error:
        raise _first(error) from error


def _nearest(name: str, question: Question[Any]) -> str:
    known = list(question.parameters.model_fields)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{question.name} has no parameter of that name; {guess}It has {', '.join(known)}"


def _first(error: ValidationError) -> QuestionError:
    """The first fault of a validation; the others show when it is mended."""
    fault = error.errors(include_url=False)[0]
    place = _place(fault["loc"])
    if fault["type"] == "missing":
        return QuestionError(place, None, "is required: give a value")
    value, ours = fault["input"], _LENGTHS.get(fault["type"])
    told = ours.format(**fault["ctx"]) if ours else fault["msg"].removeprefix("Value error, ")
    message = told.replace("Input should be", "must be", 1).removeprefix(shown(str(value))).removeprefix(":").strip()
    return QuestionError(place, str(value) if isinstance(value, Decimal) else value, message)


def _place(parts: tuple[str | int, ...]) -> str:
    """The parameter, and what within it; which of a list's values is told by the value itself."""
    names = [part for part in parts if part != "function-before"]
    while names and isinstance(names[-1], int):
        names.pop()
    return ".".join(map(str, names)) or "parameters"


@cache
def _schemas(model: type[Parameters]) -> Schema:
    """JSON Schemas of a model's fields: what its text values are to become."""
    properties: Schema = model.model_json_schema()["properties"]
    return properties


def _from_text(model: type[Parameters], raw: Mapping[str, object]) -> dict[str, object]:
    schemas = _schemas(model)
    return {name: _field_from_text(name, schemas[name], value) for name, value in raw.items()}


def _field_from_text(name: str, schema: Schema, value: object) -> object:
    array = _of_type(schema, "array")
    values = value if isinstance(value, list) else [value]
    texts = [each for each in values if isinstance(each, str)]
    if len(texts) != len(values):
        return value
    if array is not None:
        return _list_from_text(name, array["items"], texts)
    if len(texts) != 1:
        raise QuestionError(name, value, "is given more than once: give one value")
    return _value_from_text(name, schema, texts[0])


def _list_from_text(name: str, items: Schema, texts: list[str]) -> list[object]:
    if "$ref" in items:
        return _objects_from_text(name, texts)
    parts = [part.strip() for text in texts for part in text.split(",")]
    return [_value_from_text(name, items, part) for part in parts if part]


def _objects_from_text(name: str, texts: list[str]) -> list[object]:
    if len(texts) != 1:
        raise QuestionError(name, texts, "is given more than once: write one JSON list")
    try:
        found = json.loads(texts[0], parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise QuestionError(name, texts[0], f"is no JSON ({error}): write a list of objects") from error
    if not isinstance(found, list):
        raise QuestionError(name, texts[0], "write a JSON list of objects")
    return found


def _value_from_text(name: str, schema: Schema, text: str) -> object:
    if _of_type(schema, "boolean") is not None:
        if text not in {"true", "false"}:
            raise QuestionError(name, text, "write true or false")
        return text == "true"
    if _of_type(schema, "integer") is not None:
        if not _INTEGER.fullmatch(text):
            raise QuestionError(name, text, "write a whole number")
        return int(text)
    if _of_type(schema, "number") is not None:
        if not _NUMBER.fullmatch(text):
            raise QuestionError(name, text, "write a number like 0.8")
        return Decimal(text)
    return text


def _of_type(schema: Schema, wanted: str) -> Schema | None:
    """The schema, or the alternative of its `anyOf`, that has the JSON type."""
    alternatives: list[Schema] = schema.get("anyOf", [schema])
    return next((one for one in alternatives if one.get("type") == wanted), None)
