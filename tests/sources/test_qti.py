"""QTI results: a Kubernetes test of two questions, taken by Ada and Ben."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from graph.digest import digest
from graph.index import IndexKeeper
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Node
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.readers.documents import Document
from loaders.sources.qti_results import reports
from ontology.values import parse_instant
from queries.ask import ask
from tests.loads.tables import Loader, counts

SPACES = {
    "2.1": "http://www.imsglobal.org/xsd/imsqti_result_v2p1",
    "2.2": "http://www.imsglobal.org/xsd/imsqti_result_v2p2",
    "3.0": "http://www.imsglobal.org/xsd/imsqti_result_v3p0",
}


def outcome(value: str = "30", *, name: str = "SCORE", maximum: str = "40", more: str = "") -> str:
    limit = f'normalMaximum="{maximum}"' if maximum else ""
    kind = 'cardinality="single" baseType="float"'
    return f'<outcomeVariable identifier="{name}" {kind} {limit} {more}><value>{value}</value></outcomeVariable>'


def exam(inner: str = "", *, name: str = "k8s", at: str = "2025-03-01T10:00:00Z") -> str:
    return f'<testResult identifier="{name}" datestamp="{at}">{inner or outcome()}</testResult>'


def item(
    name: str = "pods", *, status: str = "final", at: str = "2025-03-01T09:50:00Z", inner: str | None = None
) -> str:
    said = f'sessionStatus="{status}"' if status else ""
    score = outcome("1", maximum="1") if inner is None else inner
    return f'<itemResult identifier="{name}" datestamp="{at}" {said}>{score}</itemResult>'


def report(*results: str, who: str = "ada", session: str = "", version: str = "2.2") -> str:
    named = f'<sessionIdentifier sourceID="https://tests.example.org" identifier="{session}"/>' if session else ""
    context = f'<context sourcedId="{who}">{named}</context>'
    return f'<assessmentResult xmlns="{SPACES[version]}">{context}{"".join(results)}</assessmentResult>'


def qti(loader: Loader, folder: Path, *texts: str) -> LoadRecord:
    """Load each text as a file of its own."""
    paths = [folder / f"{number}.xml" for number, _ in enumerate(texts, start=1)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return loader.folder(Path(), source="qti", paths=tuple(paths))


@pytest.fixture(autouse=True)
def one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyed hashes are the same in every store."""
    monkeypatch.setenv("SKILLGRAPH_SECRET", "a secret of the tests that is long enough")


def evidence(loader: Loader) -> list[Node]:
    """All evidence, by what it is about and when it was shown."""
    ids = [row[0] for batch in loader.store.owned("qti", "Evidence") for row in batch]
    found = loader.store.many(ids, OPERATOR).values()
    return sorted(found, key=lambda each: (str(each.properties["about"]), str(each.properties["shown_at"])))


@pytest.mark.parametrize("version", SPACES)
def test_a_result_is_evidence_about_its_test(loader: Loader, tmp_path: Path, version: str) -> None:
    assert counts(qti(loader, tmp_path, report(exam(), version=version))) == {"read": 2, "written": 2}
    [found] = evidence(loader)
    assert found.properties == {
        "learner": "qti-candidate:ada",
        "kind": "assessment",
        "about": "qti-test:k8s",
        "score": 750_000,
        "shown_at": 1_740_823_200,
    }
    stated = loader.store.get("qti-test:k8s", OPERATOR)
    assert stated is not None
    assert stated.properties == {"label": "k8s", "type": "exam"}


def test_a_score_shows_the_level_whose_cut_score_it_reaches(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam()), report(exam(outcome("20")), who="ben"))
    loader(
        Skill="id,label\nskill:k8s,container orchestration\n",
        Role="id,label\nrole:sre,SRE\n",
        REQUIRES="from,to,level\nrole:sre,skill:k8s,2\n",
        MEASURES="from,to,cut_scores\nqti-test:k8s,skill:k8s,1:0.5|2:0.7\n",
    )
    keeper, now = IndexKeeper(loader.store, Settings()), parse_instant("2026-01-01")[0]
    answer = ask(loader.store, keeper, OPERATOR, "role-matches", {"role": "role:sre"}, now)
    assert {row["person"]: row["ready"] for row in answer.rows} == {
        "qti-candidate:ada": True,
        "qti-candidate:ben": False,
    }


def test_questions_are_assessments_of_their_own(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam(), item(), item("nodes", inner=outcome("0.3333333333", maximum="1"))))
    scores = {found.properties["about"]: found.properties["score"] for found in evidence(loader)}
    assert scores == {"qti-item:nodes": 333_333, "qti-item:pods": 1_000_000, "qti-test:k8s": 750_000}


@pytest.mark.parametrize("status", ["pendingSubmission", "pendingResponseProcessing"])
def test_only_final_results_count_and_a_test_waits_for_its_questions(
    loader: Loader, tmp_path: Path, status: str
) -> None:
    record = qti(loader, tmp_path, report(exam(), item(), item("nodes", status=status)))
    assert record.skips == {"not-final": 2}
    assert [found.properties["about"] for found in evidence(loader)] == ["qti-item:pods"]


