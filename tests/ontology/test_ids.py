"""Ids: safe in paths, reversible, and one canonical text for each."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from ontology.ids import LONGEST_ID, Prefixes, escape_local, is_curie, make_curie, unescape_local
from ontology.model import Model

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
IRIS = st.from_regex(
    r"https://[a-z]{1,9}\.example/([A-Za-z0-9/?=~.é-]|%[0-9A-F]{2}){0,20}(#[A-Za-z0-9/?=~.é-]{0,9})?", fullmatch=True
)
PREFIXES = Prefixes(
    {"course": "https://lms.example/course/", "lms": "https://lms.example/", "iri": ""}, "https://skills.example/"
)


@given(KEYS)
def test_any_key_is_escaped_safely_and_reversibly(key: str) -> None:
    local = escape_local(key)
    assert re.fullmatch(r"(?:[A-Za-z0-9._-]|~[0-9a-f]{2})+", local)
    assert unescape_local(local) == key


@given(KEYS, KEYS)
def test_two_keys_never_share_an_id(one: str, other: str) -> None:
    assert (escape_local(one) == escape_local(other)) == (one == other)


@given(KEYS, st.sampled_from(["course", "lms", "iri", "hr"]))
def test_an_id_is_expanded_to_an_iri_and_compacted_to_one_id(key: str, prefix: str) -> None:
    curie = make_curie(prefix, key)
    assert is_curie(curie)
    iri = PREFIXES.expand(curie)
    assert re.fullmatch(r"[^\x00-\x20<>\"{}|\\^`]+", iri)
    assert PREFIXES.expand(PREFIXES.compact(iri)) == iri


@given(IRIS)
def test_every_iri_has_an_id_and_is_had_back_from_it(iri: str) -> None:
    curie = PREFIXES.curie(iri)
    assert is_curie(curie)
    assert PREFIXES.expand(curie) == iri


def test_the_longest_namespace_names_the_id() -> None:
    assert PREFIXES.curie("https://lms.example/course/42") == "course:42"
    assert PREFIXES.curie("https://lms.example/user/42") == "lms:user~2f42"
    assert PREFIXES.curie("https://other.example/42") == "iri:https~3a~2f~2fother.example~2f42"


def test_an_undeclared_prefix_expands_below_the_base() -> None:
    assert PREFIXES.expand("hr:7") == "https://skills.example/id/hr:7"
    assert PREFIXES.compact("https://skills.example/id/hr:7") == "hr:7"


def test_a_key_that_no_iri_may_hold_expands_below_the_base_too() -> None:
    assert PREFIXES.expand("course:C~2b~2b~20~3e") == "https://skills.example/id/course:C~2b~2b~20~3e"


def test_hex_digits_and_needless_escapes_are_read_but_not_kept() -> None:
    assert PREFIXES.curie("hr:~C3~a9~41") == "hr:~c3~a9A"
    assert not is_curie("hr:~C3~A9")
    assert not is_curie("hr:~41")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hr",
        "hr:",
        ":7",
        "hr:a b",
        "hr:a/b",
        "hr:~4",
        "hr:~ff",
        "1hr:7",
        "hr:é",
        "hr:7\n",
        "h r:7",
        "a:" + "b" * LONGEST_ID,
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert not is_curie(text)


@pytest.mark.parametrize(
    "text", ["", "hr", "hr:", "hr:a b", "hr:~ff", "7", "<x>", "http://a b", "\ud800:x", "x:\ud800"]
)
def test_what_is_neither_id_nor_iri_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|mend"):
        PREFIXES.curie(text)


def test_the_edge_of_two_nodes_has_an_iri() -> None:
    assert PREFIXES.edge_iri("REQUIRES", "hr:7", "skill:1") == "https://skills.example/edge/REQUIRES/hr:7/skill:1"


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("esco-skill:005eb9d4", "http://data.europa.eu/esco/skill/005eb9d4"),
        ("esco-occupation:1", "http://data.europa.eu/esco/occupation/1"),
        ("isco:C2512", "http://data.europa.eu/esco/isco/C2512"),
        ("isced-f:0613", "http://data.europa.eu/esco/isced-f/0613"),
        ("scale:home", "https://w3id.org/skillgraph/scale/home"),
        ("level:advanced", "https://w3id.org/skillgraph/level/advanced"),
    ],
)
def test_the_bundled_id_spaces(model: Model, curie: str, iri: str) -> None:
    assert model.prefixes.expand(curie) == iri
    assert model.prefixes.curie(iri) == curie


@given(st.one_of(st.text(max_size=8), st.text(st.sampled_from("ab1%:/?#[]@!é|^ \ue000\ufffe"), max_size=12)))
def test_every_id_has_an_address_that_readers_of_rdf_take_and_that_leads_back(key: str) -> None:
    for start in ("", "a:", "http://", "https://x.example/"):
        try:
            id = make_curie("iri", start + key)
        except ValueError:
            continue
        address = PREFIXES.expand(id)
        assert NamedNode(address).value == address
        assert PREFIXES.compact(address) in {id, PREFIXES.compact(start + key)}
