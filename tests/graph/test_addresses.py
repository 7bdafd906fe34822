"""What is wrong with a store's address is said with the fix, and a password in it to nobody."""

from __future__ import annotations

import pytest

from graph.errors import BadStoreUrl, StoreError, UnknownEngine
from graph.open import open_store, without_password


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("skillgraph.db", BadStoreUrl, "Write sqlite:skillgraph.db"),
        ("", BadStoreUrl, "Write sqlite:PATH"),
        ("sqlite:", BadStoreUrl, "Write the path after the scheme"),
        ("postgres:x", UnknownEngine, "Known are: sqlite:"),
        ("neo4j://ann:secret@db:bolt", BadStoreUrl, "no Neo4j address"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, kind: type[StoreError], says: str) -> None:
    with pytest.raises(kind, match=says) as raised:
        open_store(url)
    assert "secret" not in str(raised.value)


def test_a_password_is_never_shown() -> None:
    assert without_password("neo4j://ann:s3cr:et@db:7687") == "neo4j://ann:***@db:7687"
