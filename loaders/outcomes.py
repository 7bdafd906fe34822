"""What the store says of staged records, turned into the fate of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from graph.store import Batch, Outcome, Store
from loaders.duplicates import OLDER
from loaders.people import people_of
from loaders.rows import Fault, Kind
from loaders.stage import Part, Stage, block_of
from ontology.model import Model

CHANGED = (Outcome.ADDED, Outcome.CHANGED, Outcome.CONFLICT_TAKEN)
CONFLICT = (Outcome.CONFLICT_TAKEN, Outcome.CONFLICT_KEPT)
ERASED = "erased-person"
"""The rule by which rows are skipped that name someone who was erased."""


def plan_part(stage: Stage, store: Store, source: str, part: Part) -> None:
    """Ask what a write would do with a part's living records."""
    part.outcomes = np.full(len(part), Outcome.UNCHANGED, dtype=np.uint8)
    part.remember = None
    chosen = np.flatnonzero(stage.alive(part))
    if not len(chosen):
        return
    frame = part.frame() if len(chosen) == len(part) else part.frame()[chosen]
    plan = store.plan(Batch(source, None, [block_of(part.type, frame)]))[0]
    part.outcomes[chosen] = plan.outcomes
    remember = plan.outcomes == Outcome.UNCHANGED if plan.remember is None else plan.remember
    if remember.any():
        part.remember = np.zeros(len(part), dtype=np.bool_)
        part.remember[chosen] = remember


def _owners(store: Store, source: str, part: Part, foreign: NDArray[np.intp]) -> Iterator[str]:
    """Who owns records that are foreign, those too that another row of the load stands for."""
    plan = store.plan(Batch(source, None, [block_of(part.type, part.frame()[foreign])]))[0]
    return (plan.holders.get(at, "another source") for at in range(len(foreign)))


def refuse(stage: Stage, store: Store, source: str, part: Part) -> None:
    """Skip rows that name an erased person, reject those that another source has a say in."""
    assert part.outcomes is not None
    stage.book.skip(part.rows[part.outcomes == Outcome.ERASED], ERASED)
    foreign = np.flatnonzero((part.outcomes == Outcome.FOREIGN) & stage.book.alive(part.rows))
    if len(foreign):
        reasons = [_foreign(store.model, part.type, owner) for owner in _owners(store, source, part, foreign)]
        stage.book.fault(_told(part, foreign, reasons, store.model))


def _foreign(model: Model, type_name: str, owner: str) -> str:
    if type_name in model.edges:
        return f"source {owner!r} states this edge with other properties: let one of the two state it"
    return f"it belongs to source {owner!r}, which stated it first: load it under that name, or give it another id"


def conflicts(stage: Stage, model: Model) -> None:
    """List the records whose version the store has with other content."""
    for part in stage.all_parts():
        assert part.outcomes is not None
        found = np.flatnonzero(np.isin(part.outcomes, CONFLICT) & stage.alive(part))
        if len(found):
            stands = [part.outcomes[at] == Outcome.CONFLICT_TAKEN for at in found.tolist()]
            reasons = [
                "the store had other content of the same version: "
                + ("this one stands" if taken else "the store's stands")
                + ", by the smaller hash; give the right one a higher version"
                for taken in stands
            ]
            stage.book.fault(_told(part, found, reasons, model, "conflict"))


def _told(
    part: Part, positions: NDArray[np.intp], reasons: Sequence[str], model: Model, kind: Kind = "rejected"
) -> Iterator[Fault]:
    frame = part.frame()[positions]
    column = "id" if "id" in frame.columns else "to"
    people = people_of(frame, model.type(part.type))
    for row, value, reason in zip(frame["_row"], frame[column], reasons, strict=True):
        named = sorted(people.get(row, ()))
        yield Fault(row, column, value, f"{value!r}: {reason}", part.type, kind, people=named)


def account(stage: Stage) -> None:
    """Note which rows changed anything, and skip those that only told what the store knows better."""
    book, length = stage.book, len(stage.book)
    older = np.zeros(length, dtype=np.bool_)
    for part in stage.all_parts():
        assert part.outcomes is not None
        book.changed[part.rows[np.isin(part.outcomes, CHANGED)]] = True
        older[part.rows[part.outcomes == Outcome.OLDER]] = True
    outdated = np.flatnonzero(older & ~book.changed[:length]).astype(np.uint32)
    book.skip(outdated[book.alive(outdated)], OLDER)
