"""docs/sources.md says what the declarations say."""

from __future__ import annotations

import inspect
import re

from loaders import mapfile
from loaders.page import PAGE, made, page
from loaders.registry import sources


def test_the_page_is_not_stale() -> None:
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "docs/sources.md is stale: run python -m loaders.page"


def test_every_part_that_can_be_made_is_on_the_page() -> None:
    assert set(re.findall("<!-- made: ([a-z-]+) -->", PAGE.read_text("utf-8"))) == set(made())


def test_every_source_and_skip_rule_is_described() -> None:
    text = PAGE.read_text("utf-8")
    rules = {skip.name for s in sources().values() if not callable(s.tables) for t in s.tables for skip in t.skips}
    assert rules
    assert all(f"`{name}`" in text for name in rules | set(sources()))


def test_every_key_of_a_map_is_described() -> None:
    """The keys are those that reading a map asks for."""
    asks = re.compile(r'\.(?:text_of|needed|plain|texts|words|conditions|sections?)\("(\w+)"')
    asked = set(asks.findall(inspect.getsource(mapfile)))
    text = PAGE.read_text("utf-8")
    assert {"name", "type", "encoding", "hash", "values"} <= asked
    assert [key for key in sorted(asked) if not re.search(rf"\b{key}\b", text)] == []
