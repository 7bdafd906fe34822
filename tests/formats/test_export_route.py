"""`/v1/export/{format}`: made for what the key may see, sent whole, and nothing of it stays."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from graph.exports import Wanted, exports
from graph.exports import schemaorg as schemaorg_export
from graph.history import rebuild
from graph.place import made_place
from graph.settings import Settings
from graph.store import Store
from tests.api.conftest import Served, folder_of, logged, problem, serving
from tests.store.writing import put, rows

__all__ = ["logged"]

FORMAT = "/v1/export/schemaorg"


@pytest.fixture(scope="module")
def served(academy: Store) -> Iterator[Served]:
    with serving(academy) as made:
        yield made


@pytest.fixture(scope="module")
def published(academy: Store) -> Iterator[Served]:
    with serving(academy, Settings(publish=True)) as made:
        yield made


def left_over(store: Store) -> list[Path]:
    """Folders in which exports are made."""
    return [each for each in folder_of(store).iterdir() if ".at-" in each.name]


def test_a_key_gets_the_file_with_its_name(served: Served, academy: Store) -> None:
    with served.client(served.key("publish")) as client:
        answer = client.get(FORMAT)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["content-disposition"] == 'attachment; filename="skillgraph-schemaorg.jsonld"'
    assert any(each["@id"].endswith("course:linux") for each in answer.json()["@graph"])
    assert left_over(academy) == []


def test_who_asks_again_for_what_has_not_changed_gets_nothing_made(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served.client() as client:
        tag = client.get(FORMAT).headers["etag"]
        monkeypatch.setattr(schemaorg_export, "written", lambda *_: pytest.fail("was made"))
        assert client.get(FORMAT, headers={"If-None-Match": tag}).status_code == 304
        assert client.head(FORMAT).headers["etag"] == tag
    with served.client(served.key("publish")) as client:
        assert client.get(FORMAT, headers={"If-None-Match": f'"{tag}"'}).headers.get("etag") != tag


def test_it_is_packed_for_who_takes_it_packed(served: Served) -> None:
    with served.client() as client:
        plain = client.get(FORMAT, headers={"Accept-Encoding": "identity"})
        packed = client.get(FORMAT, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content


def test_an_unknown_format_is_told_with_those_there_are(served: Served) -> None:
    with served.client() as client:
        assert "schemaorg, skos" in problem(client.get("/v1/export/xml"), 404)["fix"]
        for name in ("tables", "openbadges"):
            told = problem(client.get(f"/v1/export/{name}"), 404)
            assert f"skillgraph export {name}" in told["fix"]
            assert "whoever owns the store" in told["detail"]


def test_it_says_of_which_change_number_it_is(served: Served, academy: Store) -> None:
    with served.client() as client:
        assert client.get("/v1/export/skos").headers["skillgraph-version"] == str(academy.number())
        assert client.get("/v1/export/skos", params={"at": 1}).headers["skillgraph-version"] == "1"
        head = client.head("/v1/export/skos")
    assert head.headers["skillgraph-version"] == str(academy.number())
    assert "content-length" not in head.headers, "how long it is nobody knows yet"


def test_what_is_written_before_it_is_begun_is_in_it_and_in_its_number_and_tag(
    company: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(company) as made, made.client() as client:
        before = client.head("/v1/export/skos").headers

        def late(url: str) -> Path:
            if company.number() == int(before["skillgraph-version"]):
                put(company, rows("Skill", {"id": "skill:late", "label": "late"}))
            return made_place(url)

        monkeypatch.setattr("api.exports.made_place", late)
        answer = client.get("/v1/export/skos")
        assert "skill:late" in answer.text
        assert int(answer.headers["skillgraph-version"]) == int(before["skillgraph-version"]) + 1
        assert answer.headers["etag"] != before["etag"]
        assert client.get("/v1/export/skos", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_what_was_written_after_a_backup_was_put_back_has_another_tag(company: Store, tmp_path: Path) -> None:
    with closing(rebuild(company, company.number(), tmp_path / "backup.db")) as backup:
        put(company, rows("Skill", {"id": "skill:undone", "label": "undone"}))
        put(backup, rows("Skill", {"id": "skill:other", "label": "other"}), source="other")
        tags = [tag_of(company), tag_of(backup, company.url)]
    assert tags[0] != tags[1]


def test_other_settings_have_another_tag(academy: Store) -> None:
    assert tag_of(academy) == tag_of(academy)
    assert tag_of(academy) != tag_of(academy, settings=Settings(base_iri="https://skills.example/"))


def tag_of(store: Store, url: str = "", settings: Settings | None = None) -> str:
    """Of an export of the store, which may be served from another place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "url", url or store.url, raising=False)
        with serving(store, settings) as made, made.client() as client:
            return client.head(FORMAT).headers["etag"]


