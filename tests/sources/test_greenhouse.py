"""Greenhouse: a tiny company's jobs, candidates, applications, scorecards and offers, by file and pulled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.index import IndexKeeper
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.pull import Patience
from loaders.sources.greenhouse import SOURCE
from ontology.values import parse_instant
from queries.ask import ask
from tests.loads.tables import Loader
from tests.sources.server import Asked, Reply, Served, by_link

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "samples" / "greenhouse"
Item = dict[str, Any]


def department(id: int, name: str, parent: int | None = None) -> Item:
    return {"id": id, "name": name, "parent_id": parent, "child_ids": []}


def job(id: int = 1, **changes: Any) -> Item:
    opening = {"id": 5, "status": "closed", "closed_at": "2026-03-01T00:00:00Z", "application_id": 21}
    return {
        "id": id, "name": "Cloud engineer", "requisition_id": "r1", "status": "closed", "is_template": False,
        "opened_at": "2026-01-01T00:00:00Z", "closed_at": "2026-03-02T00:00:00Z", "updated_at": "2026-03-02T00:00:00Z",
        "departments": [department(3, "Platform", 4)], "offices": [{"id": 9, "name": "Berlin", "child_ids": []}],
        "openings": [opening], **changes,
    }  # fmt: skip


def candidate(id: int, first: str, *addresses: str, tags: Sequence[str] = ()) -> Item:
    emails = [{"value": address, "type": "personal"} for address in addresses]
    return {
        "id": id, "first_name": first, "last_name": None, "email_addresses": emails, "application_ids": [],
        "tags": list(tags), "updated_at": "2026-02-01T00:00:00Z",
    }  # fmt: skip


def application(id: int, person: int, **changes: Any) -> Item:
    return {
        "id": id, "candidate_id": person, "prospect": False, "status": "active", "jobs": [{"id": 1}],
        "applied_at": "2026-01-10T09:00:00Z", "rejected_at": None, "last_activity_at": "2026-02-10T09:00:00Z",
        "source": {"id": 2, "public_name": "Referral"}, "rejection_reason": None,
        "current_stage": {"id": 70, "name": "Phone screen"}, **changes,
    }  # fmt: skip


def card(id: int, rater: int, *attributes: tuple[str, str], overall: str = "yes", **changes: Any) -> Item:
    return {
        "id": id, "application_id": 21, "candidate_id": 11, "interview": "Onsite",
        "interview_step": {"id": 40, "name": "Onsite"}, "interviewed_at": "2026-02-05T10:00:00Z",
        "submitted_at": "2026-02-05T12:00:00Z", "updated_at": f"2026-02-06T00:00:0{id % 10}Z",
        "interviewer": {"id": rater, "name": "Dora"}, "overall_recommendation": overall,
        "attributes": [{"name": name, "type": "Skills", "rating": rating} for name, rating in attributes], **changes,
    }  # fmt: skip


def offer(id: int, application: int, status: str = "accepted", **changes: Any) -> Item:
    return {
        "id": id, "version": 1, "application_id": application, "job_id": 1, "candidate_id": 11, "status": status,
        "starts_at": "2026-04-01", "resolved_at": "2026-02-20T00:00:00Z", "updated_at": "2026-02-20T00:00:00Z",
        **changes,
    }  # fmt: skip


def company() -> dict[str, list[Item]]:
    """Ada was interviewed by a panel of three and hired, Ben withdrew."""
    left = {"id": 8, "name": "Accepted elsewhere", "type": {"id": 2, "name": "They rejected us"}}
    return {
        "departments": [department(4, "Engineering"), department(3, "Platform", 4)],
        "jobs": [job()],
        "candidates": [candidate(11, "Ada", "Ada@example.org", tags=["Python"]), candidate(12, "Ben")],
        "applications": [
            application(21, 11, status="hired"),
            application(22, 12, status="rejected", rejected_at="2026-02-09T00:00:00Z", rejection_reason=left),
        ],
        "scorecards": [
            card(31, 801, ("Kubernetes", "strong_yes"), ("SQL", "no_decision")),
            card(32, 802, ("kubernetes ", "yes"), overall="no_decision"),
            card(33, 803, ("Kubernetes", "no"), overall="no"),
        ],
        "offers": [offer(51, 21), offer(50, 21, "deprecated"), offer(52, 22, "rejected")],
    }


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Writes answers into a folder, a file each."""
    numbers = iter(range(100))

    def write(given: Mapping[str, Any]) -> Path:
        folder = tmp_path / f"answers-{next(numbers)}"
        folder.mkdir()
        for name, value in given.items():
            (folder / f"{name}.json").write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
        return folder

    return write


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None, id
    return found


