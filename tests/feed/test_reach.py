"""How far back the feed reaches, and what who asks for more is told."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from threading import Timer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.copying import copy
from graph.errors import BadSetting
from graph.exports import exports
from graph.feed import DAY, Feed, OtherHistory, Position, TooOld
from graph.history import rebuild
from graph.open import open_store
from graph.settings import Settings
from graph.sqlite.engine import SqliteStore
from graph.store import Change, Store
from graph.viewer import OPERATOR
from ontology.model import load_model
from tests.api.conftest import problem, serving
from tests.feed.conftest import EVENTS
from tests.store.writing import gone, put, rows

NOW = time.time()
HOUR = 3_600
SHELL = {"from": "skill:shell"}
NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture
def aged(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store that was written to on each of the last ten days: changes 2 to 11."""
    path = tmp_path / "aged.db"
    open_store(f"sqlite:{path}").close()
    ages = iter(range(10, 0, -1))
    with closing(SqliteStore(path, load_model(), Settings(), clock=lambda: NOW - next(ages, 0) * DAY + HOUR)) as store:
        for day in range(10):
            put(store, rows("Skill", {"id": f"skill:{day}", "label": str(day)}))
        yield store


def test_everything_is_told_from_the_first_batch_on(company: Store) -> None:
    page = Feed(company).page(OPERATOR, Position(), 100, 1_000, NOW)
    assert (page.oldest, page.last.number, page.version) == (0, 2, 2)
    assert [change.number for change in page.changes] == [1, 2]


@pytest.mark.parametrize(("days", "oldest"), [(1, 10), (3, 8), (30, 0)])
def test_with_a_number_of_days_nothing_older_is_told(aged: Store, days: int, oldest: int) -> None:
    feed = Feed(aged, days)
    assert feed.oldest(NOW) == oldest
    assert feed.oldest(NOW + DAY) == max(oldest, 11 - days + 1 if days < 10 else 0), "it rises with time"


def test_too_old_is_410_with_the_numbers_to_begin_anew_with(aged: Store) -> None:
    with serving(aged, Settings(changes_days=3)) as served, served.client() as client:
        young = client.get("/v1/changes?since=8", headers=NDJSON)
        assert young.headers["skillgraph-oldest"] == "8"
        assert len(young.text.splitlines()) == 3
        assert client.head("/v1/changes?since=0&limit=1").headers["skillgraph-version"] == "11"
        for headers in ({}, NDJSON, EVENTS):
            told = client.get("/v1/changes?since=7", headers=headers)
            body = problem(told, 410)
            assert body["type"].endswith("#too-old")
            assert (body["field"], body["value"]) == ("since", "7")
            assert "since 11" in body["fix"]
            assert (told.headers["skillgraph-oldest"], told.headers["skillgraph-version"]) == ("8", "11")


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "100000"])
def test_a_number_of_days_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="SKILLGRAPH_CHANGES_DAYS"):
        Settings.from_environment({"SKILLGRAPH_CHANGES_DAYS": text})


def test_the_number_of_days_is_a_setting() -> None:
    assert Settings.from_environment({"SKILLGRAPH_CHANGES_DAYS": "90"}).changes_days == 90
    assert Settings.from_environment({}).changes_days is None


def test_a_store_ahead_of_which_a_follower_is_says_so(company: Store) -> None:
    with serving(company) as served, served.client() as client:
        told = client.get("/v1/changes?since=3")
        assert problem(told, 409)["value"] == "3"
        assert told.headers["skillgraph-version"] == "2"


def test_a_backup_that_was_put_back_is_noticed_though_its_numbers_went_on(company: Store, tmp_path: Path) -> None:
    with closing(backup(company, tmp_path)) as old:
        assert put(company, rows("Skill", {"id": "skill:undone", "label": "x"})).number == 3
        seen = Feed(company).page(OPERATOR, Position(2), 10, 10, NOW).last
        time.sleep(1.1)  # instants are whole seconds
        put(old, rows("Skill", {"id": "skill:other", "label": "x"}))
        with pytest.raises(OtherHistory):
            Feed(old).page(OPERATOR, seen, 10, 10, NOW)
        known = Feed(company).marked(Position(2))
        assert [change.number for change in Feed(old).page(OPERATOR, known, 10, 10, NOW).changes] == [3]


def test_a_copy_is_followed_on_as_if_it_were_the_store(company: Store, tmp_path: Path) -> None:
    since, url = Feed(company).marked(Position(2)), f"sqlite:{tmp_path / 'copy.db'}"
    copy(company, url, Settings(), lambda *_: None)
    with closing(open_store(url)) as made:
        number = put(made, rows("Skill", {"id": "skill:later", "label": "x"})).number
        page = Feed(made).page(OPERATOR, since, 10, 10, NOW)
        assert ([change.number for change in page.changes], page.oldest) == ([number], 0)


def test_a_rebuilt_store_begins_with_its_number(company: Store, tmp_path: Path) -> None:
    put(company, rows("Skill", {"id": "skill:later", "label": "x"}))
    for number in (1, 2, 3):
        with closing(rebuild(company, number, tmp_path / f"{number}.db")) as then:
            assert Feed(then).oldest(NOW) == number
            with pytest.raises(TooOld):
                Feed(then).page(OPERATOR, Position(number - 1), 10, 10, NOW)
            put(then, rows("Skill", {"id": "skill:next", "label": "x"}))
            page = Feed(then).page(OPERATOR, Position(number), 10, 10, NOW)
            assert [change.number for change in page.changes] == [number + 1]


