"""Records that stand more than once in a load: the same content is stated once, other content is nobody's
word.

Of records with versions of their own the highest counts; where the highest is told in two ways, all their
rows are rejected, since nothing says which of them is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from loaders.book import Book
from loaders.keys import Keys, repeated, within
from loaders.people import people_of
from loaders.rows import Fault
from loaders.stage import Part, Stage
from ontology.model import Model

OLDER = "older-version"
"""The rule by which rows are skipped that tell an older version than the store, or than another row."""

_IDENT = ["ident", "end"]
_CONTENT = pl.struct("type", "hash")
_NEWEST = pl.col("version") == pl.col("version").max().over(_IDENT)


class Twins:
    """The records of a load of which several are one; once they are found, one of each goes on."""

    def __init__(self, stage: Stage, model: Model) -> None:
        self._stage, self._model = stage, model
        nodes = [part for name in model.nodes for part in stage.parts.get(name, ())]
        edges = [parts for name, parts in stage.parts.items() if name in model.edges]
        self._groups = [_copies(parts) for parts in [nodes, *edges]]
        self._parts = [nodes, *edges]
        self._dropped = [copies.clear() for copies in self._groups]

    def reject(self) -> None:
        """Reject rows that contradict each other, skip those that tell an older version."""
        for parts, copies in zip(self._parts, self._groups, strict=True):
            alive = _alive(copies, self._stage.book)
            clashing = alive.filter(
                (_CONTENT.filter(_NEWEST).n_unique() > 1).over(_IDENT) if len(alive) else pl.lit(False)
            )
            if len(clashing):
                self._stage.book.fault(_faults(clashing, self._stage.book, self._people(clashing, parts)))
            older = _alive(copies, self._stage.book)
            newest = _CONTENT.sort_by("version").last().over(_IDENT)
            older = older.filter(~_NEWEST & (newest != _CONTENT)) if len(older) else older
            self._stage.book.skip(older["row"].to_numpy(), OLDER)

    def _people(self, clashing: pl.DataFrame, parts: Sequence[Part]) -> dict[int, set[str]]:
        """Who each clashing row is about."""
        found: dict[int, set[str]] = {}
        for (at,), some in clashing.partition_by("part", as_dict=True).items():
            frame = parts[at].frame()[some["position"].to_numpy()]
            found.update(people_of(frame, self._model.type(parts[at].type)))
        return found

    def drop(self) -> None:
        """Of records that are the same, leave one to be written: the newest, then the first."""
        for index, (parts, copies) in enumerate(zip(self._parts, self._groups, strict=True)):
            for part in parts:
                part.dropped = None
            alive = _alive(copies, self._stage.book)
            ordered = alive.sort(["version", "row", "part", "position"], descending=[True, False, False, False])
            again = ordered.with_columns(
                pl.col("part").first().over(_IDENT).alias("chosen_part"),
                pl.col("position").first().over(_IDENT).alias("chosen"),
            ).filter(~pl.struct(_IDENT).is_first_distinct())
            self._dropped[index] = again
            for (at,), some in again.partition_by("part", as_dict=True, include_key=False).items():
                parts[at].dropped = dropped = np.zeros(len(parts[at]), dtype=np.bool_)
                dropped[some["position"].to_numpy()] = True

    def share(self) -> None:
        """Give every dropped record the outcome of the one that stands for it."""
        for index, parts in enumerate(self._parts):
            for part, position, chosen_part, chosen in (
                self._dropped[index].select("part", "position", "chosen_part", "chosen").iter_rows()
            ):
                mine, standing = parts[part].outcomes, parts[chosen_part].outcomes
                assert mine is not None
                assert standing is not None
                mine[position] = standing[chosen]


def _copies(parts: Sequence[Part]) -> pl.DataFrame:
    """Every record whose id stands more than once in the parts."""
    empty: Keys = np.zeros(0, dtype=np.uint64)
    doubled = repeated(np.concatenate([empty, *(part.keys for part in parts)]))
    found = [_copies_in(part, index, doubled) for index, part in enumerate(parts)] if len(doubled) else []
    if not found:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(found).filter(pl.len().over(_IDENT) > 1)


_SCHEMA = {
    "ident": pl.String,
    "end": pl.String,
    "part": pl.UInt32,
    "position": pl.UInt32,
    "row": pl.UInt32,
    "type": pl.String,
    "version": pl.Int64,
    "hash": pl.Int64,
}


def _copies_in(part: Part, index: int, doubled: Keys) -> pl.DataFrame:
    positions = np.flatnonzero(within(part.keys, doubled))
    if not len(positions):
        return pl.DataFrame(schema=_SCHEMA)
    frame = part.frame(["id", "from", "to", "_version", "_hash", "_row"])[positions]
    is_node = "id" in frame.columns
    return frame.select(
        pl.col("id" if is_node else "from").alias("ident"),
        (pl.lit("") if is_node else pl.col("to")).alias("end"),
        pl.lit(index, dtype=pl.UInt32).alias("part"),
        pl.Series("position", positions, dtype=pl.UInt32),
        pl.col("_row").cast(pl.UInt32).alias("row"),
        pl.lit(part.type).alias("type"),
        pl.col("_version").alias("version"),
        pl.col("_hash").alias("hash"),
    )


def _alive(copies: pl.DataFrame, book: Book) -> pl.DataFrame:
    return copies.filter(book.alive(copies["row"].to_numpy())) if len(copies) else copies


def _faults(clashing: pl.DataFrame, book: Book, people: Mapping[int, set[str]]) -> Iterator[Fault]:
    other = pl.when(pl.col("row") != pl.col("row").min()).then(pl.col("row").min()).otherwise(pl.col("row").max())
    for record in clashing.with_columns(other.over(_IDENT).alias("other")).iter_rows(named=True):
        file, number = book.place(record["other"])
        what = f"{record['ident']} -> {record['end']}" if record["end"] else record["ident"]
        where = "twice in this row" if record["other"] == record["row"] else f"also in {file}, row {number},"
        reason = f"{what!r} stands {where} with other content: keep one, or give the newer one a higher version"
        named = sorted(people.get(record["row"], ()))
        yield Fault(record["row"], "to" if record["end"] else "id", what, reason, record["type"], people=named)
