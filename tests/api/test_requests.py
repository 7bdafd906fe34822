"""Query strings, media types, Accept headers and gzip bodies are read strictly."""

from __future__ import annotations

import gzip
import zlib

import pytest
from fastapi import Request

from api.negotiation import choose, language_of
from api.problems import Problem
from api.reading import gunzip, media_type, only, query_of, whole

OFFERED = ("application/json", "text/csv", "application/x-ndjson")
MEGABYTE = 1 << 20


def request(query: bytes = b"", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": raw})


def test_a_query_string_is_lists_of_texts_in_order() -> None:
    assert query_of(request(b"a=1&b=%C3%A9+x&a=2&c&&d=")) == {"a": ["1", "2"], "b": ["é x"], "c": [""], "d": [""]}


@pytest.mark.parametrize("query", [b"a=%ff", b"%ED%A0%80=1", b"a=%c3", b"&".join([b"a=1"] * 1_001)])
def test_a_query_string_that_is_no_text_is_400(query: bytes) -> None:
    with pytest.raises(Problem) as caught:
        query_of(request(query))
    assert caught.value.status == 400


def test_unknown_and_repeated_parameters_are_422() -> None:
    assert only({"a": ["1"]}, ("a", "b")) == {"a": "1"}
    with pytest.raises(Problem, match="known are: a, b"):
        only({"c": ["1"]}, ("a", "b"))
    with pytest.raises(Problem, match="give it once"):
        only({"a": ["1", "2"]}, ("a", "b"))


@pytest.mark.parametrize("text", ["", "-1", "101", "1.0", "1e3", "٣", "9" * 5000, "99999999999999999999", " 1", "--1"])
def test_a_whole_number_out_of_range_is_422(text: str) -> None:
    with pytest.raises(Problem, match="give a whole number from 0 to 100"):
        whole({"limit": text}, "limit", 20, 0, 100)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("application/x-ndjson; q=0.2, text/csv; q=0.1", "application/x-ndjson"),
    ],
)
def test_accept_chooses_the_form(accept: str | None, chosen: str) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "json", ";;;,q=", "text/csv;q=2", "text/csv;q=x", "\x00"])
def test_accept_of_no_form_is_406(accept: str) -> None:
    with pytest.raises(Problem, match="none of the forms") as caught:
        choose(accept, OFFERED)
    assert caught.value.status == 406
    assert "application/json" in caught.value.faults[0].fix


@pytest.mark.parametrize(
    ("header", "language"),
    [(None, ""), ("de-AT, en;q=0.5", "de-at"), ("en-GB", ""), ("*", ""), ("fr;q=0, en", ""), ("'; DROP", "")],
)
def test_accept_language_names_the_language_of_labels(header: str | None, language: str) -> None:
    assert language_of(header, "en") == language


@pytest.mark.parametrize("stated", ["", "text/plain", "application/json; charset=utf-16", "application/jsonx"])
def test_another_media_type_is_415_with_what_is_accepted(stated: str) -> None:
    with pytest.raises(Problem) as caught:
        media_type(request(content_type=stated), ("application/json",))
    assert caught.value.status == 415


def test_gzip_is_unpacked_with_all_its_members() -> None:
    assert gunzip(gzip.compress(b"one") + gzip.compress(b"two"), MEGABYTE) == b"onetwo"


def test_a_gzip_bomb_is_413_before_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(200 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    with pytest.raises(Problem) as caught:
        gunzip(bomb, MEGABYTE)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "data",
    [
        b"not gzip",
        gzip.compress(b"cut off")[:-4],
        gzip.compress(b"x") + b"rubbish",
        zlib.compress(b"deflate"),
        gzip.compress(b"") * 100_000,
    ],
    ids=["plain", "cut off", "rubbish behind", "zlib", "very many members"],
)
def test_unsound_gzip_is_400(data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        gunzip(data, MEGABYTE)
    assert caught.value.status == 400