def test_any_accept_header_gets_the_format_that_was_named(served: Served) -> None:
    with served.client() as client:
        assert client.get("/v1/export/skos", headers={"Accept": "image/png"}).status_code == 200


def test_the_graph_as_it_was_is_for_a_key(served: Served, published: Served, academy: Store) -> None:
    with served.client() as client:
        then = client.get("/v1/export/skos", params={"at": 1}).text
        assert "skill:linux" not in then
        assert problem(client.get("/v1/export/skos", params={"at": 10**6}), 404)["field"] == "at"
    with published.client("") as client:
        problem(client.get("/v1/export/skos", params={"at": 1}), 401)
    assert left_over(academy) == []


def test_without_a_key_there_is_nothing_unless_the_deployment_publishes(served: Served, published: Served) -> None:
    with served.client("") as client:
        problem(client.get(FORMAT), 401)
    with served.client(served.key("match")) as client:
        problem(client.get(FORMAT), 403)
    with published.client("") as client:
        text = client.get(FORMAT).text
    assert "Linux course" in text
    assert "Platform" not in text


@pytest.mark.parametrize("name", [name for name, export in exports().items() if export.media_type])
def test_no_format_tells_anyone_what_is_not_published(published: Served, name: str) -> None:
    """Not an org unit, not an interview question, not a person; with a key that may publish, still no person."""
    with published.client("") as client:
        open_to_all = client.get(f"/v1/export/{name}")
    with published.client(published.key("publish")) as client:
        with_key = client.get(f"/v1/export/{name}")
    assert (open_to_all.status_code, with_key.status_code) == (200, 200)
    for secret in ("unit:platform", "question:one", "What is a shell?", "person:ada", "ada@firm.example"):
        assert secret not in open_to_all.text
    for secret in ("person:ada", "ada@firm.example"):
        assert secret not in with_key.text


def test_as_many_are_made_at_once_as_may_be(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(_store: Store, out: Path, _wanted: Wanted) -> dict[str, int]:
        begun.release()
        assert go_on.wait(20)
        out.write_text("{}")
        return {}

    monkeypatch.setattr("api.exports.exports", lambda: _with(slow))
    answers: list[int] = []

    def ask() -> None:
        with served.client() as client:
            answers.append(client.get(FORMAT).status_code)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert begun.acquire(timeout=20)
    with served.client() as client:
        refused = client.get(FORMAT)
    go_on.set()
    for thread in threads:
        thread.join()
    problem(refused, 503)
    assert int(refused.headers["retry-after"]) > 0
    assert answers == [200, 200]


def _with(writer: object) -> dict[str, object]:
    from dataclasses import replace

    return {"schemaorg": replace(schemaorg_export.EXPORT, rows=writer)}  # type: ignore[arg-type]


def test_nothing_stays_when_the_client_goes_away(served: Served, academy: Store) -> None:
    with served.client() as client, client.stream("GET", FORMAT) as answer:
        assert answer.status_code == 200
        answer.close()
    with served.client() as client:
        assert client.get("/healthz").status_code == 200
    assert left_over(academy) == []


def test_a_client_that_takes_nothing_any_more_is_let_go(
    served: Served, academy: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every one of them keeps a file that nobody can see."""

    def large(_store: Store, out: Path, _wanted: Wanted) -> dict[str, int]:
        out.write_bytes(bytes(64 << 20))
        return {}

    monkeypatch.setattr("api.exports.exports", lambda: _with(large))
    monkeypatch.setattr("api.exports.STALLED_SECONDS", 0.2)
    identity = {"Accept-Encoding": "identity"}
    with served.client() as client, client.stream("GET", FORMAT, headers=identity) as answer:
        assert answer.status_code == 200
        deadline = time.monotonic() + 20
        while nameless(academy):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()


def nameless(store: Store) -> list[str]:
    """Files beside the store that this process holds open though they have no name any more."""
    open_files = [os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return [each for each in open_files if each.startswith(str(folder_of(store))) and each.endswith("(deleted)")]


def test_a_failure_while_it_is_made_is_told_before_anything_is_sent(
    served: Served, academy: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> dict[str, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.exports.exports", lambda: _with(full))
    with served.client() as client:
        answer: httpx.Response = client.get(FORMAT)
    problem(answer, 503)
    assert left_over(academy) == []
