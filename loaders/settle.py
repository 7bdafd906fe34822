"""A staged load settled: which rows will be written, which wait, which are refused; nothing is written yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from graph.store import Outcome, Store
from loaders.duplicates import Twins
from loaders.keys import within
from loaders.laws import Laws
from loaders.outcomes import ERASED, plan_part, refuse
from loaders.people import people_in
from loaders.references import References
from loaders.stage import Part, Stage
from loaders.sweep import Sweep

Names = Mapping[tuple[str, str], str]
"""(type, column) -> how the source names it."""


def settle(
    stage: Stage,
    store: Store,
    source: str,
    names: Names,
    sweep: Sweep | None,
    *,
    snapshot: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> Twins:
    """Decide the fate of every row; what is told twice comes back, to share the outcomes of a write.

    With a sweep the load is complete: what it removes counts as gone for the laws, and what an earlier one removed
    comes back at the snapshot's instant.
    """
    model = store.model
    twins = Twins(stage, model)
    twins.reject()
    twins.drop()
    for part in stage.all_parts():
        plan_part(stage, store, source, part)
        if sweep is not None and _brought_back(stage, part, sweep, snapshot):
            plan_part(stage, store, source, part)
        told(len(part))
    twins.share()
    for part in stage.all_parts():
        refuse(stage, store, source, part)
    references = References(stage, store, names)
    references.settle()
    laws = Laws(stage, store, names, sweep.edges(model) if sweep else {})
    while laws.hold():
        references.settle()
    twins.drop()
    forget_erased(stage, store)
    return twins


def forget_erased(stage: Stage, store: Store) -> None:
    """Skip the rejected and waiting rows that name an erased person: nothing of them is kept."""
    book = stage.book
    for index in range(len(book.pieces)):
        faults = book.faults(index)
        people = people_in(stage, store.model, index, {fault.row for fault in faults}) if faults else {}
        for fault in faults:
            people.setdefault(fault.row, set()).update(fault.people)
        everyone = sorted({person for some in people.values() for person in some})
        gone = {person for person, is_gone in zip(everyone, store.ledger.erased(everyone), strict=True) if is_gone}
        rows = {row for row, some in people.items() if some & gone}
        if rows:
            book.skip(np.array(sorted(rows), dtype=np.uint32), ERASED)
            book.forget(rows)


def late(stage: Stage, store: Store, source: str, names: Names) -> None:
    """Tell the rows that the store refused while writing: something changed since they were settled."""
    refused = (Outcome.FOREIGN, Outcome.ERASED, Outcome.MISSING, Outcome.WRONG_TYPE)
    hit = [part for part in stage.all_parts() if part.outcomes is not None and np.isin(part.outcomes, refused).any()]
    for part in hit:
        refuse(stage, store, source, part)
    if hit:
        References(stage, store, names).settle()


def _brought_back(stage: Stage, part: Part, sweep: Sweep, snapshot: int) -> bool:
    """Records with a version of their own that a sweep removed later than that, and that the source states again.

    The snapshot says that they are there now, so its instant is their version.
    """
    assert part.outcomes is not None
    stated = sweep.stated.get(part.type)
    if stated is None:
        return False
    gone = (part.outcomes == Outcome.OLDER) & ~within(part.keys, stated)
    if gone.any():
        frame = part.frame()
        version = pl.when(pl.Series(gone)).then(pl.lit(snapshot)).otherwise(pl.col("_version"))
        stage.replace(part, frame.with_columns(version.alias("_version")))
    return bool(gone.any())
