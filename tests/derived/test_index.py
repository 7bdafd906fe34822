"""The index is the same from what Neo4j keeps derived, from evidence, and from SQLite."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given

from graph.index import Index, IndexKeeper
from graph.index.flat import flattened
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.companies import Company, companies
from tests.conftest import COMPANY
from tests.derived.conftest import open_neo4j
from tests.derived.test_oracle import FEW
from tests.index.telling import tell
from tests.index.test_oracle_held import agree
from tests.neo4j import fresh_store, need_neo4j


def index_of(store: Store, settings: Settings) -> Index:
    return IndexKeeper(store, settings).current()


def same(one: Index, other: Index) -> None:
    """To the bit, of one store."""
    (arrays, rest), (others, other_rest) = flattened(one.snapshot), flattened(other.snapshot)
    assert rest == other_rest
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        assert array.dtype == others[name].dtype, name
        np.testing.assert_array_equal(array, others[name], err_msg=name)


@FEW
@given(companies())
def test_from_what_is_kept_and_from_evidence(company: Company) -> None:
    need_neo4j()
    settings = Settings(source_order=company.source_order)
    store = open_neo4j(fresh_store(), settings)
    for told in (*company.first, *company.later):
        tell(store, told)
    assert store.supported() is None, "nothing is derived yet"
    derived = index_of(store, settings)
    store.catch_up()
    assert store.supported() is not None
    kept = index_of(store, settings)
    same(kept, derived)
    agree(kept, company.oracle(), store)
    store.close()


def test_the_tiny_company_from_both_stores(store: Neo4jStore) -> None:
    with TemporaryDirectory() as folder:
        embedded = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        for each in (store, embedded):
            record = load(each, LoadRequest(source="tables", paths=(COMPANY,)))
            assert (record.rejected, record.waiting) == (0, 0)
        assert store.supported() is not None, "derived at the end of the load"
        assert told(index_of(store, Settings()), store) == told(index_of(embedded, Settings()), embedded)
        embedded.close()


def told(index: Index, store: Store) -> list[tuple[object, ...]]:
    """Every interval, in ids."""
    skills = [node for batch in store.owned("tables", "Skill") for (node,) in batch]
    credentials = [node for batch in store.owned("tables", "Credential") for (node,) in batch]
    rows: list[tuple[object, ...]] = []
    everyone = np.arange(index.people.count, dtype=np.int32)
    for postings in (index.postings(skills), index.credentials_of(credentials, everyone)):
        ids = store.ids("Evidence", postings.evidence.tolist())
        columns = (postings.level, postings.kind, postings.unverified, postings.since, postings.until)
        persons = [index.people.id_of(person) for person in postings.person.tolist()]
        subjects = [postings.skills[skill] for skill in postings.skill.tolist()]
        rows += zip(persons, subjects, ids, *(column.tolist() for column in columns), strict=True)
    assert rows
    return sorted(rows)
