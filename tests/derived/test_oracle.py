"""What Neo4j holds derived is what a plain reading of the design says, whatever the company and its history."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.neo4j.derived import Deriver, fence, holding, reading, supports
from graph.settings import Settings
from ontology.values import parse_instant
from tests.companies import MOMENTS, Company, Load, companies
from tests.derived.conftest import Clock, open_neo4j
from tests.derived.told import agree
from tests.index.telling import tell
from tests.neo4j import fresh_store, need_neo4j

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@FEW
@given(companies(), st.sampled_from([1, 3, 10_000]), st.data())
def test_after_any_history(company: Company, size: int, data: st.DataObject) -> None:
    """Whatever the `size` of what is read and written at once."""
    need_neo4j()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fence, "ROWS_AT_ONCE", size)
        patch.setattr(reading, "KEYS_AT_ONCE", size)
        patch.setattr(holding, "PERSONS_AT_ONCE", size)
        patch.setattr(supports, "RECORDS_AT_ONCE", size)
        patch.setattr(supports, "EVIDENCE_AT_ONCE", size)
        told_and_derived(company, data)


def told_and_derived(company: Company, data: st.DataObject) -> None:
    order = data.draw(st.permutations(company.later))
    looks = data.draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    clock = Clock(0)
    store = open_neo4j(fresh_store(), Settings(source_order=company.source_order))
    deriver = Deriver(store, clock)
    told: list[Load] = []
    first, last = company.first
    for load, look in zip((first, last, *order), (False, True, *looks), strict=True):
        tell(store, load)
        told.append(load)
        if look:
            clock.now = parse_instant(data.draw(st.sampled_from(MOMENTS)))[0] + data.draw(st.sampled_from((-1, 0, 1)))
            deriver.catch_up()
            agree(store, company.oracle(told), clock.now)
    deriver.catch_up()
    agree(store, company.oracle(), clock.now)
    store.close()
