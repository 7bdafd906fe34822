"""`skillgraph check` says what is well, what is not, and the fix."""

from __future__ import annotations

from graph.health import health
from graph.ledger import HeldRow
from graph.report import Finding
from graph.store import Store
from tests.store.tiny import nodes
from tests.store.writing import found, secret_of


def test_a_new_store_is_well(store: Store) -> None:
    findings = store.health()

    assert [finding.what for finding in findings if not finding.well] == []
    assert {"schema and model", "references", "deployment's secret"} <= {finding.what for finding in findings}


def test_a_full_company_is_well(company: Store) -> None:
    assert [finding for finding in company.health() if not finding.well] == []


def test_what_is_not_well_comes_first_and_others_may_look_too(store: Store) -> None:
    stale = Finding("index", False, "of change 3, the store is at 7", "It is built at the next question.")

    assert health(store, [lambda: stale])[0] == stale
    assert health(store)[0].well


def test_rows_put_aside_are_counted_with_what_to_do(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    row = HeldRow(load, "f.csv", 1, "rejected", "level", "9", "too high", "level", {})
    store.ledger.hold_rows([row, row])

    assert found(store, "rejected rows").found == "2"
    assert "skillgraph rejects" in found(store, "rejected rows").fix
    assert (found(store, "waiting rows").found, found(store, "waiting rows").fix) == ("0", "")


def test_a_secret_that_others_may_read_is_not_well(store: Store) -> None:
    secret_of(store.url).chmod(0o644)

    assert "chmod 600" in found(store, "deployment's secret").fix


def test_a_lost_secret_is_not_well_once_it_was_used(store: Store) -> None:
    nodes(store, "Learner", {"id": "person:ada"})
    store.erase("person:ada")
    secret_of(store.url).unlink()

    finding = found(store, "deployment's secret")
    assert not finding.well
    assert "Put the file back" in finding.fix