def facts(store: Store, type: str, **where: str) -> dict[str, Node]:
    found = store.facts(type, {name: [value] for name, value in where.items()}, OPERATOR)
    return {each.id.partition(":")[2]: each for each in found}


def test_a_job_is_a_requisition_of_its_department(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="greenhouse")

    assert (record.rejected, record.waiting) == (0, 0)
    requisition = node(loader.store, "greenhouse-job:1").properties
    assert requisition["status"] == "closed"
    assert requisition["openings"] == 1
    assert requisition["location"] == "Berlin"
    assert requisition["org_unit"] == "greenhouse-department:3"
    assert requisition["filled_at"] == parse_instant("2026-03-01")[0]
    assert node(loader.store, "greenhouse-department:3").properties["part_of"] == "greenhouse-department:4"


def test_without_a_list_of_departments_a_job_states_its_own(loader: Loader, put: Any) -> None:
    record = loader.folder(put({"jobs": [job(1), job(2)]}), source="greenhouse")

    assert (record.written, record.waiting) == (3, 0)
    assert node(loader.store, "greenhouse-department:3").properties["label"] == "Platform"


def test_a_candidate_is_an_external_learner_known_by_address(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="greenhouse")

    learner = node(loader.store, "greenhouse-candidate:11").properties
    assert (learner["label"], learner["kind"]) == ("Ada", "external")
    ((id, identity),) = facts(loader.store, "Identity", learner="greenhouse-candidate:11").items()
    assert (identity.properties["system"], identity.properties["value"]) == ("email", "Ada@example.org")
    assert "ada" not in id.lower()


def test_an_application_says_how_it_came_and_ended(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="greenhouse")

    ada = facts(loader.store, "Application", learner="greenhouse-candidate:11")["21"].properties
    ben = facts(loader.store, "Application", learner="greenhouse-candidate:12")["22"].properties
    assert (ada["outcome"], ada["channel"], "closed_at" in ada) == ("hired", "Referral", False)
    assert (ben["outcome"], "closed_at" in ben) == ("withdrawn", True)
    (stage,) = facts(loader.store, "StageEvent", application="greenhouse-application:22").values()
    assert (stage.properties["stage"], stage.properties["outcome"]) == ("Phone screen", "withdrawn")
    assert stage.properties["reason"] == "Accepted elsewhere"
    assert record.flags == {"stage-about": 2}


def test_cards_of_one_interview_are_one_evidence_with_a_rating_a_rater(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="greenhouse")

    (evidence,) = facts(loader.store, "Evidence", learner="greenhouse-candidate:11").values()
    assert (evidence.id, evidence.properties["kind"]) == ("greenhouse-interview:21.40", "interview")
    ratings = facts(loader.store, "Rating", evidence=evidence.id).values()
    of_skill = {each.properties["rater"]: each.properties["level"] for each in ratings if "skill" in each.properties}
    assert of_skill == {
        f"greenhouse-user:{rater}": level * 1_000_000 for rater, level in ((801, 5), (802, 4), (803, 2))
    }
    assert {each.properties["skill"] for each in ratings if "skill" in each.properties} == {
        "greenhouse-word:kubernetes"
    }
    overall = {each.properties["rater"]: each.properties["level"] for each in ratings if "skill" not in each.properties}
    assert overall == {"greenhouse-user:801": 4_000_000, "greenhouse-user:803": 2_000_000}
    assert record.skips is not None
    assert record.skips["no-decision"] == 2


