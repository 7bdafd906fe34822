"""Columns of text to held values: read by the column or cell by cell, the value or the error is the same."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import cells
from loaders.convert import convert, escaped, ids, scaled, stripped, versions
from loaders.rows import Converted
from loaders.source import Field
from ontology.ids import Prefixes, escape_local
from ontology.model import Datatype, Property
from ontology.values import OPEN, parse_instant

ESCO = "http://data.europa.eu/esco/skill/"
PREFIXES = Prefixes({"esco-skill": ESCO, "esco": "http://data.europa.eu/esco/", "iri": ""}, "https://skills.example/")
PLAIN = Field()


def a_property(datatype: Datatype, **more: Any) -> Property:
    return Property("thing", "https://example.org/thing", "thing", "A thing.", datatype, **more)


def converted(kind: Property, *texts: str | None, how: Field = PLAIN) -> Converted:
    return convert(pl.Series("texts", texts, dtype=pl.String), kind, how, PREFIXES)


def values(kind: Property, *texts: str | None, how: Field = PLAIN) -> list[Any]:
    found = converted(kind, *texts, how=how)
    assert not found.errors
    return found.values.to_list()


def error(kind: Property, text: str, how: Field = PLAIN) -> str:
    found = converted(kind, "", text, how=how)
    assert found.values.to_list() == [None, None]
    assert list(found.errors) == [1]
    return found.errors[1]


TEXT = a_property(Datatype.TEXT)
NUMBER = a_property(Datatype.INTEGER)
DECIMAL = a_property(Datatype.DECIMAL)
BEGINS = a_property(Datatype.INSTANT)
ENDS = a_property(Datatype.INSTANT, ends=True)
YES_OR_NO = a_property(Datatype.BOOLEAN)
KIND = a_property(Datatype.ENUM, values=("completion", "assessment"))
REFERENCE = a_property(Datatype.REFERENCE)
WORDS = a_property(Datatype.TEXT, many=True)


# What comes in the data


letters = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\0 "), max_size=12)
digits = st.from_regex(r"[+-]?[0-9]{0,12}([.,][0-9]{0,8})?(e[0-9])?", fullmatch=True)
instants = st.from_regex(
    r"(19[67][0-9]|20[0-9][0-9]|210[0-7]|9999)-(0[0-9]|1[0-3])-[0-3][0-9]"
    r"([T ]([01][0-9]|2[0-5]):[0-6][0-9](:[0-6][0-9](\.[0-9]{1,3})?)?(Z|[+-][01][0-9]:[0-9]0)?)?",
    fullmatch=True,
)
curies = st.from_regex(r"[a-z]{1,3}:[A-Za-z0-9._~ -]{0,5}", fullmatch=True)
iris = st.builds(
    str.__add__, st.sampled_from([ESCO, "http://data.europa.eu/esco/", "https://skills.example/id/"]), letters
)
texts = st.one_of(
    letters, digits, instants, curies, iris, st.sampled_from(["true", "No", "completion", "P1Y", "1:0.5"])
)
kinds = st.sampled_from(
    [
        *(a_property(datatype, values=("completion", "assessment")) for datatype in Datatype),
        ENDS,
    ]
)


def by_itself(read: cells.Read, cell: str | None) -> tuple[Any, str | None]:
    """What reading one cell gives: its value, or what is wrong with it."""
    try:
        return None if cell is None else read(cell), None
    except ValueError as wrong:
        return None, str(wrong)


@given(kinds, st.lists(texts, max_size=30))
def test_a_column_gives_what_its_cells_give_one_by_one(kind: Property, column: list[str]) -> None:
    found = converted(kind, *column)
    read = cells.reader(kind, PLAIN, PREFIXES)
    for row, cell in enumerate(stripped(pl.Series(column, dtype=pl.String)).to_list()):
        expected, reason = by_itself(read, cell)
        expected = expected[0] if isinstance(expected, tuple) else expected
        assert (found.values[row], found.errors.get(row)) == (expected, reason)


@given(st.lists(st.one_of(letters, digits), max_size=30))
def test_decimals_with_a_comma_are_read_the_same_way(column: list[str]) -> None:
    found = converted(DECIMAL, *column, how=Field(decimal=","))
    for row, cell in enumerate(stripped(pl.Series(column, dtype=pl.String)).to_list()):
        expected, reason = by_itself(lambda text: cells.decimal(text, ","), cell)
        assert (found.values[row], found.errors.get(row)) == (expected, reason)


@given(st.datetimes(), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y %H:%M", "%Y%m%d", "%d %b %Y", "%Y-%m-%dT%H:%M:%S%z"]))
def test_dates_of_a_form_are_read_as_python_reads_them(moment: Any, form: str) -> None:
    cell = moment.strftime(form)
    how = Field(date_format=form)
    found = converted(ENDS, cell, how=how)
    expected, reason = by_itself(lambda text: cells.instant(text, True, form), cell)
    instant, flagged = expected or (None, False)
    assert (found.values[0], found.errors.get(0), bool(found.flags)) == (instant, reason, flagged)


@given(st.lists(texts, max_size=20))
def test_keys_are_escaped_as_ids_escape_them(column: list[str]) -> None:
    plain = stripped(pl.Series(column, dtype=pl.String)).to_list()
    assert escaped(pl.Series(column, dtype=pl.String)).to_list() == [c if c is None else escape_local(c) for c in plain]


# Each datatype


def test_white_space_around_a_value_is_left_out_and_what_is_empty_then_is_absent() -> None:
    assert values(TEXT, " a b\n", "  ", "", None) == ["a b", None, None, None]


def test_lines_within_a_text_end_the_same_whatever_machine_it_comes_from() -> None:
    assert values(TEXT, "a\r\nb\rc\nd") == ["a\nb\nc\nd"]
    assert values(WORDS, "a\rb|c") == [["a\nb", "c"]]


def test_a_plain_date_begins_at_its_first_moment_and_ends_with_the_day() -> None:
    assert values(BEGINS, "2025-03-01") == [parse_instant("2025-03-01T00:00:00Z")[0]]
    assert values(ENDS, "2025-03-01") == [parse_instant("2025-03-02T00:00:00Z")[0]]


def test_times_without_a_zone_are_utc_and_counted() -> None:
    found = converted(
        BEGINS, "2025-03-01T10:00:00", "2025-03-01 10:00", "2025-03-01T10:00:00Z", "2025-03-01T11:00+01:00"
    )
    assert found.values.n_unique() == 1
    assert found.flags == {"no-zone": 2}


def test_the_end_of_time_is_open() -> None:
    assert values(ENDS, "9999-12-31", "9999-12-31T00:00:00Z") == [OPEN, OPEN]


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (BEGINS, "2025-02-30", "that date does not exist; the last day of 2025-02 is 28"),
        (BEGINS, "1969-12-31", "outside 1970 to 2105"),
        (BEGINS, "yesterday", "'yesterday' is no instant: write 2025-03-01"),
        (DECIMAL, "0.1234567", "more than six decimal places: round it to six"),
        (DECIMAL, "0,5", "with a point, not a comma"),
        (NUMBER, "three", "'three' is no whole number"),
        (YES_OR_NO, "maybe", "neither true nor false"),
        (KIND, "completed", "not one of completion, assessment; did you mean 'completion'?"),
        (REFERENCE, "linux", "'linux' is no id: write prefix:local, or a full IRI"),
        (a_property(Datatype.DURATION), "2 years", "no duration: write P2Y"),
        (a_property(Datatype.IRI), "www.example.org", "no web address: write it whole"),
        (a_property(Datatype.CUT_SCORES), "1=0.5", "pairs of level and score like 1:0.5"),
        (a_property(Datatype.CUT_SCORES), "1:1.5", "must be from 0 to 1"),
        (TEXT, "a\0b", "holds a NUL byte: remove it"),
    ],
)
def test_a_wrong_value_is_told_with_the_fix(kind: Property, text: str, reason: str) -> None:
    assert reason in error(kind, text)


def test_decimals_are_whole_millionths() -> None:
    assert values(DECIMAL, "0.8", "3", "-1.25", "1e-6", "12345678901.5") == [
        800_000,
        3_000_000,
        -1_250_000,
        1,
        12345678901_500_000,
    ]


def test_cut_scores_stand_in_the_order_of_levels() -> None:
    assert values(a_property(Datatype.CUT_SCORES), "2:0.70|1:.5") == ["1:0.5|2:0.7"]


def test_references_are_curies_or_iris() -> None:
    assert values(
        REFERENCE, "skill:linux", f"{ESCO}ab-1", f"{ESCO}a b".replace(" ", "/"), "https://skills.example/id/hr:7"
    ) == [
        "skill:linux",
        "esco-skill:ab-1",
        "esco-skill:a~2fb",
        "hr:7",
    ]


# Lists


def test_a_list_is_a_set_of_items_without_empty_ones() -> None:
    assert values(WORDS, "a|b | |a", "|", None) == [["a", "b"], None, None]


def test_a_bar_within_an_item_is_escaped() -> None:
    assert values(WORDS, r"R\|C|C:\\temp") == [["R|C", "C:\\temp"]]


def test_items_stand_between_the_separator_that_the_mapping_names() -> None:
    assert values(WORDS, "a\nb|c", how=Field(separator="\n")) == [["a", "b|c"]]


def test_a_list_with_a_wrong_item_is_told_and_absent() -> None:
    found = converted(a_property(Datatype.REFERENCE, many=True), "skill:a|linux", "skill:b")
    assert found.values.to_list() == [None, ["skill:b"]]
    assert "'linux' is no id" in found.errors[0]


def test_a_column_of_lists_needs_no_separator() -> None:
    column = pl.Series([["a|b", " "], [], None])
    assert convert(column, WORDS, PLAIN, PREFIXES).values.to_list() == [["a|b"], None, None]


@pytest.mark.parametrize("cell", [["a", "b"], [{"a": 1}], {"a": 1}])
def test_a_list_or_an_object_is_no_single_value(cell: Any) -> None:
    found = convert(pl.Series([cell, None]), TEXT, PLAIN, PREFIXES)
    assert found.values.to_list() == [None, None]
    assert list(found.errors) == [0]


# Other people's words


def test_words_are_translated_and_unknown_ones_told() -> None:
    how = Field(translate={"C": "completion", "none": ""})
    assert values(KIND, "C", "none", how=how) == ["completion", None]
    assert error(KIND, "X", how) == "'X' is not among the translated words C, none"


def test_a_star_stands_for_every_other_word() -> None:
    assert values(KIND, "C", "X", how=Field(translate={"C": "completion", "*": "assessment"})) == [
        "completion",
        "assessment",
    ]


def test_dates_of_another_form() -> None:
    assert values(ENDS, "31.12.2024", how=Field(date_format="%d.%m.%Y")) == [parse_instant("2025-01-01")[0]]
    assert "no date of the form %d.%m.%Y: write it like 31.12.2025" in error(
        ENDS, "2024-12-31", Field(date_format="%d.%m.%Y")
    )


def test_unix_times() -> None:
    assert values(BEGINS, "86400", how=Field(date_format="unix")) == [86_400]
    assert values(BEGINS, "86400999", how=Field(date_format="unix_ms")) == [86_400]
    assert "no unix time from 1970 to 2105" in error(BEGINS, "-1", Field(date_format="unix"))


# Beside properties


def test_a_score_is_scaled_by_its_least_and_highest_value() -> None:
    found = scaled(pl.Series(["34", "0", None]), "0", pl.Series(["40", "40", "40"]))
    assert found.values.to_list() == [850_000, 0, None]


def test_a_third_is_rounded_to_whole_millionths() -> None:
    assert scaled(pl.Series(["1", "2"]), "0", "3").values.to_list() == [333_333, 666_667]


def test_a_range_of_nothing_scales_nothing() -> None:
    found = scaled(pl.Series(["1", None]), "0", "0")
    assert (found.values.to_list(), found.errors, found.flags) == ([None, None], {}, {"no-range": 1})


def test_a_score_that_can_not_be_scaled_is_told() -> None:
    found = scaled(pl.Series(["1", "1", "x"]), pl.Series(["5", None, "0"]), "3")
    assert found.errors[0] == "the least value 5 is above the highest 3: swap them"
    assert "no least or no highest value" in found.errors[1]
    assert "'x' is no decimal number" in found.errors[2]


def test_a_version_is_a_number_or_an_instant() -> None:
    found = versions(pl.Series(["7", "2025-03-01", "1970-01-01T00:00:09Z", None, "new"]))
    assert found.values.to_list() == [7, 1_740_787_200, 9, None, None]
    assert found.errors == {4: "'new' is no version: write an instant or a whole number"}


def test_ids_come_as_curies() -> None:
    found = ids(pl.Series([f"{ESCO}x", "skill:a", "x", None]), PREFIXES)
    assert found.values.to_list() == ["esco-skill:x", "skill:a", None, None]
    assert list(found.errors) == [2]
