"""The Store protocol: what every engine does, small enough to read on one screen.

Ids are CURIEs at this boundary and integers inside an engine. Values are held as `ontology.values` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from graph.viewer import Viewer
from ontology.model import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graph.keyring import Keyring
    from graph.ledger import Ledger
    from graph.report import ErasureReport, Finding

Value = str | int | bool | tuple[str, ...]


class Outcome(IntEnum):
    """What a write did, or would do, with one row."""

    ADDED = 0
    CHANGED = 1
    REMOVED = 2
    RETIRED = 3  # to be removed, but others still refer to it: kept with status retired
    UNCHANGED = 4
    OLDER = 5  # the store holds a higher version or a later removal
    CONFLICT_TAKEN = 6  # same version, other content: this one's smaller hash stands
    CONFLICT_KEPT = 7  # same version, other content: the store's smaller hash stands
    FOREIGN = 8  # the node belongs to another source, or the edge has other properties in another source
    MISSING = 9  # an end or reference is not in the store
    ERASED = 10  # it names an erased person
    WRONG_TYPE = 11  # an end or reference is a node of a type that may not stand there, or the id is another type's


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one node or edge type, column by column, all of one length.

    `columns` has "id" for nodes, "from" and "to" for edges, and the model's property names (`label@de` too); an
    absent value is None. `hashes` are `graph.canonical.content_hash` of the stated properties.
    """

    type: str
    columns: Mapping[str, Sequence[Any]]
    versions: Sequence[int]
    hashes: Sequence[int]
    removed: bool = False  # tombstones: only id, or from and to, are read

    def __len__(self) -> int:
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Batch:
    """Blocks written in one transaction: nodes before edges, what is referred to before what refers.

    `cursors` are where the next pull of the source goes on, by name; they take the place of all that were kept of it.
    """

    source: str
    load: int | None
    blocks: Sequence[Block]
    cursors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What `write` would do with a block, seen at change `number`."""

    number: int
    outcomes: NDArray[np.uint8]
    holders: Mapping[int, str]  # row -> the owning source, for FOREIGN rows
    remember: NDArray[np.bool_] | None = None  # UNCHANGED rows whose version or statement a write would still note


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did; `number` is its change number, None when nothing changed (then no change record either)."""

    number: int | None
    outcomes: Sequence[NDArray[np.uint8]]  # one a block
    locked: float  # seconds for which other writers were shut out


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge as read; `source` names come in the order they first stated it."""

    type: str
    start: str
    end: str
    properties: Mapping[str, Value]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One node as read, personal properties left out unless the viewer may see them."""

    id: str
    type: str
    properties: Mapping[str, Value]
    source: str
    version: int
    edges: tuple[Edge, ...] = field(default=())  # filled by get() only: both directions, generic edges


@dataclass(frozen=True, slots=True)
class Superseded:
    """A kept version of a node that a newer one replaced; it stood from change `since` until change `until`."""

    node: Node
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; `matched` is the label that was found, `score` higher is better."""

    id: str
    type: str
    label: str
    matched: str
    language: str
    score: float


@dataclass(frozen=True, slots=True)
class ChangeItem:
    type: str
    operation: Literal["added", "changed", "removed", "erased"]
    ids: tuple[str, ...]  # edges as "from to"; ids that are gone by erasure are left out


@dataclass(frozen=True, slots=True)
class Change:
    """One committed batch: dense number in commit order, names and operations, never values."""

    number: int
    at: int  # seconds UTC
    source: str
    load: int | None
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A column batch of one type: numpy arrays of one length.

    References and ids are integer keys (0 absent); enums are the position in `Property.values` plus one (0 absent);
    instants are int64 seconds (-1 absent), decimals int64 millionths, integers int64 (-2**63 absent), booleans int8 (-1
    absent); text columns are object arrays. "key" is the row's own key; edges have "from", "to".
    """

    type: str
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What pieces of evidence show: `of` are their positions, levels home ranks; `ontology.values.OPEN` is for ever."""

    of: NDArray[np.int64]
    subject: NDArray[np.int64]  # key of a skill, or of a credential (then the level is 1)
    level: NDArray[np.uint8]
    until: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Supported:
    """A part of the evidence, whether it supports anything or not, and what it supports; in columns like a scan's."""

    evidence: NDArray[np.int64]  # keys, ascending
    learner: NDArray[np.int64]
    kind: NDArray[np.uint8]
    unverified: NDArray[np.bool_]
    since: NDArray[np.uint32]
    skills: Shown
    credentials: Shown


class Busy(RuntimeError):
    """Another process holds what was asked for; trying again later helps."""


