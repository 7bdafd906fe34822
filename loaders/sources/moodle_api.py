"""How Moodle's web service is asked: a function by its name, in a form with the token; errors come with status 200."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from loaders.pull import Api, Endpoint, InForm, Pulled
from loaders.source import Config, Rows
from loaders.sources.moodle_answers import Answers

NOT_TRACKED = ("completionnotenabled", "nocriteriaset", "cannotviewreport")
NOT_GRADED = ("nopermissiontoviewgrades",)
"""Errors of a course that has no completion, or whose grades the token's owner may not see."""


def _asked(name: str, function: str, tables: Sequence[str], given: Mapping[str, str], of: str = "") -> Endpoint:
    """A function of the web service whose answer is a list; `of` is the endpoint whose items it is asked for."""
    parameters = {"wsfunction": function, "moodlewsrestformat": "json", **given}
    return Endpoint(name, "webservice/rest/server.php", tables, parameters, each=of, method="POST")


def _reader(config: Config) -> Callable[[Pulled], Iterable[Rows]]:
    answers = Answers(config)

    def rows(item: Pulled) -> Iterable[Rows]:
        asked = {name: item.parent[name] for name in ("userid", "courseid") if name in item.parent}
        return answers.rows(item.value, item.file, asked)

    return rows


_OF_COURSE = {"courseid": "{id}"}
_OF_USER = {"userid": "{userid}", "courseid": "{courseid}"}
_GRADED = ("grade items", "tested", "grades")
_ENROLLED = ("users", "identities", "enrolments")
_COURSE_STATUS = "core_completion_get_course_completion_status"
_ACTIVITY_STATUS = "core_completion_get_activities_completion_status"
API = Api(
    endpoints=[
        _asked("courses", "core_course_get_courses", ["courses"], {}),
        _asked("contents", "core_course_get_contents", ["activities"], _OF_COURSE, of="courses"),
        replace(
            _asked("grades", "gradereport_user_get_grade_items", _GRADED, _OF_COURSE, of="courses"),
            items="usergrades",
            absent=NOT_GRADED,
        ),
        replace(
            _asked("completions", _COURSE_STATUS, ["completions"], _OF_USER, of="grades"),
            one=True,
            absent=NOT_TRACKED,
        ),
        replace(
            _asked("activities", _ACTIVITY_STATUS, ["activity completions"], _OF_USER, of="grades"),
            one=True,
            absent=NOT_TRACKED,
        ),
        _asked("users", "core_enrol_get_enrolled_users", _ENROLLED, _OF_COURSE, of="courses"),
    ],
    reader=_reader,
    auth=InForm("wstoken"),
    error="errorcode",
)
