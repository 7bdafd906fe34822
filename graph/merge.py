"""Which version of a record stands: one pure rule for every engine (design sections 5 and 7).

Of two versions of one record the higher stands, whichever came first; of equal versions a removal stands over
content, and of two contents the one of smaller hash. So any order, repeats and deletions before creations end alike.
Nodes belong to the source that first states them; several sources may state one edge, as long as they say the same
of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.store import Outcome

REMOVED = -(2**63)
"""The hash that stands for a removal; as the smallest of all it stands over any content of the same version."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Outcomes = NDArray[np.uint8]

_STANDS = np.isin(np.arange(len(Outcome)), [Outcome.ADDED, Outcome.CHANGED, Outcome.CONFLICT_TAKEN])


@dataclass(frozen=True, slots=True)
class Stated:
    """Rows to be written, all of one source: versions, and content hashes (`REMOVED` for removals)."""

    versions: Ints
    hashes: Ints

    def __len__(self) -> int:
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Held:
    """What a store holds of the same rows, from the same source: `hashes` is `REMOVED` for a tombstone.

    Where `known` is false the source never stated the row; its version and hash mean nothing. `there` tells whether the
    node or the statement is in the graph: false for tombstones, true for a removed node that others still refer to.
    """

    known: Flags
    there: Flags
    versions: Ints
    hashes: Ints


@dataclass(frozen=True, slots=True)
class Merged:
    """Outcomes, and the rows whose version must be remembered although nothing in the graph changes."""

    outcomes: Outcomes
    remember: Flags


def merge_nodes(rows: Stated, held: Held, foreign: Flags) -> Merged:
    """`foreign`: the node is there and belongs to another source."""
    merged = _by_version(rows, held)
    merged.outcomes[foreign] = Outcome.FOREIGN
    merged.remember[foreign] = False
    return merged


def merge_edges(rows: Stated, held: Held, others: Flags, other_hashes: Ints) -> Merged:
    """`others`: another source states the edge too, with content of `other_hashes`.

    What only adds or takes away one of several statements changes nothing in the graph.
    """
    merged = _by_version(rows, held)
    outcomes, removal = merged.outcomes, rows.hashes == REMOVED
    stands = others & _STANDS[outcomes]
    contradicts = stands & (rows.hashes != other_hashes)
    outcomes[contradicts] = Outcome.FOREIGN
    same = (stands & ~contradicts) | (others & removal & (outcomes == Outcome.REMOVED))
    outcomes[same] = Outcome.UNCHANGED
    merged.remember[same] = True
    return merged


def _by_version(rows: Stated, held: Held) -> Merged:
    removal = rows.hashes == REMOVED
    newer = ~held.known | (rows.versions > held.versions)
    equal = held.known & (rows.versions == held.versions)
    smaller, same = rows.hashes < held.hashes, rows.hashes == held.hashes
    alike = held.known & (same | (removal & ~held.there))
    outcomes = np.full(len(rows), Outcome.OLDER, np.uint8)
    outcomes[newer & held.there] = Outcome.CHANGED
    outcomes[newer & ~held.there] = Outcome.ADDED
    outcomes[equal & smaller] = Outcome.CONFLICT_TAKEN
    outcomes[equal & ~smaller & (held.hashes != REMOVED)] = Outcome.CONFLICT_KEPT
    stands = newer | (equal & smaller)
    outcomes[removal & stands & held.there] = Outcome.REMOVED
    outcomes[removal & stands & ~held.there] = Outcome.UNCHANGED
    outcomes[alike & (newer | equal)] = Outcome.UNCHANGED
    remember = (outcomes == Outcome.UNCHANGED) & newer
    return Merged(outcomes, remember)


def merge_repeats(ids: NDArray[np.intp], rows: Stated) -> tuple[Flags, Outcomes]:
    """Rows of one block that lose to another row of the same id (`ids` numbers them), and how they lost.

    The winner is the one that would stand after writing them one by one.
    """
    order = np.lexsort((np.arange(len(rows)), rows.hashes, -rows.versions, ids))
    first = np.ones(len(order), bool)
    first[1:] = ids[order][1:] != ids[order][:-1]
    winner = np.empty(len(order), np.intp)
    winner[order] = order[np.flatnonzero(first)][np.cumsum(first) - 1]
    loses = winner != np.arange(len(order))
    outcomes = np.full(len(order), Outcome.OLDER, np.uint8)
    equal = rows.versions == rows.versions[winner]
    kept = np.where(rows.hashes[winner] == REMOVED, Outcome.OLDER, Outcome.CONFLICT_KEPT)
    outcomes[equal] = kept[equal]
    outcomes[equal & (rows.hashes == rows.hashes[winner])] = Outcome.UNCHANGED
    return loses, outcomes
