"""Pulling from an API, on good days and on bad ones, over real HTTP."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import ipaddress
import itertools
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from graph.errors import StoreLocked
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.store import Batch, Store
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.pull import (
    Api,
    Basic,
    Changed,
    Endpoint,
    InForm,
    InHeader,
    LinkHeader,
    NextLink,
    NextToken,
    Offset,
    PageNumber,
    Patience,
    Pulled,
)
from loaders.source import Config, NodeMapping, Record, Source, Table
from tests.sources.server import (
    Asked,
    Reply,
    Served,
    by_link,
    by_number,
    by_offset,
    by_token,
    changed,
    said,
)

TOKEN = "s3cret-of-ada"
QUICK = Patience(tries=4, backoff=0.01, longest=0.02, longest_asked=5.0, timeout=5.0)
SKILLS = [
    {"id": str(number), "label": label, "updated_at": f"2026-01-0{number}T00:00:00Z"}
    for number, label in enumerate(("Linux", "SQL", "Python", "welding", "sales"), start=1)
]
CHANGED = Changed("updated_after", "updated_at", overlap=0)
LIST = Endpoint("skills", "skills", ["skills"], paging=LinkHeader("per_page", 2), changed=CHANGED)


def rows(config: Config) -> Any:
    def read(item: Pulled) -> Iterator[Record]:
        yield Record("skills", item.file, item.row, item.value)

    return read


def source(*endpoints: Endpoint, auth: Any = None, **changes: Any) -> Source:
    """A source of skills that is only pulled."""
    return Source(
        "skills",
        read=lambda _: iter(()),
        mappings=[NodeMapping("Skill", table="skills", id="it:{id}", fields={"label": "label"}, version="updated_at")],
        tables=[Table("skills", optional="*", ignored="*")],
        ways=("pull",),
        pull=Api(endpoints or (LIST,), reader=rows, auth=auth, patience=QUICK, **changes),
    )


@pytest.fixture
def api() -> Iterator[Served]:
    with Served() as served:
        yield served


def pull(store: Store, api: Served, given: Source | None = None, **options: Any) -> LoadRecord:
    return load(store, LoadRequest(given or source(), address=f"{api.origin}/v1", **options))


def skills(store: Store) -> list[str]:
    """The keys of the skills that came from the API."""
    found = (name for batch in store.owned("skills", "Skill") for (name,) in batch)
    return sorted(name.removeprefix("it:") for name in found)


def cursors(store: Store) -> list[str]:
    return list(store.ledger.cursors("skills").values())


@pytest.mark.parametrize(
    ("endpoint", "answers"),
    [
        (replace(LIST, changed=None), by_link(SKILLS, 2)),
        (Endpoint("s", "skills", ["skills"], paging=PageNumber("page")), by_number(SKILLS)),
        (
            Endpoint("s", "skills", ["skills"], items="data", paging=NextToken("next", "offset", "hasNext")),
            by_token(SKILLS, 2),
        ),
        (
            Endpoint("s", "skills", ["skills"], items="Resources", paging=Offset("startIndex", 1, "totalResults")),
            by_offset(SKILLS),
        ),
    ],
    ids=["link", "number", "token", "offset"],
)
def test_every_page_is_read(store: Store, api: Served, endpoint: Endpoint, answers: Any) -> None:
    api.serve("/v1/skills", answers)

    record = pull(store, api, source(endpoint))

    assert (record.read, record.complete, skills(store)) == (5, True, ["1", "2", "3", "4", "5"])
    assert len(api.asked) <= 4


def test_the_next_page_may_stand_in_the_body(store: Store, api: Served) -> None:
    api.serve("/v1/skills", lambda _: said({"jobs": SKILLS[:2], "paging": {"next": "/v1/more?since_id=2"}}))
    api.serve("/v1/more", lambda asked: said({"jobs": SKILLS[2:] if asked.fields["since_id"] == "2" else []}))

    pull(store, api, source(Endpoint("s", "skills", ["skills"], items="jobs", paging=NextLink("paging.next"))))

    assert skills(store) == ["1", "2", "3", "4", "5"]


def test_an_endpoint_may_be_asked_for_each_item_of_another(store: Store, api: Served) -> None:
    api.serve("/v1/groups", lambda _: said([{"id": 7, "label": "seven", "links": {"part": "a/b"}}, {"id": 8}]))
    api.serve("/v1/groups/7/skills/a%2Fb", lambda _: said(SKILLS[:2]))
    groups = Endpoint("groups", "groups", ["skills"])
    inner = Endpoint("skills", "groups/{id}/skills/{links.part}", ["skills"], each="groups", absent=[404])

    pull(store, api, source(groups, inner))

    assert skills(store) == ["1", "2", "7", "8"]
    assert api.paths() == ["/v1/groups", "/v1/groups/7/skills/a%2Fb"]


def test_a_second_pull_asks_for_what_changed_only_and_sweeps_nothing(store: Store, api: Served) -> None:
    items = list(SKILLS)
    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", by_link))
    pull(store, api)
    items[0] = {**SKILLS[0], "label": "GNU/Linux", "updated_at": "2026-01-06T00:00:00Z"}
    del items[1:3]
    api.asked.clear()

    record = pull(store, api)

    assert [asked.fields["updated_after"] for asked in api.asked] == ["2026-01-05T00:00:00Z"]
    assert (record.complete, record.read, record.written, record.unchanged) == (False, 2, 1, 1)
    assert skills(store) == ["1", "2", "3", "4", "5"]


def test_a_full_pull_reads_everything_and_sweeps(store: Store, api: Served) -> None:
    items = list(SKILLS)
    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", by_link))
    pull(store, api)
    del items[0]

    record = pull(store, api, full=True, allow_shrink=True)

    assert (record.complete, record.read, record.removed, skills(store)) == (True, 4, 1, ["2", "3", "4", "5"])


def test_an_empty_answer_states_that_there_is_nothing(store: Store, api: Served) -> None:
    api.serve("/v1/skills", by_link(SKILLS))
    pull(store, api)
    api.serve("/v1/skills", by_link([]))

    with pytest.raises(LoadError, match="--allow-shrink"):
        pull(store, api, full=True)
    assert pull(store, api, full=True, allow_shrink=True).removed == 5


def test_the_cursor_travels_with_the_last_batch_and_alone_when_nothing_changed(
    store: Store, api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = list(SKILLS)
    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", by_link))
    pull(store, api)
    written: list[Batch] = []
    write = store.write

    def noted(batch: Batch) -> Any:
        written.append(batch)
        return write(batch)

    monkeypatch.setattr(store, "write", noted)

    items.append({"id": "6", "label": "Rust", "updated_at": "2026-01-07T00:00:00Z"})
    pull(store, api)
    assert [(len(batch.blocks), batch.cursors is not None) for batch in written] == [(1, True)]

    written.clear()
    number = store.number()
    pull(store, api)
    assert [(len(batch.blocks), batch.cursors is not None) for batch in written] == [(0, True)]
    assert store.number() == number


def test_an_instant_from_the_future_moves_no_cursor_past_now(store: Store, api: Served) -> None:
    api.serve("/v1/skills", by_link([{**SKILLS[0], "updated_at": "2099-01-01T00:00:00Z"}]))
    pull(store, api)

    assert abs(int(cursors(store)[0]) - time.time()) < 60


def test_another_address_or_name_has_cursors_of_its_own(store: Store, api: Served) -> None:
    api.serve("/v1/skills", by_link(SKILLS))
    api.serve("/v2/skills", by_link(SKILLS))
    pull(store, api)

    other = load(store, LoadRequest(source(), address=f"{api.origin}/v2"))

    assert other.complete
    assert store.ledger.cursors("elsewhere") == {}


@pytest.mark.parametrize(
    "bad",
    [
        Reply(429, headers={"Retry-After": "0"}),
        Reply(429),
        Reply(500),
        Reply(503, b"<html>", headers={"Retry-After": "soon"}),
        Reply(200, json.dumps(SKILLS[:2]).encode(), cut=20),
        Reply(200, json.dumps(SKILLS[:2]).encode(), cut=20, silent=True),
        Reply(200, gzip.compress(json.dumps(SKILLS[:2]).encode()), headers={"Content-Encoding": "gzip"}, cut=12),
    ],
    ids=["429-after", "429", "500", "503-odd", "cut", "cut-silent", "cut-gzip"],
)
def test_what_may_pass_is_asked_again(store: Store, api: Served, bad: Reply) -> None:
    api.serve("/v1/skills", by_link(SKILLS, 2))
    api.befalls("/v1/skills", bad, bad)

    record = pull(store, api)

    assert (record.read, skills(store)) == (5, ["1", "2", "3", "4", "5"])
    assert len(api.asked) == 5


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for_in_both_forms(store: Store, api: Served, form: str) -> None:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    api.serve("/v1/skills", by_link(SKILLS))
    asked = "1" if form == "seconds" else format_datetime(until, usegmt=True)
    api.befalls("/v1/skills", Reply(429, headers={"Retry-After": asked}))
    began = time.monotonic()

    pull(store, api)

    assert 0.8 < time.monotonic() - began < 4


def test_an_api_that_asks_to_be_left_alone_for_long_stops_the_pull(store: Store, api: Served) -> None:
    api.befalls("/v1/skills", Reply(429, headers={"Retry-After": "3600"}))

    with pytest.raises(LoadError, match="left alone for 3,600 s"):
        pull(store, api)


def test_500_for_ever_fails_after_a_few_tries_and_keeps_no_cursor(store: Store, api: Served) -> None:
    api.serve("/v1/skills", lambda asked: Reply(500) if "page" in asked.fields else by_link(SKILLS, 2)(asked))

    with pytest.raises(LoadError, match=r"answered 500, 4 times.*the same command"):
        pull(store, api)

    assert len(api.asked) == 1 + QUICK.tries
    assert (skills(store), cursors(store)) == ([], [])
    api.serve("/v1/skills", by_link(SKILLS, 2))
    assert pull(store, api).read == 5


def test_paging_in_a_circle_is_noticed(store: Store, api: Served) -> None:
    def again(asked: Asked) -> Reply:
        page = int(asked.fields.get("page", "1")) % 3 + 1
        return said([SKILLS[page]], Link=f'<{asked.origin}/v1/skills?page={page}>; rel="next"')

    api.serve("/v1/skills", again)
    with pytest.raises(LoadError, match=r"a second time.*circle"):
        pull(store, api)


def test_an_api_that_gives_the_first_page_again_and_again_is_noticed(store: Store, api: Served) -> None:
    api.serve("/v1/skills", lambda _: said(SKILLS[:2]))
    with pytest.raises(LoadError, match="a second time"):
        pull(store, api, source(Endpoint("s", "skills", ["skills"], paging=PageNumber())))
    assert len(api.asked) == 2


@pytest.mark.parametrize("status", [410, 400])
def test_a_cursor_that_expired_is_dropped_and_told(store: Store, api: Served, status: int) -> None:
    api.serve("/v1/skills", by_link(SKILLS))
    pull(store, api)
    api.serve("/v1/skills", lambda asked: Reply(status) if "updated_after" in asked.fields else by_link(SKILLS)(asked))

    record = pull(store, api)

    assert (record.read, record.complete, record.flags) == (5, False, {"started-over:skills": 1})
    api.serve("/v1/skills", by_link(SKILLS))
    assert pull(store, api).flags == {}


def test_a_page_token_that_expired_starts_the_list_over_and_doubles_nothing(store: Store, api: Served) -> None:
    left = iter([Reply(410)])
    paged = by_token(SKILLS, 2)
    api.serve(
        "/v1/skills", lambda asked: next(left, paged(asked)) if asked.fields.get("offset") == "page-2" else paged(asked)
    )

    record = pull(
        store, api, source(Endpoint("s", "skills", ["skills"], items="data", paging=NextToken("next", "offset")))
    )

    assert (record.read, record.written, record.flags) == (5, 5, {"started-over:s": 1})


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(200, b"<html>Log in</html>"), "is no JSON"),
        (Reply(200, b'[{"id": "1", "id": "2"}]'), "stands twice"),
        (Reply(200, b"[" * 600 + b"]" * 600), "deep"),
        (Reply(200, b'{"message": "hello"}'), "no list"),
        (Reply(404), "answered 404: look at the address"),
        (Reply(302, headers={"Location": "https://elsewhere.example/v1/skills"}), "leads to another host"),
        (said([], Link='<http://elsewhere.example/v1/skills?page=2>; rel="next"'), "leads to another host"),
        (Reply(302, headers={"Location": "/v1/skills"}), "to no end"),
        (Reply(200, gzip.compress(b" " * (1 << 20)), headers={"Content-Encoding": "gzip"}), "longer than"),
    ],
    ids=["html", "twice", "deep", "no-list", "404", "redirect", "link", "redirects", "bomb"],
)
def test_an_answer_that_is_no_good_stops_the_pull_and_says_why(
    store: Store, api: Served, reply: Reply, told: str
) -> None:
    api.serve("/v1/skills", lambda _: reply)

    with pytest.raises(LoadError, match=told) as raised:
        pull(store, api, source(most_bytes=100_000))

    assert f"{api.origin}/v1/skills" in str(raised.value)
    assert skills(store) == []


def test_a_redirect_within_the_host_is_followed(store: Store, api: Served) -> None:
    api.serve("/v1/skills", lambda _: Reply(301, headers={"Location": "/v1/talents"}))
    api.serve("/v1/talents", lambda _: said(SKILLS))

    assert pull(store, api).read == 5


def test_a_refusal_with_status_200_is_one(store: Store, api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_SKILLS_TOKEN", TOKEN)
    api.serve("/v1/skills", lambda _: said({"exception": f"no token {TOKEN}", "errorcode": "invalidtoken"}))

    posted = replace(LIST, method="POST", changed=None)
    with pytest.raises(LoadError, match="refused: no token …"):
        pull(store, api, source(posted, auth=InForm("wstoken"), error="exception"))
    assert api.asked[0].fields["wstoken"] == TOKEN


@pytest.mark.parametrize(
    ("auth", "header"),
    [(InHeader(), f"Bearer {TOKEN}"), (Basic(), "Basic czNjcmV0LW9mLWFkYTo=")],
    ids=["bearer", "basic"],
)
@pytest.mark.parametrize("by", ["environment", "file"])
def test_the_token_comes_from_the_environment_or_a_file(
    store: Store, api: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, auth: Any, header: str, by: str
) -> None:
    if by == "environment":
        monkeypatch.setenv("SKILLGRAPH_SKILLS_TOKEN", TOKEN)
    else:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        monkeypatch.setenv("SKILLGRAPH_SKILLS_TOKEN_FILE", str(tmp_path / "token"))
    api.serve("/v1/skills", by_link(SKILLS))

    pull(store, api, source(auth=auth))

    assert api.asked[0].headers["Authorization"] == header


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_told_by_its_variable_and_is_found_nowhere(
    store_url: str, api: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SKILLGRAPH_SKILLS_TOKEN", TOKEN)
    api.serve("/v1/skills", by_link(SKILLS))
    store = open_store(store_url, create=True)
    pull(store, api, source(auth=InHeader()))
    api.serve("/v1/skills", lambda asked: Reply(status, f"{asked.headers}".encode()))

    with pytest.raises(LoadError, match=f"answered {status}.*SKILLGRAPH_SKILLS_TOKEN") as raised:
        pull(store, api, source(auth=InHeader()))
    store.close()

    files = Path(store_url.removeprefix("sqlite:")).parent.rglob("*")
    kept = b"".join(file.read_bytes() for file in files if file.is_file())
    assert kept
    for place in (kept, caplog.text.encode(), repr(raised.value).encode(), repr(raised.value.__cause__).encode()):
        assert TOKEN.encode() not in place


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "set SKILLGRAPH_SKILLS_TOKEN, or SKILLGRAPH_SKILLS_TOKEN_FILE"),
        ({"": "a", "_FILE": "b"}, "both SKILLGRAPH_SKILLS_TOKEN and"),
        ({"_FILE": "nowhere"}, "can't be read"),
        ({"": "ä b"}, "no header"),
    ],
)
def test_a_token_that_is_not_there_is_told_before_anything_is_asked(
    store: Store, api: Served, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for end, value in environment.items():
        monkeypatch.setenv(f"SKILLGRAPH_SKILLS_TOKEN{end}", value)
    with pytest.raises(LoadError, match=told):
        pull(store, api, source(auth=InHeader()))
    assert api.asked == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ada:pass@host.example/v1", "leave out what stands before @"),
        ("https://host.example/v1?token=pass", "after \\?"),
        ("http://host.example/v1", "unencrypted"),
        ("https:///v1", "no host"),
        ("https://host.example:port/", "can't be read"),
    ],
)
def test_an_address_that_would_give_a_secret_away_is_refused_and_not_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    monkeypatch.setenv("SKILLGRAPH_SKILLS_TOKEN", TOKEN)
    with pytest.raises(LoadError, match=told) as raised:
        load(store, LoadRequest(source(auth=InHeader()), address=address))
    assert "pass" not in str(raised.value)


def test_a_host_that_is_not_known_is_told_at_once(store: Store) -> None:
    with pytest.raises(LoadError, match=r"no such host|nobody is there"):
        load(store, LoadRequest(source(), address="https://no-such-host.invalid/v1"))


def test_a_certificate_that_nobody_vouches_for_is_refused(store: Store, tmp_path: Path) -> None:
    with Served(tls=_certificate(tmp_path)) as api, pytest.raises(LoadError, match="certificate"):
        pull(store, api)


def test_what_is_no_pulled_source_says_so(store: Store) -> None:
    with pytest.raises(LoadError, match="is not pulled"):
        load(store, LoadRequest("esco", address="https://host.example"))


def test_progress_tells_the_items(store: Store, api: Served) -> None:
    told: list[tuple[str, int]] = []
    api.serve("/v1/skills", by_link(SKILLS, 2))

    load(store, LoadRequest(source(), address=f"{api.origin}/v1"), lambda phase, done, _: told.append((phase, done)))

    assert [done for phase, done in told if phase == "pull"] == [2, 4, 5]


def test_a_rejected_row_is_kept_before_the_cursor_goes_past_it(store: Store, api: Served) -> None:
    api.serve("/v1/skills", by_link([*SKILLS, {"id": "6", "label": "x" * 3000, "updated_at": "2026-01-09T00:00:00Z"}]))

    record = pull(store, api, max_rejects=1.0)

    assert (record.written, record.rejected) == (5, 1)
    assert [row.row for row in store.ledger.held_rows(kind="rejected")] == [6]
    assert len(cursors(store)) == 1


def test_whichever_write_fails_the_same_command_goes_on(
    tmp_path: Path, api: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pull, which sweeps, and a later one, each cut off at every write of the store."""
    rest = [{"id": "6", "label": "Rust", "updated_at": "2026-01-07T00:00:00Z"}, {"id": "7", "label": "y" * 3000}]
    rest[1]["updated_at"] = "2026-01-08T00:00:00Z"
    for first in range(2):
        for later in range(2):
            api.serve("/v1/skills", by_link(SKILLS))
            store = open_store(f"sqlite:{tmp_path / f'{first}-{later}.db'}", create=True)
            _cut_off(store, first, api, monkeypatch)
            api.serve("/v1/skills", changed([*SKILLS, *rest], "updated_after", "updated_at", by_link))
            _cut_off(store, later, api, monkeypatch)
            assert (skills(store), len(cursors(store))) == (["1", "2", "3", "4", "5", "6"], 1)
            assert [row.row for row in store.ledger.held_rows(kind="rejected")] == [3]
            store.close()


