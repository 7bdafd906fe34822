"""xAPI by file: what statements say becomes enrolments and evidence, and what was taken back counts no more."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load, load_rows
from loaders.sources.xapi_check import check
from loaders.sources.xapi_intake import Intake
from loaders.strict import Unreadable
from tests.conftest import SHARED_DATA
from tests.loads.tables import Loader, counts

ADL, CMI5 = "http://adlnet.gov/expapi/verbs/", "https://w3id.org/xapi/adl/verbs/"
BASE = "http://localhost:8000/id/"
COURSE, QUIZ = f"{BASE}lms-course:linux", f"{BASE}lms-quiz:linux"
ID = "6f1c1b0c-3c61-4b57-8a2b-0d5c1f9a7e{:02x}"
ADA = {"account": {"homePage": "https://lms.example", "name": "ada"}}
BEN = {"mbox": "mailto:Ben@example.org"}
CATALOGUE = {"LearningObject": [{"id": "lms-course:linux"}], "Assessment": [{"id": "lms-quiz:linux"}]}
Statement = dict[str, Any]
Load = Callable[..., LoadRecord]


def said(number: int, verb: str = f"{ADL}completed", **more: Any) -> Statement:
    """A statement of Ada's about the course."""
    return {
        "id": ID.format(number),
        "actor": ADA,
        "verb": {"id": verb},
        "object": {"id": COURSE},
        "timestamp": "2025-03-01T09:30:00Z",
        **more,
    }


def voids(number: int, target: int, at: str = "2025-03-02T09:30:00Z") -> Statement:
    reference = {"objectType": "StatementRef", "id": ID.format(target)}
    return said(number, f"{ADL}voided", object=reference, timestamp=at)


@pytest.fixture
def lrs(loader: Loader, tmp_path: Path) -> Load:
    """Loads statements, as the source `lms`; the course and the quiz are in the catalogue."""
    load_rows(loader.store, "lms", CATALOGUE)

    def loaded(*statements: Statement, name: str = "lms", **options: Any) -> LoadRecord:
        path = tmp_path / "statements.jsonl"
        path.write_text("\n".join(map(json.dumps, statements)) + "\n", "utf-8")
        return loader.folder(path, source="xapi", paths=(path,), name=name, **options)

    return loaded


def facts(store: Store, kind: str) -> list[dict[str, Any]]:
    nodes = store.page(kind, OPERATOR)
    return [dict(node.properties) for node in nodes if node.id.startswith("xapi-")]


def evidence(store: Store) -> list[tuple[Any, ...]]:
    """(kind, about, outcome, score, withdrawn) of each."""
    return sorted(
        (
            (fact["kind"], fact["about"], fact["outcome"], fact.get("score"), "withdrawn_at" in fact)
            for fact in facts(store, "Evidence")
        ),
        key=str,
    )


def test_a_completion_is_evidence_and_ends_the_enrolment(lrs: Load, loader: Loader) -> None:
    record = lrs(said(1))
    assert (record.rejected, record.waiting) == (0, 0)
    (fact,) = facts(loader.store, "Evidence")
    (enrolment,) = facts(loader.store, "Enrolment")
    assert fact["learner"] == enrolment["learner"]
    assert evidence(loader.store) == [("completion", "lms-course:linux", "passed", None, False)]
    assert (enrolment["status"], enrolment["ended_at"]) == ("completed", 1_740_821_400)


@pytest.mark.parametrize(
    ("verb", "result", "outcome", "status"),
    [
        (f"{ADL}completed", {}, "passed", "completed"),
        (f"{ADL}completed", {"success": False}, "failed", "failed"),
        (f"{ADL}passed", {"success": True}, "passed", "completed"),
        (f"{ADL}passed", {"success": False}, "failed", "failed"),
        (f"{ADL}failed", {}, "failed", "failed"),
        (f"{CMI5}satisfied", {}, "passed", "completed"),
        (f"{CMI5}satisfied", {"success": False}, "failed", "failed"),
        (f"{CMI5}waived", {}, "waived", "waived"),
        (f"{ADL}registered", {}, None, "enrolled"),
        (f"{ADL}launched", {}, None, "in_progress"),
        (f"{ADL}initialized", {}, None, "in_progress"),
        (f"{ADL}attempted", {}, None, "in_progress"),
        (f"{CMI5}abandoned", {}, None, "withdrawn"),
    ],
)
def test_each_verb_says_what_it_says(
    lrs: Load, loader: Loader, verb: str, result: Statement, outcome: str | None, status: str
) -> None:
    lrs(said(1, verb, result=result))
    assert [each[2] for each in evidence(loader.store)] == ([outcome] if outcome else [])
    assert [each["status"] for each in facts(loader.store, "Enrolment")] == [status]


