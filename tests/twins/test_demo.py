"""Every example of every question: what the demo company's visitors see first."""

from __future__ import annotations

from typing import Any

import pytest

from demo.generate import COMPANY, ESCO
from loaders.load import LoadRequest
from queries.question import catalogue
from tests.twins.asking import Both
from tests.twins.conftest import Loaded, tables

EXAMPLES = [(question.name, each) for question in catalogue().values() for each in question.examples]


@pytest.fixture(scope="module")
def both(loaded: Loaded) -> Both:
    return loaded([LoadRequest(source="esco", paths=(ESCO,)), *tables(COMPANY)])


@pytest.mark.parametrize(("question", "example"), EXAMPLES)
def test_an_example_has_one_answer(both: Both, question: str, example: str) -> None:
    raw: dict[str, Any] = dict(catalogue()[question].examples[example])
    answer = both.alike(question, raw)
    assert answer is not None
    assert answer.rows
    both.alike(question, {name: value for name, value in raw.items() if name not in ("limit", "ready_only", "as_of")})
