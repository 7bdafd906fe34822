"""Canvas: outcomes as CSV; users, courses, enrolments, submissions and outcome results from its API (v1).

Canvas's own score counts: where a rollup tells how somebody stands in an outcome, by whatever method it is calculated,
the single results that it is made of are left out. Levels are said on the outcome's own scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

import polars as pl

from loaders.pull import Api, Endpoint, LinkHeader, Pulled
from loaders.readers.documents import Item, Unread, items
from loaders.source import BadRecord, Chunk, Config, EdgeMapping, Field, NodeMapping, Rows, Skip, Source, Table
from loaders.sources import canvas_answers, canvas_outcomes
from loaders.sources.canvas_answers import Answers
from loaders.sources.objects import at
from loaders.sources.plain import plain
from loaders.sources.ragged import by_ending
from loaders.sources.taken_back import VERSION, WITHDRAWN, TakenBack

GUID = "canvas-guid:{vendor_guid}"
OUTCOME = NodeMapping(
    "Skill",
    table="outcomes",
    id=GUID,
    fields={
        "label": "title",
        "alt_labels": Field("display_name", separator="\n"),
        "description": "_description",
        "type": Field("object_type", translate={"group": "group", "outcome": "outcome"}),
        "status": Field("workflow_state", translate={"active": "active", "deleted": "retired"}),
    },
)
PARENT = EdgeMapping("BROADER", table="parents", start=GUID, to="Skill", id="canvas-guid:{parent}")
SAME = EdgeMapping("EXACT_MATCH", table="same outcomes", start="canvas-outcome:{id}", to="Skill", id=GUID)
SCALE = NodeMapping("Scale", table="scales", id="canvas-scale:{scale}", fields={"label": "title"})
LEVEL = NodeMapping(
    "Level",
    table="scale levels",
    id="canvas-level:{scale}~2f{rank}",
    fields={"label": "description", "scale": "canvas-scale:{scale}", "rank": "rank", "lower_bound": "points"},
    edges=[EdgeMapping("CORRESPONDS_TO", to="Level", id="{home}")],
)
API_OUTCOME = NodeMapping(
    "Skill",
    table="api outcomes",
    id="canvas-outcome:{id}",
    fields={
        "label": "title",
        "alt_labels": Field("display_name", separator="\n"),
        "description": "_description",
        "type": Field(constant="outcome"),
    },
)
USER = NodeMapping("Learner", table="users", id="canvas-user:{id}", fields={"label": "name", "email": "email"})
IDENTITY = NodeMapping(
    "Identity",
    table="identities",
    id="canvas-identity:{user_id}.{system}",
    fields={"learner": "canvas-user:{user_id}", "system": "system", "value": "value"},
)
COURSE = NodeMapping(
    "LearningObject",
    table="courses",
    id="canvas-course:{id}",
    fields={
        "label": "name",
        "description": "_description",
        "type": Field(constant="course"),
        "language": "locale",
        "status": Field(
            "workflow_state",
            translate={"unpublished": "draft", "available": "active", "completed": "archived", "deleted": "retired"},
        ),
    },
)
ENROLMENT = NodeMapping(
    "Enrolment",
    table="enrolments",
    id="canvas-enrolment:{id}",
    fields={
        "learner": "canvas-user:{user_id}",
        "learning_object": "canvas-course:{course_id}",
        "status": "status",
        "enrolled_at": "created_at",
        "ended_at": "ended_at",
    },
    version="updated_at",
)
_COMPLETED = "progress.completed_at"
PROGRESS = NodeMapping(
    "Evidence",
    table="progress",
    id="canvas-completion:{course_id}.{id}",
    fields={
        "learner": "canvas-user:{id}",
        "kind": Field(constant="completion"),
        "about": "canvas-course:{course_id}",
        "outcome": Field(constant="passed"),
        "shown_at": _COMPLETED,
        "withdrawn_at": WITHDRAWN,
    },
    version=VERSION,
)
ASSESSMENT = NodeMapping(
    "Assessment",
    table="assessments",
    id="canvas-alignment:{id}",
    fields={"label": "name", "type": Field(constant="task_exercise")},
)
SUBMISSION = NodeMapping(
    "Evidence",
    table="submissions",
    id="canvas-submission:{id}",
    fields={
        "learner": "canvas-user:{user_id}",
        "kind": Field(constant="assessment"),
        "about": "canvas-alignment:assignment_{assignment_id}",
        "score": Field("_score", raw_minimum="0", raw_maximum="_most"),
        "outcome": "outcome",
        "shown_at": "shown_at",
        "withdrawn_at": WITHDRAWN,
    },
    version=VERSION,
)


def _level(table: str, id_: str, *, user: str, outcome: str, when: str, about: str = "") -> NodeMapping:
    """A score as a level said on the outcome's own scale; a later load stands, since Canvas does not say when a score
    was reckoned.
    """
    fields: dict[str, str | Field] = {
        "learner": f"canvas-user:{{{user}}}",
        "kind": Field(constant="assessment"),
        "skill": f"canvas-outcome:{{{outcome}}}",
        "level": "score",
        "scale": f"canvas-scale:outcome~2f{{{outcome}}}",
        "shown_at": when,
        "withdrawn_at": WITHDRAWN,
    }
    return NodeMapping("Evidence", table=table, id=id_, fields=fields | ({"about": about} if about else {}))


RESULT = _level(
    "outcome results",
    "canvas-result:{id}",
    user="links.user",
    outcome="links.learning_outcome",
    when="submitted_or_assessed_at",
    about="canvas-alignment:{links.alignment}",
)
ROLLUP = _level(
    "rollups", "canvas-rollup:{course}.{user}.{outcome}", user="user", outcome="outcome", when="submitted_at"
)
TAKEN_BACK = {
    "progress": TakenBack(PROGRESS, {_COMPLETED: [""]}, _COMPLETED, _COMPLETED),
    "submissions": TakenBack(SUBMISSION, {"workflow_state": ["ungraded"]}, "shown_at", "shown_at"),
    "outcome results": TakenBack(RESULT, {"score": [""]}, "submitted_or_assessed_at"),
    "rollups": TakenBack(ROLLUP, {"score": [""]}, "submitted_at"),
}
SKIPS = {
    "enrolments": [
        Skip(
            "not-a-student",
            "they teach, help or watch",
            {"type": ["TeacherEnrollment", "TaEnrollment", "ObserverEnrollment", "DesignerEnrollment"]},
        ),
        Skip("test-student", "Canvas's own student to preview a course", {"type": ["StudentViewEnrollment"]}),
    ],
    "progress": [TAKEN_BACK["progress"].skip("not-completed", "the course is not completed yet")],
    "submissions": [
        TAKEN_BACK["submissions"].skip("not-graded", "there is no grade yet"),
        Skip("not-final", "a part of it is still to be graded by hand", {"workflow_state": ["pending_review"]}),
    ],
    "outcome results": [
        Skip(
            "in-rollup", "a rollup of the same load tells how its user stands in the outcome", {"_in_rollup": ["yes"]}
        ),
        TAKEN_BACK["outcome results"].skip("not-assessed", "there is no score yet"),
    ],
    "rollups": [
        TAKEN_BACK["rollups"].skip("not-assessed", "there is no score yet"),
        Skip("of-a-course", "it tells of a whole course, not of a person", {"user": [""]}),
    ],
}
SHAPES = (*canvas_outcomes.SHAPES, *canvas_answers.SHAPES)
ABOVE = "above-maximum"
HTML = ("description", "public_description")
_FIRST = ("rollups", "scores", "grading_type")


def read(config: Config) -> Iterator[Rows]:
    """The rows of every CSV and answer; answers are read twice, rollups and assignments first: others need them."""
    tables, others = by_ending(config)
    for path in tables:
        yield from canvas_outcomes.rows(path, config)
    answers = Answers(config)
    for item in items(others):
        if _is_first(item):
            yield from answers.rows(item.value, item.file, {})
    for item in items(others):
        if isinstance(item, Unread):
            yield BadRecord("users", f"{item.file}/users", item.bad)
        elif not _is_first(item):
            yield from answers.rows(item.value, item.file, {})


def _is_first(item: Item | Unread) -> TypeGuard[Item]:
    return isinstance(item, Item) and any(at(item.value, key) is not None for key in _FIRST)


def prepare(chunk: Chunk, config: Config) -> Chunk:
    """`_description` without HTML; of submissions `_score`, at most what the assignment gives, and `_most`, that; of
    evidence what `TakenBack` adds.
    """
    frame, flags = chunk.frame, dict(chunk.flags)
    for column in HTML:
        if column in frame.columns:
            texts = [plain(text) for text in frame[column].to_list()]
            frame = frame.with_columns(_description=pl.Series(texts, dtype=pl.String))
    if chunk.table == "submissions" and {"score", "points_possible"} <= set(frame.columns):
        score, most = (pl.col(name).cast(pl.Float64, strict=False) for name in ("score", "points_possible"))
        above = (score > most).fill_null(False)
        flags[ABOVE] = flags.get(ABOVE, 0) + int(frame.select(above.sum()).item() or 0)
        capped = pl.when(above).then(pl.col("points_possible")).otherwise(pl.col("score"))
        frame = frame.with_columns(_score=capped, _most=pl.col("points_possible"))
    if (taken_back := TAKEN_BACK.get(chunk.table)) is not None:
        frame = taken_back.told(frame, config)
    return replace(chunk, frame=frame, flags={name: count for name, count in flags.items() if count})


def _list(name: str, path: str, *tables: str, of: str = "", asked: Mapping[str, str] | None = None) -> Endpoint:
    """A list of the API, page by page; `of` is the endpoint whose items it is asked for."""
    return Endpoint(name, path, tables, asked or {}, paging=LinkHeader("per_page", 100), each=of)


def _whole(name: str, path: str, *tables: str, of: str) -> Endpoint:
    """A list whose pages tell of the outcomes in it too."""
    return replace(_list(name, path, *tables, of=of, asked={"include[]": "outcomes"}), one=True)


_STUDENTS = {"type[]": "StudentEnrollment"}
_CONCLUDED = {**_STUDENTS, "state[]": "completed"}
_ALL = {"student_ids[]": "all"}
_OUTCOMES = ("api outcomes", "same outcomes", "scales", "scale levels")


def _reader(config: Config) -> Callable[[Pulled], Iterable[Rows]]:
    answers = Answers(config)

    def rows(item: Pulled) -> Iterable[Rows]:
        asked = {"course_id": item.parent["id"]} if "id" in item.parent else {}
        return answers.rows(item.value, item.file, asked)

    return rows


API = Api(
    endpoints=[
        _list("users", "accounts/self/users", "users", "identities", asked={"include[]": "email"}),
        _list("courses", "accounts/self/courses", "courses"),
        _list("outcomes", "accounts/self/outcome_group_links", *_OUTCOMES, asked={"outcome_style": "full"}),
        _list("enrolments", "courses/{id}/enrollments", "enrolments", of="courses", asked=_STUDENTS),
        _list("concluded", "courses/{id}/enrollments", "enrolments", of="courses", asked=_CONCLUDED),
        _list("progress", "courses/{id}/bulk_user_progress", "progress", of="courses"),
        _list("assignments", "courses/{id}/assignments", "assessments", of="courses"),
        _list("submissions", "courses/{id}/students/submissions", "submissions", of="courses", asked=_ALL),
        _whole("rollups", "courses/{id}/outcome_rollups", "rollups", *_OUTCOMES, of="courses"),
        _whole("results", "courses/{id}/outcome_results", "outcome results", "assessments", *_OUTCOMES, of="courses"),
    ],
    reader=_reader,
)
SOURCE = Source(
    "canvas",
    read=read,
    mappings=[
        *(OUTCOME, PARENT, SAME, SCALE, LEVEL, API_OUTCOME, USER, IDENTITY, COURSE, ENROLMENT, PROGRESS),
        *(ASSESSMENT, SUBMISSION, RESULT, ROLLUP),
    ],
    tables=[Table(shape.table, optional="*", ignored="*", skips=SKIPS.get(shape.table, ())) for shape in SHAPES],
    description="Canvas: outcomes with their scales, users, courses, enrolments, submissions and outcome results",
    prepare=prepare,
    reads=".csv: outcomes as exported; .json, .jsonl, .gz or .zip of them: answers of the API",
    versions="API v1",
    ways=("file", "pull"),
    takes_map=True,
    pull=API,
    local_ids=True,
    lacks=[
        "`calculation_method`, `calculation_int`: Canvas's own score is taken, not calculated anew",
        "grades of whole courses: Canvas says no mark from which a course is passed",
        "attempts at an assignment: a submission holds the one that counts",
        "rubric assessments: they come as outcome results where a criterion is an outcome",
    ],
    flags={
        ABOVE: "a score is above what its assignment gives (extra credit) and was read as that",
        canvas_outcomes.UNORDERED: "the ratings of an outcome do not fall; they were put in order",
    },
)
