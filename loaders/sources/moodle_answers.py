"""Answers of Moodle's web service as rows: users, courses, enrolments, completions, activities, grades.

An answer is told by its keys, whatever function it is of. Two kinds do not say whose they are, being of one user and
one course: in a file `userid` and `courseid` stand beside them as they were asked for; a pull knows what it asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from loaders.errors import LoadError
from loaders.rows import shown
from loaders.source import Config, Rows
from loaders.sources.identities import systems
from loaders.sources.objects import Numbered, Object, Once, Shape, at, objects, single
from loaders.sources.results import rounded
from loaders.sources.signs import looks_like, not_this
from loaders.strict import Unreadable

FORMAT = "answers of Moodle's web service"
FIELDS = ("idnumber", "username")
"""Fields of users that --map may say to be identities."""

_WHO = ("moodle-user", "userid")
USER = Shape("users", ("id", "fullname", "email", "suspended"), who=("moodle-user", "id"))
IDENTITY = Shape("identities", ("userid", "system", "value", "verified"), who=_WHO)
COURSE = Shape("courses", ("id", "fullname", "summary", "summaryformat", "lang", "visible", "format", "timemodified"))
ACTIVITY = Shape("activities", ("id", "name", "url", "visible"))
ENROLMENT = Shape("enrolments", ("userid", "courseid", "status", "ended"), who=_WHO)
COMPLETION = Shape("completions", ("userid", "courseid", "completed", "timecompleted"), who=_WHO)
ACTIVITY_COMPLETION = Shape(
    "activity completions", ("userid", "cmid", "state", "timecompleted", "overrideby"), made=("outcome",), who=_WHO
)
ITEM = Shape("grade items", ("id", "itemname", "itemtype", "itemmodule"))
TESTED = Shape("tested", ("id", "courseid"))
GRADE = Shape(
    "grades",
    ("id", "userid", "itemtype", "graderaw", "grademin", "grademax", "gradedategraded", "gradedatesubmitted"),
    who=_WHO,
)
SHAPES = (USER, IDENTITY, COURSE, ACTIVITY, ENROLMENT, COMPLETION, ACTIVITY_COMPLETION, ITEM, TESTED, GRADE)

_DONE = ("true", "1")


class Answers:
    """Reads answers one after the other; those of completions first, since an enrolment's row tells how it ended."""

    def __init__(self, config: Config) -> None:
        self._rows, self._once = Numbered(), Once()
        self._systems = systems(config, FIELDS)
        self._ended: dict[tuple[str, str], str | None] = {}  # user and course -> when it was completed

    def rows(self, value: Any, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """The rows of one answer, or of one item of its list; `asked` are the parameters that it answers.

        Raises `LoadError` for what is no such answer.
        """
        read = self._reader(value)
        if read is None:
            if isinstance(value, Mapping) and "exception" in value:
                told = f"{shown(value.get('message'))} ({shown(value.get('errorcode'))})"
                raise LoadError(f"is an error of Moodle's web service: {told}; ask it again", file=file)
            otherwise = "it has none of the keys of users, courses, contents, completions, or grade items"
            raise not_this(looks_like(value), FORMAT, file, otherwise)
        try:
            yield from read(value, file, asked)
        except Unreadable as error:
            raise LoadError(f"{error.field} {error}", file=file, value=error.value) from error

    def _reader(self, value: Any) -> Callable[[Object, str, Mapping[str, str]], Iterator[Rows]] | None:
        if not isinstance(value, Mapping):
            return None
        readers = {
            "usergrades": self._listed("usergrades", self._report),
            "users": self._listed("users", self._user),
            "courses": self._listed("courses", self._course),
            "completionstatus": self._completion,
            "statuses": self._activity_completions,
            "gradeitems": self._report,
            "modules": self._section,
            "firstaccess": self._user,
            "username": self._user,
            "roles": self._user,
            "categoryid": self._course,
        }
        return next((read for key, read in readers.items() if key in value), None)

    def _listed(
        self, key: str, read: Callable[[Object, str, Mapping[str, str]], Iterator[Rows]]
    ) -> Callable[[Object, str, Mapping[str, str]], Iterator[Rows]]:
        def each(value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
            for one in objects(value, key):
                yield from read(one, file, asked)

        return each

    def _user(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        """core_user_get_users, core_enrol_get_enrolled_users: a user, with the courses they are enrolled in."""
        user = value.get("id") if isinstance(value, Mapping) else None
        if not isinstance(user, str) or self._once.first(USER.table, *(str(value.get(name)) for name in USER.texts)):
            yield self._rows.row(USER, file, value)
        if not isinstance(user, str):
            return
        verified = "false" if str(value.get("confirmed")).lower() in ("false", "0") else None
        known = {"moodle-user": user, "email": value.get("email")}
        known |= {system: value.get(name) for name, system in self._systems.items()}
        for system, found in known.items():
            if isinstance(found, str) and found and self._once.first(IDENTITY.table, user, system, found):
                cells = {"userid": user, "system": system, "value": found, "verified": verified}
                yield self._rows.row(IDENTITY, file, cells)
        for each in objects(value, "enrolledcourses"):
            course = each.get("id") if isinstance(each, Mapping) else None
            if self._once.first(ENROLMENT.table, user, str(course)):
                yield self._rows.row(ENROLMENT, file, self._enrolment(user, course))

    def _enrolment(self, user: str, course: Any) -> dict[str, Any]:
        done = isinstance(course, str) and (user, course) in self._ended
        ended = self._ended[user, course] if done else None
        return {"userid": user, "courseid": course, "status": "completed" if done else "enrolled", "ended": ended}

    def _course(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        """core_course_get_courses."""
        yield self._rows.row(COURSE, file, value)

    def _section(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        """core_course_get_contents: the activities of one section."""
        yield from (self._rows.row(ACTIVITY, file, module) for module in objects(value, "modules"))

    def _completion(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """core_completion_get_course_completion_status, of one user in one course."""
        whole = {**asked, **value}

        def made(cells: dict[str, Any]) -> dict[str, Any]:
            status = value["completionstatus"]
            done = str(single(status, "completed")).lower() in _DONE if isinstance(status, Mapping) else False
            ended = _latest(status) if done else None
            if done and isinstance(cells["userid"], str) and isinstance(cells["courseid"], str):
                self._ended[cells["userid"], cells["courseid"]] = ended
            return {"completed": "yes" if done else "", "timecompleted": ended}

        yield self._rows.row(COMPLETION, file, whole, made)

    def _activity_completions(self, value: Object, file: str, asked: Mapping[str, str]) -> Iterator[Rows]:
        """core_completion_get_activities_completion_status, of one user in one course."""
        user = value.get("userid") or asked.get("userid")
        for status in objects(value, "statuses"):
            whole = {**status, "userid": user} if isinstance(status, Mapping) else status
            yield self._rows.row(ACTIVITY_COMPLETION, file, whole, lambda cells: {"outcome": _outcome(cells)})

    def _report(self, value: Object, file: str, _: Mapping[str, str]) -> Iterator[Rows]:
        """gradereport_user_get_grade_items: one user's grades in one course."""
        user, course = at(value, "userid"), at(value, "courseid")
        if not isinstance(value, Mapping):
            yield self._rows.row(GRADE, file, value)
        for item in objects(value, "gradeitems"):
            name = item.get("id") if isinstance(item, Mapping) else None
            if isinstance(name, str) and self._once.first(ITEM.table, name):
                yield self._rows.row(ITEM, file, item, _named)
                yield self._rows.row(TESTED, file, {"id": name, "courseid": course})
            whole = {**item, "userid": user} if isinstance(item, Mapping) else item
            yield self._rows.row(GRADE, file, whole, _grades)


def _grades(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rounded(cells[name]) for name in ("graderaw", "grademin", "grademax")}


def _named(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Totals have no name and no module."""
    kind = cells["itemtype"]
    return {"itemname": cells["itemname"] or f"{kind} total", "itemmodule": cells["itemmodule"] or kind}


def _latest(status: Object) -> str | None:
    """When the last criterion was met, in Unix time: Moodle tells no instant of the completion itself."""
    times = [single(each, "timecompleted") for each in objects(status, "completions") if isinstance(each, Mapping)]
    known = [text for text in times if isinstance(text, str) and text.isdecimal() and int(text)]
    return max(known, key=int, default=None)


def _outcome(cells: Mapping[str, Any]) -> str | None:
    """State 0 is not done, 1 and 2 are, 3 is failed; what somebody else set to done by hand is waived."""
    done = {"0": "", "1": "passed", "2": "passed", "3": "failed"}.get(str(cells["state"]))
    if done is None:
        raise Unreadable("state", f"{shown(cells['state'])!r} is not one of 0, 1, 2, 3", shown(cells["state"]))
    return "waived" if done == "passed" and cells["overrideby"] not in (None, "", "0") else done
