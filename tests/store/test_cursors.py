"""Where pulls go on: kept with a batch, by source, on every engine."""

from __future__ import annotations

from pathlib import Path

from graph.copying import copy
from graph.open import open_store
from graph.settings import Settings
from graph.store import Batch, Store
from tests.store.tiny import block

ADA = "https://ats.example/v1/people"


def test_they_are_kept_with_the_data_of_their_batch(store: Store) -> None:
    assert store.ledger.cursors("ats") == {}
    receipt = store.write(Batch("ats", None, [block("Skill", {"id": "it:sql", "label": "SQL"})], {ADA: "17"}))

    assert receipt.number == store.number()
    assert store.ledger.cursors("ats") == {ADA: "17"}
    assert store.ledger.cursors("hr") == {}


def test_a_batch_of_their_own_makes_no_change_record(store: Store) -> None:
    number = store.number()

    assert store.write(Batch("ats", None, [], {ADA: "17"})).number is None
    assert store.write(Batch("ats", None, [], {"é": "18"})).number is None

    assert (store.number(), store.ledger.cursors("ats")) == (number, {"é": "18"})


def test_other_batches_and_plans_leave_them(store: Store) -> None:
    store.write(Batch("ats", None, [], {ADA: "17"}))
    made = [block("Skill", {"id": "it:sql", "label": "SQL"})]

    store.plan(Batch("ats", None, made, {ADA: "18"}))
    store.write(Batch("ats", None, made))
    store.ledger.set_last_complete("ats", 5)

    assert store.ledger.cursors("ats") == {ADA: "17"}


def test_a_copy_goes_on_where_the_store_would(store: Store, tmp_path: Path) -> None:
    store.write(Batch("ats", None, [block("Skill", {"id": "it:sql", "label": "SQL"})], {ADA: "17"}))
    store.ledger.set_last_complete("hr", 5)
    url = f"sqlite:{tmp_path / 'copied.db'}"

    copy(store, url, Settings(), lambda *_: None)

    copied = open_store(url)
    assert (copied.ledger.cursors("ats"), copied.ledger.cursors("hr")) == ({ADA: "17"}, {})
    copied.close()