@pytest.mark.parametrize(
    ("score", "held"),
    [
        ({"scaled": 0.75}, 750_000),
        ({"scaled": 1}, 1_000_000),
        ({"scaled": -0.5}, 0),
        ({"scaled": 0.333333333}, 333_333),
        ({"scaled": 0.5, "raw": 9, "min": 0, "max": 10}, 500_000),
        ({"raw": 30, "min": 10, "max": 50}, 500_000),
        ({"raw": 9, "max": 12}, 750_000),
        ({"raw": -5, "max": 10}, 0),
        ({"raw": -1e30, "max": 0.001}, 0),
        ({"raw": 0, "min": 0, "max": 0}, None),
        ({"raw": 7}, None),
        ({}, None),
    ],
)
def test_a_score_is_scaled(lrs: Load, loader: Loader, score: Statement, held: int | None) -> None:
    quiz = {"id": QUIZ, "definition": {"type": "http://adlnet.gov/expapi/activities/assessment"}}
    record = lrs(said(1, f"{ADL}passed", object=quiz, result={"score": score, "success": True}))
    assert record.rejected == 0
    assert evidence(loader.store) == [("assessment", "lms-quiz:linux", "passed", held, False)]
    assert facts(loader.store, "Enrolment") == []


def test_an_activity_of_no_type_that_was_scored_may_be_both(lrs: Load, loader: Loader) -> None:
    lrs(said(1, f"{ADL}failed", object={"id": QUIZ}, result={"score": {"scaled": 0.2}}))
    assert [each[0] for each in evidence(loader.store)] == ["assessment", "completion"]


def test_a_question_is_no_outcome_of_the_whole(lrs: Load, loader: Loader) -> None:
    question = {"id": QUIZ, "definition": {"type": "http://adlnet.gov/expapi/activities/cmi.interaction"}}
    lrs(said(1, f"{ADL}passed", object=question))
    assert evidence(loader.store) == []


def test_nothing_of_a_person_is_in_an_id_and_each_identity_is_stated(lrs: Load, loader: Loader) -> None:
    sha1 = {"mbox_sha1sum": "CD9B00A5611F94EAA7B1661EDAB976068E364975"}
    openid = {"openid": "https://cleo.example/"}
    actors = [ADA, BEN, sha1, openid, {"mbox": "mailto:ben@example.org"}]
    lrs(*(said(number, actor=actor) for number, actor in enumerate(actors)))
    nodes = loader.store.page("Identity", OPERATOR)
    assert {(node.properties["system"], node.properties["value"]) for node in nodes} == {
        ("account", "https://lms.example ada"),
        ("email", "ben@example.org"),
        ("mbox_sha1sum", "cd9b00a5611f94eaa7b1661edab976068e364975"),
        ("openid", "https://cleo.example/"),
    }
    ids = [node.id for kind in ("Learner", "Identity", "Evidence") for node in loader.store.page(kind, OPERATOR)]
    assert all(re.fullmatch("xapi-[a-z]+:[0-9a-f]{32}", id) for id in ids)


def test_a_group_did_nothing_that_is_a_persons_evidence(lrs: Load, loader: Loader) -> None:
    group = {"objectType": "Group", "member": [ADA, BEN]}
    record = lrs(said(1, actor=group))
    assert record.rejected == 0
    assert evidence(loader.store) == []
    (node,) = loader.store.page("Statement", OPERATOR)
    assert len(node.properties["mentions"]) == 2  # type: ignore[arg-type]


def test_a_sub_statement_is_only_planned(lrs: Load, loader: Loader) -> None:
    inner = {name: said(2)[name] for name in ("actor", "verb", "object")}
    lrs(said(1, f"{ADL}completed", object={"objectType": "SubStatement", **inner}))
    assert evidence(loader.store) == []


def test_other_verbs_are_left_out_by_rule(lrs: Load) -> None:
    record = lrs(said(1), said(2, f"{ADL}experienced"))
    assert record.skips == {"no-outcome": 1}


