"""xAPI by push: statements are taken in and given back as a learning record store does, and become evidence."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.access import access
from graph.settings import Settings
from graph.store import Change
from graph.viewer import OPERATOR
from graph.words.state import WORDS
from loaders.load import LoadRequest, load, load_rows
from tests.api.conftest import DAY, Served, problem

ADL = "http://adlnet.gov/expapi/verbs/"
COURSE, LAB = "http://localhost:8000/id/course:linux", "http://localhost:8000/id/assessment:drill"
ID = "6f1c1b0c-3c61-4b57-8a2b-0d5c1f9a7e{:02x}"
ADA = {"account": {"homePage": "https://lms.example", "name": "ada"}}
Statement = dict[str, Any]


def said(number: int, verb: str = f"{ADL}completed", **more: Any) -> Statement:
    """A statement of Ada's about the course."""
    return {
        "id": ID.format(number),
        "actor": ADA,
        "verb": {"id": verb},
        "object": {"id": COURSE},
        "timestamp": "2024-11-01T09:30:00Z",
        **more,
    }


def voids(number: int, target: int) -> Statement:
    reference = {"objectType": "StatementRef", "id": ID.format(target)}
    return said(number, f"{ADL}voided", object=reference, timestamp="2024-11-02T09:30:00Z")


@pytest.fixture
def lrs(writer: httpx.Client) -> httpx.Client:
    writer.headers["X-Experience-API-Version"] = "2.0.0"
    return writer


@pytest.fixture
def asker(client: httpx.Client) -> httpx.Client:
    """Of the store that all tests read: what is refused leaves it as it is."""
    client.headers["X-Experience-API-Version"] = "2.0.0"
    return client


def evidence(served: Served) -> list[Mapping[str, Any]]:
    found = served.store.facts("Evidence", {"kind": ["completion", "assessment"]}, OPERATOR)
    return [node.properties for node in found if node.id.startswith("xapi-")]


def sent(lrs: httpx.Client, *statements: Statement) -> list[str]:
    answer = lrs.post("/xapi/statements", json=list(statements))
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.json()
    return ids


def got(lrs: httpx.Client, **query: Any) -> list[Statement]:
    answer = lrs.get("/xapi/statements", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Statement] = answer.json()["statements"]
    return found


def test_a_batch_is_answered_with_its_ids_in_order_and_becomes_evidence(served: Served, lrs: httpx.Client) -> None:
    nameless = said(2, f"{ADL}passed", object={"id": LAB}, result={"score": {"scaled": 0.8}})
    del nameless["id"]
    first, second = sent(lrs, said(1), nameless)
    assert (first, len(second)) == (ID.format(1), 36)
    told = {(fact["kind"], fact["about"], fact.get("score")) for fact in evidence(served)}
    assert told == {
        ("completion", "course:linux", None),
        ("completion", "assessment:drill", None),
        ("assessment", "assessment:drill", 800_000),
    }


def test_one_statement_may_be_sent_by_itself(lrs: httpx.Client) -> None:
    assert lrs.post("/xapi/statements", json=said(1)).json() == [ID.format(1)]


def test_the_next_answer_counts_what_was_pushed(served: Served, lrs: httpx.Client) -> None:
    sent(lrs, said(1))
    learner = evidence(served)[0]["learner"]
    rows = lrs.get(f"/v1/person-skills?person={learner}&as_of={DAY}").json()["rows"]
    assert [row["skill"] for row in rows]


def test_a_statement_is_given_back_as_it_was_with_what_the_store_says_of_it(lrs: httpx.Client) -> None:
    whole = said(
        1,
        actor={"objectType": "Agent", "name": "Ada", **ADA},
        result={"success": True, "duration": "PT1H"},
        context={"instructor": {"mbox": "mailto:ben@example.org", "objectType": "Agent"}},
    )
    sent(lrs, whole)
    answer = lrs.get("/xapi/statements", params={"statementId": ID.format(1)})
    found = answer.json()
    assert {name: found[name] for name in whole} == whole
    assert found["stored"].endswith("Z")
    assert found["version"] == "1.0.0"
    assert found["authority"]["account"]["name"] == "lms"
    assert answer.headers["etag"]
    assert answer.headers["last-modified"]
    assert answer.headers["x-experience-api-consistent-through"]


