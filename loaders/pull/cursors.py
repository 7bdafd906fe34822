"""Where the next pull of an endpoint goes on: the latest instant at which one of its items was changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loaders.pull import Changed
from loaders.pull.address import at
from ontology.values import format_instant, parse_instant

_MILLISECONDS = 1000


def asked(changed: Changed, cursor: int) -> str:
    """The parameter that asks for what changed since then; `cursor` is in seconds UTC."""
    since = max(cursor - changed.overlap, 0)
    if changed.unit == "iso":
        text = format_instant(since)
    else:
        text = str(since if changed.unit == "seconds" else since * _MILLISECONDS)
    return changed.template.replace("{since}", text)


def latest(changed: Changed, items: Iterable[Any], before: int | None, begun: int) -> int | None:
    """The latest instant of the items and of `before`; none is later than when the pull began, so that a date that some
    item has from the future, or a change while we read, is not gone past."""
    for item in items:
        instant = _instant(changed, at(item, changed.field))
        if instant is not None:
            instant = min(instant, begun)
            before = instant if before is None else max(before, instant)
    return before


def _instant(changed: Changed, value: Any) -> int | None:
    """None for what is no instant: the row's own mapping says so where that matters."""
    if not isinstance(value, str):
        return None
    try:
        if changed.unit == "iso":
            return parse_instant(value)[0]
        return int(value) if changed.unit == "seconds" else int(value) // _MILLISECONDS
    except ValueError:
        return None
