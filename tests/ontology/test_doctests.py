"""The examples in docstrings are true."""

from __future__ import annotations

import doctest

import pytest

from ontology import ids, lists, values


@pytest.mark.parametrize("module", [ids, lists, values], ids=lambda module: module.__name__)
def test_docstrings(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed
