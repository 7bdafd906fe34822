"""Evidence intake: the same rows in any order give the same graph, every row is told, the next answer counts it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from graph.digest import digest
from tests.api.conftest import DAY, Served, problem

ROW = {
    "id": "lms:1",
    "learner": "person:eve",
    "kind": "work_sample",
    "skill": "skill:linux",
    "level": 2,
    "shown_at": "2024-12-01",
    "verification": "verified",
    "version": 1,
}
RATED = {
    "evidence": [
        {"id": "lms:panel", "learner": "person:eve", "kind": "interview", "shown_at": "2024-12-01", "version": 1}
    ],
    "ratings": [
        {"id": f"lms:panel-{rater}", "evidence": "lms:panel", "rater": f"person:{rater}", "skill": "skill:linux",
         "level": level, "rated_at": "2024-12-01", "version": 1}
        for rater, level in (("ada", 3), ("ben", 2), ("cleo", 2))
    ],
}  # fmt: skip


def held(client: httpx.Client, person: str) -> dict[str, int]:
    answer = client.get(f"/v1/person-skills?person={person}&as_of={DAY}").json()
    return {row["skill"]: row["level"] for row in answer["rows"]}


def outcomes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["read"] == sum(body[name] for name in ("written", "unchanged", "skipped", "waiting", "rejected"))
    return [row["outcome"] for row in body["rows"]]


def test_a_batch_is_counted_by_the_next_answer(writer: httpx.Client) -> None:
    assert held(writer, "person:eve") == {}
    sent = writer.post("/v1/evidence", json=[ROW])
    assert outcomes(sent) == ["accepted"]
    assert sent.json()["source"] == "lms"
    assert held(writer, "person:eve") == {"skill:linux": 2}
    answer = writer.get(f"/v1/person-skills?person=person:eve&as_of={DAY}").json()
    assert answer["version"] >= sent.json()["version"]


def test_the_same_batch_again_changes_nothing(served: Served, writer: httpx.Client) -> None:
    writer.post("/v1/evidence", json=[ROW])
    number, before = served.store.number(), digest(served.store)
    again = writer.post("/v1/evidence", json=[ROW])
    assert (again.json()["written"], again.json()["unchanged"]) == (0, 1)
    assert (served.store.number(), digest(served.store)) == (number, before)


def test_the_higher_version_stands_whichever_comes_first(served: Served, writer: httpx.Client) -> None:
    newer = {**ROW, "version": 2, "level": 1}
    writer.post("/v1/evidence", json=[newer])
    late = writer.post("/v1/evidence", json=[ROW])
    assert late.json()["skipped"] + late.json()["unchanged"] == 1
    assert held(writer, "person:eve") == {"skill:linux": 1}


def test_ratings_come_with_their_evidence(writer: httpx.Client) -> None:
    sent = writer.post("/v1/evidence", json=RATED)
    assert outcomes(sent) == ["accepted"] * 4
    assert [row["type"] for row in sent.json()["rows"]] == ["Evidence", "Rating", "Rating", "Rating"]
    assert held(writer, "person:eve") == {"skill:linux": 2}


def test_each_row_is_told_what_became_of_it(writer: httpx.Client) -> None:
    rows: list[Any] = [
        ROW,
        {**ROW, "id": "lms:2", "level": 9},
        {**ROW, "id": "lms:3", "shown_at": "2025-02-30"},
        {**ROW, "id": "lms:4", "learner": "person:not-here-yet"},
        {**ROW, "id": "lms:5", "kind": "hearsay"},
        "no row",
        {**ROW, "id": "lms:6", "skill": "skill:\x00"},
        {**ROW, "id": "ada@example.org"},
        {**ROW, "id": "lms:8", "levle": 2},
        {**ROW, "id": "lms:9", "skill": {"id": "skill:linux"}},
        {**ROW, "id": ["lms:10"]},
        {"id": "lms:11"},
        {},
    ]
    sent = writer.post("/v1/evidence", json=rows)
    told = sent.json()["rows"]
    assert [row["outcome"] for row in told] == ["accepted", *["rejected"] * 2, "waiting", *["rejected"] * 9]
    assert [row["row"] for row in told] == list(range(1, 14))
    assert all(row["reason"] for row in told if row["outcome"] != "accepted")
    assert (told[1]["field"], told[1]["value"]) == ("level", "9")
    assert "did you mean 'level'?" in told[8]["reason"]
    assert sent.json()["rejected"] == 11


def test_a_waiting_row_is_taken_when_what_it_waits_for_arrives(served: Served, writer: httpx.Client) -> None:
    from loaders.load import load_rows

    assert outcomes(writer.post("/v1/evidence", json=[{**ROW, "learner": "person:new"}])) == ["waiting"]
    load_rows(served.store, "hr", {"Learner": [{"id": "person:new", "kind": "external"}]})
    assert held(writer, "person:new") == {"skill:linux": 2}


def test_lines_are_read_one_by_one(writer: httpx.Client) -> None:
    lines = [json.dumps(ROW), "", "{broken", json.dumps({**ROW, "id": "lms:2"}), '{"id": "a", "id": "b"}', "NaN", "[1]"]
    sent = writer.post(
        "/v1/evidence", content="\n".join(lines).encode(), headers={"Content-Type": "application/x-ndjson"}
    )
    assert outcomes(sent) == ["accepted", "rejected", "accepted", "rejected", "rejected", "rejected"]
    assert [row["row"] for row in sent.json()["rows"]] == [1, 3, 4, 5, 6, 7]


def test_decimals_are_read_as_they_are_written(writer: httpx.Client) -> None:
    drill = {"id": "lms:drill", "learner": "person:eve", "kind": "assessment", "about": "assessment:drill"}
    text = json.dumps({**drill, "shown_at": "2024-12-01", "score": 0.7})
    for score, level in (("0.700000", 2), ("0.699999", 1)):
        version = {"0.700000": 1, "0.699999": 2}[score]
        body = text.replace("0.7}", f'{score}, "version": {version}}}')
        assert outcomes(writer.post("/v1/evidence", content=f"[{body}]", headers={"Content-Type": "application/json"}))
        assert held(writer, "person:eve") == {"skill:incident": level}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"evidence": {}}, "evidence"),
        ({"proofs": []}, "proofs"),
        ({"evidence": [], "ratings": 1}, "ratings"),
    ],
)
def test_what_is_no_batch_is_refused_whole(writer: httpx.Client, body: Any, field: str) -> None:
    told = problem(writer.post("/v1/evidence", json=body), 422)
    assert field in told["detail"]


def test_an_empty_batch_is_nothing(writer: httpx.Client) -> None:
    bodies: list[Any] = [[], {}, {"evidence": [], "ratings": []}]
    for body in bodies:
        sent = writer.post("/v1/evidence", json=body)
        assert (sent.status_code, sent.json()["read"], sent.json()["load"]) == (200, 0, None)


def test_a_key_without_a_source_name_states_nothing(served: Served) -> None:
    with served.client(served.key("load")) as client:
        assert "source name" in problem(client.post("/v1/evidence", json=[ROW]), 403)["detail"]


def test_a_key_of_org_units_states_facts_of_its_people_only(served: Served) -> None:
    """Ben and Dan are outside the platform unit; they and nobody at all are told in the same words."""
    secret = served.key("load", "match", units=frozenset({"unit:platform"}), source="lms")
    people = ["person:ada", "person:ben", "person:nobody"]
    rows = [{**ROW, "id": f"lms:{person[7:]}", "learner": person} for person in people]
    taken_over = {**ROW, "id": "lms:of-ben", "learner": "person:ada", "version": 9}
    with served.client() as whole:
        whole.post("/v1/evidence", json=[{**ROW, "id": "lms:of-ben", "learner": "person:ben"}])
    with served.client(secret) as client:
        sent = client.post("/v1/evidence", json=[*rows, taken_over])
    told = sent.json()["rows"]
    assert [row["outcome"] for row in told] == ["accepted", "rejected", "rejected", "rejected"]
    assert told[1]["reason"] == told[2]["reason"]
    assert sent.json()["waiting"] == 0


def test_many_batches_at_once_are_all_taken(served: Served) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(number: int) -> httpx.Response:
        with served.client() as client:
            return client.post("/v1/evidence", json=[{**ROW, "id": f"lms:{number}-{row}"} for row in range(20)])

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert all(outcomes(answer) == ["accepted"] * 20 for answer in answers)
    assert len(served.store.facts("Evidence", {"learner": ["person:eve"]}, served_viewer())) == 480


def served_viewer() -> Any:
    from graph.viewer import OPERATOR

    return OPERATOR
