"""docs/neo4j.md: every query gives the rows that stand below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.company import DEMO_DAY
from demo.generate import COMPANY, ESCO
from graph.copying import copy
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.settings import Settings
from loaders.load import LoadRequest, load
from tests.neo4j import fresh_store

PAGE = Path(__file__).parents[2] / "docs" / "neo4j.md"
QUERIES = re.findall(
    r"^### \d+\. (.+?)\n.*?```cypher\n(.+?)```\n\n(.+?)(?=\n###|\Z)", PAGE.read_text("utf-8"), re.M | re.S
)
NOW = datetime(DEMO_DAY.year, DEMO_DAY.month, DEMO_DAY.day, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jStore]:
    """The demo company in Neo4j, with what people hold on its day."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_HOME", str(folder))
        loaded, url = open_store(f"sqlite:{folder / 'demo.db'}"), fresh_store()
        load(loaded, LoadRequest(source="esco", paths=(ESCO,)))
        load(loaded, LoadRequest(source="tables", paths=(COMPANY,)))
        copy(loaded, url, Settings(), lambda *_: None)
        loaded.close()
        opened = open_store(url)
        assert isinstance(opened, Neo4jStore)
        server = opened.server
        store = Neo4jStore(server.address, server, opened.model, opened.settings, clock=NOW.timestamp)
        server.write(lambda writer: writer.run("MATCH (p:Learner) SET p._due = 0"))
        server.write(lambda writer: writer.run("MATCH (s:_Store) REMOVE s.derived"))
        store.optimise()
        yield store
        opened.close()


def test_there_are_ten() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize(("query", "table"), [each[1:] for each in QUERIES], ids=[each[0] for each in QUERIES])
def test_a_query_gives_the_rows_below_it(demo: Neo4jStore, query: str, table: str) -> None:
    at = query.replace("datetime()", f"datetime('{NOW:%Y-%m-%dT%H:%M:%SZ}')")

    assert [" | ".join(map(cell, row)).strip() for row in demo.server.read(at)] == rows_of(table)


def rows_of(table: str) -> list[str]:
    """The rows of a table, without its head."""
    return [line.removeprefix("|").removesuffix("|").strip() for line in table.strip().splitlines()[2:]]


def cell(value: Any) -> str:
    """A value as the page shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
