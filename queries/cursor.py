"""Cursors: where the next page begins, in a text that is opaque to its holder.

A cursor holds a hash of the question's parameters, the instant the first page was evaluated at, and the place of the
last row: its ready and points, and the person's id. Later pages are evaluated at the first page's instant, so whoever's
facts did not change is neither missed nor repeated.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b

from ontology.values import OPEN
from queries.question import Parameters, QuestionError

_FIX = "is not a cursor of this question with these parameters: use `next` as it was given, and change nothing else"
_CHECK = 6  # bytes that tell a mistyped or cut-off cursor; no secret is in them, so anyone can make a cursor
_MOST_POINTS = 2**62  # more than any profile gives, and numpy's integers hold twice that


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the instant it was evaluated at, and its last row."""

    at: int
    ready: bool
    points: int
    id: str


def write(question: str, parameters: Parameters, place: Place) -> str:
    """The cursor's text."""
    body = json.dumps([_hash(question, parameters), *astuple(place)], separators=(",", ":")).encode()
    return urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def read(question: str, parameters: Parameters, text: str) -> Place:
    """The place a cursor tells; raises `QuestionError` when it was made for anything else, or changed."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        body = raw[_CHECK:]
        made_for, *place = json.loads(body) if raw[:_CHECK] == _check(body) else [None]
        if made_for != _hash(question, parameters):
            raise ValueError("made for another question, or for other parameters")
        return _place(place)
    except (ValueError, TypeError, RecursionError) as error:
        raise QuestionError("cursor", text, _FIX) from error


def _place(fields: Sequence[object]) -> Place:
    """The fields as a place; raises `ValueError` for any that Skillgraph would not have written."""
    at, ready, points, id = fields
    if type(at) is not int or not 0 <= at < OPEN:
        raise ValueError("no instant")
    if type(ready) is not bool:
        raise ValueError("neither ready nor not")
    if type(points) is not int or not 0 <= points < _MOST_POINTS:
        raise ValueError("no points")
    if not isinstance(id, str):
        raise ValueError("no id")
    id.encode()  # half a surrogate pair is no text: UnicodeEncodeError
    return Place(at, ready, points, id)


def _check(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECK, person=b"sg-cursor").digest()


def _hash(question: str, parameters: Parameters) -> str:
    """Of the question and all parameters but the cursor itself."""
    stated = parameters.model_dump(mode="json", exclude={"cursor"})
    text = json.dumps([question, stated], sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=12).hexdigest()
