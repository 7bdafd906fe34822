"""Lever: a tiny company's postings, opportunities and feedback, by file and pulled; a hire that two systems tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.hires import hires
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.pull import Patience
from loaders.sources.lever import SOURCE
from ontology.values import parse_instant
from tests.loads.tables import Loader
from tests.sources.server import Asked, Reply, Served, by_token

Item = dict[str, Any]


def ms(text: str) -> int:
    return parse_instant(text)[0] * 1000


STAGES = [{"id": "s-1", "text": "New applicant"}, {"id": "s-2", "text": "Interview"}]
REASONS = [
    {"id": "r-1", "text": "Joined us", "status": "active", "type": "hired"},
    {"id": "r-2", "text": "Withdrew", "status": "active", "type": "non-hired"},
    {"id": "r-3", "text": "Underqualified", "status": "active", "type": "non-hired"},
]


def posting(**changes: Any) -> Item:
    return {
        "id": "p-1", "text": "Cloud engineer", "state": "published", "tags": ["cloud"],
        "categories": {"location": "Berlin", "team": "Platform"},
        "createdAt": ms("2026-01-01"), "updatedAt": ms("2026-01-02"), **changes,
    }  # fmt: skip


def opportunity(id: str, contact: str, name: str, **changes: Any) -> Item:
    return {
        "id": id, "contact": contact, "name": name, "emails": [f"{name.lower()}@example.org"], "origin": "applied",
        "sources": ["Job site"], "stage": "s-2", "archived": None, "location": "Berlin",
        "applications": [{"id": f"a-{id}", "posting": "p-1", "createdAt": ms("2026-01-10")}],
        "stageChanges": [
            {"toStageId": "s-1", "toStageIndex": 1, "updatedAt": ms("2026-01-10")},
            {"toStageId": "s-2", "toStageIndex": 2, "updatedAt": ms("2026-01-20")},
        ],
        "createdAt": ms("2026-01-10"), "updatedAt": ms("2026-02-01"), **changes,
    }  # fmt: skip


def form(id: str, user: str, score: Any, overall: str | None = None, **changes: Any) -> Item:
    fields = [
        {"type": "scorecard", "text": "Skills", "scores": [{"text": "Kubernetes"}], "value": [{"score": score}]},
        {"type": "textarea", "text": "Notes", "value": "Knows her way around."},
        {"type": "score-system", "text": "Rating", "value": overall},
    ]
    return {
        "id": id, "text": "On-site", "baseTemplateId": "t-1", "interview": "i-1", "panel": "n-1", "user": user,
        "fields": fields, "createdAt": ms("2026-01-21"), "completedAt": ms("2026-01-22"),
        "updatedAt": ms(f"2026-01-23T00:00:0{id[-1]}Z"), "deletedAt": None, **changes,
    }  # fmt: skip


def company() -> dict[str, list[Item]]:
    """Ada was interviewed by two and hired, Ben withdrew, Cleo was only sourced."""
    of_ada = {"opportunityId": "o-1"}
    return {
        "archive_reasons": [*REASONS],
        "feedback": [form("f-1", "u-1", 4, "4 - Strong Hire", **of_ada), form("f-2", "u-2", 3, **of_ada)],
        "opportunities": [
            opportunity("o-1", "c-1", "Ada", archived={"archivedAt": ms("2026-02-01"), "reason": "r-1"}),
            opportunity("o-2", "c-2", "Ben", archived={"archivedAt": ms("2026-01-25"), "reason": "r-2"}),
            opportunity("o-3", "c-3", "Cleo", applications=[]),
        ],
        "postings": [posting()],
        "stages": [*STAGES],
    }


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Writes answers into a folder, a file each."""
    numbers = iter(range(100))

    def write(given: Mapping[str, Any]) -> Path:
        folder = tmp_path / f"answers-{next(numbers)}"
        folder.mkdir()
        for name, value in given.items():
            text = value if isinstance(value, str) else json.dumps({"data": value, "hasNext": False})
            (folder / f"{name}.json").write_text(text, "utf-8")
        return folder

    return write


def facts(store: Store, type: str, **where: str) -> dict[str, Node]:
    found = store.facts(type, {name: [value] for name, value in where.items()}, OPERATOR)
    return {each.id.partition(":")[2]: each for each in found}


def test_a_posting_is_a_requisition(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="lever")

    assert (record.rejected, record.waiting) == (0, 0)
    found = loader.store.get("lever-posting:p-1", OPERATOR)
    assert found is not None
    assert found.properties["status"] == "open"
    assert found.properties["opened_at"] == parse_instant("2026-01-01")[0]
    assert found.properties["tags"] == ("cloud",)


