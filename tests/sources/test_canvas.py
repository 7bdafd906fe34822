"""Canvas: a tiny set of outcomes, and what its API tells of Ada and Ben."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from tests.loads.tables import Loader, counts
from tests.sources.server import Asked, Reply, Served, by_link, said

HEADER = (
    "vendor_guid,object_type,title,description,display_name,calculation_method,calculation_int,parent_guids,"
    "workflow_state,mastery_points,ratings,,,,,\n"
)
OUTCOMES = (
    HEADER
    + "ops,group,Operations,What Tiny needs.,,,,,active,,\n"
    + 'linux,outcome,Linux,"<p>Runs a <i>host</i>, alone.</p>",Hosts,decaying_average,65,ops,active,3,'
    + "4,Exceeds,3,Masters,2,Nears,0,No evidence\n"
    + "canvas_outcome:12,outcome,Shell,,,highest,,ops linux,active,1,1,Yes,0,No\n"
    + "old,outcome,Punch cards,,,,,ops,deleted,,\n"
)
MOODLE = (
    "Parent ID number,ID number,Short name,Description,Description format,Scale values,Scale configuration,Rule type,"
    "Rule outcome,Rule config,Cross-referenced,Exported ID,Is framework,Taxonomy\n"
)

ADA: dict[str, Any] = {
    "id": 7,
    "name": "Ada",
    "sortable_name": "Ada",
    "email": "ada@tiny.example",
    "sis_user_id": "17",
    "login_id": "ada",
}
BEN: dict[str, Any] = {"id": 8, "name": "Ben", "sortable_name": "Ben"}
COURSE: dict[str, Any] = {"id": 5, "name": "Linux for operators", "course_code": "lx", "workflow_state": "available"}
ENROLMENT: dict[str, Any] = {
    "id": 70,
    "user_id": 7,
    "course_id": 5,
    "type": "StudentEnrollment",
    "enrollment_state": "completed",
    "created_at": "2025-01-10T09:00:00Z",
    "updated_at": "2025-03-02T09:00:00Z",
    "end_at": "2025-03-01T00:00:00Z",
    "last_activity_at": "2025-02-28T10:00:00Z",
}
STARTED: dict[str, Any] = {**ENROLMENT, "id": 71, "user_id": 8, "enrollment_state": "active", "end_at": None}
TEACHER: dict[str, Any] = {**ENROLMENT, "id": 72, "type": "TeacherEnrollment"}
PROGRESS: list[dict[str, Any]] = [
    {"id": 7, "course_id": 5, "progress": {"requirement_count": 2, "completed_at": "2025-02-28T10:00:00Z"}},
    {"id": 8, "course_id": 5, "progress": {"requirement_count": 2, "completed_at": None}},
]
LAB: dict[str, Any] = {"id": 3, "name": "Host lab", "points_possible": 20, "grading_type": "points"}
SUBMISSION: dict[str, Any] = {
    "id": 90,
    "user_id": 7,
    "assignment_id": 3,
    "score": 15,
    "grade": "15",
    "graded_at": "2025-02-20T10:00:00Z",
    "excused": False,
    "workflow_state": "graded",
}
LINUX: dict[str, Any] = {
    "id": 11,
    "title": "Linux",
    "vendor_guid": "linux",
    "mastery_points": 3,
    "ratings": [{"points": 4, "description": "Exceeds"}, {"points": 3, "description": "Masters"}, {"points": 0}],
}
RESULT: dict[str, Any] = {
    "id": 40,
    "score": 4,
    "percent": 1,
    "submitted_or_assessed_at": "2025-02-01T10:00:00Z",
    "links": {"user": "7", "learning_outcome": "11", "alignment": "assignment_3"},
}
RESULTS: dict[str, Any] = {"outcome_results": [RESULT], "linked": {"outcomes": [LINUX]}}
ROLLUPS: dict[str, Any] = {
    "rollups": [
        {
            "scores": [
                {"score": 3.4000000000000004, "submitted_at": "2025-02-20T10:00:00Z", "links": {"outcome": "11"}}
            ],
            "links": {"user": "7", "course": "5"},
        }
    ],
    "linked": {"outcomes": [LINUX]},
}
ANSWERS: dict[str, Any] = {
    "users": [ADA, BEN],
    "courses": [COURSE],
    "enrolments": [ENROLMENT, STARTED, TEACHER],
    "progress": PROGRESS,
    "assignments": [LAB],
    "submissions": [SUBMISSION],
    "results": RESULTS,
}


def canvas(loader: Loader, folder: Path, csv: str = "", settings: str = "", **answers: Any) -> LoadRecord:
    """Load outcomes as CSV, and answers by the name of their file."""
    folder = folder / "canvas"
    folder.mkdir(exist_ok=True)
    for name, value in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    if csv:
        (folder / "outcomes.csv").write_text(csv, encoding="utf-8")
    options: dict[str, Any] = {"map": folder.parent / "settings.toml"} if settings else {}
    if settings:
        options["map"].write_text(settings, encoding="utf-8")
    return loader.folder(folder, source="canvas", **options)


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None, id
    return found


def edges(store: Store, start: str, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([start], OPERATOR, [type]) if edge.start == start}


# Outcomes


def test_an_outcome_is_a_skill_below_its_groups(loader: Loader, tmp_path: Path) -> None:
    assert canvas(loader, tmp_path, OUTCOMES).rejected == 0
    assert node(loader.store, "canvas-guid:linux").properties == {
        "label": "Linux",
        "alt_labels": ("Hosts",),
        "description": "Runs a host, alone.",
        "type": "outcome",
        "status": "active",
    }
    assert node(loader.store, "canvas-guid:ops").properties["type"] == "group"
    assert node(loader.store, "canvas-guid:old").properties["status"] == "retired"
    assert set(edges(loader.store, "canvas-guid:canvas_outcome~3a12", "BROADER")) == {
        "canvas-guid:ops",
        "canvas-guid:linux",
    }


def test_ratings_are_the_levels_of_the_outcomes_own_scale(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, OUTCOMES)
    levels = {rank: node(loader.store, f"canvas-level:guid~2flinux~2f{rank}").properties for rank in range(1, 5)}
    assert {rank: (one["label"], one["lower_bound"]) for rank, one in levels.items()} == {
        1: ("No evidence", 0),
        2: ("Nears", 2_000_000),
        3: ("Masters", 3_000_000),
        4: ("Exceeds", 4_000_000),
    }
    home = {rank: list(edges(loader.store, f"canvas-level:guid~2flinux~2f{rank}", "CORRESPONDS_TO")) for rank in levels}
    assert home == {1: [], 2: ["level:foundation"], 3: ["level:practitioner"], 4: ["level:advanced"]}


def test_the_same_outcomes_again_change_nothing(loader: Loader, tmp_path: Path) -> None:
    first = counts(canvas(loader, tmp_path, OUTCOMES))
    number = loader.store.number()
    again = counts(canvas(loader, tmp_path, OUTCOMES))
    assert (again["unchanged"], again["read"]) == (first["written"], first["read"])
    assert loader.store.number() == number


def test_ratings_that_rise_are_put_in_order_and_flagged(loader: Loader, tmp_path: Path) -> None:
    record = canvas(loader, tmp_path, OUTCOMES.replace("1,Yes,0,No", "0,No,1,Yes"))
    assert record.flags == {"unordered-ratings": 1}
    assert node(loader.store, "canvas-level:guid~2fcanvas_outcome~3a12~2f2").properties["label"] == "Yes"


BAD_ROWS: dict[str, tuple[tuple[str, str], str, str]] = {
    "a rating that is no number": (("1,Yes,0,No", "one,Yes,0,No"), "ratings", "is no number of points"),
    "two ratings of the same points": (("1,Yes,0,No", "1,Yes,1,No"), "ratings", "the same points"),
    "a mastery below zero": (("ops linux,active,1,", "ops linux,active,-1,"), "mastery_points", "-1"),
    "another type": (("canvas_outcome:12,outcome", "canvas_outcome:12,skill"), "object_type", "neither outcome nor"),
    "no key": (("canvas_outcome:12,", ","), "vendor_guid", "is empty"),
    "a state that is none": (("old,outcome,Punch cards,,,,,ops,deleted", "old,outcome,P,,,,,ops,gone"), "workflow", ""),
}


@pytest.mark.parametrize(("change", "field", "told"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_outcome_is_rejected_and_the_good_ones_go_in(
    loader: Loader, tmp_path: Path, change: tuple[str, str], field: str, told: str
) -> None:
    canvas(loader, tmp_path, OUTCOMES.replace(*change))
    [row] = [row for row in loader.held() if row.file == "outcomes.csv/outcomes"]
    assert field in row.field
    assert told in row.reason
    assert loader.there("canvas-guid:ops", "canvas-guid:linux") == [True, True]


def test_bytes_that_are_no_utf8_reject_their_row(loader: Loader, tmp_path: Path) -> None:
    folder = tmp_path / "canvas"
    folder.mkdir()
    (folder / "outcomes.csv").write_bytes(OUTCOMES.encode().replace(b"Punch", b"P\xffnch"))
    loader.folder(folder, source="canvas")
    assert [(row.row, row.field) for row in loader.held()] == [(4, "column 3")]


def test_a_quote_that_is_not_doubled_rejects_its_row(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, OUTCOMES + 'odd,outcome,"one "two" three",\nlast,group,Last\n')
    assert [row.row for row in loader.held() if "double each quote" in row.reason] == [5]
    assert loader.there("canvas-guid:last") == [True]


def test_a_parent_that_is_not_there_is_waited_for(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, OUTCOMES.replace("65,ops,", "65,elsewhere,"))
    assert "canvas-guid:elsewhere" in {row.refers_to for row in loader.held("waiting")}
    assert loader.there("canvas-guid:linux") == [True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MOODLE, "this looks like Moodle competencies, not Canvas outcomes"),
        ("a,b\n1,2\n", "its header has no vendor_guid, object_type, title"),
        (HEADER.replace("mastery_points", "mastery_point"), "did you mean 'mastery_points'"),
        (HEADER.replace("ratings,,,,,", "ratings,more"), "which must be the last"),
        (OUTCOMES + 'x,outcome,"never closed', "was cut off"),
    ],
    ids=["moodle", "anything", "misspelt", "behind ratings", "truncated"],
)
def test_another_table_is_refused(loader: Loader, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        canvas(loader, tmp_path, text)


# Answers of the API


def test_every_row_is_accounted_for(loader: Loader, tmp_path: Path) -> None:
    record = canvas(loader, tmp_path, OUTCOMES, **ANSWERS)
    assert (record.rejected, record.waiting) == (0, 1)  # shell is outcome 12 of the API, which no answer told
    assert record.skips == {"not-a-student": 1, "not-completed": 1}


def test_a_user_is_a_learner_known_by_id_and_address(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, settings='[identities]\nsis_user_id = "employee-number"\n', **ANSWERS)
    found = {
        system: node(loader.store, f"canvas-identity:7.{system}").properties["value"]
        for system in ("canvas-user", "email", "employee-number")
    }
    assert found == {"canvas-user": "7", "email": "ada@tiny.example", "employee-number": "17"}
    assert node(loader.store, "canvas-user:8").properties == {"label": "Ben"}


def test_a_sis_id_is_nobodys_number_unless_the_deployment_says_so(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    assert loader.there("canvas-identity:7.employee-number", "canvas-identity:7.email") == [False, True]


def test_an_enrolment_says_how_it_stands(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    over, going = (node(loader.store, f"canvas-enrolment:{id}").properties for id in (70, 71))
    assert (over["status"], over["ended_at"]) == ("completed", 1740787200)
    assert going["status"] == "in_progress"
    assert "ended_at" not in going


def test_a_completed_course_is_evidence(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    evidence = node(loader.store, "canvas-completion:5.7").properties
    assert (evidence["kind"], evidence["about"], evidence["outcome"]) == ("completion", "canvas-course:5", "passed")


def test_a_result_is_a_level_on_the_outcomes_own_scale(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    assert node(loader.store, "canvas-result:40").properties == {
        "learner": "canvas-user:7",
        "kind": "assessment",
        "about": "canvas-alignment:assignment_3",
        "skill": "canvas-outcome:11",
        "level": 4_000_000,
        "scale": "canvas-scale:outcome~2f11",
        "shown_at": 1738404000,
    }


def test_a_rollup_stands_for_the_results_it_is_made_of(loader: Loader, tmp_path: Path) -> None:
    record = canvas(loader, tmp_path, **ANSWERS, rollups=ROLLUPS)
    assert (record.skips or {})["in-rollup"] == 1
    assert loader.there("canvas-result:40") == [False]
    assert node(loader.store, "canvas-rollup:5.7.11").properties["level"] == 3_400_000


def test_a_rollup_that_fell_since_supersedes(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS, rollups=ROLLUPS)
    [rollup] = ROLLUPS["rollups"]
    score = {**rollup["scores"][0], "score": 2.1, "submitted_at": "2025-03-20T10:00:00Z"}
    canvas(loader, tmp_path, rollups={**ROLLUPS, "rollups": [{**rollup, "scores": [score]}]})
    assert node(loader.store, "canvas-rollup:5.7.11").properties["level"] == 2_100_000


def rolled_up(score: float | None) -> dict[str, Any]:
    [rollup] = ROLLUPS["rollups"]
    return {**ROLLUPS, "rollups": [{**rollup, "scores": [{**rollup["scores"][0], "score": score}]}]}


@pytest.mark.parametrize(("first", "then"), [(4, 2.5), (2.5, 4), (3.1, 3), (3, 3.1)])
def test_of_rollups_of_one_time_the_one_that_was_loaded_last_stands(
    loader: Loader, tmp_path: Path, first: float, then: float
) -> None:
    canvas(loader, tmp_path, **ANSWERS, rollups=rolled_up(first))
    assert canvas(loader, tmp_path, rollups=rolled_up(then)).rejected == 0
    assert node(loader.store, "canvas-rollup:5.7.11").properties["level"] == round(then * 1_000_000)


def test_a_result_that_was_mended_stands_as_it_was_loaded_last(loader: Loader, tmp_path: Path) -> None:
    for score in (4, 3, 4):
        canvas(loader, tmp_path, **{**ANSWERS, "results": {**RESULTS, "outcome_results": [{**RESULT, "score": score}]}})
        assert node(loader.store, "canvas-result:40").properties["level"] == score * 1_000_000


TAKEN_BACK: dict[str, tuple[str, Any, str]] = {
    "a submission": (
        "submissions",
        [{**SUBMISSION, "score": None, "grade": None, "graded_at": None, "workflow_state": "submitted"}],
        "canvas-submission:90",
    ),
    "a result": ("results", {**RESULTS, "outcome_results": [{**RESULT, "score": None}]}, "canvas-result:40"),
    "a completion": (
        "progress",
        [{"id": 7, "course_id": 5, "progress": {"requirement_count": 2, "completed_at": None}}],
        "canvas-completion:5.7",
    ),
}


@pytest.mark.parametrize(("name", "value", "id"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_what_lost_its_score_is_withdrawn_until_it_has_one_again(
    loader: Loader, tmp_path: Path, name: str, value: Any, id: str
) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    before = node(loader.store, id).properties
    for _ in range(2):
        assert canvas(loader, tmp_path, **{**ANSWERS, name: value}).rejected == 0
        found = node(loader.store, id).properties
        assert (found["shown_at"], "withdrawn_at" in found) == (before["shown_at"], True)
        assert not {"score", "level"} & set(found)
    canvas(loader, tmp_path, **ANSWERS)
    assert node(loader.store, id).properties == before


def test_a_rollup_without_a_score_withdraws_the_one_it_was(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS, rollups=ROLLUPS)
    assert canvas(loader, tmp_path, rollups=rolled_up(None)).rejected == 0
    assert "withdrawn_at" in node(loader.store, "canvas-rollup:5.7.11").properties


@pytest.mark.parametrize("score", [5, None])
def test_a_score_that_awaits_review_is_not_final_and_takes_nothing_back(
    loader: Loader, tmp_path: Path, score: int | None
) -> None:
    waiting = {**SUBMISSION, "score": score, "graded_at": None, "workflow_state": "pending_review"}
    first = {**waiting, "id": 91}
    canvas(loader, tmp_path, **ANSWERS)
    record = canvas(loader, tmp_path, **{**ANSWERS, "submissions": [waiting, first]})
    assert (record.skips or {})["not-final"] == 2
    assert loader.there("canvas-submission:91") == [False]
    assert node(loader.store, "canvas-submission:90").properties["score"] == 750_000


def test_an_outcome_of_the_api_is_the_one_of_the_file(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, OUTCOMES, **ANSWERS)
    assert set(edges(loader.store, "canvas-outcome:11", "EXACT_MATCH")) == {"canvas-guid:linux"}


def test_a_submission_is_scaled_by_what_its_assignment_gives(loader: Loader, tmp_path: Path) -> None:
    canvas(loader, tmp_path, **ANSWERS)
    evidence = node(loader.store, "canvas-submission:90").properties
    assert (evidence["score"], evidence["about"]) == (750_000, "canvas-alignment:assignment_3")
    assert node(loader.store, "canvas-alignment:assignment_3").properties["label"] == "Host lab"


@pytest.mark.parametrize(
    ("change", "outcome", "score"),
    [
        ({"score": None, "grade": None, "excused": True}, "waived", None),
        ({"score": 0, "grade": "incomplete"}, "failed", 0),
        ({"score": 20, "grade": "complete"}, "passed", 1_000_000),
    ],
)
def test_a_submission_may_be_waived_failed_or_passed(
    loader: Loader, tmp_path: Path, change: dict[str, Any], outcome: str, score: int | None
) -> None:
    canvas(loader, tmp_path, **{**ANSWERS, "submissions": [{**SUBMISSION, **change}]})
    evidence = node(loader.store, "canvas-submission:90").properties
    assert (evidence["outcome"], evidence.get("score")) == (outcome, score)


def test_what_is_not_graded_yet_is_left_out_by_rule(loader: Loader, tmp_path: Path) -> None:
    later = {**SUBMISSION, "score": None, "grade": None, "graded_at": None, "workflow_state": "submitted"}
    assert (canvas(loader, tmp_path, **{**ANSWERS, "submissions": [later]}).skips or {})["not-graded"] == 1


BAD_RESULTS: dict[str, tuple[dict[str, Any], str]] = {
    "below zero": ({"score": -1}, "score"),
    "no number": ({"score": "high"}, "score"),
    "no time": ({"submitted_or_assessed_at": None}, "submitted_or_assessed_at"),
    "a time that is none": ({"submitted_or_assessed_at": "soon"}, "submitted_or_assessed_at"),
    "nobody": ({"links": {**RESULT["links"], "user": None}}, "links.user"),
    "an object": ({"score": {"a": 1}}, "score"),
}


@pytest.mark.parametrize(("change", "field"), BAD_RESULTS.values(), ids=BAD_RESULTS)
def test_a_bad_result_is_rejected_and_the_good_ones_go_in(
    loader: Loader, tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    results = {**RESULTS, "outcome_results": [{**RESULT, **change}, {**RESULT, "id": 41}]}
    canvas(loader, tmp_path, **{**ANSWERS, "results": results})
    [row] = loader.held()
    assert (row.file, row.row) == ("results.json/outcome results", 1)
    assert field in row.field or field == "links.user"
    assert loader.there("canvas-result:41") == [True]


def test_an_outcome_without_mastery_has_no_crosswalk_and_its_results_say_so(loader: Loader, tmp_path: Path) -> None:
    bare = {**RESULTS, "linked": {"outcomes": [{**LINUX, "mastery_points": None}]}}
    canvas(loader, tmp_path, **{**ANSWERS, "results": bare})
    [row] = [row for row in (*loader.held(), *loader.held("waiting")) if "outcome results" in row.file]
    assert "no crosswalk to the home scale" in row.reason


WRONG: dict[str, tuple[Any, str]] = {
    "an error": ({"errors": [{"message": "Invalid access token."}]}, "is an error of Canvas: .*Invalid access token"),
    "another format": ({"usergrades": []}, "this looks like Moodle grade items, not answers of the Canvas API"),
    "nothing known": ({"a": 1}, "it has none of the keys"),
    "results that are no list": ({"outcome_results": {}}, "outcome_results is an object, but a list belongs there"),
}


@pytest.mark.parametrize(("value", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_refused(loader: Loader, tmp_path: Path, value: Any, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        canvas(loader, tmp_path, answer=value)


# Pulled

PAGES: dict[str, Any] = {
    "accounts/self/users": [ADA, BEN],
    "accounts/self/courses": [COURSE],
    "accounts/self/outcome_group_links": [{"outcome": LINUX}],
    "courses/5/bulk_user_progress": [
        {key: value for key, value in each.items() if key != "course_id"} for each in PROGRESS
    ],
    "courses/5/assignments": [LAB],
    "courses/5/students/submissions": [SUBMISSION],
    "courses/5/outcome_rollups": {"rollups": [], "linked": {}},
    "courses/5/outcome_results": RESULTS,
}


def whole(value: Any) -> Callable[[Asked], Reply]:
    return lambda _: said(value)


def enrolled(asked: Asked) -> Reply:
    return said([ENROLMENT if asked.fields.get("state[]") == "completed" else STARTED])


def test_what_is_pulled_is_what_is_in_files(loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_CANVAS_TOKEN", "s3cret")
    with Served() as site:
        for path, value in PAGES.items():
            site.serve(f"/api/v1/{path}", by_link(value, 1) if isinstance(value, list) else whole(value))
        site.serve("/api/v1/courses/5/enrollments", enrolled)
        load(loader.store, LoadRequest("canvas", address=f"{site.origin}/api/v1", max_rejects=0))
    assert {asked.headers["Authorization"] for asked in site.asked} == {"Bearer s3cret"}
    assert loader.there("canvas-result:40", "canvas-completion:5.7", "canvas-user:8") == [True, True, True]
    record = canvas(loader, tmp_path, **ANSWERS)
    assert (record.written, record.removed, record.rejected) == (0, 0, 0)
