"""Entity tags: what an answer depends on, hashed; so that asking again for what has not changed costs little."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import Request, Response

from api.moments import RuleMoments
from graph.index import Index
from graph.viewer import Viewer
from queries.question import Parameters

HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Language, Authorization"}


def entity_tag(*facts: Any) -> str:
    """A weak tag: answers with one tag say the same, though `as_of` may tell another second."""
    return f'W/"{blake2b(orjson.dumps(facts), digest_size=16).hexdigest()}"'


def viewer_facts(viewer: Viewer) -> list[Any]:
    """What of a viewer decides what is seen: the scopes and org units, not which key it is."""
    units = None if viewer.org_units is None else sorted(viewer.org_units)
    return [sorted(viewer.scopes), units]


def moments(index: Index, rules: RuleMoments, parameters: Parameters, viewer: Viewer, now: int) -> list[int]:
    """The instants that decide the answer: `as_of`, else the last before now at which anything began or ended.

    Whom a key of org units may see is judged now, whatever `as_of` is; an age that is counted back from now may run
    out at any second.
    """
    as_of: int | None = getattr(parameters, "as_of", None)
    seen = [index.last_boundary(now)] if viewer.org_units is not None else []
    if as_of is not None:
        return [as_of, *seen]
    ages = getattr(parameters, "max_age", None) is not None
    return [now if ages else max(index.last_boundary(now), rules.last(now)), *seen]


def known(request: Request, tag: str, *, answered: bool = True) -> bool:
    """Whether the caller of a GET has the answer of this tag already.

    `*` means any answer, so it is only known once there is one: `answered` is false while there may be none.
    """
    if request.method != "GET":
        return False
    given = [each.strip() for value in request.headers.getlist("if-none-match") for each in value.split(",")]
    return any((each == "*" and answered) or each.removeprefix("W/") == tag.removeprefix("W/") for each in given)


def not_modified(tag: str) -> Response:
    """304: what the caller has still stands."""
    return Response(status_code=304, headers={**HEADERS, "ETag": tag})


def tagged(body: bytes, media: str, tag: str, headers: Mapping[str, str] | None = None) -> Response:
    """200 with a tag to ask again by."""
    return Response(body, headers={**HEADERS, "ETag": tag, **(headers or {})}, media_type=media)
