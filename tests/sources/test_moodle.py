"""Moodle: a tiny framework, and what its web service tells of Ada and Ben."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import pytest

from graph.ledger import LoadRecord
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.readers.documents import Item
from loaders.source import Config
from loaders.sources import canvas as canvas_source
from loaders.sources import moodle as moodle_source
from tests.loads.tables import Loader, counts
from tests.sources.server import Asked, Reply, Served, said

HEADER = (
    "Eltern,ID-Nummer,Kurzname,Beschreibung,Format,Werte,Konfiguration,Regel,Ergebnis,Regelkonfiguration,Bezüge,"
    "Export,Rahmen,Taxonomie\n"
)
CONFIGURATION = '"[{""scaleid"":""2""},{""id"":3,""proficient"":1},{""id"":4,""proficient"":1}]"'
FRAMEWORK = (
    HEADER
    + f',ops,Operations,<p>What Tiny&#39;s <b>operators</b> can do.</p>,1,"Not yet,Nearly,Able,Expert",{CONFIGURATION}'
    + ',,,,,,1,"domain,skill"\n'
    + ",sys,Systems,,1,,,,,,,1,,\n"
    + 'sys,linux,Linux,,1,,,,,,"shell,a%2Cb",2,,\n'
    + "sys,shell,Shell,Pipes & files,2,,,,,,,3,0,\n"
    + 'sys,"a,b",Odd,,1,"No,Yes","[{""scaleid"":""5""},{""id"":2,""proficient"":""1""}]",,,,,4,,\n'
)
CANVAS = "vendor_guid,object_type,title,description,parent_guids,mastery_points,ratings,\n"

COURSE: dict[str, Any] = {
    "id": 5,
    "shortname": "lx",
    "categoryid": 1,
    "fullname": "Linux for operators",
    "summary": "<p>Hosts &amp; shells.</p>",
    "summaryformat": 1,
    "format": "topics",
    "lang": "en_us",
    "visible": 1,
    "timemodified": 1740000000,
}
ADA: dict[str, Any] = {
    "id": 7,
    "username": "ada",
    "fullname": "Ada",
    "email": "ada@tiny.example",
    "idnumber": "17",
    "suspended": False,
    "enrolledcourses": [{"id": 5, "fullname": "Linux for operators", "shortname": "lx"}],
}
BEN: dict[str, Any] = {
    **ADA,
    "id": 8,
    "username": "ben",
    "fullname": "Ben",
    "email": "ben@tiny.example",
    "idnumber": "",
}
LAB: dict[str, Any] = {
    "id": 31,
    "itemname": "Host lab",
    "itemtype": "mod",
    "itemmodule": "assign",
    "iteminstance": 3,
    "cmid": 90,
    "graderaw": 15,
    "grademin": 0,
    "grademax": 20,
    "gradedategraded": 1740787200,
}
TOTAL: dict[str, Any] = {
    **LAB,
    "id": 30,
    "itemname": None,
    "itemtype": "course",
    "itemmodule": None,
    "gradedategraded": None,
}
REPORT: dict[str, Any] = {
    "usergrades": [
        {"courseid": 5, "userid": 7, "gradeitems": [LAB, TOTAL]},
        {"courseid": 5, "userid": 8, "gradeitems": [{**LAB, "graderaw": None, "gradedategraded": None}]},
    ],
    "warnings": [],
}
DONE: dict[str, Any] = {
    "courseid": 5,
    "userid": 7,
    "completionstatus": {
        "completed": True,
        "completions": [{"type": 4, "timecompleted": 1740700000}, {"type": 6, "timecompleted": 1740787200}],
    },
}
NOT_DONE: dict[str, Any] = {"courseid": 5, "userid": 8, "completionstatus": {"completed": False, "completions": []}}
CONTENTS: list[dict[str, Any]] = [{"id": 1, "name": "Start", "modules": [{"id": 90, "name": "Host lab", "visible": 1}]}]
STATUSES: dict[str, Any] = {
    "courseid": 5,
    "userid": 7,
    "statuses": [{"cmid": 90, "modname": "assign", "state": 3, "timecompleted": 1740787200, "overrideby": None}],
}
ANSWERS: dict[str, Any] = {
    "users": [ADA, BEN],
    "courses": [COURSE],
    "contents": CONTENTS,
    "grades": REPORT,
    "completion": [DONE, NOT_DONE],
    "activities": STATUSES,
}


def moodle(loader: Loader, folder: Path, csv: str = "", settings: str = "", **answers: Any) -> LoadRecord:
    """Load a framework, and answers by the name of their file."""
    folder = folder / "moodle"
    folder.mkdir(exist_ok=True)
    for name, value in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    if csv:
        (folder / "framework.csv").write_text(csv, encoding="utf-8")
    options: dict[str, Any] = {"map": folder.parent / "settings.toml"} if settings else {}
    if settings:
        options["map"].write_text(settings, encoding="utf-8")
    return loader.folder(folder, source="moodle", **options)


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None, id
    return found


def edges(store: Store, start: str, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([start], OPERATOR, [type]) if edge.start == start}


def identities(store: Store, user: int) -> dict[str, object]:
    """What a user is called, by system."""
    systems = ("moodle-user", "email", "employee-number")
    found = {system: store.get(f"moodle-identity:{user}.{system}", OPERATOR) for system in systems}
    told = {system: one.properties for system, one in found.items() if one}
    assert all(one["learner"] == f"moodle-user:{user}" and one["system"] == system for system, one in told.items())
    return {system: one["value"] for system, one in told.items()}


# Competency frameworks


def test_columns_are_known_by_their_place_whatever_the_header_says(loader: Loader, tmp_path: Path) -> None:
    assert moodle(loader, tmp_path, FRAMEWORK).rejected == 0
    assert node(loader.store, "moodle-framework:ops").properties == {
        "label": "Operations",
        "description": "What Tiny's operators can do.",
        "code": "ops",
        "type": "group",
    }
    assert node(loader.store, "moodle-competency:ops~2fsys").properties["type"] == "group"
    assert node(loader.store, "moodle-competency:ops~2flinux").properties["type"] == "skill"
    assert node(loader.store, "moodle-competency:ops~2fshell").properties["description"] == "Pipes & files"


def test_the_tree_is_broader_up_to_the_framework(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK)
    assert set(edges(loader.store, "moodle-competency:ops~2flinux", "BROADER")) == {"moodle-competency:ops~2fsys"}
    assert set(edges(loader.store, "moodle-competency:ops~2fsys", "BROADER")) == {"moodle-framework:ops"}


def test_related_keys_may_hold_commas(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK)
    assert set(edges(loader.store, "moodle-competency:ops~2flinux", "RELATED")) == {
        "moodle-competency:ops~2fshell",
        "moodle-competency:ops~2fa~2cb",
    }


def test_a_scale_is_read_from_where_it_counts_as_proficient(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK)
    home = {rank: list(edges(loader.store, f"moodle-level:ops~2f{rank}", "CORRESPONDS_TO")) for rank in range(1, 5)}
    assert home == {1: [], 2: ["level:foundation"], 3: ["level:practitioner"], 4: ["level:advanced"]}
    assert node(loader.store, "moodle-level:ops~2f3").properties["label"] == "Able"


def test_a_competency_may_have_a_scale_of_its_own(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK)
    assert loader.there("moodle-scale:ops~2fa~2cb", "moodle-level:ops~2fa~2cb~2f2") == [True, True]


def test_a_competency_that_is_gone_is_gone_after_the_next_load(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK)
    without = "".join(line for line in FRAMEWORK.splitlines(keepends=True) if ",shell,Shell" not in line)
    folder = tmp_path / "moodle"
    (folder / "framework.csv").write_text(without.replace("shell,a%2Cb", "a%2Cb"), encoding="utf-8")
    loader.folder(folder, source="moodle", allow_shrink=True)
    assert loader.there("moodle-competency:ops~2fshell", "moodle-competency:ops~2flinux") == [False, True]


BAD_ROWS = {
    "a parent that is not there": (("sys,shell,", "nowhere,shell,"), "waiting", "parentidnumber"),
    "a scale that is no JSON": ((CONFIGURATION, "soon"), "rejected", "scaleconfiguration"),
    "neither framework nor competency": ((",3,0,", ",3,maybe,"), "rejected", "isframework"),
    "no key": (("sys,shell,", "sys,,"), "rejected", "idnumber"),
    "too few columns": (("sys,shell,Shell,Pipes & files,2,,,,,,,3,0,", "sys,shell,Shell"), "rejected", ""),
}


@pytest.mark.parametrize(("change", "kind", "field"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_held_and_the_good_rows_go_in(
    loader: Loader, tmp_path: Path, change: tuple[str, str], kind: str, field: str
) -> None:
    moodle(loader, tmp_path, FRAMEWORK.replace(*change))
    held = [row for row in loader.held(kind) if field in row.field]
    assert held
    assert loader.there("moodle-framework:ops", "moodle-competency:ops~2fsys") == [True, True]


def test_the_same_key_twice_is_rejected_both_times(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, FRAMEWORK + "sys,shell,Another shell,,1,,,,,,,9,,\n")
    assert [row.row for row in loader.held()] == [4, 6]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CANVAS, "this looks like Canvas outcomes, not Moodle competencies"),
        ("a,b\n1,2\n", "it has 2 columns, not 14"),
        (FRAMEWORK.replace(',,,,,,1,"domain', ',,,,,,0,"domain'), "no row of it is a framework"),
    ],
)
def test_another_table_is_refused(loader: Loader, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        moodle(loader, tmp_path, text)


# Answers of the web service


def test_every_row_is_accounted_for(loader: Loader, tmp_path: Path) -> None:
    record = moodle(loader, tmp_path, **ANSWERS)
    assert counts(record) == {"read": 20, "written": 17, "skipped": 3}
    assert record.skips == {"not-completed": 1, "not-graded": 1, "total-without-time": 1}


def test_the_same_answers_again_change_nothing(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    number = loader.store.number()
    assert counts(moodle(loader, tmp_path, **ANSWERS)) == {"read": 20, "unchanged": 17, "skipped": 3}
    assert loader.store.number() == number


def test_a_user_is_a_learner_known_by_id_and_address(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "moodle-user:7").properties["label"] == "Ada"
    assert identities(loader.store, 7) == {"moodle-user": "7", "email": "ada@tiny.example"}


def test_an_id_number_is_an_employee_number_where_the_deployment_says_so(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, settings='[identities]\nidnumber = "employee-number"\n', **ANSWERS)
    assert identities(loader.store, 7)["employee-number"] == "17"
    assert "employee-number" not in identities(loader.store, 8)


def test_a_misspelt_setting_is_refused(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="did you mean 'idnumber'"):
        moodle(loader, tmp_path, settings='[identities]\nid_number = "employee-number"\n', **ANSWERS)


def test_an_enrolment_says_how_it_stands(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    ada, ben = (node(loader.store, f"moodle-enrolment:5.{user}").properties for user in (7, 8))
    assert (ada["status"], ada["ended_at"]) == ("completed", 1740787200)
    assert ben["status"] == "enrolled"


def test_a_completed_course_is_evidence_from_when_its_last_criterion_was_met(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "moodle-completion:5.7").properties == {
        "learner": "moodle-user:7",
        "kind": "completion",
        "about": "moodle-course:5",
        "outcome": "passed",
        "shown_at": 1740787200,
    }


@pytest.mark.parametrize(
    ("state", "by", "outcome"), [(1, None, "passed"), (2, None, "passed"), (3, None, "failed"), (1, 4, "waived")]
)
def test_an_activity_is_passed_failed_or_waived(
    loader: Loader, tmp_path: Path, state: int, by: int | None, outcome: str
) -> None:
    status = {**STATUSES["statuses"][0], "state": state, "overrideby": by}
    moodle(loader, tmp_path, **{**ANSWERS, "activities": {**STATUSES, "statuses": [status]}})
    evidence = node(loader.store, "moodle-activity-completion:90.7").properties
    assert (evidence["outcome"], evidence["about"]) == (outcome, "moodle-activity:90")


def test_a_grade_is_scaled_by_its_own_range(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "moodle-grade:31.7").properties == {
        "learner": "moodle-user:7",
        "kind": "assessment",
        "about": "moodle-grade-item:31",
        "score": 750_000,
        "shown_at": 1740787200,
    }
    assert node(loader.store, "moodle-grade-item:31").properties == {"label": "Host lab", "type": "task_exercise"}
    assert set(edges(loader.store, "moodle-course:5", "ASSESSED_BY")) == {
        "moodle-grade-item:31",
        "moodle-grade-item:30",
    }


def test_a_regrade_supersedes_whichever_comes_first(loader: Loader, tmp_path: Path) -> None:
    later = {**LAB, "graderaw": 18, "gradedategraded": 1740900000}
    moodle(
        loader, tmp_path, **{**ANSWERS, "grades": {"usergrades": [{**REPORT["usergrades"][0], "gradeitems": [later]}]}}
    )
    moodle(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "moodle-grade:31.7").properties["score"] == 900_000


def test_extra_credit_is_full_credit_and_flagged(loader: Loader, tmp_path: Path) -> None:
    more = {"usergrades": [{**REPORT["usergrades"][0], "gradeitems": [{**LAB, "graderaw": 21.5}]}]}
    assert moodle(loader, tmp_path, **{**ANSWERS, "grades": more}).flags == {"above-maximum": 1}
    assert node(loader.store, "moodle-grade:31.7").properties["score"] == 1_000_000


def test_a_course_is_a_learning_object_in_plain_text(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "moodle-course:5").properties == {
        "label": "Linux for operators",
        "description": "Hosts & shells.",
        "type": "course",
        "language": "en-us",
        "status": "active",
    }


def graded(*items: dict[str, Any]) -> dict[str, Any]:
    return {"usergrades": [{**REPORT["usergrades"][0], "gradeitems": list(items)}]}


def test_a_grade_that_was_deleted_is_withdrawn_until_there_is_one_again(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    gone = {**ANSWERS, "grades": graded({**LAB, "graderaw": None, "gradedategraded": None})}
    assert moodle(loader, tmp_path, **gone).rejected == 0
    withdrawn = node(loader.store, "moodle-grade:31.7")
    assert "score" not in withdrawn.properties
    assert withdrawn.properties["shown_at"] == 1740787200
    assert withdrawn.properties["withdrawn_at"] > 1740787200  # type: ignore[operator]
    assert moodle(loader, tmp_path, **gone).written == 0
    assert node(loader.store, "moodle-grade:31.7").properties == withdrawn.properties
    moodle(loader, tmp_path, **ANSWERS)
    again = node(loader.store, "moodle-grade:31.7").properties
    assert (again["score"], again.get("withdrawn_at")) == (750_000, None)
    assert moodle(loader, tmp_path, **ANSWERS).written == 0


def test_a_completion_that_was_reset_is_withdrawn(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    status = {**STATUSES["statuses"][0], "state": 0, "timecompleted": 0}
    reset = {"completion": [{**NOT_DONE, "userid": 7}], "activities": {**STATUSES, "statuses": [status]}}
    assert moodle(loader, tmp_path, **{**ANSWERS, **reset}).rejected == 0
    for id in ("moodle-completion:5.7", "moodle-activity-completion:90.7"):
        found = node(loader.store, id).properties
        assert (found["shown_at"], "withdrawn_at" in found) == (1740787200, True)


def test_what_was_never_graded_or_completed_takes_nothing_back(loader: Loader, tmp_path: Path) -> None:
    for _ in range(2):
        moodle(loader, tmp_path, **{**ANSWERS, "completion": [NOT_DONE]})
    assert loader.there("moodle-grade:31.8", "moodle-completion:5.8") == [False, False]


def test_another_installation_is_refused_since_its_keys_are_others(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **ANSWERS)
    before = loader.store.number()
    with pytest.raises(LoadError, match="moodle was loaded as 'moodle', whose keys would be taken for these"):
        loader.folder(tmp_path / "moodle", source="moodle", name="moodle-berlin")
    assert loader.store.number() == before
    assert loader.folder(tmp_path / "moodle", source="moodle", partial=True).rejected == 0


def test_one_installation_may_have_any_name_and_one_that_failed_is_none(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError):
        moodle(loader, tmp_path, answer={"a": 1})
    (tmp_path / "moodle" / "answer.json").write_text(json.dumps([ADA, BEN]), encoding="utf-8")
    for _ in range(2):
        assert loader.folder(tmp_path / "moodle", source="moodle", name="moodle-berlin").rejected == 0


class Value(dict[str, Any]):
    """A value that can be watched."""


@pytest.mark.parametrize(
    ("source", "value"),
    [("moodle", DONE), ("moodle", ADA), ("canvas", {"id": 1, "sortable_name": "Ada"}), ("canvas", {"scores": []})],
)
def test_answers_are_read_one_at_a_time(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, value: dict[str, Any]
) -> None:
    alive: WeakValueDictionary[int, Value] = WeakValueDictionary()
    most = 0

    def items(paths: object) -> Iterator[Item]:
        nonlocal most
        for row in range(1, 20):
            yield Item("answers.json", row, alive.setdefault(row, made := Value(value)))
            del made
            most = max(most, len(alive))

    module = {"moodle": moodle_source, "canvas": canvas_source}[source]
    monkeypatch.setattr(module, "items", items)
    list(module.read(Config((), loader.store.model)))
    assert 0 < most <= 2


BAD_GRADES: dict[str, tuple[dict[str, Any], str]] = {
    "below its range": ({"graderaw": -1}, "graderaw"),
    "no number": ({"graderaw": "good"}, "graderaw"),
    "an object": ({"graderaw": {"a": 1}}, "graderaw"),
    "a range upside down": ({"grademin": 30}, "graderaw"),
    "no item": ({"id": None}, "id"),
    "no time": ({"gradedategraded": None}, "_shown"),
    "a time out of range": ({"gradedategraded": 99999999999}, "_shown"),
}


@pytest.mark.parametrize(("change", "field"), BAD_GRADES.values(), ids=BAD_GRADES)
def test_a_bad_grade_is_rejected_and_the_good_ones_go_in(
    loader: Loader, tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    good = {**LAB, "id": 32}
    grades = {"usergrades": [{**REPORT["usergrades"][0], "gradeitems": [{**LAB, **change}, good]}]}
    moodle(loader, tmp_path, **{**ANSWERS, "grades": grades})
    rejected = [row for row in loader.held() if row.file.endswith("/grades")]
    assert [row.row for row in rejected] == [1]
    assert loader.there("moodle-grade:32.7") == [True]


def test_a_grade_of_somebody_unknown_waits_for_them(loader: Loader, tmp_path: Path) -> None:
    moodle(loader, tmp_path, **{**ANSWERS, "users": [BEN]})
    assert {row.refers_to for row in loader.held("waiting")} == {"moodle-user:7"}
    moodle(loader, tmp_path, users=[ADA, BEN])
    assert loader.there("moodle-grade:31.7") == [True]
    assert loader.held("waiting") == []


WRONG: dict[str, tuple[Any, str]] = {
    "an error": (
        {"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "Invalid token"},
        "is an error of Moodle's web service: Invalid token \\(invalidtoken\\)",
    ),
    "another format": ({"outcome_results": []}, "this looks like Canvas outcome results, not answers of Moodle"),
    "nothing known": ({"a": 1}, "it has none of the keys"),
    "grades that are no list": ({"usergrades": {}}, "usergrades is an object, but a list belongs there"),
}


@pytest.mark.parametrize(("value", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_refused(loader: Loader, tmp_path: Path, value: Any, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        moodle(loader, tmp_path, answer=value)


# Pulled

FUNCTIONS: dict[str, Any] = {
    "core_course_get_courses": [COURSE],
    "core_course_get_contents": CONTENTS,
    "gradereport_user_get_grade_items": REPORT,
    "core_enrol_get_enrolled_users": [ADA, BEN],
}


SERVICE = "/webservice/rest/server.php"


def web_service(asked: Asked) -> Reply:
    """A Moodle that knows the token, and answers as its web service does: with 200, whatever is wrong."""
    form = asked.fields
    if form.get("wstoken") != "s3cret":
        return said({"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "Invalid token"})
    if form["wsfunction"] == "core_completion_get_course_completion_status":
        if form["userid"] == "8":
            return said({"exception": "moodle_exception", "errorcode": "nocriteriaset", "message": "None"})
        return said({"completionstatus": DONE["completionstatus"], "warnings": []})
    if form["wsfunction"] == "core_completion_get_activities_completion_status":
        return said({"statuses": STATUSES["statuses"] if form["userid"] == "7" else [], "warnings": []})
    return said(FUNCTIONS[form["wsfunction"]])


def test_what_is_pulled_is_what_is_in_files(loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_MOODLE_TOKEN", "s3cret")
    with Served() as site:
        site.serve(SERVICE, web_service)
        load(loader.store, LoadRequest("moodle", address=site.origin, max_rejects=0))
    assert loader.there("moodle-grade:31.7", "moodle-completion:5.7", "moodle-user:8") == [True, True, True]
    record = moodle(loader, tmp_path, **ANSWERS)
    assert (record.written, record.removed) == (0, 0)


def test_an_error_that_came_as_an_answer_stops_the_pull(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_MOODLE_TOKEN", "wrong")
    with Served() as site:
        site.serve(SERVICE, web_service)
        with pytest.raises(LoadError, match="invalidtoken"):
            load(loader.store, LoadRequest("moodle", address=site.origin))
