"""Changes as server-sent events: told when they are written, gone on with where they broke off, ended in order."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api import changes, events, guard, presence, protocol
from graph.errors import StoreUnreachable
from graph.feed import Feed, Page
from graph.store import Store
from tests.api.conftest import LIMITS, Served, problem, serving
from tests.feed.conftest import COMPANY_KEY, EVENTS, listening
from tests.store.writing import gone, put, rows


def skill(store: Store, name: str, version: int = 1) -> int:
    """Write one skill; the change number."""
    number = put(store, rows("Skill", {"id": f"skill:{name}", "label": name}, version=version), source="feed").number
    assert number is not None
    return number


def test_a_batch_is_told_as_soon_as_it_is_written(served: Served, client: httpx.Client) -> None:
    times = []
    with listening(client, f"?since={served.store.number()}") as stream:
        assert stream.next().name == "position"
        for name in "abcde":
            number, written = skill(served.store, name), time.monotonic()
            (event,) = stream.until("change")
            times.append(time.monotonic() - written)
            assert (event.data["number"], event.data["source"]) == (number, "feed")
            assert event.data["items"] == [{"type": "Skill", "operation": "added", "ids": [f"skill:{name}"]}]
            assert event.id == event.data["position"]
            assert event.id.startswith(f"{number}-")
    assert sorted(times)[2] < 0.5


def test_the_first_event_says_where_it_begins_and_how_far_back_one_could(served: Served, client: httpx.Client) -> None:
    with listening(client, "?since=1") as stream:
        first = stream.next()
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["skillgraph-oldest"] == "0"
        assert stream.response.headers["skillgraph-version"] == str(served.store.number())
        assert stream.response.headers["skillgraph-position"] == first.id
    assert first.data == {"number": 1, "position": first.id, "version": served.store.number(), "oldest": 0}


def test_a_stream_goes_on_where_it_broke_off(served: Served, client: httpx.Client) -> None:
    with listening(client, "?since=0") as stream:
        first = stream.until("change")[-1]
    skill(served.store, "after")
    with listening(client, "?since=0&limit=100&wait=0", **{"Last-Event-ID": first.id}) as stream:
        numbers = [event.data["number"] for event in stream if event.name == "change"]
    assert numbers == list(range(first.data["number"] + 1, served.store.number() + 1))


def test_what_a_key_may_not_see_moves_its_position(served: Served) -> None:
    put(served.store, rows("Learner", {"id": "person:new", "label": "New"}), source="feed")
    with served.client(served.key("graph")) as client, listening(client, "?since=2") as stream:
        heard = [stream.next(), stream.next()]
        assert [event.name for event in heard] == ["position", "position"]
        assert heard[1].data["number"] == served.store.number()
        number = skill(served.store, "seen")
        assert [event.data["number"] for event in stream.until("change")] == [number]


def test_a_stream_ends_after_so_many_or_when_there_was_nothing_for_so_long(client: httpx.Client) -> None:
    with listening(client, "?since=0&limit=1") as stream:
        assert [event.name for event in stream] == ["position", "change"]
    with listening(client, "?since=0&wait=1") as stream:
        assert [event.name for event in stream] == ["position", "change", "change"]


def test_silence_is_broken_by_comments_for_as_long_as_it_lasts(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(events, "KEY_SECONDS", 0.1)
    monkeypatch.setattr(guard, "IDLE_SECONDS", 0.3)  # is for bodies, and never for who listens
    with listening(client, "?since=2") as stream:
        stream.next()
        assert [stream.next().comment for _ in range(4)] == ["nothing new"] * 4


def test_whose_key_is_revoked_hears_no_more(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEY_SECONDS", 0.1)
    secret = served.key(*COMPANY_KEY)
    with served.client(secret) as client:
        with listening(client, "?since=2") as stream:
            stream.next()
            served.store.keyring.revoke(secret.split("_")[1])
            (end,) = list(stream)
        assert end.comment == "the key is not known, or was revoked"
        problem(client.get("/v1/changes", headers=EVENTS), 401)


@pytest.mark.parametrize("told", [StoreUnreachable("there", "the disk does not answer", "Wait."), presence.away()])
def test_a_store_that_was_away_is_gone_on_with(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, told: Exception
) -> None:
    monkeypatch.setattr(events, "KEY_SECONDS", 0.05)
    monkeypatch.setattr(events, "AWAY_SECONDS", 0.05)

    def away(*_: object) -> None:
        raise told

    with listening(client, "?since=2") as stream:
        stream.next()
        with monkeypatch.context() as patch:
            patch.setattr(Feed, "page", away)
            assert stream.next().comment.startswith("the store is away")
        number = skill(served.store, "back")
        assert stream.until("change")[-1].data["number"] == number


def test_a_process_takes_so_many_followers_and_no_more(company: Store) -> None:
    with serving(company, limits=replace(LIMITS, followers=1)) as served, served.client() as client:
        with listening(client, "?since=2") as stream:
            stream.next()
            told = problem(client.get("/v1/changes?since=2", headers=EVENTS), 503)
            assert "no more" in told["detail"]
            assert client.get("/v1/changes?since=2&wait=1").headers["retry-after"] == "10"
            assert "skillgraph_followers 1.0" in client.get("/metrics").text
            assert client.get("/v1/changes?since=2").status_code == 200, "who does not wait takes no place"
        until(lambda: "skillgraph_followers 0.0" in client.get("/metrics").text)


def test_headers_alone_have_no_stream_behind_them(client: httpx.Client) -> None:
    head = client.head("/v1/changes?since=1", headers=EVENTS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["skillgraph-position"].startswith("1-")


def test_a_server_that_stops_ends_streams_whole_and_waits_for_nobody(
    company: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "STUCK_SECONDS", 0.5)
    with ThreadPoolExecutor() as pool, httpx.Client() as client:
        with serving(company) as served:
            address, secret = served.url, f"Bearer {served.secrets['all']}"
            key = {"Authorization": secret}
            stream = pool.submit(client.get, f"{address}/v1/changes?since=2", headers=EVENTS | key, timeout=30)
            page = pool.submit(client.get, f"{address}/v1/changes?since=2&wait=30", headers=key, timeout=30)
            until(lambda: "skillgraph_followers 2.0" in client.get(f"{address}/metrics", headers=key).text)
            monkeypatch.setattr(changes, "row_of", lambda _: {"much": "x" * (8 << 20)})
            stuck = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lines = ["GET /v1/changes HTTP/1.1", "Host: x", "Accept: text/event-stream", f"Authorization: {secret}"]
            stuck.sendall("\r\n".join([*lines, "", ""]).encode())
            until(lambda: "skillgraph_followers 3.0" in client.get(f"{address}/metrics", headers=key).text)
            stopped = time.monotonic()
        took = time.monotonic() - stopped
        assert stream.result().text.startswith("event: position"), "and it came to its end, or this had raised"
        assert page.result().json()["rows"] == []
        stuck.close()
    assert took < 8, "of the 20 seconds that answers under way are given"


def test_a_client_that_takes_nothing_is_let_go(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(changes, "row_of", lambda _: {"much": "x" * (8 << 20)})
    pages: list[Page] = []
    read = Feed.page

    def counted(*given: Any) -> Page:
        pages.append(read(*given))
        return pages[-1]

    monkeypatch.setattr(Feed, "page", counted)
    for name in "abc":
        skill(served.store, name)
    with listening(client, "?limit=2") as stream:
        assert stream.next().name == "position"
        with served.client() as admin:
            until(lambda: "skillgraph_followers 0.0" in admin.get("/metrics").text)
    assert len(pages) == 1, "nothing is read ahead of what was taken"


def test_events_of_streams_are_no_answering_times(served: Served, client: httpx.Client) -> None:
    with listening(client, "?since=2") as stream:
        stream.next()
    with served.client() as admin:
        told = admin.get("/metrics").text
    assert 'skillgraph_http_request_seconds_count{method="GET",route="/v1/changes"}' not in told


def test_what_is_removed_and_who_was_erased_is_told(served: Served, client: httpx.Client) -> None:
    skill(served.store, "short")
    since = served.store.number()
    put(served.store, gone("Skill", {"id": "skill:short"}), source="feed")
    served.store.erase("person:ben")
    with listening(client, f"?since={since}&limit=2") as stream:
        told = [event.data["items"] for event in stream if event.name == "change"]
    assert told[0] == [{"type": "Skill", "operation": "removed", "ids": ["skill:short"]}]
    assert {"type": "Learner", "operation": "erased", "ids": []} in told[1]


@pytest.mark.parametrize("id", ["x", "1-", "-1", "1-ABCDEF01", "1 2", "9" * 16])
def test_a_made_up_event_id_is_refused_by_name(client: httpx.Client, id: str) -> None:
    told = problem(client.get("/v1/changes", headers=EVENTS | {"Last-Event-ID": id}), 422)
    assert (told["field"], told["value"]) == ("Last-Event-ID", id)


def test_an_event_id_of_another_history_is_refused_by_name_too(client: httpx.Client) -> None:
    told = problem(client.get("/v1/changes?since=0", headers=EVENTS | {"Last-Event-ID": "2-00000000"}), 409)
    assert (told["field"], told["value"]) == ("Last-Event-ID", "2-00000000")
    told = problem(client.get("/v1/changes?since=2-00000000", headers={"Last-Event-ID": "0"}), 409)
    assert told["field"] == "since", "pages have no events to go on with"


def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
