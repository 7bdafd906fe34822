"""Pages for people: HTML without a script, with one style of its own, and nothing that is fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.problems import Problem

_FOLDER: Final = Path(__file__).parent / "templates"
STYLE: Final = (_FOLDER / "style.css").read_text(encoding="utf-8")
_HASH: Final = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HTML_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
}
"""Only the page's own style is let in; not even a script that somebody got into a label would run."""

_CODE: Final = Markup("<code>{}</code>")
_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says: the name of the data set, and the path below which its addresses lie."""

    name: str
    root: str


def page(template: str, site: Site, **values: Any) -> bytes:
    """A rendered page."""
    return _environment().get_template(template).render(site=site, root=site.root, **values).encode()


def not_found_page(site: Site, problem: Problem) -> bytes:
    """What says that nothing is here for who asks."""
    shown = next((fault.value for fault in problem.faults), "")
    return page("not_found.html", site, title="Not found", value=shown)


def embedded_json(value: Any) -> Markup:
    """JSON that stands inside a page: no text in it can end the element it stands in.

    >>> embedded_json({"name": "</script>"})
    Markup('{"name":"\\\\u003c/script\\\\u003e"}')
    """
    text = orjson.dumps(value).decode()
    return Markup("".join(_UNSAFE.get(each, each) for each in text))  # noqa: S704 - what matters to HTML is escaped


def _prose(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = escape(text).split("`")
    return Markup("").join(_CODE.format(part) if place % 2 else part for place, part in enumerate(parts))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    made.filters["prose"] = _prose
    made.globals["style"] = Markup(STYLE)  # noqa: S704 - our own file
    return made
