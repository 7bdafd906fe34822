"""Greenhouse, Harvest API v1: jobs, candidates, applications, scorecards and offers, by file or pulled.

An answer of the API saved as it is (a list, or lines) is a file; what an item is, is seen by its keys, not by the name
of the file. Keys are Greenhouse's own numbers. Skills have no ids there: attributes and tags are words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from loaders.pull import Api, Basic, Changed, Endpoint, LinkHeader, Pulled
from loaders.readers.documents import Item, Unread, items
from loaders.source import BadRecord, Config, Record, Rows, Source
from loaders.sources.greenhouse_tables import MAPPINGS, PREPARE, SHAPES, TABLES
from loaders.sources.hiring import Spellings, inner, no_object
from loaders.sources.objects import Numbered, Once, at, objects, single
from loaders.sources.signs import looks_like, not_this
from loaders.strict import Unreadable

STAGE_ABOUT = "stage-about"
"""The flag of applications whose stage was entered at some time."""
Object = Mapping[str, Any]
Told = tuple[str, Object]
"""A table, and a row of it."""


class Reader:
    """Items of answers, or of files, as rows; it remembers what a load said already."""

    def __init__(self) -> None:
        self._rows, self._spellings, self._once = Numbered(), Spellings(), Once()

    def rows(self, item: Item | Pulled) -> Iterator[Record | BadRecord]:
        """The rows of one item; raises `LoadError` when the first of a file is of another format."""
        found = looks_like(item.value) or ""
        table, read = _KINDS.get(found, ("", None))
        if read is None and item.row == 1:
            raise not_this(found or None, "Greenhouse", item.file, "load answers of the Harvest API, version 1")
        if read is None:
            yield no_object("applications", item.file, item.row, item.value)
            return
        try:
            told = list(read(self, item.value))
            yield from [self._row(name, item.file, value) for name, value in told]
        except Unreadable as error:
            yield SHAPES[table].bad(item.file, item.row, item.value, error)

    def _row(self, table: str, file: str, value: Object) -> Record | BadRecord:
        row = self._rows.row(SHAPES[table], file, value)
        staged = isinstance(row, Record) and bool(row.cells.get("current_stage.id"))
        return replace(row, flags=(STAGE_ABOUT,)) if staged and isinstance(row, Record) else row

    def department(self, value: Object) -> Iterator[Told]:
        self._once.first("department", value.get("id"))
        yield "departments", value

    def job(self, value: Object) -> Iterator[Told]:
        """A job states its departments too, for who has no list of them; what they are part of only that tells."""
        openings, departments = inner(value, "openings"), inner(value, "departments")
        for each in departments:
            if self._once.first("department", each.get("id")):
                yield "departments", {**each, "parent_id": None}
        yield (
            "jobs",
            {
                **value,
                "department": next(iter(departments), None),
                "office": next(iter(inner(value, "offices")), None),
                "opening_count": str(len(openings)) if openings else None,
                "filled_at": _filled(openings),
            },
        )

    def left_out(self, value: Object) -> Iterator[Told]:
        yield "jobs", {"id": value.get("id"), "kind": "office" if "child_ids" in value else "job_post"}

    def candidate(self, value: Object) -> Iterator[Told]:
        addresses = list(dict.fromkeys(single(each, "value") for each in inner(value, "email_addresses")))
        yield "candidates", {**value, "email": next(iter(addresses), None)}
        for address in addresses:
            yield "emails", {**value, "value": address}
        for tag in objects(value, "tags"):
            yield "tags", {"name": tag, "label": self._spellings.of(tag)}

    def application(self, value: Object) -> Iterator[Told]:
        yield "applications", {**value, "job": next(iter(inner(value, "jobs")), None)}

    def card(self, value: Object) -> Iterator[Told]:
        """All cards of an interview state it, each in its own version; one of a version is enough."""
        step = at(value, "interview_step.id") or value.get("interview")
        if self._once.first("interview", value.get("application_id"), step, value.get("updated_at")):
            yield "interviews", value
        yield "recommendations", value
        for each in inner(value, "attributes"):
            named = {"name": each.get("name"), "type": each.get("type"), "rating": each.get("rating")}
            yield "attributes", {**value, **named, "label": self._spellings.of(named["name"])}

    def offer(self, value: Object) -> Iterator[Told]:
        yield "offers", value


_KINDS: Mapping[str, tuple[str, Callable[[Reader, Object], Iterator[Told]]]] = {
    "Greenhouse departments": ("departments", Reader.department),
    "Greenhouse jobs": ("jobs", Reader.job),
    "Greenhouse job posts": ("jobs", Reader.left_out),
    "Greenhouse offices": ("jobs", Reader.left_out),
    "Greenhouse candidates": ("candidates", Reader.candidate),
    "Greenhouse applications": ("applications", Reader.application),
    "Greenhouse scorecards": ("interviews", Reader.card),
    "Greenhouse offers": ("offers", Reader.offer),
}
"""As `loaders.sources.signs` names it -> its table, and what reads it."""


def _filled(openings: Sequence[Object]) -> str | None:
    """When the last opening was filled, once none is open."""
    filled = [str(single(each, "closed_at") or "") for each in openings if each.get("application_id")]
    return max(filled, default=None) or None if all(each.get("status") != "open" for each in openings) else None


def read(config: Config) -> Iterator[Rows]:
    """The rows of every item, in the order of files; raises `LoadError`."""
    reader = Reader()
    for item in items(config.paths):
        if isinstance(item, Unread):
            yield BadRecord("applications", item.file, item.bad)
        else:
            yield from reader.rows(item)


UPDATED = Changed("updated_after", "updated_at")


def _endpoint(name: str, tables: Sequence[str], changed: Changed | None = UPDATED) -> Endpoint:
    return Endpoint(name, name, tables, {"skip_count": "true"}, paging=LinkHeader("per_page", 500), changed=changed)


API = Api(
    endpoints=[
        _endpoint("departments", ["departments"], None),
        _endpoint("jobs", ["jobs"]),
        _endpoint("candidates", ["candidates", "emails", "tags"]),
        _endpoint("applications", ["applications"], Changed("last_activity_after", "last_activity_at")),
        _endpoint("scorecards", ["interviews", "recommendations", "attributes"]),
        _endpoint("offers", ["offers"]),
    ],
    reader=lambda _: Reader().rows,
    auth=Basic(),
)
SOURCE = Source(
    "greenhouse",
    read=read,
    mappings=MAPPINGS,
    tables=TABLES,
    prepare=PREPARE,
    ways=("file", "pull"),
    pull=API,
    local_ids=True,
    description="Greenhouse: jobs, candidates, applications, scorecards, offers",
    reads=".json, .jsonl: answers of the Harvest API as they come; .gz or .zip of them; or https://harvest.greenhouse.io/v1",
    versions="Harvest API v1",
    lacks=[
        "`job_posts`, and of `offices` all but the name: how a job is advertised, and a second tree beside departments",
        "notes and answers of scorecards, rejection details, attachments, phone numbers, addresses: free text about "
        "people that no question asks for",
        "the history of stages: the API gives the current one; interviews tell when they were held",
        "hires without an offer in Greenhouse: nothing says when they begin; the application is `hired` all the same",
        "hires that were taken back: an offer that is no longer accepted leaves its Hire as it was, as a hire has no "
        "withdrawal here: erase or mend them",
        "`custom_fields`: each company has others; load them with `tables` and --map",
        "tags as skills held: nobody says at which level; they are words to be matched",
    ],
    flags={STAGE_ABOUT: "the system does not say when a stage was entered; the last activity stands for it"},
)