def test_the_panel_agrees_on_the_lower_median(loader: Loader, put: Any) -> None:
    """Strong yes, yes and no: the middle one, read on the home scale, is practitioner."""
    loader.folder(put(company()), source="greenhouse")

    keeper = IndexKeeper(loader.store, Settings())
    answer = ask(loader.store, keeper, OPERATOR, "person-skills", {"person": "greenhouse-candidate:11"})

    assert [(row["skill"], row["level"], row["class"]) for row in answer.rows] == [
        ("greenhouse-word:kubernetes", 2, "shown")
    ]


def test_an_accepted_offer_is_a_hire(loader: Loader, put: Any) -> None:
    record = loader.folder(put(company()), source="greenhouse")

    ((id, hire),) = facts(loader.store, "Hire", learner="greenhouse-candidate:11").items()
    assert (id, hire.properties["application"]) == ("21", "greenhouse-application:21")
    assert record.skips is not None
    assert record.skips["not-accepted"] == 2


def test_words_have_their_first_spelling(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="greenhouse")

    word = node(loader.store, "greenhouse-word:kubernetes").properties
    assert (word["label"], word["type"]) == ("Kubernetes", "word")
    assert loader.there("greenhouse-word:python", "greenhouse-word:sql") == [True, False]


def test_the_same_again_changes_nothing(loader: Loader, put: Any) -> None:
    loader.folder(put(company()), source="greenhouse")
    number = loader.store.number()

    again = loader.folder(put(company()), source="greenhouse")

    assert (again.written, loader.store.number()) == (0, number)


def test_posts_offices_templates_and_prospects_are_left_out_by_name(loader: Loader, put: Any) -> None:
    post = {"id": 6, "first_published_at": "2026-01-01T00:00:00Z", "job_id": 1, "content": "<p>Join us</p>"}
    office = {"id": 9, "name": "Berlin", "child_ids": [], "location": {"name": "Berlin"}}
    jobs = [job(1), job(2, is_template=True)]
    given = company() | {"job_posts": [post], "offices": [office], "jobs": jobs}
    given["applications"].append(application(23, 12, prospect=True, jobs=[]))

    record = loader.folder(put(given), source="greenhouse")

    assert record.skips is not None
    assert {rule: record.skips[rule] for rule in ("no-job", "template", "prospect")} == {
        "no-job": 2,
        "template": 1,
        "prospect": 1,
    }


@pytest.mark.parametrize(
    ("name", "item", "field", "reason"),
    [
        ("jobs", job(1, status="paused"), "status", "paused"),
        ("jobs", job(1, opened_at="yesterday"), "opened_at", "yesterday"),
        ("jobs", job(1, openings="two"), "openings", "a list belongs there"),
        ("candidates", {**candidate(11, "Ada"), "id": None}, "id", "empty"),
        ("candidates", {**candidate(11, "Ada"), "tags": [{"id": 1}]}, "name", "one value belongs"),
        ("applications", application(21, 11, applied_at=None), "applied_at", "empty"),
        ("applications", application(21, 11, jobs=[]), "requisition", "empty"),
        ("applications", application(21, 11, jobs=[1]), "jobs", "no object"),
        ("scorecards", card(31, 801, ("SQL", "excellent")), "rating", "excellent"),
        ("scorecards", card(31, 801, ("", "yes")), "_word", "empty"),
        ("offers", offer(51, 21, starts_at="soon"), "_started_at", "soon"),
    ],
)
def test_a_bad_item_is_rejected_with_its_field_and_the_others_go_in(
    loader: Loader, put: Any, name: str, item: Item, field: str, reason: str
) -> None:
    given = company()
    good = {key: [*values] for key, values in given.items()}
    good[name] = [each for each in good[name] if each["id"] != item["id"]]

    record = loader.folder(put({**good, name: [*good[name], item]}), source="greenhouse")

    assert record.rejected >= 1
    assert any(row.field == field and reason in f"{row.reason} {row.value}" for row in loader.held()), loader.held()
    assert loader.there("greenhouse-department:4") == [True]


