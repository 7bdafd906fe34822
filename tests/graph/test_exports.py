"""Exports are found by their modules; cells that a spreadsheet would run are guarded."""

from __future__ import annotations

import pytest

from graph.exports import exports
from graph.exports.guard import guard


def test_every_format_says_what_it_is() -> None:
    assert "tables" in exports()
    for name, export in exports().items():
        assert export.name == name
        assert export.description.endswith(".")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd", "@SUM", "\tx", "\rx", "+", "-"])
def test_a_spreadsheet_gets_no_formula(cell: str) -> None:
    assert guard(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "plain", "-5", "+0.25", "a=b", "-0.000001"])
def test_numbers_and_words_are_left_alone(cell: str) -> None:
    assert guard(cell) == cell
