"""Answers of the Canvas API as rows: users, courses, enrolments, progress, submissions, outcomes and their results.

An answer, or an item of its list, is told by its keys. Those of one course do not all say which: in a file `course_id`
stands beside them as it was asked for; a pull knows what it asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from loaders.errors import LoadError
from loaders.rows import shown
from loaders.source import Config, Rows
from loaders.sources.canvas_outcomes import SAME, scale_rows
from loaders.sources.identities import systems
from loaders.sources.objects import Numbered, Object, Once, Shape, at, objects
from loaders.sources.results import rounded
from loaders.sources.signs import looks_like, not_this
from loaders.strict import Unreadable

FORMAT = "answers of the Canvas API"
FIELDS = ("sis_user_id", "login_id", "integration_id")
"""Fields of users that --map may say to be identities."""

_WHO = ("canvas-user", "user_id")
USER = Shape("users", ("id", "name", "email"), who=("canvas-user", "id"))
IDENTITY = Shape("identities", ("user_id", "system", "value"), who=_WHO)
COURSE = Shape("courses", ("id", "name", "public_description", "workflow_state", "locale"))
ENROLMENT = Shape(
    "enrolments",
    (
        *("id", "user_id", "course_id", "type", "enrollment_state", "created_at", "updated_at", "end_at"),
        "last_activity_at",
    ),
    made=("status", "ended_at"),
    who=_WHO,
)
PROGRESS = Shape("progress", ("id", "course_id", "progress.completed_at"), who=("canvas-user", "id"))
ASSESSMENT = Shape("assessments", ("id", "name"))
SUBMISSION = Shape(
    "submissions",
    (
        *("id", "user_id", "assignment_id", "score", "grade", "graded_at", "submitted_at", "posted_at", "excused"),
        "workflow_state",
    ),
    made=("points_possible", "outcome", "shown_at"),
    who=_WHO,
)
OUTCOME = Shape("api outcomes", ("id", "title", "display_name", "description"))
RESULT = Shape(
    "outcome results",
    ("id", "links.user", "links.learning_outcome", "links.alignment", "score", "submitted_or_assessed_at"),
    made=("_in_rollup",),
    who=("canvas-user", "links.user"),
)
ROLLUP = Shape("rollups", ("user", "course", "outcome", "score", "submitted_at"), who=("canvas-user", "user"))
SHAPES = (
    *(USER, IDENTITY, COURSE, ENROLMENT, PROGRESS, ASSESSMENT, SUBMISSION, OUTCOME, RESULT, ROLLUP),
)  # fmt: skip

Read = Callable[[Any, str, Mapping[str, str]], Iterator[Rows]]


class Answers:
    """Reads answers one after the other: rollups before results, assignments before submissions."""

    def __init__(self, config: Config) -> None:
        self._rows, self._once = Numbered(), Once()
        self._systems = systems(config, FIELDS)
        self._rolled_up: set[tuple[str, str]] = set()  # user and outcome
        self._points: dict[str, Any] = {}  # an assignment -> how many it may give

    def rows(self, value: Any, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """The rows of one answer, or of one item of its list; `asked` are the parameters that it answers.

        Raises `LoadError` for what is no such answer.
        """
        read = self._reader(value)
        if read is None:
            if isinstance(value, Mapping) and "errors" in value:
                raise LoadError(f"is an error of Canvas: {shown(value['errors'])}; ask it again", file=file)
            otherwise = "it has none of the keys of users, courses, enrolments, submissions, outcomes or their results"
            raise not_this(looks_like(value), FORMAT, file, otherwise)
        try:
            yield from read(value, file, asked)
        except Unreadable as error:
            raise LoadError(f"{error.field} {error}", file=file, value=error.value) from error

    def _reader(self, value: Any) -> Read | None:
        if not isinstance(value, Mapping):
            return None
        readers: dict[str, Read] = {
            "outcome_results": self._results,
            "rollups": self._rollups,
            "links.learning_outcome": self._result,
            "scores": self._rollup,
            "outcome.id": lambda value, file, asked: self._outcome(value["outcome"], file, asked),
            "mastery_points": self._outcome,
            "enrollment_state": self._enrolment,
            "assignment_id": self._submission,
            "grading_type": self._assignment,
            "course_code": self._course,
            "progress": self._progress,
            "sortable_name": self._user,
        }
        return next((read for key, read in readers.items() if key in value or at(value, key) is not None), None)

    def _results(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        yield from self._linked(value, file, asked)
        for each in objects(value, "outcome_results"):
            yield from self._result(each, file, asked)

    def _rollups(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        yield from self._linked(value, file, asked)
        for each in objects(value, "rollups"):
            yield from self._rollup(each, file, asked)

    def _linked(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """What an answer tells beside of outcomes, as they were `include`d."""
        for each in objects(value, "linked.outcomes"):
            yield from self._outcome(each, file, asked)
        for each in objects(value, "linked.alignments"):
            name = each.get("id") if isinstance(each, Mapping) else None
            if not isinstance(name, str) or self._once.first(ASSESSMENT.table, name):
                yield self._rows.row(ASSESSMENT, file, each)

    def _result(self, value: Any, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        pair = (str(at(value, "links.user")), str(at(value, "links.learning_outcome")))
        covered = "yes" if pair in self._rolled_up else None
        yield self._rows.row(
            RESULT, file, value, lambda cells: {"_in_rollup": covered, "score": rounded(cells["score"])}
        )
        alignment = at(value, "links.alignment")
        if isinstance(alignment, str) and self._once.first(ASSESSMENT.table, alignment):
            yield self._rows.row(ASSESSMENT, file, {"id": alignment})

    def _rollup(self, value: Any, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        """The scores of one user, a row each."""
        user = at(value, "links.user")
        course = at(value, "links.course") or at(value, "links.section") or "0"
        for score in objects(value, "scores"):
            outcome = at(score, "links.outcome")
            if isinstance(user, str) and isinstance(outcome, str):
                self._rolled_up.add((user, outcome))
            found = {name: score.get(name) for name in ("score", "submitted_at")} if isinstance(score, Mapping) else {}
            whole = {"user": user, "course": course, "outcome": outcome, **found}
            yield self._rows.row(ROLLUP, file, whole, lambda cells: {"score": rounded(cells["score"])})

    def _outcome(self, value: Any, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        name = value.get("id") if isinstance(value, Mapping) else None
        if isinstance(name, str) and not self._once.first(OUTCOME.table, name):
            return
        try:
            pairs = [
                (str(at(each, "points")), str(at(each, "description") or "")) for each in objects(value, "ratings")
            ]
            scale = list(scale_rows(f"outcome/{name}", value, pairs, file, self._rows))
        except Unreadable as error:
            yield self._rows.bad(OUTCOME, file, value, error)
            return
        yield self._rows.row(OUTCOME, file, value)
        yield from scale
        if isinstance(guid := at(value, "vendor_guid"), str) and guid:
            yield self._rows.row(SAME, file, {"vendor_guid": guid, "id": name})

    def _user(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        yield self._rows.row(USER, file, value)
        user = value.get("id")
        known = {"canvas-user": user, "email": value.get("email")}
        known |= {system: value.get(name) for name, system in self._systems.items()}
        for system, found in known.items():
            if isinstance(user, str) and isinstance(found, str) and found:
                yield self._rows.row(IDENTITY, file, {"user_id": user, "system": system, "value": found})

    def _course(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        yield self._rows.row(COURSE, file, value)

    def _enrolment(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        yield self._rows.row(ENROLMENT, file, value, _stands)

    def _progress(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """How far one user is with what a course requires (bulk_user_progress)."""
        yield self._rows.row(PROGRESS, file, {**asked, **value})

    def _assignment(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        name = value.get("id")
        if isinstance(name, str):
            self._points[name] = value.get("points_possible")
            if not self._once.first(ASSESSMENT.table, f"assignment_{name}"):
                return
        whole = {**value, "id": f"assignment_{name}"} if isinstance(name, str) else value
        yield self._rows.row(ASSESSMENT, file, whole)

    def _submission(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        if isinstance(inside := value.get("assignment"), Mapping):
            yield from self._assignment(inside, file, asked)
        most = self._points.get(str(value.get("assignment_id")))
        yield self._rows.row(
            SUBMISSION, file, value, lambda cells: _submitted(cells) | {"points_possible": rounded(most)}
        )


STATES = {
    **dict.fromkeys(("invited", "creation_pending"), "enrolled"),
    **dict.fromkeys(("deleted", "rejected", "inactive"), "withdrawn"),
    "completed": "completed",
}


def _stands(cells: Mapping[str, Any]) -> dict[str, Any]:
    """How an enrolment stands: one that is active is in progress once its user did something."""
    state = str(cells["enrollment_state"])
    if state == "active":
        return {"status": "in_progress" if cells["last_activity_at"] else "enrolled"}
    if state not in STATES:
        known = ", ".join(("active", *STATES))
        raise Unreadable("enrollment_state", f"{shown(state)!r} is not one of {known}", shown(state))
    over = STATES[state] in ("completed", "withdrawn")
    return {"status": STATES[state], "ended_at": (cells["end_at"] or cells["updated_at"]) if over else None}


def _submitted(cells: Mapping[str, Any]) -> dict[str, Any]:
    """What a submission came to: an excused one is waived; a grade that is only pass or fail is that."""
    excused = str(cells["excused"]).lower() == "true"
    outcome = "waived" if excused else {"incomplete": "failed", "complete": "passed"}.get(str(cells["grade"]))
    when = cells["graded_at"] or cells["submitted_at"] or cells["posted_at"]
    graded = excused or cells["score"] is not None or outcome is not None or cells["workflow_state"] == "pending_review"
    return {
        "outcome": outcome,
        "shown_at": when,
        "score": None if excused else rounded(cells["score"]),
        "workflow_state": cells["workflow_state"] if graded else "ungraded",
    }
