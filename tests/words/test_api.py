"""`/v1/words`: words listed and decided over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from graph.store import Store
from graph.words.state import WORDS
from loaders.load import load_rows
from tests.api.conftest import Served, logged, problem, serving

__all__ = ["logged"]

LINUX, CLUSTERS = "ats-word:linux~20admin", "ats-word:clusters"
DECISION = f"/v1/words/{CLUSTERS}/decision"


@pytest.fixture
def served(company: Store) -> Iterator[Served]:
    said = {LINUX: "linux administration", CLUSTERS: "Kubernets clusters"}
    load_rows(company, "ats", {"Skill": [{"id": id, "label": label, "type": "word"} for id, label in said.items()]})
    load_rows(company, "lms", {"Skill": [{"id": "lms-word:shell", "label": "shelling", "type": "word"}]})
    with serving(company) as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client(served.key("load")) as opened:
        yield opened


def test_words_with_what_they_mean_and_may_mean(client: httpx.Client) -> None:
    answer = client.get("/v1/words?open=false&limit=2").json()
    assert (answer["total"], [row["word"] for row in answer["words"]]) == (3, [CLUSTERS, LINUX])
    clusters, linux = answer["words"]
    assert [(each["skill"], each["by"]) for each in linux["meanings"]] == [("skill:linux", "rule")]
    assert clusters["suggestions"][0]["skill"] == "skill:k8s"
    assert [row["word"] for row in client.get("/v1/words?open=true&source=ats").json()["words"]] == [CLUSTERS]


def test_a_word_is_decided_and_the_decision_is_taken_back(client: httpx.Client) -> None:
    said = client.put(DECISION, json={"verdict": "accepted", "skill": "skill:k8s"}).json()
    assert (said["verdict"], said["meanings"]) == (
        "accepted",
        [{"skill": "skill:k8s", "label": "Kubernetes", "by": "person"}],
    )
    assert client.put(DECISION, json={"verdict": "rejected", "skill": "skill:k8s"}).json()["meanings"] == []
    assert client.put(DECISION, json={"verdict": "no_skill"}).json()["verdict"] == "no_skill"
    assert client.delete(DECISION).json()["verdict"] == ""
    assert problem(client.delete(DECISION), 422)["field"] == "id"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"verdict": "perhaps"}, "verdict"),
        ({"verdict": ["accepted"], "skill": "skill:k8s"}, "verdict"),
        ({"verdict": "accepted"}, "skill"),
        ({"verdict": "accepted", "skill": 7}, "skill"),
        ({"verdict": "accepted", "skill": "skill:nothing"}, "skill"),
        ({"verdict": "accepted", "skill": LINUX}, "skill"),
        ({"verdict": "accepted", "skill": "not an id"}, "skill"),
        ({"verdict": "no_skill", "skill": None}, "skill"),
        ({"verdict": "no_skill", "why": "so"}, "why"),
    ],
)
def test_what_cannot_be_decided_is_told_by_its_field(client: httpx.Client, body: object, field: str) -> None:
    assert problem(client.put(DECISION, json=body), 422)["field"] == field


@pytest.mark.parametrize("id", ["ats-word:nothing", "skill:linux", "not~an~id", "person:ada"])
def test_what_is_no_word_is_not_found(client: httpx.Client, id: str) -> None:
    problem(client.put(f"/v1/words/{id}/decision", json={"verdict": "no_skill"}), 404)
    problem(client.delete(f"/v1/words/{id}/decision"), 404)


def test_a_key_with_a_source_name_sees_and_decides_its_own_words(served: Served) -> None:
    with served.client(served.key("load", source="lms")) as client:
        assert [row["word"] for row in client.get("/v1/words").json()["words"]] == ["lms-word:shell"]
        problem(client.get("/v1/words?source=ats"), 403)
        problem(client.put(DECISION, json={"verdict": "no_skill"}), 404)
        assert client.put("/v1/words/lms-word:shell/decision", json={"verdict": "no_skill"}).status_code == 200


def test_while_another_matches_words_nothing_is_decided_and_nobody_waits_for_long(
    served: Served, client: httpx.Client
) -> None:
    said = client.put(DECISION, json={"verdict": "no_skill"}).json()
    bodies = [{"verdict": "accepted", "skill": "skill:k8s"}, {"verdict": "rejected", "skill": "skill:k8s"}, None]

    def decide(body: object) -> httpx.Response:
        return client.put(DECISION, json=body) if body else client.delete(DECISION)

    with served.store.hold(WORDS), ThreadPoolExecutor() as threads:
        begun = time.monotonic()
        refused = list(threads.map(decide, bodies))
        seconds = time.monotonic() - begun
    for answer in refused:
        problem(answer, 503)
        assert int(answer.headers["Retry-After"]) <= 5
    assert seconds < 15
    time.sleep(0.2)  # for one that would still wait
    assert client.get("/v1/words?source=ats").json()["words"][0] == said


def test_a_key_limited_to_org_units_has_no_words(served: Served) -> None:
    with served.client(served.key("load", units=frozenset({"unit:platform"}))) as client:
        problem(client.get("/v1/words"), 403)
        problem(client.put(DECISION, json={"verdict": "no_skill"}), 403)
        problem(client.delete(DECISION), 403)