def _cut_off(store: Store, nth: int, api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull whose n-th write fails, and the same again."""
    calls = itertools.count()
    with monkeypatch.context() as patched:
        write = store.write

        def failing(batch: Batch) -> Any:
            if next(calls) == nth:
                raise StoreLocked("here", "others are writing", "Wait.")
            return write(batch)

        patched.setattr(store, "write", failing)
        with contextlib.suppress(StoreLocked):
            pull(store, api, max_rejects=1.0)
    pull(store, api, max_rejects=1.0)


def test_a_dry_run_pulls_and_keeps_nothing(store: Store, api: Served) -> None:
    api.serve("/v1/skills", by_link(SKILLS))

    assert pull(store, api, dry_run=True).written == 5
    assert (skills(store), cursors(store)) == ([], [])


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SKILLGRAPH_STORE", f"sqlite:{tmp_path / 'typed.db'}")
    return lambda *words: CliRunner().invoke(app, ["load", *words])


def test_the_command_pulls_from_an_address(command: Any, api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_GREENHOUSE_TOKEN", TOKEN)
    for name in ("departments", "jobs", "candidates", "applications", "scorecards", "offers"):
        api.serve(f"/v1/{name}", by_link([]))

    done = command("greenhouse", f"{api.origin}/v1", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["read"] == 0
    assert TOKEN not in done.output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["greenhouse", "ADDRESS", "answers.json"], 2, "stands alone"),
        (["greenhouse", "answers.json", "--full"], 2, "files are always read whole"),
        (["esco", "ADDRESS"], 1, "not pulled from an API"),
        (["greenhouse", "ADDRESS"], 1, "set SKILLGRAPH_GREENHOUSE_TOKEN"),
    ],
)
def test_the_command_says_what_is_wrong(command: Any, api: Served, words: list[str], code: int, told: str) -> None:
    done = command(*(api.origin if word == "ADDRESS" else word for word in words))

    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize("at", ["reading", "writing"])
def test_after_a_kill_the_same_command_goes_on(store_url: str, api: Served, at: str) -> None:
    """The first pull is there; the second is killed before its second page, or before its last batch is committed."""
    items = list(SKILLS)
    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", by_link))
    _run(store_url, api.origin)
    items += [
        {"id": str(number), "label": f"skill {number}", "updated_at": f"2026-02-{number}T00:00:00Z"}
        for number in range(10, 20)
    ]
    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", lambda some: by_link(some, 4)))
    killed = _run(store_url, api.origin, kills=at)
    assert killed == -signal.SIGKILL

    api.serve("/v1/skills", changed(items, "updated_after", "updated_at", by_link))
    assert _run(store_url, api.origin) == 0

    store = open_store(store_url)
    try:
        assert skills(store) == sorted(each["id"] for each in items)
        assert [record.state for record in store.ledger.loads("skills")] == ["done", "interrupted", "done"]
        assert cursors(store) == [str(int(datetime.datetime(2026, 2, 19, tzinfo=datetime.UTC).timestamp()))]
    finally:
        store.close()


_PULL = """
import os, signal, sys
from graph.open import open_store
from loaders.load import LoadRequest, load
from loaders.pull.client import Client
from tests.sources.test_pull import source

store = open_store(sys.argv[1], create=True)
write, ask, at = store.write, Client.ask, sys.argv[3]

def write_or_die(batch):
    if at == "writing" and batch.cursors is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(batch)

def ask_or_die(client, request):
    if at == "reading" and "page=" in request.url:
        os.kill(os.getpid(), signal.SIGKILL)
    return ask(client, request)

store.write, Client.ask = write_or_die, ask_or_die
load(store, LoadRequest(source(), address=sys.argv[2] + "/v1"))
"""


def _run(store_url: str, origin: str, kills: str = "") -> int:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _PULL, store_url, origin, kills]
    return subprocess.run(command, cwd=root, env=dict(os.environ), check=False, timeout=60).returncode


def _certificate(folder: Path) -> tuple[str, str]:
    """A certificate of this machine that it signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")