def test_the_same_again_changes_nothing(lrs: Load, loader: Loader) -> None:
    lrs(said(1), said(2, actor=BEN), voids(3, 1))
    before, number = digest(loader.store), loader.store.number()
    record = lrs(said(1), said(2, actor=BEN), voids(3, 1))
    assert (record.written, digest(loader.store), loader.store.number()) == (0, before, number)


def test_another_statement_with_the_same_id_is_told(lrs: Load, loader: Loader) -> None:
    assert lrs(said(1), said(1, f"{ADL}failed")).rejected == 2
    lrs(said(1))
    lrs(said(1, f"{ADL}failed"))
    assert f"xapi-statement:{ID.format(1)}" in {row.value for row in loader.held("conflict")}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_was_taken_back_is_withdrawn_whichever_comes_first(
    lrs: Load, loader: Loader, order: Sequence[int], together: bool
) -> None:
    both = [said(1), voids(2, 1)]
    chosen = [both[place] for place in order]
    for batch in [chosen] if together else [[each] for each in chosen]:
        assert lrs(*batch).rejected == 0
    assert [each[4] for each in evidence(loader.store)] == [True]
    assert [each["status"] for each in facts(loader.store, "Enrolment")] == ["withdrawn"]


def test_the_right_statement_sent_instead_counts(lrs: Load, loader: Loader) -> None:
    wrong, right = said(1, f"{ADL}failed"), said(3, f"{ADL}passed")
    for batch in ([wrong, voids(2, 1), right], [right], [wrong]):
        lrs(*batch)
        assert [each[2:] for each in evidence(loader.store)] == [("passed", None, False)]


def test_a_statement_that_voids_is_not_voided(lrs: Load, loader: Loader) -> None:
    record = lrs(said(1), voids(2, 1), voids(3, 2))
    assert record.rejected == 1
    assert [each[4] for each in evidence(loader.store)] == [True]
    assert lrs(voids(4, 2), max_rejects=1.0).rejected == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_no_source_takes_back_what_another_stated(lrs: Load, loader: Loader, order: Sequence[int]) -> None:
    both = [(said(1), "lms"), (voids(2, 1), "academy")]
    records = {name: lrs(statement, name=name) for statement, name in (both[place] for place in order)}
    assert records["academy"].rejected == (order == (0, 1))
    assert [each[4] for each in evidence(loader.store)] == [False]
    lrs(voids(3, 1))
    assert [each[4] for each in evidence(loader.store)] == [True]


def test_a_refused_voiding_leaves_the_others_of_its_file(lrs: Load, loader: Loader) -> None:
    lrs(said(1), said(2, object={"id": f"{BASE}lms-course:linux"}, actor=BEN), voids(3, 1))
    record = lrs(voids(4, 3), voids(5, 2))
    assert record.rejected == 1
    assert [each[4] for each in evidence(loader.store)] == [True, True]


def test_nobody_who_was_erased_comes_back_by_another_identity(lrs: Load, loader: Loader) -> None:
    people = {
        "Learner": [{"id": "hr:ben", "label": "Ben"}],
        "Identity": [{"id": "hr-identity:1", "learner": "hr:ben", "system": "email", "value": "ben@example.org"}],
    }
    load_rows(loader.store, "hr", people)
    loader.store.erase("hr:ben")
    by_ben = [
        said(1, actor={**BEN, "name": "Ben"}),
        said(2, context={"instructor": BEN}),
        {**voids(3, 4), "actor": BEN},
    ]
    record = lrs(*by_ben, said(4))
    assert record.skips == {"erased-person": 3}
    (node,) = loader.store.page("Statement", OPERATOR)
    assert (node.id, node.properties.get("mentions")) == (f"xapi-statement:{ID.format(4)}", None)
    assert [each[4] for each in evidence(loader.store)] == [False]
    assert [each.properties["system"] for each in loader.store.page("Identity", OPERATOR)] == ["account"]


def test_what_is_said_of_an_unknown_activity_waits_for_it(lrs: Load, loader: Loader) -> None:
    record = lrs(said(1, object={"id": f"{BASE}lms-course:new"}))
    assert (record.waiting, record.rejected) == (2, 0)
    load_rows(loader.store, "lms", {"LearningObject": [{"id": "lms-course:new"}]})
    assert [each[1] for each in evidence(loader.store)] == ["lms-course:new"]


