"""The reference page: the OpenAPI as one static HTML page, without scripts and without anything fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { padding: .75rem; border: 1px solid var(--line); border-radius: .4rem; overflow: auto; max-height: 24rem }
h2 { margin-top: 3rem } h3 { margin-top: 2.5rem } h3 code { font-size: 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem;
border-bottom: 1px solid var(--line) } summary { cursor: pointer } nav ul { columns: 2; list-style: none; padding: 0 }
"""


def reference_page(document: Mapping[str, Any]) -> str:
    """The page of an OpenAPI document."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>",
            _prose(info["description"]),
            '<p>The same for programs: <a href="/openapi.json">openapi.json</a>. Give your key as '
            "<code>Authorization: Bearer KEY</code>.</p>",
            *_contents(document),
            *_operations(document),
            "<h2>Schemas</h2>",
            *_schemas(document),
            "</body></html>",
        ]
    )


def _each(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _contents(document: Mapping[str, Any]) -> Iterator[str]:
    yield "<nav><ul>"
    for method, path, operation in _each(document):
        yield f'<li><a href="#{escape(operation["operationId"])}"><code>{method} {escape(path)}</code></a></li>'
    yield "</ul></nav>"


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'].capitalize())}</h2>{_prose(tag['description'])}"
        for method, path, operation in _each(document):
            if tag["name"] in operation["tags"]:
                yield from _operation(method, path, operation)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    scope = operation["x-scope"]
    yield f'<h3 id="{escape(operation["operationId"])}"><code>{method} {escape(path)}</code></h3>'
    yield _prose(operation["description"])
    yield f"<p>{'Needs no key.' if scope == 'public' else f'Scope <code>{escape(scope)}</code>.'}</p>"
    yield from _parameters(operation.get("parameters", ()))
    yield from _body(operation.get("requestBody"))
    yield from _responses(operation["responses"])


def _parameters(parameters: Any) -> Iterator[str]:
    if not parameters:
        return
    yield "<table><tr><th>parameter</th><th>in</th><th>means</th></tr>"
    for each in parameters:
        name = f"<code>{escape(each['name'])}</code>{' (required)' if each.get('required') else ''}"
        schema = each.get("schema") or next(iter(each["content"].values()))["schema"]
        yield f"<tr><td>{name}</td><td>{each['in']}</td><td>{escape(each['description'])} {_short(schema)}</td></tr>"
    yield "</table>"


def _short(schema: Mapping[str, Any]) -> str:
    """A schema in few words: its type, range and choices."""
    words = [str(schema.get("type", ""))]
    words += [f"from {schema['minimum']}"] if "minimum" in schema else []
    words += [f"to {schema['maximum']}"] if "maximum" in schema else []
    words += [f"default {schema['default']}"] if "default" in schema else []
    choices = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    words += ["one of " + ", ".join(map(str, choices))] if choices else []
    return f"<small>({escape(' '.join(words).strip())})</small>"


def _body(body: Mapping[str, Any] | None) -> Iterator[str]:
    for media, content in (body or {"content": {}})["content"].items():
        yield f"<details><summary>Body <code>{escape(media)}</code></summary>{_json(content.get('schema', {}))}"
        for name, example in content.get("examples", {}).items():
            yield f"<p>{escape(name)}</p>{_json(example['value'])}"
        yield "</details>"


def _responses(responses: Mapping[str, Any]) -> Iterator[str]:
    yield "<table><tr><th>status</th><th>means</th></tr>"
    for status, answer in responses.items():
        means = f"{escape(answer['description'])} <small>{escape(', '.join(answer.get('content', ())))}</small>"
        yield f"<tr><td>{escape(status)}</td><td>{means}</td></tr>"
    yield "</table>"
    for answer in responses.values():
        for content in answer.get("content", {}).values():
            for name, example in content.get("examples", {}).items():
                yield f"<details><summary>Example: {escape(name)}</summary>{_json(example['value'])}</details>"


def _schemas(document: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        heading = f"<summary><code>{escape(name)}</code></summary>"
        yield f'<details id="schema-{escape(name)}">{heading}{_json(schema)}</details>'


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _prose(text: str) -> str:
    """Paragraphs; text between backticks is code."""
    parts = [escape(part) for part in text.split("`")]
    marked = "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
    return "".join(f"<p>{each}</p>" for each in marked.split("\n\n"))
