"""What the OpenAPI says of a question, made from its models; nothing about a question is typed here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from api.examples import kept_examples
from api.formats import CSV
from api.operations import Operation, content, parameter
from api.reading import JSON, JSON_LD, NDJSON
from ontology.ids import LONGEST_ID
from queries.question import Question, catalogue

Schema = dict[str, Any]
TEXT = {"type": "string"}
MAX_IN_QUERY = 50


def operation(question: Question[Any], method: str) -> Operation:
    """The GET or the POST of a question."""
    summary, _, _ = question.description.partition("\n")
    return Operation(
        id=question.name if method == "GET" else f"{question.name}-by-body",
        tag="questions",
        summary=summary,
        description=question.description,
        scope=question.scope,
        answers={200: _answer(question), **({304: NOT_MODIFIED} if method == "GET" else {})},
        parameters=[*(query_parameters(question) if method == "GET" else ()), *CONDITIONAL[method]],
        body=None if method == "GET" else _body(question),
        problems=("not-found", "not-acceptable", "bad-cursor"),
    )


NOT_MODIFIED = {"description": "What the caller has, by If-None-Match, still stands."}
_LANGUAGE = parameter("Accept-Language", "Language of labels.", TEXT, where="header")
_KNOWN = parameter("If-None-Match", "The ETag of an answer the caller has.", TEXT, where="header")
CONDITIONAL: Mapping[str, list[Schema]] = {"GET": [_LANGUAGE, _KNOWN], "POST": [_LANGUAGE]}


def query_parameters(question: Question[Any]) -> list[Schema]:
    """The question's parameters as a query string states them; lists of objects are for the body only."""
    model = _schema(question.parameters, question.name)
    fields = {name: each for name, each in model["properties"].items() if "$ref" not in _items(each)}
    choices = [set(each.get("required", ())) for each in model.get("oneOf", ())]
    left = [names for names in choices if names <= set(fields)]
    required = {*model.get("required", ()), *(left[0] if len(left) == 1 else ())}
    return [_query_parameter(question, name, schema, name in required) for name, schema in fields.items()]


def _items(schema: Schema) -> Schema:
    found: Schema = _without_null(schema).get("items", {})
    return found


def _query_parameter(question: Question[Any], name: str, schema: Schema, required: bool) -> Schema:
    stated = _without_null(schema)
    description = stated.pop("description", name)
    examples = {
        label: {"value": given[name]} for label, given in question.examples.items() if given.get(name) is not None
    }
    more: dict[str, Any] = {"examples": examples} if examples else {}
    items = stated.get("items", {})
    if items.get("type") == "string" and "enum" not in items and "pattern" not in items:
        # a comma parts two values; an address is no place for long lists, which the body takes
        stated |= {"items": {**items, "maxLength": LONGEST_ID, "pattern": r"^[^,\s]+$"}, "maxItems": MAX_IN_QUERY}
    return parameter(name, description, stated, required=required, **more)


def _without_null(schema: Schema) -> Schema:
    """The schema of a value that is there: in a query string, absence is said by leaving it out."""
    stated = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    alternatives = [each for each in stated.pop("anyOf", []) if each.get("type") != "null"]
    return (
        stated | alternatives[0]
        if len(alternatives) == 1
        else stated | ({"anyOf": alternatives} if alternatives else {})
    )


def _stated(schema: Schema) -> Schema:
    """The parameters of a body, none of them null: what is not asked is left out."""
    return schema | {"properties": {name: _without_null(each) for name, each in schema["properties"].items()}}


def _body(question: Question[Any]) -> Schema:
    examples = {name: {"value": dict(given)} for name, given in question.examples.items()}
    schema = {"$ref": f"#/components/schemas/{_pascal(question.name)}Parameters"}
    return {
        "description": "The question's parameters.",
        "required": True,
        "content": {JSON: {"schema": schema, **({"examples": examples} if examples else {})}},
    }


def _answer(question: Question[Any]) -> Schema:
    schema = {"$ref": f"#/components/schemas/{_pascal(question.name)}Answer"}
    headers = {
        "ETag": {"description": "To ask again by, with If-None-Match.", "schema": TEXT},
        "Link": {"description": 'The next page, rel="next", when there is one.', "schema": TEXT},
    }
    made = content(schema, JSON, CSV, NDJSON, JSON_LD, description="The answer.", headers=headers)
    made["content"][JSON_LD]["schema"] = {"type": "object", "required": ["@context", "rows"]}
    examples = kept_examples().get(question.name, {})
    if examples:
        made["content"][JSON]["examples"] = {name: {"value": value} for name, value in examples.items()}
    return made


@cache
def components() -> dict[str, Schema]:
    """The schemas of every question: parameters, row, answer, and what these hold."""
    made: dict[str, Schema] = {}
    for question in catalogue().values():
        name = _pascal(question.name)
        parts = {f"{name}Parameters": question.parameters, f"{name}Row": question.row}
        for part, model in parts.items():
            schema = _schema(model, question.name)
            for inner, definition in schema.pop("$defs", {}).items():
                made[f"{name}.{inner}"] = definition
            made[part] = schema if part.endswith("Row") else _stated(schema)
        made[f"{name}Answer"] = _answer_schema(question.name, name)
    return made


def _answer_schema(question: str, name: str) -> Schema:
    properties: dict[str, Schema] = {
        "question": {"const": question},
        "parameters": {"type": "object", "description": "As they were given."},
        "as_of": {"type": "string", "format": "date-time", "description": "The instant that was evaluated."},
        "version": {"type": "integer", "minimum": 0, "description": "The store's change number."},
        "rows": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}Row"}},
        "next": {"type": ["string", "null"], "description": "Cursor of the next page."},
        "total": {"type": "integer", "minimum": 0, "description": "Rows on all pages."},
        "cut_ties": {"type": "integer", "minimum": 0, "description": "Rows of the last rank that the limit cut off."},
        "notes": {"type": "array", "items": TEXT, "description": "What a reader should know of the answer."},
    }
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _schema(model: Any, question: str) -> Schema:
    schema: Schema = model.model_json_schema(
        by_alias=True, ref_template=f"#/components/schemas/{_pascal(question)}.{{model}}"
    )
    return schema


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
