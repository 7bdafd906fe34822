"""Laws of matching that hold whatever the company: more is never worse, and names decide nothing but ties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.values import format_instant
from queries.question import Answer
from tests.companies import LEARNERS, Company, Load
from tests.index.telling import tell
from tests.oracle import Oracle
from tests.queries.test_oracle import PLAIN_EVIDENCE, SLOW, Raw, Told, busy_companies, requirements, told, turns


@st.composite
def profiles(draw: st.DrawFn, oracle: Oracle) -> list[dict[str, Any]]:
    lines = draw(st.lists(requirements(oracle), min_size=1, max_size=4, unique_by=lambda line: line.skill))
    return [dict(vars(line)) for line in lines]


def everyone(one: Told, raw: Raw) -> dict[str, Mapping[str, Any]]:
    return {row["person"]: row for row in one.ask({**raw, "limit": 1000}).rows}


@settings(SLOW, max_examples=30)
@given(busy_companies(later=0), st.integers(1, 9), st.data())
def test_a_heavier_requirement_never_lowers_whoever_meets_it(company: Company, more: int, data: st.DataObject) -> None:
    with told(company) as one:
        at = format_instant(data.draw(turns(one.oracle)))
        profile = data.draw(profiles(one.oracle))
        place = data.draw(st.integers(0, len(profile) - 1))
        heavier = [
            *profile[:place],
            {**profile[place], "weight": profile[place]["weight"] + more},
            *profile[place + 1 :],
        ]
        before = everyone(one, {"profile": profile, "as_of": at})
        after = everyone(one, {"profile": heavier, "as_of": at})
        for person, row in before.items():
            met = next(each for each in row["requirements"] if each["skill"] == profile[place]["skill"])["is_met"]
            assert not met or row["points"] * after[person]["of"] <= after[person]["points"] * row["of"]


@settings(SLOW, max_examples=30)
@given(
    busy_companies(later=0),
    st.lists(st.fixed_dictionaries(dict(PLAIN_EVIDENCE)), min_size=1, max_size=5),
    st.data(),
)
def test_more_evidence_never_lowers_anyone(company: Company, rows: list[dict[str, str]], data: st.DataObject) -> None:
    with told(company) as one:
        raw: Raw = {"profile": data.draw(profiles(one.oracle)), "as_of": format_instant(data.draw(turns(one.oracle)))}
        before = everyone(one, raw)
        evidence = [
            {name: text for name, text in {**row, "id": f"evidence:more-{place}", "version": "20"}.items() if text}
            for place, row in enumerate(rows)
            if row["kind"] != "assessment"  # of which the latest attempt may count
        ]
        tell(one.store, Load("hr", 20, {"Evidence": evidence}))
        after = everyone(one, raw)
        for person, row in before.items():
            assert (row["ready"], row["points"]) <= (after[person]["ready"], after[person]["points"])


@settings(SLOW, max_examples=30)
@given(busy_companies(later=0), st.permutations(LEARNERS), st.data())
def test_other_names_change_nothing_but_the_order_of_equals(
    company: Company, names: list[str], data: st.DataObject
) -> None:
    renamed = dict(zip(LEARNERS, names, strict=True))
    loads = tuple(Load(load.source, load.version, _renamed(load.rows, renamed)) for load in company.first)
    with told(company) as one, told(replace(company, first=loads)) as other:
        at = format_instant(data.draw(turns(one.oracle)))
        raw: Raw = {"profile": data.draw(profiles(one.oracle)), "as_of": at, "limit": 1000}
        assert standing(one.ask(raw)) == standing(other.ask(raw))


def _renamed(rows: Any, names: Mapping[str, str]) -> Any:
    return {
        table: [{column: names.get(text, text) for column, text in row.items()} for row in each]
        for table, each in rows.items()
    }


def standing(answer: Answer) -> Counter[tuple[Any, ...]]:
    """How many stand where; who is known by which member's id depends on names too."""
    fields = ("rank", "ready", "points", "of", "met", "required")
    return Counter(tuple(row[field] for field in fields) for row in answer.rows)
