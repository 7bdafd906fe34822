"""Moodle, 3.1 and later: competency frameworks as CSV; users, courses, completions and grades from its web service.

The web service is asked with a token (`wstoken`) in the form that is posted; a file holds the same answers. One grade
of a user in an item is one evidence, superseded when it is graded anew: the gradebook has chosen among attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

import polars as pl

from loaders.readers.documents import Item, Unread, items
from loaders.source import BadRecord, Chunk, Config, EdgeMapping, Field, NodeMapping, Rows, Skip, Source, Table
from loaders.sources import moodle_answers, moodle_competencies
from loaders.sources.moodle_answers import Answers
from loaders.sources.moodle_api import API
from loaders.sources.plain import plain
from loaders.sources.ragged import by_ending
from loaders.sources.taken_back import VERSION, WITHDRAWN, TakenBack

COMPETENCY_ID = "moodle-competency:{framework}~2f{idnumber}"
TERMS = {
    **{"domain": "group", "concept": "knowledge", "outcome": "outcome", "value": "attitude", "behaviour": "attitude"},
    "*": "skill",
}
"""What a framework's taxonomy calls the competencies of a depth."""

TEXTS: dict[str, str | Field] = {"label": "shortname", "description": "_description", "code": "idnumber"}
FRAMEWORK = NodeMapping(
    "Skill",
    table="competencies",
    id="moodle-framework:{idnumber}",
    fields={**TEXTS, "type": Field(constant="group")},
    when={"isframework": ["1"]},
)
COMPETENCY = NodeMapping(
    "Skill",
    table="competencies",
    id=COMPETENCY_ID,
    fields={**TEXTS, "type": Field("term", translate=TERMS)},
    edges=[
        EdgeMapping("BROADER", to="Skill", id="moodle-framework:{framework}", when={"parentidnumber": [""]}),
        EdgeMapping("BROADER", to="Skill", id="moodle-competency:{framework}~2f{parentidnumber}"),
    ],
    when={"isframework": ["", "0"]},
)
RELATED = EdgeMapping(
    "RELATED", table="related", start=COMPETENCY_ID, to="Skill", id="moodle-competency:{framework}~2f{related}"
)
SCALE = NodeMapping("Scale", table="scales", id="moodle-scale:{scale}", fields={"label": "shortname"})
LEVEL = NodeMapping(
    "Level",
    table="scale levels",
    id="moodle-level:{scale}~2f{rank}",
    fields={"label": "value", "scale": "moodle-scale:{scale}", "rank": "rank"},
    edges=[EdgeMapping("CORRESPONDS_TO", to="Level", id="{home}")],
)
USER = NodeMapping(
    "Learner",
    table="users",
    id="moodle-user:{id}",
    fields={
        "label": "fullname",
        "email": "email",
        "status": Field("suspended", translate={"true": "inactive", "1": "inactive", "*": "active"}),
    },
)
IDENTITY = NodeMapping(
    "Identity",
    table="identities",
    id="moodle-identity:{userid}.{system}",
    fields={"learner": "moodle-user:{userid}", "system": "system", "value": "value", "verified": "verified"},
)
COURSE = NodeMapping(
    "LearningObject",
    table="courses",
    id="moodle-course:{id}",
    fields={
        "label": "fullname",
        "description": "_description",
        "type": Field(constant="course"),
        "language": "_lang",
        "status": Field("visible", translate={"0": "draft", "false": "draft", "*": "active"}),
    },
    version="timemodified",
)
ACTIVITY = NodeMapping(
    "LearningObject",
    table="activities",
    id="moodle-activity:{id}",
    fields={
        "label": "name",
        "type": Field(constant="activity"),
        "url": "url",
        "status": Field("visible", translate={"0": "draft", "false": "draft", "*": "active"}),
    },
)
ENROLMENT = NodeMapping(
    "Enrolment",
    table="enrolments",
    id="moodle-enrolment:{courseid}.{userid}",
    fields={
        "learner": "moodle-user:{userid}",
        "learning_object": "moodle-course:{courseid}",
        "status": "status",
        "ended_at": Field("ended", date_format="unix"),
    },
)
_TIMED = Field("timecompleted", date_format="unix")
COMPLETION = NodeMapping(
    "Evidence",
    table="completions",
    id="moodle-completion:{courseid}.{userid}",
    fields={
        "learner": "moodle-user:{userid}",
        "kind": Field(constant="completion"),
        "about": "moodle-course:{courseid}",
        "outcome": Field(constant="passed"),
        "shown_at": _TIMED,
        "withdrawn_at": WITHDRAWN,
    },
    version=VERSION,
)
ACTIVITY_COMPLETION = NodeMapping(
    "Evidence",
    table="activity completions",
    id="moodle-activity-completion:{cmid}.{userid}",
    fields={
        "learner": "moodle-user:{userid}",
        "kind": Field(constant="completion"),
        "about": "moodle-activity:{cmid}",
        "outcome": "outcome",
        "shown_at": _TIMED,
        "withdrawn_at": WITHDRAWN,
    },
    version=VERSION,
)
MODULES = {"quiz": "quiz", "lesson": "quiz", "assign": "task_exercise", "workshop": "task_exercise", "*": "exam"}
ITEM = NodeMapping(
    "Assessment",
    table="grade items",
    id="moodle-grade-item:{id}",
    fields={"label": "itemname", "type": Field("itemmodule", translate=MODULES)},
)
TESTED = EdgeMapping(
    "ASSESSED_BY", table="tested", start="moodle-course:{courseid}", to="Assessment", id="moodle-grade-item:{id}"
)
GRADE = NodeMapping(
    "Evidence",
    table="grades",
    id="moodle-grade:{id}.{userid}",
    fields={
        "learner": "moodle-user:{userid}",
        "kind": Field(constant="assessment"),
        "about": "moodle-grade-item:{id}",
        "score": Field("_raw", raw_minimum="grademin", raw_maximum="grademax"),
        "shown_at": Field("_shown", date_format="unix"),
        "withdrawn_at": WITHDRAWN,
    },
    version=VERSION,
)
_WHEN = "timecompleted"
TAKEN_BACK = {
    "completions": TakenBack(COMPLETION, {"completed": [""]}, _WHEN, _WHEN, str),
    "activity completions": TakenBack(ACTIVITY_COMPLETION, {"state": ["0"]}, _WHEN, _WHEN, str),
    "grades": TakenBack(GRADE, {"graderaw": [""]}, "_shown", "_shown", str),
}