def test_a_time_without_zone_is_utc_and_flagged(lrs: Load, loader: Loader) -> None:
    record = lrs(said(1, timestamp="2025-03-01T09:30:00"))
    assert record.flags == {"no-zone": 2}
    assert facts(loader.store, "Evidence")[0]["shown_at"] == 1_740_821_400


def test_the_time_it_was_stored_stands_for_a_missing_one(lrs: Load, loader: Loader) -> None:
    timeless = said(1, stored="2025-03-01T09:30:00.123Z")
    del timeless["timestamp"]
    lrs(timeless)
    assert facts(loader.store, "Evidence")[0]["shown_at"] == 1_740_821_400


def test_a_statement_without_id_is_known_by_what_it_says(lrs: Load) -> None:
    nameless = said(1)
    del nameless["id"]
    assert lrs(nameless).flags == {"made-statement-id": 1}
    assert lrs(nameless).written == 0


def test_a_load_sweeps_nothing(lrs: Load, loader: Loader) -> None:
    lrs(said(1))
    lrs(said(2, actor=BEN))
    assert len(facts(loader.store, "Enrolment")) == 2


def test_another_source_may_tell_of_the_same_person(lrs: Load, loader: Loader) -> None:
    lrs(said(1))
    record = lrs(said(2, timestamp="2025-04-01T09:30:00Z"), name="academy")
    assert len(evidence(loader.store)) == 2
    assert [row.field for row in loader.held()] == ["id"]  # the enrolment is the first one's to tell
    assert record.rejected == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": None}, "actor"),
        ({"actor": {}}, "actor"),
        ({"actor": {**ADA, **BEN}}, "actor"),
        ({"actor": {"account": {"name": "ada"}}}, "actor.account.homePage"),
        ({"actor": {"mbox": "ada@example.org"}}, "actor.mbox"),
        ({"actor": {"mbox_sha1sum": "abc"}}, "actor.mbox_sha1sum"),
        ({"verb": {}}, "verb.id"),
        ({"verb": "completed"}, "verb.id"),
        ({"object": None}, "object"),
        ({"object": {"id": "linux"}}, "object.id"),
        ({"object": {"objectType": "Thing"}}, "object.objectType"),
        ({"object": {"objectType": []}}, "object.objectType"),
        ({"version": "0.95"}, "version"),
        ({"version": 2}, "version"),
        ({"id": "one"}, "id"),
        ({"timestamp": "soon"}, "timestamp"),
        ({"timestamp": "1914-03-01T09:30:00Z"}, "timestamp"),
        ({"result": {"score": {"scaled": 1.01}}}, "result.score.scaled"),
        ({"result": {"score": {"scaled": "1"}}}, "result.score.scaled"),
        ({"result": {"score": {"raw": 11, "min": 0, "max": 10}}}, "result.score.raw"),
        ({"result": {"score": {"min": 2, "max": 1}}}, "result.score.min"),
        ({"context": {"registration": 7}}, "context.registration"),
    ],
)
def test_a_bad_statement_is_told_and_the_others_go_in(
    lrs: Load, loader: Loader, change: Mapping[str, Any], field: str
) -> None:
    record = lrs(said(1, **change), said(2, actor=BEN))
    assert record.rejected == 1
    (row,) = loader.held()
    assert (row.row, row.field) == (1, field)
    assert row.reason
    assert len(evidence(loader.store)) == 1