def test_a_question_that_was_never_begun_holds_up_no_test(loader: Loader, tmp_path: Path) -> None:
    assert qti(loader, tmp_path, report(exam(), item("nodes", status="initial"))).skips == {"not-final": 1}
    assert [found.properties["about"] for found in evidence(loader)] == ["qti-test:k8s"]


def test_of_an_identifier_that_repeats_the_last_by_datestamp_counts(loader: Loader, tmp_path: Path) -> None:
    again = item(at="2025-03-01T09:55:00Z", inner=outcome("0", maximum="1"))
    assert qti(loader, tmp_path, report(again, item())).skips == {"earlier-result": 1}
    [found] = evidence(loader)
    assert found.properties["score"] == 0


def test_of_an_outcome_that_repeats_the_last_stands(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam(outcome("10") + outcome("20"))))
    assert [found.properties["score"] for found in evidence(loader)] == [500_000]


def test_reports_of_one_session_are_one_attempt_whichever_comes_first(loader: Loader, tmp_path: Path) -> None:
    other = Loader(open_store(f"sqlite:{tmp_path / 'other.db'}"), tmp_path)
    first = report(exam(), session="s1")
    second = report(exam(outcome("36"), at="2025-03-02T10:00:00Z"), session="s1")
    for one, order in ((loader, (first, second)), (other, (second, first))):
        for each in order:
            qti(one, tmp_path, each)
        assert [found.properties["score"] for found in evidence(one)] == [900_000]
    assert digest(loader.store) == digest(other.store)
    other.store.close()


def test_without_a_session_each_date_is_an_attempt(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam()), report(exam(outcome("36"), at="2025-03-02T10:00:00Z")))
    assert [found.properties["score"] for found in evidence(loader)] == [750_000, 900_000]


def test_a_score_is_scaled_by_its_minimum_and_maximum(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam(outcome("0", maximum="10", more='normalMinimum="-10"'))))
    assert [found.properties["score"] for found in evidence(loader)] == [500_000]


def test_the_maximum_may_be_an_outcome(loader: Loader, tmp_path: Path) -> None:
    highest = outcome("60", name="MAXSCORE", maximum="")
    qti(loader, tmp_path, report(exam(outcome(maximum="") + highest)))
    assert [found.properties["score"] for found in evidence(loader)] == [500_000]


def test_a_score_without_a_maximum_is_kept_without_a_number_and_flagged(loader: Loader, tmp_path: Path) -> None:
    assert qti(loader, tmp_path, report(exam(outcome(maximum="")))).flags == {"no-maximum": 1}
    assert ["score" in found.properties for found in evidence(loader)] == [False]


def test_a_score_beyond_its_range_is_the_end_of_it_and_flagged(loader: Loader, tmp_path: Path) -> None:
    record = qti(loader, tmp_path, report(exam(outcome("41"))), report(exam(outcome("-1")), who="ben"))
    assert record.flags == {"above-maximum": 1, "below-minimum": 1}
    assert sorted(str(found.properties["score"]) for found in evidence(loader)) == ["0", "1000000"]


@pytest.mark.parametrize(("score", "word"), [("30", "passed"), ("29.9", "failed")])
def test_the_mastery_value_says_who_passed(loader: Loader, tmp_path: Path, score: str, word: str) -> None:
    qti(loader, tmp_path, report(exam(outcome(score, more='masteryValue="30"'))))
    assert [found.properties["outcome"] for found in evidence(loader)] == [word]


def test_a_result_without_a_score_is_left_out_by_rule(loader: Loader, tmp_path: Path) -> None:
    assert qti(loader, tmp_path, report(exam(outcome("1", name="MOOD")))).skips == {"no-score": 1}


def test_what_lacks_a_status_or_a_zone_is_read_and_flagged(loader: Loader, tmp_path: Path) -> None:
    record = qti(loader, tmp_path, report(item(status="", at="2025-03-01T09:50:00")))
    assert set(record.flags or ()) == {"no-session-status", "no-zone"}
    assert len(evidence(loader)) == 1


def test_a_name_is_in_no_id(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam(), who="Ada Lovelace"), report(exam(), who="ada@campus"))
    ids = [row[0] for name in ("Learner", "Identity", "Evidence") for b in loader.store.owned("qti", name) for row in b]
    assert len(ids) == 6
    assert not any(word in id for word in ("Ada", "Lovelace", "campus") for id in ids)


def test_results_of_keys_that_look_alike_are_told_apart_in_any_order(loader: Loader, tmp_path: Path) -> None:
    alike = [report(item("a"), who="b/c", session="s1"), report(item("a/b"), who="c", session="s1")]
    qti(loader, tmp_path, *alike)
    assert [found.properties["about"] for found in evidence(loader)] == ["qti-item:a", "qti-item:a~2fb"]
    number = loader.store.number()
    qti(loader, tmp_path, *reversed(alike))
    assert loader.store.number() == number


