"""QTI results reports: what candidates scored in tests and in their single questions.

One session of a candidate (its sessionIdentifiers) is one attempt: reports of it that come later, by their datestamp,
take the place of earlier ones. Where a report names no session, its datestamp tells one attempt from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loaders.errors import nearest
from loaders.events import made_of
from loaders.readers.documents import documents
from loaders.readers.places import Places
from loaders.records import Parts
from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Config, Field, NodeMapping, Record, Rows, Skip, Source, Table
from loaders.sources.qti_results import Outcome, Report, Result, reports
from loaders.sources.results import FLAGS, is_address, kept_within, learner_id, number, rounded
from loaders.strict import Unreadable
from ontology.ids import make_curie
from ontology.values import parse_instant

SCORE, HIGHEST = "SCORE", "MAXSCORE"
PENDING = ("initial", "pendingSubmission", "pendingResponseProcessing")
STATUSES = (*PENDING, "final")
NO_MAXIMUM, NO_STATUS = "no-maximum", "no-session-status"

ASSESSMENT = NodeMapping(
    "Assessment", table="assessments", id="{assessment}", fields={"label": "identifier", "type": "type"}
)
LEARNER = NodeMapping("Learner", table="results", id="{learner}")
CANDIDATE = NodeMapping(
    "Identity",
    table="results",
    id="qti-identity:{identity}",
    fields={"learner": "{learner}", "system": "system", "value": "sourcedId"},
)
RESULT = NodeMapping(
    "Evidence",
    table="results",
    id="qti-result:{key}",
    fields={
        "learner": "{learner}",
        "kind": Field(constant="assessment"),
        "about": "{assessment}",
        "score": Field(SCORE, raw_minimum="normalMinimum", raw_maximum="normalMaximum"),
        "outcome": "outcome",
        "shown_at": "datestamp",
    },
    version="datestamp",
)
NOT_FINAL = Skip(
    "not-final",
    "the session has not ended, or is not yet scored: only final results count",
    {"sessionStatus": PENDING},
)
NO_SCORE = Skip("no-score", "the result has no outcome variable SCORE, such as that of a survey", {"has_score": ["no"]})
EARLIER = Skip(
    "earlier-result",
    "the report has a result of the same identifier with a later datestamp, or further on",
    {"is_last": ["no"]},
)


def read(config: Config) -> Iterator[Rows]:
    """Every result of every report; an assessment is stated once."""
    reader, places = _Reader(config), Places(config.paths)
    for path in config.paths:
        for document in documents((path,), (".xml",)):
            row = 0
            for report in reports(document):
                for result, is_last in reader.results(report):
                    row += 1
                    at = places.of(path, row)
                    yield from reader.rows(*at, _Part(document.file, report, result, is_last))


@dataclass(frozen=True, slots=True)
class _Part:
    """A result of a report, and the document that it stands in."""

    document: str
    report: Report
    result: Result
    is_last: bool


class _Reader:
    """Reports to rows."""

    def __init__(self, config: Config) -> None:
        assert config.secret is not None, "a load has the deployment's secret"
        self._secret, self._parts, self._stated = config.secret, Parts(), set[str]()

    def results(self, report: Report) -> Iterator[tuple[Result, bool]]:
        """Every result, and whether it is the last of its identifier; a test waits for its items."""
        last: dict[tuple[str, str | None], int] = {}
        for place, each in enumerate(report.results):
            key = (each.of, each.identifier)
            if key not in last or _moment(each) >= _moment(report.results[last[key]]):
                last[key] = place
        pending = _pending([report.results[place] for place in last.values()])
        for place, each in enumerate(report.results):
            whole = replace(each, status=pending or "final") if each.of == "test" else each
            yield whole, last[each.of, each.identifier] == place

    def rows(self, file: str, row: int, part: _Part) -> Iterator[Rows]:
        """A result, with the assessment that it is of where that is new."""
        result = part.result
        try:
            cells, flags = self._cells(part.report, result)
        except ValueError as error:
            yield self._bad(file, row, part, error)
            return
        assessment = cells["assessment"]
        if assessment not in self._stated:
            self._stated.add(assessment)
            kind = {"test": "exam", "item": "quiz"}[result.of]
            stated = {"assessment": assessment, "identifier": result.identifier, "type": kind}
            yield self._parts.record("assessments", file, stated)
        more = {"document": part.document, "is_last": "yes" if part.is_last else "no"}
        yield Record("results", file, row, {**cells, **more}, flags)

    def _cells(self, report: Report, result: Result) -> tuple[dict[str, Any], Sequence[str]]:
        candidate = _needed(report.candidate, "sourcedId", "its context must name the candidate")
        identifier = _needed(result.identifier, "identifier", f"a {result.of}Result names what was answered")
        datestamp = _needed(result.datestamp, "datestamp", "evidence has a date")
        status, flags = _status(result.status)
        learner = learner_id("qti-candidate", candidate, self._secret)
        scored, more = _scored(result.outcomes)
        assessment = make_curie(f"qti-{result.of}", identifier)
        return {
            "learner": learner,
            "sourcedId": candidate,
            "system": "email" if is_address(candidate) else "qti-candidate",
            "identity": self._secret.pseudonym("qti-identity", candidate),
            "assessment": assessment,
            "key": made_of(assessment, learner, self._session(report) or datestamp),
            "datestamp": datestamp,
            "sessionStatus": status,
            **scored,
        }, (*flags, *more)

    def _session(self, report: Report) -> str:
        """What tells the session from others; a hash, since some systems name the candidate there."""
        named = [part for pair in sorted(report.session) for part in pair]
        return self._secret.pseudonym("qti-session", *named) if named else ""

    def _bad(self, file: str, row: int, part: _Part, error: ValueError) -> BadRecord:
        """Whose result it is stays with it, so that it is found when they are erased."""
        place, value = (error.field, error.value) if isinstance(error, Unreadable) else ("", "")
        candidate, result = part.report.candidate, part.result
        raw = {"document": part.document, "identifier": result.identifier, "datestamp": result.datestamp}
        if candidate and len(candidate) < _LONGEST_KEY:
            raw |= {"sourcedId": candidate, "learner": learner_id("qti-candidate", candidate, self._secret)}
        return BadRecord("results", file, BadRow(row, place, value, str(error), raw))


_LONGEST_KEY = 100
"""Characters of a candidate that surely make an id."""


def _needed(text: str | None, place: str, why: str) -> str:
    if text is None:
        raise Unreadable(place, f"is missing: {why}")
    return text


def _status(given: str | None) -> tuple[str, Sequence[str]]:
    if given is None:
        return "final", (NO_STATUS,)
    if given not in STATUSES:
        hint = nearest(given, STATUSES) or f": use one of {', '.join(STATUSES)}"
        raise Unreadable("sessionStatus", f"{shown(given)!r} is not known{hint}", shown(given))
    return given, ()


def _moment(result: Result) -> int:
    """The datestamp; what is none is earlier than any."""
    try:
        return parse_instant(result.datestamp or "")[0]
    except ValueError:
        return -1


def _pending(results: Sequence[Result]) -> str | None:
    """The status of an item that a test still waits for; one that was never begun is no such."""
    return next((each.status for each in results if each.of == "item" and each.status in PENDING[1:]), None)


def _scored(outcomes: Mapping[str, Outcome]) -> tuple[dict[str, str | None], Sequence[str]]:
    """The score within its range: without a maximum it can't be scaled, and is left out."""
    found = outcomes.get(SCORE)
    if found is None or found.value is None:
        return {"has_score": "no"}, ()
    low = rounded(found.minimum) or "0"
    high = rounded(found.maximum or (outcomes[HIGHEST].value if HIGHEST in outcomes else None))
    outcome = {"has_score": "yes", "outcome": _outcome(found)}
    if high is None:
        return outcome, (NO_MAXIMUM,)
    points, flags = kept_within(rounded(found.value), low, high)
    return {**outcome, SCORE: points, "normalMinimum": low, "normalMaximum": high}, flags


def _outcome(found: Outcome) -> str | None:
    """Whether the score reaches what counts as mastery, where that is said."""
    score, least = number(found.value), number(found.mastery)
    return None if score is None or least is None else "passed" if score >= least else "failed"


SOURCE = Source(
    "qti",
    read=read,
    mappings=[ASSESSMENT, LEARNER, CANDIDATE, RESULT],
    tables=[
        Table("assessments", optional="*"),
        Table("results", optional="*", ignored=["document"], skips=[NOT_FINAL, NO_SCORE, EARLIER]),
    ],
    description="results of tests and of their questions, as assessment platforms report them",
    reads=".xml: assessmentResult, one or many within an element; .gz or .zip of them",
    log=True,
    local_ids=True,
    versions="2.1, 2.2, 3.0",
    lacks=[
        "`responseVariable`: what the candidate answered; only the score counts",
        "`duration` and other outcome variables than SCORE and MAXSCORE: their names mean something to one test only",
        "`templateVariable`, `candidateComment`: nothing here asks for them",
    ],
    flags={
        **FLAGS,
        NO_MAXIMUM: "a result has neither normalMaximum nor MAXSCORE, so its score was left out",
        NO_STATUS: "an itemResult without a sessionStatus was read as final",
    },
)
