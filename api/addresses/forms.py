"""The forms an address answers in, by `Accept` or by `?format=`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from api.negotiation import choose
from api.problems import invalid
from api.reading import JSON, JSON_LD
from api.vocabulary import HTML, NTRIPLES, TURTLE

__all__ = ["FORMS", "HTML", "LABELS", "form_of"]

FORMS: Final[Mapping[str, str]] = {
    "html": HTML,
    "jsonld": JSON_LD,
    "json": JSON,
    "turtle": TURTLE,
    "ntriples": NTRIPLES,
}
"""Name in `?format=` -> media type; the first where nothing is asked for."""

LABELS: Final[Mapping[str, str]] = {"jsonld": "JSON-LD", "turtle": "Turtle", "ntriples": "N-Triples"}
"""Forms that a page links to."""


def form_of(given: Mapping[str, str], accept: str | None, offered: Sequence[str] = tuple(FORMS)) -> str:
    """The media type of an answer; raises 422 for an unknown `format`, 406 where `Accept` wants none of the offered."""
    name = given.get("format")
    if name is None:
        return choose(accept, [FORMS[each] for each in offered])
    if name not in offered:
        raise invalid("format", name, f"give one of {', '.join(offered)}, or leave it out and send Accept")
    return FORMS[name]
