"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from ontology import cycles
from ontology.shacl import literals, paths


@pytest.mark.parametrize("module", [cycles, literals, paths], ids=lambda module: module.__name__)
def test_docstrings(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