@pytest.mark.parametrize("line", ["{", "NaN", "7", '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 600 + "]" * 600])
def test_a_line_that_is_no_statement_costs_no_other(loader: Loader, tmp_path: Path, lrs: Load, line: str) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{json.dumps(said(1))}\n{line}\n\n{json.dumps(said(2, actor=BEN))}\n", "utf-8")
    record = loader.folder(path, source="xapi", paths=(path,), name="lms")
    assert record.rejected == 1
    assert [row.row for row in loader.held()] == [2]
    assert len(evidence(loader.store)) == 2


@pytest.mark.parametrize(
    "inner", [{"objectType": []}, {"objectType": {}, "id": COURSE}, "a text", None, {"objectType": "SubStatement"}]
)
def test_a_sub_statement_may_hold_anything(lrs: Load, loader: Loader, inner: Any) -> None:
    record = lrs(said(1, object={"objectType": "SubStatement", "object": inner}), said(2))
    assert (record.read - record.rejected, len(evidence(loader.store))) == (record.read, 1)


def test_only_so_many_activities_are_remembered(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.sources.xapi_statement.MOST_KNOWN", 2)
    reader = Intake(loader.store, Settings()).reader
    abouts = [reader.about(f"{BASE}lms-course:{number}") for number in (1, 2, 3, 1)]
    assert abouts == [f"lms-course:{number}" for number in (1, 2, 3, 1)]
    assert len(reader._ids) <= 2


def test_a_key_given_twice_is_told_however_long_the_rest_is(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    whole = json.dumps(said(1), separators=(",", ":"))
    path.write_text(f'{whole[:-1]},"context":{{"extensions":{{"a:x":1e8,"a:a":1,"a:a":2}}}}}}\n', "utf-8")
    record = loader.folder(path, source="xapi", paths=(path,), name="lms")
    assert record.rejected == 1


def documents(folder: Path) -> Mapping[str, Path]:
    """The same two statements in each form that is read."""
    both = [said(1), said(2, actor=BEN)]
    texts = {
        "list.json": json.dumps(both, indent=2),
        "answer.json": json.dumps({"statements": both, "more": ""}),
        "lines.jsonl": "\n".join(map(json.dumps, both)),
        "lines.ndjson": "\ufeff" + "\r\n".join(map(json.dumps, both)) + "\r\n",
    }
    found: dict[str, Path] = {}
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        found |= {name: folder / name, f"{name}.gz": folder / f"{name}.gz"}
    return found


def test_every_form_says_the_same(lrs: Load, loader: Loader, tmp_path: Path) -> None:
    states = set()
    for path in documents(tmp_path).values():
        loader.folder(path, source="xapi", paths=(path,), name="lms")
        states.add(digest(loader.store))
    assert len(states) == 1
    assert len(evidence(loader.store)) == 2


@pytest.mark.parametrize(
    ("name", "data", "said_of_it"),
    [
        ("cut.jsonl.gz", gzip.compress(json.dumps(said(1)).encode())[:-20], "cut off"),
        ("empty.jsonl", b"", "empty"),
        ("broken.json", b'[{"id": ', "no JSON"),
        ("outcomes.json", b'{"outcome_results": []}', "looks like Canvas outcome results"),
        ("bomb.jsonl.gz", gzip.compress(b" " * (1 << 24)), "unpacks"),
        ("statements.csv", b"a,b\n", "no format that is read"),
    ],
)
def test_a_file_that_can_not_be_read_is_one_message(
    loader: Loader, tmp_path: Path, name: str, data: bytes, said_of_it: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(LoadError, match=said_of_it):
        load(loader.store, LoadRequest("xapi", (path,)))
    assert loader.store.page("Statement", OPERATOR) == []


def test_by_push_and_by_file_the_same_statements_make_the_same_graph(lrs: Load, loader: Loader, tmp_path: Path) -> None:
    from graph.open import open_store
    from graph.secret import hand_over

    statements = [said(1), said(2, f"{ADL}passed", result={"score": {"scaled": 0.5}}, actor=BEN), said(3), voids(4, 3)]
    lrs(*statements)
    other = tmp_path / "other" / "skillgraph.db"
    other.parent.mkdir()
    hand_over(loader.store.ledger.secret, other)
    pushed = open_store(f"sqlite:{other}")
    load_rows(pushed, "lms", CATALOGUE)
    intake = Intake(pushed, Settings())
    for statement in statements:
        intake.take("lms", [statement], 0)
    same = digest(pushed) == digest(loader.store)
    pushed.close()
    assert same


def test_what_is_published_of_the_standard_is_read(lrs: Load, loader: Loader) -> None:
    folder = SHARED_DATA / "samples" / "xapi-2.0" / "statements"
    if not folder.is_dir():
        pytest.skip("the published statements are not here: put ADL's into ../shared/data/samples/xapi-2.0")
    sound, unsound = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            check(json.loads(path.read_text("utf-8")))
            sound.append(path)
        except Unreadable:
            unsound.append(path.stem)
    assert {"no_actor", "no_verb", "no_object", "object_statementref_no_id", "object_activity"} <= set(unsound)
    good = [path for path in sound if path.stem not in ("voiding", "multiple_actor")]
    record = loader.folder(folder, source="xapi", paths=tuple(good))
    assert counts(record) == {"read": len(good), "skipped": len(good)}  # all tell of attendance