class Store(Protocol):
    """One tenant's graph."""

    url: str
    model: Model

    @property
    def ledger(self) -> Ledger:
        """Loads, rejects, waiting rows."""
        ...

    @property
    def keyring(self) -> Keyring:
        """API keys."""
        ...

    def number(self) -> int:
        """The last change number, 0 for a store nothing was written to."""
        ...

    def plan(self, batch: Batch) -> Sequence[Plan]:
        """What `write` would do now, block by block; writes nothing.

        References between blocks of the batch count as there.
        """
        ...

    def write(self, batch: Batch) -> Receipt:
        """Write one batch atomically, with its change record. Rows that cannot be written are left out and told in
        the receipt; the rest is written."""
        ...

    def snapshot(self) -> AbstractContextManager[int]:
        """Every read of this thread sees one state, whose change number is given, until the block ends.

        An engine that cannot hold a state for its readers raises `graph.errors.Moved` at the end of the block when
        others wrote meanwhile; `graph.steady.steady` then reads again.
        """
        ...

    def still(self) -> AbstractContextManager[int]:
        """As `snapshot`, and nothing moves: an engine that must makes writers wait, for a few seconds at most; after
        these it raises `Moved`. Not to be written in."""
        ...

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        """The node type of each id, None where there is no such node; looks in every key space."""
        ...

    def owned(self, source: str, type: str) -> Iterator[list[tuple[str, ...]]]:
        """Batches of (id,) or (from, to) that the source states now, for sweeping."""
        ...

    def get(self, id: str, viewer: Viewer) -> Node | None:
        """A node with its edges, None when it is not there or may not be seen."""
        ...

    def many(self, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
        """Nodes by id, without edges; those not there or not to be seen are left out."""
        ...

    def page(self, type: str, viewer: Viewer, after: str = "", limit: int = 100) -> list[Node]:
        """Nodes of a type in id order."""
        ...

    def expand(
        self, ids: Sequence[str], viewer: Viewer, types: Sequence[str] = (), incoming: bool = False
    ) -> list[Edge]:
        """One hop of generic edges from (or into) a set of ids."""
        ...

    def alike(self, ids: Collection[str]) -> set[str]:
        """Ids of Learner records that a shared identity or a SAME_PERSON may join to one of these, if no contradiction
        forbids it: one step of the way to who is one person."""
        ...

    def facts(self, type: str, where: Mapping[str, Sequence[str]], viewer: Viewer) -> list[Node]:
        """Rows of a columns type (Evidence, Identity …) whose named columns each hold one of the given values."""
        ...

    def search(
        self, text: str, viewer: Viewer, types: Sequence[str] = (), language: str | None = None, limit: int = 20
    ) -> list[Hit]:
        """Labels, preferred and alternative, forgiving of case, accents, word order and a typo."""
        ...

    def scan(
        self, type: str, columns: Sequence[str], where: tuple[str, Sequence[int]] | None = None
    ) -> Iterator[Columns]:
        """All rows of a node or edge type as column batches in key order. Node types kept as JSON give object arrays.

        `where` names a reference column (or "key", "from", "to") and the keys it must hold one of. "id" (object array)
        and "source" (object array: the owner) may be asked for like columns of a node type, "version" and "_change"
        (the number of the last change of what is stated) of every type.
        """
        ...

    def stated_columns(self, type: str) -> list[str]:
        """The properties, and languages of them (`label@de`), that a record of the type states; to be scanned."""
        ...

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        """Ids of keys in a key space ("nodes" or a columns type); "" for a key that is gone."""
        ...

    def keys(self, space: str, ids: Sequence[str]) -> NDArray[np.int64]:
        """Keys of ids in a key space; 0 for an id that is not there."""
        ...

    def changes(self, since: int, limit: int = 1000) -> list[Change]:
        """Change records after a number, in order."""
        ...

    def heads(self, since: int, limit: int = 1000) -> list[Change]:
        """The same without their items."""
        ...

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Hold a named lock (a load's name) until the block ends or the process dies; raises `Busy`."""
        ...

    def optimise(self) -> None:
        """Bring up what the engine keeps beside the graph, its statistics for instance; called after loads."""
        ...

    def superseded(self, people: Sequence[str]) -> list[Superseded]:
        """Kept versions of facts about these Learner records, oldest first; removed facts too."""
        ...

    def rebuild(self, number: int, path: Path) -> Store:
        """A new store file at `path` (SQLite), as this store was at a change number; see `graph.history`."""
        ...

    def erase(self, person: str) -> ErasureReport:
        """Remove a person (all records joined with the given one) and every trace of it; raises `NoSuchPerson`."""
        ...

    def health(self) -> list[Finding]:
        """What is well, what is not, and the fix."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Cypher(Protocol):
    """What only a store that speaks Cypher can do beside what every store does."""

    model: Model

    def run_cypher(self, text: str, parameters: Mapping[str, Any]) -> tuple[int, list[list[Any]]]:
        """The change number of one state, and the rows of a query that only reads in that state, with what is derived
        brought up to it."""
        ...


@runtime_checkable
class Distant(Protocol):
    """A store on another machine: it may go away, and come back."""

    def reach(self, seconds: float) -> None:
        """Raises a `StoreError` when the store does not answer something small within so many seconds."""
        ...


@runtime_checkable
class Supports(Protocol):
    """What only a store that keeps what evidence supports can do."""

    def catch_up(self) -> None:
        """Bring what is kept up to the store's number and to now; waits for another process that does."""
        ...

    def supported(self) -> Iterator[Supported] | None:
        """What all evidence supports in the state that this thread reads, part by part.

        None when what is kept is not of that state.
        """
        ...
