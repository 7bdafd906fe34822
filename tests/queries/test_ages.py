"""Which instants lie no longer ago than a duration."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ontology.values import OPEN, add_duration, parse_instant
from queries.ages import spans_within

AGES = st.sampled_from(("P1M", "P2M", "P6M", "P1Y", "P1M3D", "P30D", "P1W", "PT36H", "P10Y", "P200Y"))


def at(text: str) -> int:
    return parse_instant(text)[0]


def test_a_year_ago_is_within_a_year_and_a_second_more_is_not() -> None:
    assert spans_within("P1Y", at("2025-01-01")) == ((at("2024-01-01"), OPEN),)


def test_the_end_of_a_month_parts_the_instants() -> None:
    """A month after 30 or 31 January is 28 February; so of these days only what is late enough in the day counts."""
    assert spans_within("P1M", at("2023-02-28T12:00:00Z")) == (
        (at("2023-01-28T12:00:00Z"), at("2023-01-29")),
        (at("2023-01-29T12:00:00Z"), at("2023-01-30")),
        (at("2023-01-30T12:00:00Z"), at("2023-01-31")),
        (at("2023-01-31T12:00:00Z"), OPEN),
    )


@given(AGES, st.integers(0, at("2105-01-01")), st.data())
def test_an_instant_is_within_when_the_duration_reaches(age: str, now: int, data: st.DataObject) -> None:
    spans = spans_within(age, now)
    ends = [end for span in spans for end in span if end < OPEN]
    shown = data.draw(
        st.integers(0, now) | st.sampled_from(ends) | st.sampled_from(ends).map(lambda end: max(0, end - 1))
    )
    assert any(first <= shown < end for first, end in spans) == (add_duration(shown, age) >= now)


@given(AGES, st.integers(0, at("2105-01-01")), st.integers(-(10**6), 10**6))
def test_it_is_so_near_the_bound_too(age: str, now: int, step: int) -> None:
    spans = spans_within(age, now)
    shown = min(max(0, spans[0][0] + step), now)
    assert any(first <= shown < end for first, end in spans) == (add_duration(shown, age) >= now)