def test_an_opportunity_is_an_application_and_a_hire_where_its_reason_is_one(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="lever")

    ada = facts(loader.store, "Application", learner="lever-contact:c-1")["o-1"].properties
    ben = facts(loader.store, "Application", learner="lever-contact:c-2")["o-2"].properties
    assert (ada["outcome"], ada["channel"]) == ("hired", "Job site")
    assert ada["closed_at"] == parse_instant("2026-02-01")[0]
    assert ben["outcome"] == "withdrawn"
    hire = facts(loader.store, "Hire", learner="lever-contact:c-1")["o-1"].properties
    assert (hire["started_at"], hire["kind"]) == (parse_instant("2026-02-01")[0], "external")
    assert facts(loader.store, "Hire", learner="lever-contact:c-2") == {}
    assert record.skips == {"no-posting": 1, "stage-or-reason": 5, "no-score": 1}


def test_every_stage_that_was_entered_is_told(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="lever")

    found = facts(loader.store, "StageEvent", application="lever-application:o-2").values()
    told = sorted(
        (each.properties["entered_at"], each.properties["stage"], each.properties["outcome"]) for each in found
    )
    assert [(stage, outcome) for _, stage, outcome in told] == [("New applicant", "passed"), ("Interview", "withdrawn")]
    assert told[1][0] == parse_instant("2026-01-20")[0]


def test_forms_of_one_interview_are_one_evidence_with_a_rating_a_rater(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="lever")

    ((id, _),) = facts(loader.store, "Evidence", learner="lever-contact:c-1").items()
    ratings = facts(loader.store, "Rating", evidence=f"lever-interview:{id}").values()
    levels = {(each.properties["rater"], each.properties.get("skill")): each.properties["level"] for each in ratings}
    assert levels == {
        ("lever-user:u-1", "lever-word:kubernetes"): 4_000_000,
        ("lever-user:u-2", "lever-word:kubernetes"): 3_000_000,
        ("lever-user:u-1", None): 4_000_000,
    }


def test_a_deleted_form_is_left_out(loader: Loader, put: Any) -> None:
    given = company()
    given["feedback"] = [form("f-1", "u-1", 4, opportunityId="o-1", deletedAt=ms("2026-03-01"))]

    record = loader.folder(put(given), source="lever")

    assert record.skips is not None
    assert record.skips["deleted"] == 1
    assert facts(loader.store, "Evidence", learner="lever-contact:c-1") == {}


def test_the_same_again_changes_nothing(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="lever")
    number = loader.store.number()

    assert (loader.folder(put(company()), source="lever").written, loader.store.number()) == (0, number)


@pytest.mark.parametrize(
    ("name", "item", "field", "reason"),
    [
        ("postings", posting(state="paused"), "state", "paused"),
        ("postings", posting(createdAt="long ago"), "_created_at", "long ago"),
        ("opportunities", opportunity("o-2", "c-2", "Ben", emails="ben@example.org"), "emails", "list belongs"),
        ("opportunities", opportunity("o-2", "c-2", "Ben", stageChanges=[1]), "stageChanges", "no object"),
        ("feedback", form("f-2", "u-2", "great", opportunityId="o-1"), "_score", "great"),
        ("feedback", form("f-2", "u-2", 3, opportunityId="o-9"), "learner", "empty"),
    ],
)
def test_a_bad_item_is_rejected_with_its_field_and_the_others_go_in(
    loader: Loader, put: Any, name: str, item: Item, field: str, reason: str
) -> None:
    given = company()
    given[name] = [each for each in given[name] if each["id"] != item["id"]] + [item]

    record = loader.folder(put(given), source="lever")

    assert record.rejected >= 1
    assert any(row.field == field and reason in f"{row.reason} {row.value}" for row in loader.held()), loader.held()
    assert loader.there("lever-contact:c-1") == [True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"data": [{"outcome_results": []}]}', "looks like Canvas outcome results, not Lever"),
        ('[{"application_id": 1, "interview": "On-site", "attributes": []}]', "looks like Greenhouse scorecards"),
        ('{"message": "hello"}', "does not look like Lever"),
        ('{"data": [{"id": 1', "is no JSON"),
    ],
)
def test_what_is_no_answer_of_lever_says_what_it_seems(loader: Loader, put: Any, text: str, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        loader.folder(put({"things": text}), source="lever")


class Data:
    """The API, which answers with whatever the company has at that moment."""

    def __init__(self, served: Served) -> None:
        self.served, self.has = served, company()
        for name in ("stages", "archive_reasons", "postings", "opportunities"):
            served.serve(f"/v1/{name}", self._answers(name))
        for id in ("o-1", "o-2", "o-3"):
            served.serve(f"/v1/opportunities/{id}/feedback", self._feedback(id))

    def _answers(self, name: str) -> Any:
        def answer(asked: Asked) -> Reply:
            since = int(asked.fields.get("updated_at_start", "0"))
            return by_token([each for each in self.has[name] if each.get("updatedAt", since) >= since], 2)(asked)

        return answer

    def _feedback(self, opportunity: str) -> Any:
        forms = [dict(each) for each in self.has["feedback"] if each.pop("opportunityId") == opportunity]
        self.has["feedback"] = company()["feedback"]
        return by_token(forms)

    def pull(self, store: Store, **options: Any) -> LoadRecord:
        assert SOURCE.pull is not None
        source = replace(SOURCE, pull=replace(SOURCE.pull, patience=Patience(tries=4, backoff=0.01, longest=0.02)))
        return load(store, LoadRequest(source, address=f"{self.served.origin}/v1", **options))


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Data]:
    monkeypatch.setenv("SKILLGRAPH_LEVER_TOKEN", "s3cret")
    with Served() as served:
        yield Data(served)


