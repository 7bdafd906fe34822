"""The rule by which versions meet, held against a reading of it row by row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.merge import REMOVED, Held, Stated, merge_edges, merge_nodes, merge_repeats
from graph.store import Outcome

HASHES = st.sampled_from([REMOVED, 1, 2])
RECORD = st.tuples(st.integers(1, 3), HASHES)


def held(states: list[tuple[bool, bool, int, int]]) -> Held:
    known, there, versions, hashes = zip(*states, strict=True)
    return Held(np.array(known), np.array(there), np.array(versions, np.int64), np.array(hashes, np.int64))


def stated(records: list[tuple[int, int]]) -> Stated:
    versions, hashes = zip(*records, strict=True)
    return Stated(np.array(versions, np.int64), np.array(hashes, np.int64))


def rank(version: int, digest: int) -> tuple[int, int]:
    """What stands ranks higher."""
    return version, -digest


@given(RECORD, RECORD)
def test_the_higher_rank_stands(row: tuple[int, int], kept: tuple[int, int]) -> None:
    there = kept[1] != REMOVED
    merged = merge_nodes(stated([row]), held([(True, there, *kept)]), np.array([False]))
    stands = Outcome(int(merged.outcomes[0])) in (
        Outcome.ADDED,
        Outcome.CHANGED,
        Outcome.REMOVED,
        Outcome.CONFLICT_TAKEN,
    )

    assert (stands or bool(merged.remember[0])) == (rank(*row) > rank(*kept))


@given(st.lists(RECORD, min_size=1, max_size=6))
def test_repeats_in_a_block_leave_one_winner(records: list[tuple[int, int]]) -> None:
    loses, _ = merge_repeats(np.zeros(len(records), np.intp), stated(records))

    winners = [record for record, lost in zip(records, loses.tolist(), strict=True) if not lost]
    assert len(winners) == 1
    assert rank(*winners[0]) == max(rank(*record) for record in records)


def test_what_belongs_to_another_source_is_left_alone() -> None:
    merged = merge_nodes(stated([(9, 1), (9, REMOVED)]), held([(True, True, 1, 2)] * 2), np.array([True, True]))
    assert merged.outcomes.tolist() == [Outcome.FOREIGN] * 2
    assert not merged.remember.any()


def test_a_second_source_may_say_the_same_of_an_edge_and_nothing_else() -> None:
    unknown = (False, False, 0, 0)
    merged = merge_edges(stated([(1, 5), (1, 6)]), held([unknown] * 2), np.array([True] * 2), np.array([5, 5]))
    assert merged.outcomes.tolist() == [Outcome.UNCHANGED, Outcome.FOREIGN]
    assert merged.remember.tolist() == [True, False]