def test_the_same_statement_again_is_no_fault_and_another_is_a_conflict(served: Served, lrs: httpx.Client) -> None:
    sent(lrs, said(1))
    number = served.store.number()
    assert sent(lrs, said(1)) == [ID.format(1)]
    assert served.store.number() == number
    other = [said(2), said(1, f"{ADL}failed")]
    assert ID.format(1) in problem(lrs.post("/xapi/statements", json=other), 409)["value"]
    assert len(got(lrs)) == 1


def test_put_stores_under_the_id_of_the_address(lrs: httpx.Client) -> None:
    nameless = said(1)
    del nameless["id"]
    address = f"/xapi/statements?statementId={ID.format(1)}"
    assert lrs.put(address, json=nameless).status_code == 204
    assert lrs.put(address, json=nameless).status_code == 204
    problem(lrs.put(address, json={**nameless, "verb": {"id": f"{ADL}failed"}}), 409)
    problem(lrs.put(address, json=said(2)), 400)
    problem(lrs.put("/xapi/statements", json=nameless), 400)


def test_a_batch_with_one_bad_statement_is_refused_whole(served: Served, lrs: httpx.Client) -> None:
    bad = said(2, result={"score": {"scaled": 1.5}})
    told = problem(lrs.post("/xapi/statements", json=[said(1), bad]), 400)
    assert "scaled" in told["field"]
    assert got(lrs) == []
    assert evidence(served) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": {}}, "actor"),
        ({"actor": {**ADA, "mbox": "mailto:ada@example.org"}}, "actor"),
        ({"actor": {"mbox": "ada@example.org"}}, "actor.mbox"),
        ({"verb": {"id": "completed"}}, "verb.id"),
        ({"object": {}}, "object.id"),
        ({"object": {"objectType": "Thing", "id": COURSE}}, "object.objectType"),
        ({"id": "1"}, "id"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2025-03-01"}, "timestamp"),
        ({"version": "0.9"}, "version"),
        ({"context": {"registration": "7"}}, "context.registration"),
        ({"result": {"score": {"raw": 5, "max": 4}}}, "result.score.raw"),
        ({"result": {"score": {"raw": "5"}}}, "result.score.raw"),
        ({"result": {"success": "yes"}}, "result.success"),
        ({"result": None}, "result"),
        ({"Verb": {}}, "Verb"),
        ({"object": {"objectType": "StatementRef"}}, "object.id"),
        ({"attachments": [{}]}, "attachments[0].usageType"),
        ({"actor": {**ADA, "account": {"homePage": "https://lms.example", "name": "\x00"}}}, "actor.account"),
        ({"object": {"id": f"https://lms.example/{'x' * 3000}"}}, "object.id"),
    ],
)
def test_what_is_no_statement_is_told_with_its_place(asker: httpx.Client, change: Statement, field: str) -> None:
    assert problem(asker.post("/xapi/statements", json=said(1) | change), 400)["field"].endswith(field)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[", b"null", b"7", b'"x"', b"[[]]", b"[null]", b"NaN", b'{"actor": NaN}', b'{"a": 1, "a": 2}',
        b'{"a": "\\ud800"}', b"\xff\xfe", b"[" * 600 + b"]" * 600,
    ],
)  # fmt: skip
def test_what_is_no_json_is_400(asker: httpx.Client, body: bytes) -> None:
    answer = asker.post("/xapi/statements", content=body, headers={"Content-Type": "application/json"})
    problem(answer, 400)


def test_a_key_given_twice_is_400_however_long_the_rest_is(asker: httpx.Client) -> None:
    whole = json.dumps(said(1), separators=(",", ":"))
    body = f'{whole[:-1]},"context":{{"extensions":{{"a:x":1e8,"a:a":1,"a:a":2}}}}}}'
    problem(asker.post("/xapi/statements", content=body, headers={"Content-Type": "application/json"}), 400)


