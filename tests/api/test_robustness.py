"""No input causes a 5xx: the corpus of bad requests, sent to a real server."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from api.app import create_app
from tests.api.conftest import LIMITS, Served, problem

JSON = {"Content-Type": "application/json"}
POSTS = ["/v1/role-matches", "/v1/person-gap", "/v1/evidence"]
MEGABYTE = 1 << 20

BODIES: dict[str, bytes] = {
    "empty": b"",
    "600 deep": b'{"profile":' + b"[" * 600 + b"]" * 600 + b"}",
    "100,000 deep": b"[" * 100_000,
    "600 objects deep": b'{"a":' * 600 + b"1" + b"}" * 600,
    "NaN": b'{"threshold": NaN}',
    "infinity": b'{"threshold": 1e999}',
    "lone surrogate": b'{"role": "\\ud800"}',
    "lone surrogate as name": b'{"\\udfff": 1}',
    "duplicate keys": b'{"role": "a:b", "role": "c:d"}',
    "NUL escaped": b'{"role": "a\\u0000b"}',
    "NUL bare": b'{"role": "a\x00b"}',
    "Latin-1": b'{"role": "caf\xe9"}',
    "UTF-16": '{"role": "a:b"}'.encode("utf-16"),
    "UTF-32": '{"role": "a:b"}'.encode("utf-32"),
    "byte order mark": b'\xef\xbb\xbf{"role": "a:b"}',
    "huge integer": b'{"limit": 99999999999999999999999999}',
    "64 bits": b'{"limit": 9223372036854775807}',
    "a text": b'"role"',
    "a list": b"[1, 2, 3]",
    "null": b"null",
    "truncated": b'{"role": "a:b"',
    "formula": b'{"role": "=cmd|x"}',
    "rows that are none": b'[null, 1, "x", [], {"id": {"a": 1}}, {"id": ["x"]}]',
    "a row of rubbish": b'[{"id": "\\u202e", "learner": "\\uffff", "kind": "\\n", "score": 1e308, "level": -1e308}]',
}
QUERIES = [
    "%",
    "%ff=%fe",
    "%00=%00",
    "=",
    "&&&",
    "role=%00",
    "role=%ff%fe",
    "role=%ED%A0%80",
    "role=" + "a" * 5_000,
    "role=" + "%F0%9F%98%80" * 400,
    "role=..%2f..%2fetc%2fpasswd",
    "role='%20OR%201=1--",
    "role=a:b&limit=-9223372036854775809",
    "role=a:b&limit=1e400",
    "role=a:b&limit=٣",
    "role=a:b&cursor=%7B%7D",
    "role=a:b&as_of=2025-13-01",
    "role=a:b&as_of=2025-01-01T25:00:00Z",
    "role=a:b&max_age=P99999999999Y",
    "person=%0a&role=%0d",
    "q=%00",
    "q=*",
    "q=%22",
    "q=NEAR(a%20b",
    "q=a%20AND",
    "q=" + "a%20" * 60,
    "q=(((((",
    "q=%F0%9F%98%80",
    "q=%CC%81",
    "q=linux&type=Skil",
    "q=linux&lang='",
    "q=linux&limit=101",
    "since=-1",
    "since=99999999999999999999",
    "since=9223372036854775807",
    "since=1e3",
    "since=0&limit=0",
]
PATHS = [
    "/v1/nodes/%00",
    "/v1/nodes/%ff",
    "/v1/nodes/%ED%A0%80:x",
    "/v1/nodes/" + "a" * 5_000,
    "/v1/nodes/a:" + "b" * 5_000,
    "/v1/nodes/..%2f..%2fetc%2fpasswd",
    "/v1/nodes/%2e%2e",
    "/v1/nodes/http%3A%2F%2Fexample.org%2Fx",
    "/v1/nodes/skill:~zz",
    "/v1/nodes/a:b%20c",
    "/v1/nodes/;DROP%20TABLE%20node",
    "/v1/nodes/",
    "/v1/loads/0",
    "/v1/loads/-1",
    "/v1/loads/9223372036854775807",
    "/v1/loads/9223372036854775808",
    "/v1/loads/" + "9" * 400,
    "/v1/loads/٣",
    "/v1/loads/upload-000000000000000000000000",
    "/v1/loads/upload-..%2f..",
    "/v1/loads/%00",
    "/v1/loads/x/rejects",
    "/v1/loads/9223372036854775807/rejects",
    "/v1/nothing",
    "/v1/role-matches/",
    "//v1/search",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%00",
    "/%ff%fe",
]


@pytest.mark.parametrize("body", BODIES, ids=str)
@pytest.mark.parametrize("path", POSTS)
def test_no_body_causes_a_5xx(client: httpx.Client, path: str, body: str) -> None:
    answer = client.post(path, content=BODIES[body], headers=JSON)
    if answer.status_code != 200:
        told = problem(answer, answer.status_code)
        assert answer.status_code < 500
        assert told["fix"]
    else:
        assert path == "/v1/evidence"
        assert answer.json()["written"] == 0


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["/v1/role-matches", "/v1/person-gap", "/v1/search", "/v1/changes", "/readyz"])
def test_no_query_causes_a_5xx(client: httpx.Client, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert problem(answer, answer.status_code)["fix"]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_causes_a_5xx(shared: Served, path: str) -> None:
    status, body = raw(shared, f"GET {path} HTTP/1.1")
    assert status in {"400", "404"}, body


@pytest.mark.parametrize(
    "header",
    [
        "Accept: image/png",
        "Accept: ;;;",
        "Accept: " + "a/b," * 2_000,
        "Accept-Language: " + "x-" * 2_000,
        "If-None-Match: \xff\xfe",
        "Content-Type: \xff",
        "Content-Encoding: br",
        "Content-Length: 5",
        "X-Request-Id: ada@example.org",
        "Range: bytes=0-",
        "Cookie: \x7f=",
        "Expect: 100-continue",
        "Host: evil.example",
    ],
)
def test_no_header_causes_a_5xx(shared: Served, header: str) -> None:
    status, body = raw(shared, "GET /v1/search?q=linux HTTP/1.1", header)
    assert status in {"200", "400", "406"}, body
    assert "ada@example.org" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_405_with_those_that_are_answered(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/v1/search?q=linux")
    assert answer.headers["allow"] == "GET, HEAD"
    assert "GET, HEAD" in problem(answer, 405)["fix"]
    assert client.request("DELETE", "/v1/role-matches").headers["allow"] == "GET, HEAD, POST"


def test_head_answers_as_get_without_the_body(client: httpx.Client) -> None:
    got, head = client.get("/v1/search?q=linux"), client.head("/v1/search?q=linux")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "", "multipart/form-data", "application/json; charset=utf-7"]
)
def test_another_media_type_is_415(client: httpx.Client, kind: str) -> None:
    for path in POSTS:
        problem(client.post(path, content=b"{}", headers={"Content-Type": kind}), 415)


def test_a_body_over_the_limit_is_413_by_its_declared_length(client: httpx.Client) -> None:
    told = problem(client.post("/v1/evidence", content=bytes(70 * MEGABYTE), headers=JSON), 413)
    assert str(LIMITS.body) in told["fix"]


def test_a_body_over_the_limit_is_413_before_it_has_come(shared: Served) -> None:
    """Nothing of the 70 MB is sent: the declared length is enough."""
    status, body = raw(
        shared, "POST /v1/evidence HTTP/1.1", "Content-Type: application/json", "Content-Length: 73400320"
    )
    assert status == "413", body


def test_a_body_over_the_limit_in_chunks_is_413(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(70):
            yield bytes(MEGABYTE)

    problem(client.post("/v1/evidence", content=chunks(), headers=JSON), 413)


def test_a_gzip_body_is_read_and_a_bomb_is_413(client: httpx.Client) -> None:
    packed = {**JSON, "Content-Encoding": "gzip"}
    small = gzip.compress(b'{"role": "role:cloud-engineer", "as_of": "2025-01-01"}')
    assert client.post("/v1/role-matches", content=small, headers=packed).json()["total"] == 4
    for path in POSTS:
        problem(client.post(path, content=gzip.compress(bytes(300 * MEGABYTE)), headers=packed), 413)
        problem(client.post(path, content=b"no gzip", headers=packed), 400)


def test_another_content_encoding_is_415(client: httpx.Client) -> None:
    for encoding in ("br", "zstd", "gzip, gzip", "compress"):
        answer = client.post("/v1/role-matches", content=b"{}", headers={**JSON, "Content-Encoding": encoding})
        problem(answer, 415)


def test_a_batch_of_very_many_rows_is_413(client: httpx.Client) -> None:
    problem(client.post("/v1/evidence", content=b"[" + b"1," * 60_000 + b"1]", headers=JSON), 413)
    lines = {"Content-Type": "application/x-ndjson"}
    problem(client.post("/v1/evidence", content=b"1\n" * 60_000, headers=lines), 413)


def test_a_failure_inside_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one 500 there is: a bug. It is told by the request's id, and says nothing of what failed."""
    app = create_app("sqlite:never-opened.db")
    monkeypatch.setattr(app.state.service, "number", lambda: 1 // 0)
    monkeypatch.setattr("api.health.service_of", lambda _: 1 // 0)
    transport = httpx.ASGITransport(app=app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/readyz")

    import anyio

    answer = anyio.run(ask)
    told = problem(answer, 500)
    assert "division" not in answer.text
    assert told["instance"].endswith(answer.headers["x-request-id"])


def raw(served: Served, line: str, *headers: str) -> tuple[str, str]:
    """Status and text of a request whose every byte is written here."""
    place = urlsplit(served.url)
    assert place.hostname is not None
    key = f"Authorization: Bearer {served.secrets['all']}"
    head = "\r\n".join([line, "Host: test", key, "Connection: close", *headers, "", ""])
    with socket.create_connection((place.hostname, place.port or 80), timeout=20) as connection:
        connection.sendall(head.encode("latin-1", "ignore"))
        data = b""
        while piece := connection.recv(65_536):
            data += piece
            if len(data) > 300_000:
                break
    return data[9:12].decode(), data.decode("utf-8", "replace")
