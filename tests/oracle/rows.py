"""Rows of native tables, and time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Row = Mapping[str, str]
Rows = Mapping[str, Sequence[Row]]

FOR_EVER = 4_294_967_295


def begins(text: str | None) -> int | None:
    """A plain date that begins something is its first moment."""
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def ends(text: str | None) -> int | None:
    """A plain date that ends something includes that day; 9999-12-31 and later is open, as if nothing was said."""
    if not text or text.startswith("9999"):
        return None
    plain = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)
    moment = begins(text)
    assert moment is not None
    return moment + 86_400 if plain else moment


def after(instant: int, duration: str) -> int:
    """Calendar arithmetic, the day clamped to the month's last."""
    parts = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?", duration)
    assert parts, duration
    years, months, days = (int(part or 0) for part in parts.groups())
    start = datetime.fromtimestamp(instant, UTC)
    month = start.month - 1 + months
    year, month = start.year + years + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int((start.replace(year=year, month=month, day=day) + timedelta(days=days)).timestamp())


def in_force(row: Row, at: int) -> bool:
    """Undated is always."""
    since, until = begins(row.get("since")), ends(row.get("until"))
    return (since is None or since <= at) and (until is None or at < until)


@dataclass(frozen=True)
class Tables:
    """All rows of a company.

    `sources` says which source a Learner record is from, `source_order` which source gives a person's id, `unique`
    which identity systems give a person one value.
    """

    rows: Rows
    sources: Mapping[str, str] = field(default_factory=dict)
    source_order: Sequence[str] = ()
    unique: Sequence[str] = ("employee-number",)

    def table(self, name: str) -> Sequence[Row]:
        return self.rows.get(name, ())

    def edges(self, name: str, start: str) -> list[Row]:
        return [row for row in self.table(name) if row["from"] == start]

    def node(self, names: Iterable[str], id: str | None) -> Row:
        return next((row for name in names for row in self.table(name) if row["id"] == id), {})


def newest(loads: Iterable[Rows]) -> dict[str, list[Row]]:
    """What several loads come to: of each node and edge the row with the highest `version`."""
    best: dict[tuple[str, ...], Row] = {}
    for rows in loads:
        for name, table in rows.items():
            for row in table:
                key = (name, row["id"]) if "id" in row else (name, row["from"], row["to"])
                if key not in best or int(best[key].get("version") or 0) < int(row.get("version") or 0):
                    best[key] = row
    merged: dict[str, list[Row]] = {}
    for (name, *_), row in best.items():
        merged.setdefault(name, []).append(row)
    return merged