def test_what_refers_to_something_unknown_waits_and_arrives(loader: Loader, put: Any) -> None:
    given = company()
    people = {"candidates": given.pop("candidates")}
    assert loader.folder(put(given), source="greenhouse").waiting > 0

    record = loader.folder(put(people), source="greenhouse", partial=True)

    assert record.flags is not None
    assert record.flags["arrived"] > 0
    assert list(facts(loader.store, "Hire", learner="greenhouse-candidate:11")) == ["21"]


def test_a_time_without_a_zone_is_utc_and_flagged(loader: Loader, put: Any) -> None:
    record = loader.folder(put({"jobs": [job(1, opened_at="2026-01-01T00:00:00")]}), source="greenhouse")

    assert record.flags == {"no-zone": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"outcome_results": []}]', "looks like Canvas outcome results, not Greenhouse"),
        ('{"message": "hello"}', "does not look like Greenhouse"),
        ("[1, 2]", "does not look like Greenhouse"),
        ('[{"id": 1', "is no JSON"),
        ("[" * 600 + "]" * 600, "deep"),
        ("", "is empty"),
    ],
)
def test_what_is_no_answer_of_harvest_says_what_it_seems(loader: Loader, put: Any, text: str, told: str) -> None:
    with pytest.raises(LoadError, match=told):
        loader.folder(put({"things": text}), source="greenhouse")


def test_two_that_contradict_each_other_are_both_rejected(loader: Loader, put: Any) -> None:
    two = [candidate(11, "Ada"), candidate(11, "Eve")]
    assert loader.folder(put({"candidates": two}), source="greenhouse").rejected == 2


def test_a_mended_row_is_replayed(loader: Loader, put: Any, tmp_path: Path) -> None:
    from loaders.replay import write_csv

    given = company()
    given["scorecards"] = [card(31, 801, ("Kubernetes", "excellent"))]
    loader.folder(put(given), source="greenhouse")
    with (tmp_path / "mended.csv").open("w") as file:
        write_csv(loader.held(), file)
    mended = (tmp_path / "mended.csv").read_text().replace("excellent", "yes")
    (tmp_path / "mended.csv").write_text(mended)

    record = load(loader.store, LoadRequest("greenhouse", replay=tmp_path / "mended.csv"))

    assert (record.written, loader.held()) == (1, [])


def test_the_published_samples_are_read(loader: Loader) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("no ../shared/data/samples/greenhouse here")
    record = loader.folder(SAMPLES, source="greenhouse")

    assert (record.read, record.rejected) == (27, 0)
    assert record.skips == {"prospect": 1, "no-job": 1, "not-accepted": 1}
    assert loader.there("greenhouse-job:6404", "greenhouse-candidate:53883394") == [True, True]


class Harvest:
    """The API, which answers with whatever the company has at that moment."""

    def __init__(self, served: Served) -> None:
        self.served, self.has = served, company()
        for name in self.has:
            served.serve(f"/v1/{name}", self._answers(name))

    def _answers(self, name: str) -> Any:
        def answer(asked: Asked) -> Reply:
            field = "last_activity_at" if name == "applications" else "updated_at"
            since = asked.fields.get("updated_after") or asked.fields.get("last_activity_after") or ""
            return by_link([each for each in self.has[name] if str(each.get(field, "9")) >= since], 2)(asked)

        return answer

    def pull(self, store: Store, **options: Any) -> LoadRecord:
        assert SOURCE.pull is not None
        source = replace(SOURCE, pull=replace(SOURCE.pull, patience=Patience(tries=4, backoff=0.01, longest=0.02)))
        return load(store, LoadRequest(source, address=f"{self.served.origin}/v1", **options))


