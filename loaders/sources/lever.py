"""Lever, Data API v1: postings, opportunities and feedback, by file or pulled.

An answer of the API saved as it is (`{"data": […]}`, a list, or lines) is a file; what an item is, is seen by its keys.
An opportunity is one person's way to one posting: its id is the application's, its contact's the learner's. Times are
milliseconds since 1970. A hire is an archive reason of the type `hired`.

Opportunities must come with their applications (`expand=applications`, as the pull asks for), since else nothing says
what they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from loaders.pull import Api, Basic, Changed, Endpoint, NextToken, Pulled
from loaders.readers.documents import Item, Unread, items
from loaders.rows import shown
from loaders.source import BadRecord, Config, Record, Rows, Source
from loaders.sources.hiring import Spellings, inner, no_object
from loaders.sources.lever_tables import MAPPINGS, PREPARE, SHAPES, TABLES, outcome_of
from loaders.sources.objects import Numbered, Once, at, objects
from loaders.sources.signs import looks_like, not_this
from loaders.strict import Unreadable

SCORECARD, OVERALL = "scorecard", ("score-system", "score")
"""Types of the fields of a feedback form: scores of skills, and what the form says of the person."""

Object = Mapping[str, Any]
Told = tuple[str, Object]
"""A table, and a row of it."""


class Reader:
    """Items of answers, or of files, as rows; it remembers what stages, reasons and contacts are called."""

    def __init__(self) -> None:
        self._rows, self._spellings, self._once = Numbered(), Spellings(), Once()
        self._words: dict[str, Object] = {}  # stages and archive reasons by their ids
        self._contacts: dict[str, str] = {}  # of opportunities

    def learn(self, value: Any) -> None:
        """Remember what other items name only by its id."""
        found = kind_of(value)
        if found in ("Lever stages", "Lever archive reasons"):
            self._words[str(value.get("id"))] = value
        elif found == "Lever opportunities" and isinstance(at(value, "contact.id") or value.get("contact"), str):
            self._contacts[str(value.get("id"))] = _id(value.get("contact"))

    def rows(self, item: Item | Pulled) -> Iterator[Record | BadRecord]:
        """The rows of one item; raises `LoadError` when the first of a file is of another format."""
        found = kind_of(item.value) or ""
        table, read = _KINDS.get(found, ("", None))
        if read is None and item.row == 1:
            raise not_this(found or None, "Lever", item.file, "load answers of the Data API, version 1")
        if read is None:
            yield no_object("opportunities", item.file, item.row, item.value)
            return
        self.learn(item.value)
        value = {"opportunity": getattr(item, "parent", {}).get("id"), **item.value}
        try:
            told = list(read(self, value))
            yield from [self._rows.row(SHAPES[name], item.file, row) for name, row in told]
        except Unreadable as error:
            yield SHAPES[table].bad(item.file, item.row, item.value, error)

    def word(self, value: Object) -> Iterator[Told]:
        yield "words", {"id": value.get("id"), "kind": "word"}

    def posting(self, value: Object) -> Iterator[Told]:
        yield "postings", value

    def opportunity(self, value: Object) -> Iterator[Told]:
        addresses = objects(value, "emails")
        row = self._told(value)
        yield "contacts", {**row, "email": next(iter(addresses), None)}
        for address in addresses:
            yield "emails", {**row, "value": address}
        yield "opportunities", row
        if row["posting"]:
            yield from self._stages(value, row)

    def _told(self, value: Object) -> dict[str, Any]:
        """An opportunity with what it names said in words."""
        application = next(iter(_applications(value)), None)
        reason = self._word(at(value, "archived.reason"))
        return {
            **value,
            "opportunity": value.get("id"),
            "contact": _id(value.get("contact")) or value.get("id"),
            "posting": _id(at(application, "posting")),
            "source": next(iter(objects(value, "sources")), None),
            "reason": reason.get("text"),
            "reason_type": reason.get("type"),
        }

    def _stages(self, value: Object, row: Object) -> Iterator[Told]:
        """Every stage that was entered; the last is left as the opportunity is."""
        changes = inner(value, "stageChanges")
        ended = outcome_of(bool(at(value, "archived.archivedAt")), row["reason"], row["reason_type"])
        changed_at = value.get("updatedAt") or value.get("createdAt")
        for change, following in zip(changes, [*changes[1:], None], strict=False):
            last = following is None
            yield (
                "stages",
                {
                    **change,
                    "opportunity": row["opportunity"],
                    "contact": row["contact"],
                    "stage": self._word(change.get("toStageId")).get("text") or _id(change.get("toStageId")),
                    "next_index": None if following is None else following.get("toStageIndex"),
                    "outcome": ended if last else None,
                    "reason": row["reason"] if last else None,
                    "changed_at": changed_at,
                },
            )

    def form(self, value: Object) -> Iterator[Told]:
        """All forms of an interview state it, each in its own version; one of a version is enough."""
        if value.get("deletedAt"):
            yield "interviews", {"id": value.get("id"), "kind": "deleted"}
            return
        opportunity = next((found for name in _OPPORTUNITY if (found := value.get(name))), None)
        form = {**value, "opportunity": opportunity, "contact": self._contacts.get(str(opportunity))}
        form["user"] = _id(value.get("user") or value.get("user_id"))
        key = value.get("interview") or value.get("panel") or value.get("id")
        if self._once.first(opportunity, key, value.get("updatedAt") or value.get("completedAt")):
            yield "interviews", form
        for field in inner(value, "fields"):
            if field.get("type") == SCORECARD:
                yield from self._scores(form, field)
            elif field.get("type") in OVERALL:
                yield "ratings", {**form, "score": field.get("value")}

    def _scores(self, form: Object, field: Object) -> Iterator[Told]:
        """The skills of a scorecard; their names stand beside their values, or with them."""
        names = inner(field, "scores")
        for place, each in enumerate(inner(field, "value")):
            name = each.get("text") or (names[place].get("text") if place < len(names) else None)
            row = {**form, "name": name, "label": self._spellings.of(name), "score": each.get("score")}
            yield "scores", row

    def _word(self, reference: Any) -> Object:
        """A stage or reason: as it stands there, or as its id says."""
        if isinstance(reference, Mapping):
            return reference
        return self._words.get(str(reference), {"text": reference} if reference else {})


_OPPORTUNITY = ("opportunity", "opportunityId", "opportunity_id")
_KINDS: Mapping[str, tuple[str, Callable[[Reader, Object], Iterator[Told]]]] = {
    "Lever stages": ("postings", Reader.word),
    "Lever archive reasons": ("postings", Reader.word),
    "Lever postings": ("postings", Reader.posting),
    "Lever opportunities": ("opportunities", Reader.opportunity),
    "Lever feedback": ("interviews", Reader.form),
}
"""As `loaders.sources.signs` names it -> its table, and what reads it."""


def kind_of(value: Any) -> str | None:
    """The format of an item; stages have nothing but a name, so that no sign tells them in other places."""
    if isinstance(value, Mapping) and set(value) == {"id", "text"}:
        return "Lever stages"
    return looks_like(value)


def _id(value: Any) -> Any:
    """The id of what is named by it or stands there whole."""
    return value.get("id") if isinstance(value, Mapping) else value


def _applications(value: Object) -> list[Object]:
    """The applications of an opportunity; raises `Unreadable` where they are only named."""
    named = next((each for each in objects(value, "applications") if isinstance(each, str)), None)
    if named is not None:
        raise Unreadable("applications", "holds only ids: ask for opportunities with expand=applications", shown(named))
    return inner(value, "applications")


def _items(config: Config) -> Iterator[Item | Unread]:
    """The items of files; an answer is the list in it."""
    for item in items(config.paths):
        data = item.value.get("data") if isinstance(item, Item) and isinstance(item.value, Mapping) else None
        if isinstance(item, Item) and isinstance(data, list):
            yield from (Item(item.file, row, each) for row, each in enumerate(data, start=1))
        else:
            yield item


def read(config: Config) -> Iterator[Rows]:
    """The rows of every item, in the order of files, which are read twice: first for what others name."""
    reader = Reader()
    for item in _items(config):
        if isinstance(item, Item):
            reader.learn(item.value)
    for item in _items(config):
        if isinstance(item, Unread):
            yield BadRecord("opportunities", item.file, item.bad)
        else:
            yield from reader.rows(item)


_PAGES = NextToken("next", "offset", more="hasNext", size="limit")
_UPDATED = Changed("updated_at_start", "updatedAt", unit="milliseconds")
_ALL = {"confidentiality": "all"}
API = Api(
    endpoints=[
        Endpoint("stages", "stages", ["postings"], items="data", paging=_PAGES),
        Endpoint("archive_reasons", "archive_reasons", ["postings"], items="data", paging=_PAGES),
        Endpoint("postings", "postings", ["postings"], _ALL, items="data", paging=_PAGES, changed=_UPDATED),
        Endpoint(
            "opportunities",
            "opportunities",
            ["contacts", "emails", "opportunities", "stages"],
            {**_ALL, "expand": "applications"},
            items="data",
            paging=_PAGES,
            changed=_UPDATED,
        ),
        Endpoint(
            "feedback",
            "opportunities/{id}/feedback",
            ["interviews", "scores", "ratings"],
            items="data",
            paging=_PAGES,
            each="opportunities",
        ),
    ],
    reader=lambda _: Reader().rows,
    auth=Basic(),
)
SOURCE = Source(
    "lever",
    read=read,
    mappings=MAPPINGS,
    tables=TABLES,
    prepare=PREPARE,
    ways=("file", "pull"),
    pull=API,
    local_ids=True,
    description="Lever: postings, opportunities, interview feedback",
    reads=".json, .jsonl: answers of the Data API as they come; .gz or .zip of them; or https://api.lever.co/v1",
    versions="Data API v1",
    lacks=[
        "offers, and with them the first day of a hire: it is the day on which the opportunity was archived as hired",
        "notes, resumes, phone numbers, links, answers of forms: free text about people that no question asks for",
        "tags: Lever adds places and teams to them, so they name no skills",
        "reasons of a company's own: all but `hired` and those that Lever begins with are read as rejected",
        "hires that were taken back: an opportunity that is no longer archived as hired leaves its Hire as it was, as "
        "a hire has no withdrawal here: erase or mend them",
        "deleted opportunities and feedback: the API no longer lists them; what was loaded stays until it is erased",
    ],
)
