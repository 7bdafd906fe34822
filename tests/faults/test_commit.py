"""A connection that breaks when it matters: whatever became of the commit, the batch is in the store once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from graph.errors import StoreUnreachable
from graph.open import open_store
from graph.store import Store
from tests.neo4j import driver
from tests.proxy import Link, Proxy, after_commit, before_commit
from tests.store.writing import put, rows, tell

SKILLS = [{"id": f"skill:{n}", "label": f"Skill {n}"} for n in range(20)]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def changes(store: Store) -> list[int]:
    """The numbers of all change records, which must be dense."""
    numbers = [change.number for change in store.changes(0, 10_000)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert store.number() == len(numbers)
    return numbers


@pytest.mark.parametrize("cut", [before_commit, after_commit])
def test_a_connection_cut_at_a_commit_is_no_matter_to_the_writer(
    store: Store, proxy: Proxy, cut: Callable[[Link], None]
) -> None:
    before = len(changes(store))
    proxy.faults.at_commit = cut
    receipt = put(store, rows("Skill", *SKILLS))
    assert proxy.faults.at_commit is None, "the proxy has seen no commit"
    assert receipt.number == before + 1
    assert len(changes(store)) == before + 1
    assert tell(store, rows("Skill", *SKILLS)) == ["UNCHANGED"] * len(SKILLS)


@pytest.mark.parametrize("cut", [before_commit, after_commit])
def test_a_writer_that_never_hears_what_became_of_its_commit_may_write_the_same_again(
    url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, cut: Callable[[Link], None]
) -> None:
    monkeypatch.setenv("SKILLGRAPH_NEO4J_RETRY_SECONDS", "0.5")
    store = open_store(url)
    before = len(changes(store))

    def for_good(link: Link) -> None:
        proxy.faults.refused = True
        cut(link)

    proxy.faults.at_commit = for_good
    with pytest.raises(StoreUnreachable, match=r"not known.*nothing is written twice"):
        put(store, rows("Skill", *SKILLS))
    proxy.mend()
    put(store, rows("Skill", *SKILLS))
    assert len(changes(store)) == before + 1
    assert store.types_of([skill["id"] for skill in SKILLS]) == ["Skill"] * len(SKILLS)
    store.close()


def test_a_connection_cut_between_two_batches_is_no_matter(store: Store, proxy: Proxy) -> None:
    before = len(changes(store))
    for n, skill in enumerate(SKILLS):
        proxy.cut()
        assert put(store, rows("Skill", skill)).number == before + n + 1


def test_markers_of_commits_long_past_are_forgotten(store: Store, url: str) -> None:
    put(store, rows("Skill", *SKILLS))
    with driver(url) as opened:
        opened.execute_query("MATCH (b:_Batch) SET b.at = b.at - 30 * 24 * 3600")
        store.optimise()
        assert opened.execute_query("MATCH (b:_Batch) WHERE b.at < $at RETURN b", at=1_000_000).records == []