def test_positions_outlast_an_erasure(company: Store) -> None:
    before = [Feed(company).marked(Position(number)) for number in (1, 2)]
    company.erase("person:ben")
    assert [Feed(company).marked(Position(number)) for number in (1, 2)] == before


@settings(max_examples=25)
@given(limits=st.lists(st.integers(1, 5), min_size=1), ids=st.integers(0, 30))
def test_pages_of_any_size_tell_what_one_page_tells(recorded: Store, limits: list[int], ids: int) -> None:
    feed, since, told = Feed(recorded), Position(), list[Change]()
    for turn in range(1_000):
        page = feed.page(OPERATOR, since, limits[turn % len(limits)], ids, NOW)
        told += page.changes
        since = page.last
        if page.whole:
            break
    assert told == list(feed.page(OPERATOR, Position(), 1_000, 10**6, NOW).changes)


@pytest.fixture(scope="module")
def recorded(company_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Thirty batches of one to sixty skills."""
    folder = tmp_path_factory.mktemp("recorded")
    copytree(company_folder, folder, dirs_exist_ok=True)
    with closing(open_store(f"sqlite:{folder / 'skillgraph.db'}")) as store:
        for turn in range(30):
            many = range(60 if turn % 4 == 0 else 1)
            put(store, rows("Skill", *({"id": f"skill:{turn}-{each}", "label": "x"} for each in many)))
        yield store


def test_records_that_name_much_are_read_one_by_one(recorded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    changes = recorded.changes

    def counted(since: int, limit: int = 1000) -> list[Change]:
        read.append(limit)
        return changes(since, limit)

    monkeypatch.setattr(recorded, "changes", counted)
    monkeypatch.setattr("graph.feed._FEW", 30)
    Feed(recorded).page(OPERATOR, Position(2), 30, 10**6, NOW)
    assert max(read) <= 10
    assert read.count(1) > 7


def backup(store: Store, tmp_path: Path) -> Store:
    """A copy of the store's files as they are."""
    folder = Path(store.url.removeprefix("sqlite:")).parent
    copytree(folder, tmp_path / "backup", ignore=lambda _, names: [name for name in names if "skillgraph" not in name])
    return open_store(f"sqlite:{tmp_path / 'backup' / 'skillgraph.db'}")


def test_pages_say_where_to_go_on(company: Store) -> None:
    with serving(company) as served, served.client() as client:
        page = client.get("/v1/changes?since=0&limit=1").json()
        assert (page["next"], page["oldest"], page["version"]) == (1, 0, 2)
        assert page["position"] == page["rows"][-1]["position"]
        lines = client.get(f"/v1/changes?since={page['position']}", headers=NDJSON)
        assert lines.headers["skillgraph-next"] == "2"
        assert lines.headers["skillgraph-position"] in lines.headers["link"]
        assert lines.text.count("\n") == 1


def test_a_page_that_waits_comes_as_soon_as_there_is_something(company: Store) -> None:
    with serving(company) as served, served.client() as client:
        started = time.monotonic()
        assert client.get("/v1/changes?since=2&wait=1").json()["rows"] == []
        assert 0.9 < time.monotonic() - started < 3
        Timer(0.3, put, [company, rows("Skill", {"id": "skill:soon", "label": "x"})]).start()
        started = time.monotonic()
        rows_told = client.get("/v1/changes?since=2&wait=20").json()["rows"]
        assert [row["number"] for row in rows_told] == [3]
        assert time.monotonic() - started < 2
        problem(client.get("/v1/changes?wait=31"), 422)


def test_a_page_that_waits_does_not_come_for_what_may_not_be_seen(company: Store) -> None:
    with serving(company) as served, served.client(served.key("graph")) as client:
        put(company, rows("Learner", {"id": "person:new", "label": "New"}))
        page = client.get("/v1/changes?since=2&wait=1").json()
        assert (page["rows"], page["next"]) == ([], 3)


def test_no_word_of_the_address_is_left_without_a_word(company: Store) -> None:
    with serving(company) as served, served.client("") as client:
        told: dict[str, object] = client.get("/openapi.json").json()["paths"]["/v1/changes"]["get"]
    text = str(told)
    for word in ("text/event-stream", "Last-Event-ID", "410", "409", "Skillgraph-Oldest", "wait"):
        assert word in text, word


def test_an_export_and_what_is_told_from_its_number_on_make_a_whole_copy(company: Store, tmp_path: Path) -> None:
    since = Feed(company).marked(Position(2))
    put(company, rows("Skill", {"id": "skill:new", "label": "New"}), rows("RELATED", SHELL | {"to": "skill:new"}))
    put(company, gone("RELATED", SHELL | {"to": "skill:new"}), gone("Skill", {"id": "skill:new"}))
    put(company, rows("RELATED", SHELL | {"to": "skill:k8s"}), source="feed")

    copied = tables(company, tmp_path / "then", since.number)
    assert copied != tables(company, tmp_path / "now")
    for change in Feed(company).page(OPERATOR, since, 100, 10**6, NOW).changes:
        for item in change.items:
            ids = {(item.type, id) for id in item.ids}
            copied = copied - ids if item.operation == "removed" else copied | ids
    assert copied == tables(company, tmp_path / "now")


def tables(store: Store, folder: Path, at: int | None = None) -> set[tuple[str, str]]:
    """Type and id, of an edge its ends, of all that an export to tables holds."""
    exports()["tables"].write(store, folder, at=at)
    found = set()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.add((path.stem, row["id"] if "id" in row else f"{row['from']} {row['to']}"))
    return found
