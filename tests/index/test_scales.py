"""Levels as said, resolved to the home scale."""

from __future__ import annotations

import pytest

from graph.index import IndexKeeper
from graph.settings import Settings
from graph.store import Store
from ontology.values import parse_decimal, parse_instant
from tests.index.conftest import Say


@pytest.mark.parametrize(("level", "rank"), [("0", 0), ("0.999999", 0), ("1", 1), ("2.999999", 2), ("3", 3)])
def test_home_takes_the_highest_level_not_above_the_value(store: Store, level: str, rank: int) -> None:
    index = IndexKeeper(store, Settings()).current()
    assert index.rank(parse_decimal(level), None, 0) == rank
    assert index.rank(parse_decimal(level), "scale:home", 0) == rank


def test_home_is_known_with_its_levels(store: Store) -> None:
    home = IndexKeeper(store, Settings()).current().home
    assert home.maximum == 3
    assert home.levels == ((1, "level:foundation"), (2, "level:practitioner"), (3, "level:advanced"))


def test_a_scale_that_is_not_there_has_no_levels(store: Store) -> None:
    assert IndexKeeper(store, Settings()).current().rank(3_000_000, "scale:none", 0) == 0


def test_a_crosswalk_counts_while_it_is_in_force(store: Store, say: Say) -> None:
    say(
        Scale=[{"id": "scale:stars", "label": "stars"}],
        Level=[{"id": "level:star", "label": "star", "scale": "scale:stars", "rank": "1", "lower_bound": "2.5"}],
        CORRESPONDS_TO=[
            {"from": "level:star", "to": "level:foundation", "until": "2023-12-31"},
            {"from": "level:star", "to": "level:advanced", "since": "2024-01-01"},
        ],
    )
    index = IndexKeeper(store, Settings()).current()
    ranks = [index.rank(2_500_000, "scale:stars", parse_instant(day)[0]) for day in ("2023-12-31", "2024-01-01")]
    assert ranks == [1, 3]
    assert index.rank(2_400_000, "scale:stars", parse_instant("2024-01-01")[0]) == 0