@pytest.fixture
def harvest(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harvest]:
    monkeypatch.setenv("SKILLGRAPH_GREENHOUSE_TOKEN", "s3cret")
    with Served() as served:
        yield Harvest(served)


def test_a_pull_and_its_files_make_the_same_graph(
    put: Any, harvest: Harvest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLGRAPH_SECRET", "of-both-deployments-one-and-the-same")
    one, other = (open_store(f"sqlite:{tmp_path / name}", create=True) for name in ("filed.db", "pulled.db"))
    load(one, LoadRequest("greenhouse", (put(company()),)))

    record = harvest.pull(other)

    assert record.complete
    assert digest(other) == digest(one)
    one.close()
    other.close()
    assert {asked.headers["Authorization"] for asked in harvest.served.asked} == {"Basic czNjcmV0Og=="}


def test_a_later_pull_brings_what_changed_and_loses_nothing(store: Store, harvest: Harvest) -> None:
    harvest.pull(store)
    harvest.has["applications"][1] |= {
        "last_activity_at": "2026-05-01T00:00:00Z",
        "status": "active",
        "rejected_at": None,
    }
    harvest.has["candidates"] = []
    harvest.served.befalls("/v1/applications", Reply(429, headers={"Retry-After": "0"}), Reply(200, b"[{", cut=1))

    record = harvest.pull(store)

    assert not record.complete
    assert "outcome" not in facts(store, "Application", learner="greenhouse-candidate:12")["22"].properties
    assert store.types_of(["greenhouse-candidate:11"]) == ["Learner"]


def test_two_instances_have_names_tokens_and_cursors_of_their_own(
    store: Store, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LoadError, match="SKILLGRAPH_ATS_BERLIN_TOKEN"):
        harvest.pull(store, name="ats-berlin")
    monkeypatch.setenv("SKILLGRAPH_ATS_BERLIN_TOKEN", "other")
    assert harvest.pull(store, name="ats-berlin").complete
    assert store.ledger.cursors("greenhouse") == {}


def test_only_an_accepted_offer_is_a_hire_whatever_else_it_is_called(loader: Loader, put: Any) -> None:
    record = loader.folder(put({**company(), "offers": [offer(51, 21, "sent"), offer(52, 22)]}), source="greenhouse")

    assert record.rejected == 0
    assert (record.skips or {})["not-mapped"] == 1
    assert loader.there("greenhouse-hire:21", "greenhouse-hire:22") == [False, True]


WRONG_TYPES: dict[str, tuple[str, Item]] = {
    "an address": ("candidates", {**candidate(13, "Cleo"), "email_addresses": [{"value": ["c@example.org"]}]}),
    "tags": ("candidates", {**candidate(13, "Cleo"), "tags": 5}),
    "the key of a department": ("departments", {**department(5, "Bakery"), "id": {"x": 1}}),
    "the day an opening was closed": (
        "jobs",
        job(2, openings=[{"application_id": 21, "closed_at": {"at": 1}}, {"application_id": 22, "closed_at": "2026"}]),
    ),
}


@pytest.mark.parametrize(("name", "item"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_what_is_of_another_type_is_rejected_and_the_others_go_in(
    loader: Loader, put: Any, name: str, item: Item
) -> None:
    good = company()

    record = loader.folder(put({**good, name: [*good[name], item]}), source="greenhouse")

    assert (record.rejected, len(loader.held())) == (1, 1)
    assert loader.there("greenhouse-candidate:11", "greenhouse-job:1") == [True, True]