SKIPS = {
    "courses": [Skip("front-page", "the site's front page, which Moodle keeps as a course", {"format": ["site"]})],
    "completions": [TAKEN_BACK["completions"].skip("not-completed", "the course is not completed yet")],
    "activity completions": [
        TAKEN_BACK["activity completions"].skip("not-completed", "the activity is not completed yet")
    ],
    "grades": [
        TAKEN_BACK["grades"].skip("not-graded", "there is no grade yet"),
        Skip(
            "total-without-time",
            "a total that Moodle makes of other grades, without saying when",
            {"itemtype": ["course", "category"], "_shown": [""]},
        ),
    ],
}
SHAPES = (*moodle_competencies.SHAPES, *moodle_answers.SHAPES)
ABOVE = "above-maximum"


def read(config: Config) -> Iterator[Rows]:
    """The rows of every CSV and answer; answers are read twice, completions first."""
    tables, others = by_ending(config)
    for path in tables:
        yield from moodle_competencies.rows(path, config)
    answers = Answers(config)
    for item in items(others):
        if _is_completion(item):
            yield from answers.rows(item.value, item.file, {})
    for item in items(others):
        if isinstance(item, Unread):
            yield BadRecord("users", f"{item.file}/users", item.bad)
        elif not _is_completion(item):
            yield from answers.rows(item.value, item.file, {})


def _is_completion(item: Item | Unread) -> TypeGuard[Item]:
    return isinstance(item, Item) and isinstance(item.value, dict) and "completionstatus" in item.value


def prepare(chunk: Chunk, config: Config) -> Chunk:
    """`_lang`, a language tag; `_description`, without HTML; of grades `_shown`, when it was given, and `_raw`, at most
    the maximum; of evidence what `TakenBack` adds.
    """
    frame, flags = chunk.frame, dict(chunk.flags)
    if "lang" in frame.columns:
        frame = frame.with_columns(_lang=pl.col("lang").str.replace_all("_", "-"))
    for text in ("description", "summary"):
        if text in frame.columns:
            frame = frame.with_columns(_description=_plain(frame, text))
    if chunk.table == "grades" and {"graderaw", "grademax"} <= set(frame.columns):
        raw, most = (pl.col(name).cast(pl.Float64, strict=False) for name in ("graderaw", "grademax"))
        above = (raw > most).fill_null(False)
        flags[ABOVE] = flags.get(ABOVE, 0) + int(frame.select(above.sum()).item() or 0)
        frame = frame.with_columns(
            _raw=pl.when(above).then(pl.col("grademax")).otherwise(pl.col("graderaw")),
            _shown=pl.coalesce(_time(frame, "gradedategraded"), _time(frame, "gradedatesubmitted")),
        )
    if (taken_back := TAKEN_BACK.get(chunk.table)) is not None:
        frame = taken_back.told(frame, config)
    return replace(chunk, frame=frame, flags={name: count for name, count in flags.items() if count})


def _plain(frame: pl.DataFrame, column: str) -> pl.Series:
    """Texts in Moodle's own format (0) or HTML (1) without their tags; plain text and Markdown (2, 4) as they are."""
    form = f"{column}format"
    forms = frame[form].to_list() if form in frame.columns else [None] * frame.height
    texts = zip(frame[column].to_list(), forms, strict=True)
    return pl.Series([plain(text) if form in (None, "0", "1") else text for text, form in texts], dtype=pl.String)


def _time(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A Unix time; Moodle writes 0 where there is none."""
    there = column in frame.columns
    return pl.when(pl.col(column) != "0").then(pl.col(column)) if there else pl.lit(None, dtype=pl.String)


SOURCE = Source(
    "moodle",
    read=read,
    mappings=[
        *(FRAMEWORK, COMPETENCY, RELATED, SCALE, LEVEL, USER, IDENTITY, COURSE, ACTIVITY, ENROLMENT),
        *(COMPLETION, ACTIVITY_COMPLETION, ITEM, TESTED, GRADE),
    ],
    tables=[Table(shape.table, optional="*", ignored="*", skips=SKIPS.get(shape.table, ())) for shape in SHAPES],
    description="Moodle: competency frameworks, users, courses, enrolments, completions and grades",
    prepare=prepare,
    reads=".csv: exported competency frameworks; .json, .jsonl, .gz or .zip of them: answers of the web service",
    versions="3.1 and later",
    ways=("file", "pull"),
    takes_map=True,
    pull=API,
    local_ids=True,
    lacks=[
        "ratings of competencies and learning plans: the web service tells them only to the user and their teachers",
        "`ruletype`, `ruleoutcome`, `ruleconfig`: how Moodle completes a competency by those below it",
        "`feedback`, `lettergradeformatted`, `percentageformatted`: the raw grade and its range say the same",
        "attempts at a quiz: the gradebook holds the one that counts",
        "when somebody was enrolled: no function of the web service tells it",
    ],
    flags={ABOVE: "a grade is above its maximum (extra credit) and was read as the maximum"},
)
