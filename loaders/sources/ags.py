"""LTI Assignment and Grade Services 2.0: line items, scores and results, as JSON.

A score says how one user stands in one line item now: a later one (by its timestamp) takes the place of an earlier one,
as in the platform's gradebook, so both are one Evidence. Neither a score nor a result names its line item in the
standard, where that is in the URL: it is read from `lineItem` (or `lineItemId`, `scoreOf`) beside it, or from an object
that holds both, `{"lineItem": …, "scores": […]}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from loaders.errors import nearest
from loaders.events import made_of
from loaders.readers.documents import Item, Unread, items
from loaders.readers.places import Places
from loaders.records import Parts
from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Config, Field, NodeMapping, Record, Rows, Skip, Source, Table
from loaders.sources.objects import objects, single
from loaders.sources.results import ABOVE, FLAGS, is_address, kept_within, learner_id, rounded
from loaders.sources.signs import looks_like
from loaders.strict import Unreadable
from ontology.ids import make_curie

GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
ABOUT = ("lineItem", "lineItemId", "scoreOf")
"""Where a score names its line item."""

_EVER = "0"
"""The version of an assessment that only a score names: older than any line item."""
_WHY = {
    "id": "a line item is known by it",
    "userId": "a score is somebody's",
    "timestamp": "evidence has a date; of results, which the standard gives none, load the scores instead",
    "gradingProgress": "a score says whether it is final",
}

LINE_ITEM = NodeMapping(
    "Assessment", table="lineitems", id="{assessment}", fields={"label": "label"}, version="stated_at"
)
LEARNER = NodeMapping("Learner", table="scores", id="{learner}")
USER = NodeMapping(
    "Identity",
    table="scores",
    id="ags-identity:{identity}",
    fields={"learner": "{learner}", "system": "system", "value": "userId"},
)
SCORE = NodeMapping(
    "Evidence",
    table="scores",
    id="ags-score:{key}",
    fields={
        "learner": "{learner}",
        "kind": Field(constant="assessment"),
        "about": "{assessment}",
        "score": Field("scoreGiven", raw_minimum="0", raw_maximum="scoreMaximum"),
        "shown_at": "timestamp",
        "withdrawn_at": "cleared",
    },
    version="timestamp",
)
NOT_FINAL = Skip(
    "not-final",
    "gradingProgress is not FullyGraded: only final scores count",
    {"gradingProgress": [word for word in GRADING if word != "FullyGraded"]},
)


def read(config: Config) -> Iterator[Rows]:
    """Every line item, score and result of every document."""
    reader = _Reader(config)
    for path in config.paths:
        for item in items((path,)):
            if isinstance(item, Unread):
                file, row = reader.places.of(path, item.bad.row)
                yield BadRecord("scores", file, replace(item.bad, row=row))
            else:
                yield from reader.rows(Item(*reader.places.of(path, item.row), item.value))


class _Reader:
    """Objects to rows; an assessment is stated once, by its line item where that is given first."""

    def __init__(self, config: Config) -> None:
        assert config.secret is not None, "a load has the deployment's secret"
        self._secret, self._parts, self._stated = config.secret, Parts(), set[str]()
        self.places = Places(config.paths)

    def rows(self, item: Item) -> Iterator[Rows]:
        """The rows of one object, which may hold others."""
        try:
            yield from self._object(item)
        except Unreadable as error:
            yield self._bad(item, error)
        except ValueError as error:  # a key that makes no id
            yield self._bad(item, Unreadable("", str(error)))

    def _object(self, item: Item) -> Iterator[Rows]:
        value = item.value
        if not isinstance(value, Mapping):
            raise Unreadable("", "is no object: give line items, scores or results", shown(value))
        held = next((name for name in ("scores", "results") if name in value), None)
        if held is not None:
            yield from self._together(item, held)
        elif "userId" in value:
            yield from self._score(item)
        elif "label" in value and "scoreMaximum" in value:
            yield self._line_item(item, value)
        else:
            raise Unreadable("userId", _foreign(value))

    def _together(self, item: Item, held: str) -> Iterator[Rows]:
        """A line item (or its id) with its scores or results, which are numbered by themselves."""
        about = item.value.get("lineItem")
        if isinstance(about, Mapping):
            yield self._line_item(item, about)
            about = _text(about, "id")
        beside = {"lineItem": about} if about else {}
        for each in objects(item.value, held):
            value = {**beside, **each} if isinstance(each, Mapping) else each
            yield from self.rows(Item(*self.places.next(f"{item.file}/{held}"), value))

    def _line_item(self, item: Item, value: Mapping[str, Any]) -> Record:
        about = make_curie("ags-lineitem", _needed(value, "id"))
        self._stated.add(about)
        cells = {"assessment": about, "label": _text(value, "label"), "stated_at": None}
        return self._parts.record("lineitems", item.file, cells)

    def _score(self, item: Item) -> Iterator[Rows]:
        value: Mapping[str, Any] = item.value
        space, about = _about(value)
        assessment = make_curie(space, about)
        cells, flags = self._cells(value)
        if assessment not in self._stated:
            self._stated.add(assessment)
            bare = {"assessment": assessment, "label": None, "stated_at": _EVER}
            yield self._parts.record("lineitems", item.file, bare)
        key = made_of(assessment, cells["learner"])
        yield Record("scores", item.file, item.row, {**cells, "assessment": assessment, "key": key}, flags)

    def _cells(self, value: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[str]]:
        is_result = "resultScore" in value or "resultMaximum" in value
        given, most = ("resultScore", "resultMaximum") if is_result else ("scoreGiven", "scoreMaximum")
        user, moment = _needed(value, "userId"), _needed(value, "timestamp")
        highest = rounded(_text(value, most)) or ("1" if is_result else None)  # a result's default, by the standard
        points, flags = kept_within(rounded(_text(value, given)), None, highest)
        return {
            "learner": learner_id("ags-user", user, self._secret),
            "userId": user,
            "system": "email" if is_address(user) else "ags-user",
            "identity": self._secret.pseudonym("ags-identity", user),
            "scoreGiven": points,
            "scoreMaximum": highest,
            "timestamp": moment,
            "cleared": moment if points is None else None,
            "gradingProgress": GRADING[0] if is_result else _progress(value),
        }, flags

    def _bad(self, item: Item, error: Unreadable) -> BadRecord:
        """Whose score it is stays with it, so that it is found when they are erased."""
        raw: dict[str, Any] = {}
        if isinstance(item.value, Mapping):
            raw = {name: text for name, text in item.value.items() if isinstance(text, str)}
            with suppress(ValueError):  # a user that makes no id is nobody's
                raw["learner"] = learner_id("ags-user", raw.get("userId", ""), self._secret)
        return BadRecord("scores", item.file, BadRow(item.row, error.field, error.value, str(error), raw))


def _about(value: Mapping[str, Any]) -> tuple[str, str]:
    """The id space and the key of what was assessed: the line item, else the resource link."""
    for name in ABOUT:
        if found := _text(value, name):
            return "ags-lineitem", found
    if found := _text(value, "resourceLinkId"):
        return "ags-link", found
    raise Unreadable(ABOUT[0], f"is missing: say what was scored by {', '.join(ABOUT)} or resourceLinkId")


def _progress(value: Mapping[str, Any]) -> str:
    found = _needed(value, "gradingProgress")
    if found not in GRADING:
        hint = nearest(found, GRADING) or f": use one of {', '.join(GRADING)}"
        raise Unreadable("gradingProgress", f"{shown(found)!r} is not known{hint}", shown(found))
    return found


def _needed(value: Mapping[str, Any], key: str) -> str:
    found = _text(value, key)
    if found is None:
        raise Unreadable(key, f"is missing: {_WHY[key]}")
    return found


def _text(value: Mapping[str, Any], key: str) -> str | None:
    """A text that is not empty; raises `Unreadable` for what is none."""
    found = single(value, key)
    if isinstance(found, bool):
        raise Unreadable(key, "is true or false, but a text or number belongs there", str(found).lower())
    return found.strip() or None if found else None


def _foreign(value: Mapping[str, Any]) -> str:
    found = looks_like(value)
    if found is None:
        return "is missing, and so is a line item's label: give line items, scores or results"
    return f"is missing: this looks like {found}, not LTI scores; load it as what it is"


SOURCE = Source(
    "ags",
    read=read,
    mappings=[LINE_ITEM, LEARNER, USER, SCORE],
    tables=[
        Table("lineitems", optional="*"),
        Table("scores", optional="*", skips=[NOT_FINAL]),
    ],
    description="scores of LTI tools, as they are sent to a platform's gradebook or read from it",
    reads=".json, .jsonl: line items, scores and results, each by itself or in lists; .gz or .zip of them",
    log=True,
    local_ids=True,
    versions="LTI AGS 2.0",
    lacks=[
        "`activityProgress`: only what gradingProgress calls fully graded counts, however far the activity went",
        "`comment`, `scoringUserId`: what a rater wrote, and who it was; a score is one fact, no Rating",
        "`submission`: when work was begun and handed in; the score's own time is kept",
        "`startDateTime`, `endDateTime`, `tag`, `resourceId` of line items: nothing here asks for them",
        "results without `timestamp`: the standard gives them none, and evidence has a date; load the scores",
    ],
    flags={ABOVE: FLAGS[ABOVE]},
)