def test_a_body_that_is_too_large_and_one_of_another_type_are_refused(asker: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    problem(asker.post("/xapi/statements", content=b" " * (2 << 20), headers=headers), 413)
    problem(asker.post("/xapi/statements", content=b"--x", headers={"Content-Type": "multipart/mixed"}), 415)


def test_the_version_header_is_needed_and_answered(asker: httpx.Client) -> None:
    del asker.headers["X-Experience-API-Version"]
    answer = asker.get("/xapi/statements")
    problem(answer, 400)
    assert answer.headers["x-experience-api-version"] == "2.0.0"
    for asked, answered in (("1.0.1", "1.0.3"), ("1.0", "1.0.3"), ("2.0.0", "2.0.0")):
        answer = asker.get("/xapi/statements", headers={"X-Experience-API-Version": asked})
        assert answer.headers["x-experience-api-version"] == answered
    problem(asker.get("/xapi/statements", headers={"X-Experience-API-Version": "0.95"}), 400)
    assert "2.0.0" in asker.get("/xapi/about").json()["version"]


def test_statements_come_newest_first_page_by_page(lrs: httpx.Client) -> None:
    for number in range(1, 4):
        sent(lrs, said(3 * number), said(3 * number + 1), said(3 * number + 2))
    ids = [ID.format(number) for number in range(3, 12)]
    for ascending in (False, True):
        found: list[str] = []
        address = f"/xapi/statements?limit=2&ascending={str(ascending).lower()}"
        while address:
            answer = lrs.get(address).json()
            found += [each["id"] for each in answer["statements"]]
            address = answer["more"]
        assert found == (ids if ascending else ids[::-1])


@pytest.mark.parametrize("ascending", [False, True])
def test_pages_of_a_person_lose_and_repeat_nothing_while_others_are_sent_and_voided(
    lrs: httpx.Client, ascending: bool
) -> None:
    for number in range(1, 7):
        sent(lrs, said(number))
    numbers = list(range(1, 7)) if ascending else list(range(6, 0, -1))
    query = {"agent": json.dumps(ADA), "limit": "2", "ascending": str(ascending).lower()}
    first = lrs.get("/xapi/statements", params=query).json()
    ben = {"mbox": "mailto:ben@example.org"}
    sent(lrs, said(7), said(8), *({**voids(9 + each, numbers[each]), "actor": ben} for each in (1, 3)))
    found, address = first["statements"], first["more"]
    while address:
        answer = lrs.get(address).json()
        found, address = found + answer["statements"], answer["more"]
    left = [*numbers[:3], *numbers[4:], *([7, 8] if ascending else [])]
    assert [each["id"] for each in found] == [ID.format(number) for number in left]


def test_a_cursor_beyond_what_is_there_costs_nothing(
    served: Served, lrs: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(lrs, said(1))
    changes, asked = served.store.changes, []

    def counted(since: int, limit: int = 1000) -> list[Change]:
        asked.append(since)
        return changes(since, limit)

    monkeypatch.setattr(served.store, "changes", counted)
    assert [each["id"] for each in got(lrs, cursor="1000000-0")] == [ID.format(1)]
    assert len(asked) < 10


@pytest.mark.parametrize(
    "change",
    [
        {"context": None},
        {"context": {"contextActivities": "x"}},
        {"context": {"contextActivities": {"parent": [1]}}},
        {"context": {"contextActivities": {"parent": [{"id": []}]}}},
        {"object": {"objectType": "SubStatement", "object": "x"}},
    ],
)
def test_what_a_file_brought_bent_is_given_back(
    served: Served, lrs: httpx.Client, tmp_path: Path, change: Statement
) -> None:
    path = tmp_path / "statements.jsonl"
    path.write_text(json.dumps(said(1) | change) + "\n", "utf-8")
    assert load(served.store, LoadRequest("xapi", (path,))).rejected == 0
    sent(lrs, said(2, context={"contextActivities": {"parent": [{"id": LAB}]}}))
    assert [each["id"] for each in got(lrs, activity=LAB, related_activities="true")] == [ID.format(2)]
    for form in ("exact", "ids"):
        assert len(got(lrs, format=form)) == 2


def test_statements_are_found_by_what_they_say(lrs: httpx.Client) -> None:
    ben = {"mbox": "mailto:ben@example.org"}
    sent(lrs, said(1), said(2, f"{ADL}failed", actor=ben), said(3, object={"id": LAB}))
    registered = {"registration": ID.format(99), "instructor": ben}
    sent(lrs, said(4, context=registered))
    by = {
        json.dumps({"agent": json.dumps(ben)}): [2],
        json.dumps({"agent": json.dumps(ADA), "limit": 2}): [3, 4],
        json.dumps({"agent": json.dumps(ben), "related_agents": "true"}): [2, 4],
        json.dumps({"agent": json.dumps({"mbox": "mailto:nobody@example.org"})}): [],
        json.dumps({"verb": f"{ADL}failed"}): [2],
        json.dumps({"activity": LAB}): [3],
        json.dumps({"registration": ID.format(99)}): [4],
        json.dumps({"verb": f"{ADL}failed", "activity": LAB}): [],
    }
    for query, numbers in by.items():
        assert sorted(each["id"] for each in got(lrs, **json.loads(query))) == [ID.format(each) for each in numbers]


def test_polling_by_since_sees_everything_once(lrs: httpx.Client) -> None:
    sent(lrs, said(1))
    last = got(lrs)[0]["stored"]
    assert got(lrs, since=last) == []
    sent(lrs, said(2))
    assert [each["id"] for each in got(lrs, since=last, ascending="true")] == [ID.format(2)]
    assert [each["id"] for each in got(lrs, until=last)] == [ID.format(1)]


@pytest.mark.parametrize(
    "query",
    [
        "since=now", "limit=-1", "limit=x", "ascending=yes", "agent={}", "agent=x", "statementId=7", "format=short",
        "cursor=x", "cursor=1-x", "attachments=true", "registration=1", "colour=red", "voidedStatementId=1",
        f"statementId={ID.format(1)}&verb=x", f"statementId={ID.format(1)}&voidedStatementId={ID.format(1)}",
    ],
)  # fmt: skip
def test_a_query_that_means_nothing_is_400(asker: httpx.Client, query: str) -> None:
    problem(asker.get(f"/xapi/statements?{query}"), 400)


def test_an_unknown_statement_is_not_found(asker: httpx.Client) -> None:
    problem(asker.get("/xapi/statements", params={"statementId": ID.format(1)}), 404)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_voided_statement_counts_no_more_whichever_comes_first(
    served: Served, lrs: httpx.Client, order: tuple[int, int]
) -> None:
    both = [said(1), voids(2, 1)]
    for place in order:
        sent(lrs, both[place])
    (fact,) = evidence(served)
    assert fact["withdrawn_at"]
    problem(lrs.get("/xapi/statements", params={"statementId": ID.format(1)}), 404)
    assert lrs.get("/xapi/statements", params={"voidedStatementId": ID.format(1)}).json()["id"] == ID.format(1)
    assert [each["id"] for each in got(lrs)] == [ID.format(2)]


def test_what_another_statement_says_too_is_not_withdrawn(served: Served, lrs: httpx.Client) -> None:
    sent(lrs, said(1), voids(2, 1), said(3, f"{ADL}passed"))
    (fact,) = evidence(served)
    assert "withdrawn_at" not in fact


def test_a_statement_that_voids_can_not_be_voided(lrs: httpx.Client) -> None:
    sent(lrs, said(1), voids(2, 1))
    problem(lrs.post("/xapi/statements", json=voids(3, 2)), 400)
    problem(lrs.post("/xapi/statements", json=[voids(4, 9), voids(5, 4)]), 400)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_no_source_takes_back_what_another_stated(served: Served, lrs: httpx.Client, order: tuple[int, int]) -> None:
    with served.client(served.key("load", "people", source="academy")) as other:
        other.headers["X-Experience-API-Version"] = "2.0.0"
        calls = [(lrs, said(1)), (other, voids(2, 1))]
        statuses = [
            client.post("/xapi/statements", json=each).status_code for client, each in (calls[at] for at in order)
        ]
    assert statuses == ([200, 409] if order == (0, 1) else [200, 200])
    assert lrs.get("/xapi/statements", params={"statementId": ID.format(1)}).status_code == 200
    assert ["withdrawn_at" in fact for fact in evidence(served)] == [False]
    sent(lrs, voids(3, 1))
    problem(lrs.get("/xapi/statements", params={"statementId": ID.format(1)}), 404)
    assert ["withdrawn_at" in fact for fact in evidence(served)] == [True]


def test_what_is_said_of_an_unknown_activity_waits_for_it(served: Served, lrs: httpx.Client) -> None:
    sent(lrs, said(1, object={"id": "http://localhost:8000/id/course:new"}))
    assert evidence(served) == []
    assert len(got(lrs)) == 1
    load_rows(served.store, "catalogue", {"LearningObject": [{"id": "course:new"}]})
    assert [fact["about"] for fact in evidence(served)] == ["course:new"]


def test_what_another_source_owns_is_told_as_rejected(served: Served, lrs: httpx.Client) -> None:
    sent(lrs, said(1))
    headers = {"X-Experience-API-Version": "2.0.0"}
    with served.client(served.key("load", source="academy")) as other:
        later = said(2, timestamp="2024-11-01T10:30:00Z")
        assert other.post("/xapi/statements", json=later, headers=headers).status_code == 200
    held = list(served.store.ledger.held_rows(name="academy"))
    assert {row.kind for row in held} == {"rejected"}
    assert len(evidence(served)) == 1


def test_one_id_sent_by_many_at_once_is_one_statement(served: Served) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(number: int) -> int:
        with served.client() as client:
            headers = {"X-Experience-API-Version": "2.0.0"}
            verb = f"{ADL}{'passed' if number % 2 else 'failed'}"
            return client.post("/xapi/statements", json=said(1, verb), headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(16)))
    assert sorted(statuses) == [200] * 8 + [409] * 8
    assert len(evidence(served)) == 1


def test_a_key_may_come_as_the_password_of_basic(served: Served) -> None:
    secret = served.key("load", "people", source="lms")
    basic = base64.b64encode(f"lrs:{secret}".encode()).decode()
    headers = {"X-Experience-API-Version": "1.0.3", "Authorization": f"Basic {basic}"}
    with served.client("") as client:
        assert client.post("/xapi/statements", json=said(1), headers=headers).status_code == 200
        wrong = {**headers, "Authorization": "Basic !"}
        problem(client.get("/xapi/statements", headers=wrong), 401)


def test_reading_needs_people_and_sending_load_and_a_source(served: Served, lrs: httpx.Client) -> None:
    headers = {"X-Experience-API-Version": "1.0.3"}
    units = frozenset({"unit:platform"})
    for scopes, source, of in ((("match",), "lms", None), (("load",), None, None), (("load",), "lms", units)):
        with served.client(served.key(*scopes, source=source, units=of)) as client:
            problem(client.post("/xapi/statements", json=said(1), headers=headers), 403)
            problem(client.get("/xapi/statements", headers=headers), 403)
    with served.client(served.key("people", units=units)) as client:
        sent(lrs, said(1))
        assert client.get("/xapi/statements", headers=headers).json()["statements"] == []


def test_the_name_that_states_what_words_mean_sends_none(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="'words' is the name that states what words mean"):
        served.key("load", source=WORDS)
    with monkeypatch.context() as older:
        older.setattr("graph.keyring.WORDS", "")
        secret = served.key("load", source=WORDS)
    with served.client(secret) as client:
        headers = {"X-Experience-API-Version": "2.0.0"}
        assert WORDS in problem(client.post("/xapi/statements", json=said(1), headers=headers), 403)["detail"]


def test_statements_go_with_the_person_and_stay_gone(served: Served, lrs: httpx.Client) -> None:
    ben = {"mbox": "mailto:ben@example.org"}
    sent(lrs, said(1), said(2, actor=ben, context={"instructor": {"objectType": "Agent", **ADA}}))
    learner = next(str(fact["learner"]) for fact in evidence(served))
    known = {
        str(node.properties["learner"])
        for node in served.store.facts("Identity", {"value": ["https://lms.example ada"]}, OPERATOR)
    }
    (ada,) = known
    export = access(served.store, ada, Settings())
    assert export is not None
    assert "Statement" in export["tables"]
    served.store.erase(ada)
    (left,) = got(lrs)
    assert left["id"] == ID.format(2)
    assert left["context"]["instructor"]["account"]["name"] == "erased"
    problem(lrs.post("/xapi/statements", json=said(3)), 409)
    assert learner


def test_nobody_who_was_erased_comes_back_by_another_identity(served: Served, lrs: httpx.Client) -> None:
    people = {
        "Learner": [{"id": "hr:cleo", "label": "Cleo"}],
        "Identity": [{"id": "hr-identity:1", "learner": "hr:cleo", "system": "email", "value": "cleo@example.org"}],
    }
    load_rows(served.store, "hr", people)
    served.store.erase("hr:cleo")
    cleo = {"mbox": "mailto:Cleo@example.org", "name": "Cleo"}
    problem(lrs.post("/xapi/statements", json=said(1, actor=cleo)), 409)
    problem(lrs.post("/xapi/statements", json=said(2, context={"instructor": cleo})), 409)
    assert got(lrs) == []


def test_no_person_stands_in_the_log(lrs: httpx.Client, logged: list[str]) -> None:
    actor = {"mbox": "mailto:wilhelmina@example.org", "name": "Wilhelmina"}
    sent(lrs, said(1, actor=actor))
    got(lrs, agent=json.dumps({"mbox": actor["mbox"]}))
    problem(lrs.post("/xapi/statements", json=said(2, actor=actor, object={"id": "none"})), 400)
    assert not any("wilhelmina" in line.lower() or "example" in line for line in logged)
