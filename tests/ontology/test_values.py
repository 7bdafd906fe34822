"""Values: read, held and written without loss, and refused with the bad value and a fix."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from ontology.values import (
    LATEST,
    OPEN,
    Duration,
    add_duration,
    decimal_number,
    format_cut_scores,
    format_decimal,
    format_instant,
    parse_boolean,
    parse_cut_scores,
    parse_decimal,
    parse_duration,
    parse_instant,
    parse_integer,
)

INSTANTS = st.integers(0, LATEST)
MILLIONTHS = st.integers(-(10**18), 10**18)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@given(INSTANTS)
def test_an_instant_is_read_back_as_it_was_written(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == (instant, False)


@given(MILLIONTHS)
def test_a_decimal_is_read_back_as_it_was_written(millionths: int) -> None:
    assert parse_decimal(format_decimal(millionths)) == millionths
    assert Decimal(format_decimal(millionths)) == Decimal(millionths) / 1_000_000


@given(st.integers(-(10**12), 10**12))
def test_a_decimal_as_a_json_number_is_the_same_decimal(millionths: int) -> None:
    assert parse_decimal(repr(decimal_number(millionths))) == millionths


@given(st.dictionaries(st.integers(1, 7), st.integers(0, 1_000_000), min_size=1))
def test_cut_scores_have_one_canonical_text(cuts: dict[int, int]) -> None:
    stated = "|".join(f"{level}:{format_decimal(cut)}" for level, cut in cuts.items())
    assert parse_cut_scores(stated) == tuple(sorted(cuts.items()))
    canonical = format_cut_scores(parse_cut_scores(stated))
    assert format_cut_scores(parse_cut_scores(canonical)) == canonical


@pytest.mark.parametrize(
    ("text", "ends", "means"),
    [
        ("2025-03-01", False, "2025-03-01T00:00:00+00:00"),
        ("2025-03-01", True, "2025-03-02T00:00:00+00:00"),
        ("2024-02-29", True, "2024-03-01T00:00:00+00:00"),
        ("2025-12-31", True, "2026-01-01T00:00:00+00:00"),
        ("2025-03-01T10:00:00Z", True, "2025-03-01T10:00:00+00:00"),
        ("2025-03-01T10:00:00+02:00", False, "2025-03-01T08:00:00+00:00"),
        ("2025-03-01T10:00:00-0530", False, "2025-03-01T15:30:00+00:00"),
        ("2025-03-01 10:00Z", False, "2025-03-01T10:00:00+00:00"),
        ("2025-03-01T10:00:00.999Z", False, "2025-03-01T10:00:00+00:00"),
        ("2025-03-01T24:00:00Z", False, "2025-03-02T00:00:00+00:00"),
    ],
)
def test_a_plain_date_begins_at_its_first_moment_and_ends_at_the_next_midnight(
    text: str, ends: bool, means: str
) -> None:
    assert parse_instant(text, ends) == (seconds(means), False)


def test_a_time_without_a_zone_is_utc_and_flagged() -> None:
    assert parse_instant("2025-03-01T10:00:00") == (seconds("2025-03-01T10:00:00+00:00"), True)


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59Z", "10000-01-01"])
def test_9999_12_31_and_later_is_open(text: str) -> None:
    assert parse_instant(text, ends=True) == (OPEN, False)
    assert format_instant(OPEN) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2025-02-30", "that date does not exist; the last day of 2025-02 is 28"),
        ("2023-02-29", "that date does not exist; the last day of 2023-02 is 28"),
        ("2025-13-01", "there is no month 13"),
        ("2025-00-01", "there is no month 00"),
        ("2025-03-00", "that date does not exist"),
        ("0000-02-30", "that date does not exist"),
        ("2025-03-01T25:00:00Z", "that time of day does not exist"),
        ("2025-03-01T10:61:00Z", "that time of day does not exist"),
        ("2025-03-01T10:00:00+99:00", "there is no zone +99:00"),
        ("1969-12-31", "is outside 1970 to 2105"),
        ("1970-01-01T00:00:00+01:00", "is outside 1970 to 2105"),
        ("2106-01-01T00:00:01Z", "is outside 1970 to 2105"),
        ("9999-12-30", "is outside 1970 to 2105"),
        ("01.03.2025", "is no instant: write 2025-03-01"),
        ("2025-03", "is no instant"),
        ("", "is no instant"),
        ("٢٠٢٥-٠٣-٠١", "is no instant"),
        ("2025-03-01T10:00:00Z\x00", "is no instant"),
    ],
)
def test_what_is_no_instant_is_named_with_the_fix(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        parse_instant(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "inf", "1e400", "1_000", "0,8", "0.0000001", "0.8" + "0" * 40 + "1", "1e13", "１", "--1"]
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal|large"):
        parse_decimal(text)


def test_a_decimal_comma_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"'0,8' is no decimal number: write digits like 0\.8, with a point, not a comma"
    ):
        parse_decimal("0,8")


@pytest.mark.parametrize(("text", "held"), [("1e-3", 1000), ("5.", 5_000_000), (".5", 500_000), (0.1, 100_000)])
def test_other_ways_to_write_a_decimal(text: str | float, held: int) -> None:
    assert parse_decimal(text) == held


def test_integers_and_booleans() -> None:
    assert [parse_integer(each) for each in ("7", "+7", " 7 ", "7.0", -7)] == [7, 7, 7, 7, -7]
    assert [parse_boolean(each) for each in ("TRUE", "yes", "0", False)] == [True, True, False, False]
    for refused in ("7.5", "seven", "", "9" * 30, "٧"):
        with pytest.raises(ValueError, match="is no whole number: write digits like 3"):
            parse_integer(refused)
    with pytest.raises(ValueError, match="'maybe' is neither true nor false"):
        parse_boolean("maybe")


@given(st.integers(0, LATEST), st.integers(0, 40), st.integers(0, 24), st.integers(0, 400), st.integers(0, 100))
def test_adding_a_duration_is_calendar_arithmetic(start: int, years: int, months: int, days: int, hours: int) -> None:
    later = (
        datetime.fromtimestamp(start, UTC)
        + relativedelta(years=years, months=months)
        + timedelta(days=days, hours=hours)
    )
    expected = int(later.timestamp())
    found = add_duration(start, f"P{years}Y{months}M{days}DT{hours}H")
    assert found == (expected if expected <= LATEST else OPEN)


@pytest.mark.parametrize(
    ("start", "duration", "later"),
    [
        ("2024-01-31", "P1M", "2024-02-29T00:00:00Z"),
        ("2023-01-31", "P1M", "2023-02-28T00:00:00Z"),
        ("2024-02-29", "P1Y", "2025-02-28T00:00:00Z"),
        ("2024-02-29", "P4Y", "2028-02-29T00:00:00Z"),
        ("2024-12-31", "P2M", "2025-02-28T00:00:00Z"),
        ("2024-03-30", "P2W", "2024-04-13T00:00:00Z"),
        ("2024-03-30", "PT36H", "2024-03-31T12:00:00Z"),
        ("2100-01-01", "P50Y", ""),
        ("2100-01-01", "P900Y", ""),
    ],
)
def test_the_day_is_clamped_to_the_last_of_the_month(start: str, duration: str, later: str) -> None:
    assert format_instant(add_duration(parse_instant(start)[0], duration)) == later


def test_nothing_is_later_than_open() -> None:
    assert add_duration(OPEN, "P1D") == OPEN


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1Y", "P-1Y", "P1.5Y", "P1H", "PT1D", "P1YT", "two years", "P1M1Y"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration: write P2Y for two years"):
        parse_duration(text)


def test_a_duration_has_months_and_seconds() -> None:
    assert parse_duration("P1Y2M3W4DT5H6M7.9S") == Duration(14, (25 * 24 + 5) * 3600 + 6 * 60 + 7)
    with pytest.raises(ValueError, match="longer than a thousand years"):
        parse_duration("P9999999Y")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cut scores are pairs of level and score"),
        ("0:0.5", "cut scores are pairs"),
        ("8:0.5", "cut scores are pairs"),
        ("1=0.5", "cut scores are pairs"),
        ("1:50", "the cut score 50 of level 1 must be from 0 to 1"),
        ("1:0.5|1:0.6", "names level 1 twice"),
        ("1:half", "is no decimal number"),
    ],
)
def test_what_are_no_cut_scores_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_cut_scores(text)


def test_a_ten_megabyte_value_is_quoted_short() -> None:
    with pytest.raises(ValueError, match="is no instant") as refused:
        parse_instant("9" * 10_000_000)
    assert len(str(refused.value)) < 200