def test_rejects_of_files_of_one_name_are_told_apart(loader: Loader, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "1.xml" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(report(exam(at="yesterday")), encoding="utf-8")
    assert loader.folder(tmp_path, source="qti", paths=tuple(paths)).rejected == 2
    assert {(row.file, row.row) for row in loader.held()} == {("a/1.xml", 1), ("b/1.xml", 1)}


def test_an_address_is_in_no_id_and_joins_by_e_mail(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam(), who="ada@example.org", session="Ada Meyer"))
    ids = [row[0] for name in ("Learner", "Identity", "Evidence") for b in loader.store.owned("qti", name) for row in b]
    assert len(ids) == 3
    assert not any("example" in id or "Meyer" in id for id in ids)


BAD = (
    (report(exam(), who=""), "sourcedId", "is missing: its context must name the candidate"),
    (report(exam(), who="x" * 600), "", "an id has a key and at most 512 characters"),
    (report(exam(name="")), "identifier", "is missing"),
    (report(exam(at="")), "datestamp", "is missing: evidence has a date"),
    (report(exam(at="yesterday")), "datestamp", "is no instant"),
    (report(item(status="finall")), "sessionStatus", "did you mean 'final'"),
    (report(exam(outcome("thirty"))), "SCORE", "is no decimal number"),
    (report(exam(outcome("NaN"))), "SCORE", "is no decimal number"),
    (report(exam(outcome("5", maximum="ten"))), "SCORE", "is no decimal number"),
)


def test_bad_results_are_rejected_with_their_fields_and_the_others_go_in(loader: Loader, tmp_path: Path) -> None:
    record = qti(loader, tmp_path, *(text for text, _, _ in BAD), report(exam(name="other"), who="ben"))
    assert record.rejected == len(BAD)
    held = {row.file: row for row in loader.held()}
    for number, (_, field, reason) in enumerate(BAD, start=1):
        row = held[f"{number}.xml"]
        assert (row.row, row.field) == (1, field)
        assert reason in row.reason
    assert [found.properties["about"] for found in evidence(loader)] == ["qti-test:other"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (report(exam()).replace("v2p2", "v9p9"), "is no version of QTI results that is known; did you mean"),
        (report(exam()).replace(f' xmlns="{SPACES["2.2"]}"', ""), "namespace '' is no version"),
        (report(exam())[:-30], "is no whole XML"),
        ("<!DOCTYPE r [<!ENTITY a 'a'>]>" + report(exam()), "has a DOCTYPE"),
        ("<!DOCTYPE r SYSTEM 'http://127.0.0.1:9/x.dtd'>" + report(exam()), "has a DOCTYPE"),
        ("<a>" * 600 + "</a>" * 600, "is nested more than 64 deep"),
        ("<qti-assessment-test/>", "holds no assessmentResult, its root is 'qti-assessment-test', which is a test"),
        ('<?xml version="1.0" encoding="x-none"?><a/>', "save it as UTF-8"),
        ('{"userId": "ada"}', "is no whole XML"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_error(text: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        list(reports(Document("results.xml", text.encode())))


def test_of_files_with_one_that_cannot_be_read_nothing_is_written(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"2\.xml: is no whole XML"):
        qti(loader, tmp_path, report(exam()), report(exam())[:-30])
    assert evidence(loader) == []


def test_an_archive_of_reports_is_read_as_one_file(loader: Loader, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        for who in ("ada", "ben", "cleo"):
            archive.writestr(f"results/{who}.xml", report(exam(), item(status="" if who != "ben" else "odd"), who=who))
    assert loader.folder(tmp_path / "r.zip", source="qti").written == 5 + 2
    [rejected] = loader.held()
    assert (rejected.file, rejected.row, rejected.raw["document"]) == ("r.zip", 4, "r.zip/results/ben.xml")


def test_an_archive_that_leads_out_of_itself_is_refused(loader: Loader, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as archive:
        archive.writestr("../up.xml", report(exam()))
    with pytest.raises(LoadError, match="leads out of the archive"):
        loader.folder(tmp_path / "up.zip", source="qti")


def test_an_older_file_takes_nothing_away(loader: Loader, tmp_path: Path) -> None:
    qti(loader, tmp_path, report(exam()))
    qti(loader, tmp_path, report(exam(name="other"), who="ben"))
    assert all(loader.there("qti-test:k8s", "qti-candidate:ada"))


def test_the_same_file_again_changes_nothing(loader: Loader, tmp_path: Path) -> None:
    text = report(exam(), item())
    qti(loader, tmp_path, text)
    number = loader.store.number()
    assert counts(qti(loader, tmp_path, text)) == {"read": 4, "unchanged": 4}
    assert loader.store.number() == number


def test_memory_stays_flat_however_many_reports_one_file_has() -> None:
    one = report(exam(), *(item(f"q{number}") for number in range(10)))

    def most(count: int) -> int:
        document = Document("many.xml", f"<results>{one * count}</results>".encode())
        tracemalloc.start()
        assert sum(1 for _ in reports(document)) == count
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak - len(document.data)

    assert most(800) < most(100) + 1_000_000