def test_a_pull_and_its_files_make_the_same_graph(
    put: Any, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLGRAPH_SECRET", "of-both-deployments-one-and-the-same")
    one, other = (open_store(f"sqlite:{tmp_path / name}", create=True) for name in ("filed.db", "pulled.db"))
    load(one, LoadRequest("lever", (put(company()),)))

    record = data.pull(other)

    assert (record.complete, record.rejected) == (True, 0)
    assert digest(other) == digest(one)
    one.close()
    other.close()
    assert {asked.fields.get("expand") for asked in data.served.asked if asked.path == "/v1/opportunities"} == {
        "applications"
    }


def test_a_later_pull_asks_only_for_the_feedback_of_those_that_changed(store: Store, data: Data) -> None:
    data.has["opportunities"][1] |= {"updatedAt": ms("2026-04-01")}
    data.pull(store)
    data.has["opportunities"][1] |= {"updatedAt": ms("2026-06-01"), "archived": None}
    data.served.asked.clear()

    record = data.pull(store)

    assert not record.complete
    assert [path for path in data.served.paths() if path.endswith("feedback")] == ["/v1/opportunities/o-2/feedback"]
    assert "outcome" not in facts(store, "Application", learner="lever-contact:c-2")["o-2"].properties


def test_one_hire_that_two_systems_tell_is_one_with_both_provenances(loader: Loader, put: Any, tmp_path: Path) -> None:
    """Ada was hired through Lever and told to Greenhouse too, under the same address; a year later she came again."""
    from tests.sources.test_greenhouse import application, candidate, job, offer

    loader.folder(put(company()), source="lever")
    again = offer(53, 24, starts_at="2027-04-01")
    given = {
        "jobs": [job()],
        "candidates": [candidate(11, "Ada", "ADA@example.org")],
        "applications": [application(21, 11, status="hired"), application(24, 11, status="hired")],
        "offers": [offer(51, 21), again],
    }
    folder = tmp_path / "greenhouse"
    folder.mkdir()
    for name, value in given.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    assert loader.folder(folder, source="greenhouse").rejected == 0

    found = hires(loader.store, Settings(source_order=("lever", "greenhouse")))

    assert [(hire.person, hire.sources) for hire in found] == [
        ("lever-contact:c-1", ("lever", "greenhouse")),
        ("lever-contact:c-1", ("greenhouse",)),
    ]
    assert [told.id for told in found[0].told] == ["lever-hire:o-1", "greenhouse-hire:21"]


def test_an_opportunity_without_changes_of_its_stage_is_an_application(loader: Loader, put: Any) -> None:
    given = company()
    del given["opportunities"][0]["stageChanges"]
    given["opportunities"][1]["stageChanges"] = []

    assert loader.folder(put(given), source="lever").rejected == 0

    assert loader.there("lever-application:o-1", "lever-application:o-2") == [True, True]
    assert facts(loader.store, "StageEvent", application="lever-application:o-1") == {}


def test_applications_that_are_only_named_are_refused_with_how_to_ask_for_them(loader: Loader, put: Any) -> None:
    given = company()
    given["opportunities"][1]["applications"] = ["a-1"]

    record = loader.folder(put(given), source="lever")

    assert (record.skips or {})["no-posting"] == 1
    [row] = [row for row in loader.held() if row.field == "applications"]
    assert "expand=applications" in row.reason
    assert loader.there("lever-application:o-1", "lever-application:o-2") == [True, False]


WRONG_TYPES: dict[str, tuple[str, Item]] = {
    "an interview": ("feedback", form("f-2", "u-2", 3, opportunityId="o-1", interview={"id": "i-1"})),
    "a reason that stands there": (
        "opportunities",
        opportunity("o-2", "c-2", "Ben", archived={"archivedAt": ms("2026-01-25"), "reason": {"text": ["Withdrew"]}}),
    ),
    "applications": ("opportunities", opportunity("o-2", "c-2", "Ben", applications=[5])),
}


@pytest.mark.parametrize(("name", "item"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_what_is_of_another_type_is_rejected_and_the_others_go_in(
    loader: Loader, put: Any, name: str, item: Item
) -> None:
    given = company()
    given[name] = [each for each in given[name] if each["id"] != item["id"]] + [item]

    assert loader.folder(put(given), source="lever").rejected >= 1
    assert loader.there("lever-contact:c-1", "lever-application:o-1") == [True, True]


def test_a_reason_without_an_id_names_nothing(loader: Loader, put: Any) -> None:
    given = company()
    given["archive_reasons"].append({"text": "Moved away", "status": "active", "type": "non-hired"})

    assert loader.folder(put(given), source="lever").rejected == 0
