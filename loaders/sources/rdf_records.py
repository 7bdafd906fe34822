"""Statements about some subjects to rows of native tables, column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from loaders.errors import nearest
from loaders.rows import shown
from loaders.source import CHUNK_ROWS, BadRow, Chunk, Config, loadable
from loaders.sources.rdf_cells import Cells, Fault, cells_of
from loaders.sources.rdf_statements import FILE_BITS, Statements
from loaders.sources.rdf_terms import IRI, TYPE, Terms
from ontology.model import EdgeType
from ontology.turtle import SG, local_name

FLAGS: Mapping[str, str] = {
    "not-read:TERM": "of records: statements with a predicate, or a class, that the ontology does not have",
    "not-ours": "subjects of which nothing is said in the ontology's terms",
}
UNCLASSED = "statements"
"""The table of what is of no class that can be loaded: no mapping reads it, all of its rows are rejected."""

_MOST_FLAGS = 100  # terms that are counted by name
_BLANK = "a blank node stands for the record, which so has no id: give it an IRI"
_NO_CLASS = "its class is stated nowhere: state one (docs/model.md), or load the file that does beside this one"

At = tuple[str, int]
"""Table, and position of the file."""


@dataclass(slots=True)
class Records:
    """Rows as they come out of groups, gathered to chunks."""

    terms: Terms
    statements: Statements
    config: Config
    last: At | None = None  # of the chunks that were let out
    _frames: dict[At, list[pl.DataFrame]] = field(default_factory=dict)
    _bad: dict[At, list[BadRow]] = field(default_factory=dict)
    _held: int = 0
    _flags: Counter[str] = field(default_factory=Counter)
    _loadable: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._loadable = frozenset(loadable(self.config.model))

    def taken(self, group: pl.DataFrame) -> Iterator[Chunk]:
        """Look through a group of statements; once there are many rows, they come out as chunks."""
        said = group.unique(["s", "p", "o", "k"], keep="first", maintain_order=True)
        edges = [number for iri, number in self.statements.predicates.items() if iri in self.terms.edges]
        is_edge = pl.col("p").is_in(edges)
        self._edges(said.filter(is_edge))
        self._subjects(said.filter(~is_edge))
        if self._held >= CHUNK_ROWS:
            yield from self._let_out()

    def rest(self) -> Iterator[Chunk]:
        """All rows that are left, and what was counted."""
        yield from self._let_out()
        if self._flags and self.last is not None:
            table, file = self.last
            yield Chunk(table, self._file(file), _keys_only(self.terms, table), flags=self._flags)

    # ------------------------------------------------------------------------------------ one triple an edge

    def _edges(self, said: pl.DataFrame) -> None:
        predicates = list(self.statements.predicates)
        for (number,), some in said.partition_by("p", as_dict=True).items():
            name = self.terms.edges[predicates[int(number)]]
            rows = some.select(pl.col("s").alias("from"), pl.col("o").alias("to"), "k", "n")
            if name not in self._loadable:
                self._reject(
                    UNCLASSED, rows, "predicate", f"{name} is derived, or kept by Skillgraph itself: leave it out"
                )
                continue
            if self.config.model.edges[name].reified:
                self._reject(name, rows, "to", f"{name} has properties: state it as a node with sg:from and sg:to")
                continue
            blank, literal = pl.col("from").str.starts_with("_:"), pl.col("k") != self.statements.forms[IRI]
            self._reject(name, rows.filter(blank), "from", _BLANK)
            self._reject(name, rows.filter(~blank & literal), "to", f"{name} leads to no IRI: write that of a node")
            self._keep(name, rows.filter(~blank & ~literal).drop("k"))

    def _reject(self, table: str, rows: pl.DataFrame, field: str, reason: str) -> None:
        for start, end, _, number in rows.iter_rows():
            value = end if field == "to" else start
            self._spoil(table, number, (field, value, reason), {"from": start, "to": end})

    # ------------------------------------------------------------------------------------ what has a class

    def _subjects(self, said: pl.DataFrame) -> None:
        subjects = said.group_by("s", maintain_order=True).agg(pl.col("n").first()).with_row_index("i")
        said = said.drop("n").join(subjects.select("s", "i"), on="s", maintain_order="left").drop("s")
        is_type = pl.col("p") == self.statements.predicates[TYPE]
        types = said.filter(is_type).with_columns(
            pl.col("o").replace_strict(self.terms.classes, default=None, return_dtype=pl.String).alias("class")
        )
        own = types.drop_nulls("class").group_by("i").agg(pl.col("class").unique().sort())
        subjects = subjects.join(own, on="i", how="left", maintain_order="left")
        several = pl.col("class").list.len() > 1
        self._of_two(subjects.filter(several))
        alone = subjects.filter(~several).with_columns(pl.col("class").list.first())
        self._unclassed(subjects.filter(pl.col("class").is_null()).drop("class"), said)
        self._foreign(types.filter(pl.col("class").is_null() & pl.col("i").is_in(own["i"].implode())))
        rest = said.filter(~is_type).join(alone.select("i", "class"), on="i", maintain_order="left")
        by_class = rest.partition_by("class", as_dict=True)
        for (name,), members in alone.partition_by("class", as_dict=True).items():
            said_of = by_class.get((name,), rest.clear())
            self._records(str(name), members.drop("class"), said_of.drop("class"))

    def _records(self, name: str, members: pl.DataFrame, said: pl.DataFrame) -> None:
        kind = self.config.model.type(name)
        if name not in self._loadable:
            for _, subject, number in members.iter_rows():
                reason = f"{name} is derived, or kept by Skillgraph itself, and can't be loaded: leave it out"
                self._spoil(UNCLASSED, number, ("class", name, reason), {"id": subject})
            return
        cells = cells_of(self.terms, self.statements, kind, said, self.config.max_field)
        for iri, count in cells.unread.items():
            self._count(iri, count)
        if not isinstance(kind, EdgeType):
            _add_faults(cells, members.filter(pl.col("s").str.starts_with("_:")), "id", _BLANK)
        rows = members.join(cells.frame, on="i", how="left", maintain_order="left")
        rows = rows.drop("s") if isinstance(kind, EdgeType) else rows.rename({"s": "id"})
        if cells.faults:
            self._spoilt(name, rows.filter(pl.col("i").is_in(list(cells.faults))), cells)
            rows = rows.filter(~pl.col("i").is_in(list(cells.faults)))
        self._keep(name, _complete(rows.drop("i"), self.terms, name))

    def _spoilt(self, name: str, rows: pl.DataFrame, cells: Cells) -> None:
        for row in rows.iter_rows(named=True):
            fault = cells.faults[row.pop("i")]
            self._spoil(name, row.pop("n"), fault, {key: cell for key, cell in row.items() if cell})

    def _of_two(self, subjects: pl.DataFrame) -> None:
        for _, subject, number, classes in subjects.iter_rows():
            table = next((name for name in classes if name in self._loadable), UNCLASSED)
            reason = f"is {' and '.join(classes)} at once: keep one class"
            self._spoil(table, number, ("class", ", ".join(classes), reason), {"id": subject})

    def _unclassed(self, subjects: pl.DataFrame, said: pl.DataFrame) -> None:
        """Subjects of no class of ours: rejected when they are spoken of in our terms, else counted."""
        ours = [number for iri, number in self.statements.predicates.items() if self.terms.is_ours(iri)]
        typed = (pl.col("p") == self.statements.predicates[TYPE]) & pl.col("o").str.starts_with(SG)
        meant = said.filter(pl.col("i").is_in(subjects["i"].implode()), pl.col("p").is_in(ours) | typed)
        stated = dict(meant.filter(typed).select("i", "o").iter_rows())
        about = subjects.filter(pl.col("i").is_in(meant["i"].implode()))
        self._flags["not-ours"] += len(subjects) - len(about)
        held = self._tables_of(about["s"].to_list())
        for index, subject, number in about.iter_rows():
            named = local_name(stated.get(index, ""))
            hint = nearest(named, self._loadable) or ": see docs/model.md"
            reason = f"{named} is no class of the ontology{hint}" if named else _NO_CLASS
            self._spoil(held.get(subject, UNCLASSED), number, ("class", named, reason), {"id": subject})

    def _tables_of(self, subjects: Sequence[str]) -> dict[str, str]:
        """The types that the store has subjects as: nothing of these types may be taken for gone."""
        ids = {each: self.config.model.prefixes.compact(each) for each in subjects if not each.startswith("_:")}
        if not ids or self.config.store is None:
            return {}
        known = self.config.store.types_of(list(ids.values()))
        return {each: name for each, name in zip(ids, known, strict=True) if name in self._loadable and name}

    def _foreign(self, types: pl.DataFrame) -> None:
        """Further classes of records."""
        for iri, count in types.group_by("o").len().iter_rows():
            if iri not in self.terms.above:
                self._count(iri, count)

    def _count(self, iri: str, count: int) -> None:
        name = f"not-read:{iri}"
        self._flags[name if name in self._flags or len(self._flags) < _MOST_FLAGS else "not-read:others"] += count

    # ------------------------------------------------------------------------------------ rows to chunks

    def _keep(self, table: str, rows: pl.DataFrame) -> None:
        """Rows with `n`, which says where they begin."""
        if not len(rows):
            return
        placed = rows.with_columns((pl.col("n") // (1 << FILE_BITS)).cast(pl.UInt32).alias("file"))
        for (file,), some in placed.partition_by("file", as_dict=True, include_key=False).items():
            self._frames.setdefault((table, int(file)), []).append(some)
        self._held += len(rows)

    def _spoil(self, table: str, number: int, fault: Fault, raw: Mapping[str, str]) -> None:
        where, value, reason = fault
        file, row = number >> FILE_BITS, number & ((1 << FILE_BITS) - 1)
        self._bad.setdefault((table, file), []).append(BadRow(row, where, shown(value), reason, raw))
        self._held += 1

    def _let_out(self) -> Iterator[Chunk]:
        for at in sorted({*self._frames, *self._bad}):
            frames, bad = self._frames.pop(at, []), self._bad.pop(at, [])
            frame = pl.concat(frames, how="diagonal").sort("n") if frames else pl.DataFrame()
            for start in range(0, max(len(frame), len(bad)), CHUNK_ROWS):
                yield self._chunk(at, frame[start : start + CHUNK_ROWS], bad[start : start + CHUNK_ROWS])
            self.last = at
        self._held = 0

    def _chunk(self, at: At, frame: pl.DataFrame, bad: Sequence[BadRow]) -> Chunk:
        table, file = at
        rows: list[int] = []
        if len(frame):
            rows = (frame["n"] % (1 << FILE_BITS)).to_list()
            frame = frame.drop("n")
            frame = frame.select([name for name in frame.columns if frame[name].null_count() < len(frame)])
            frame = _complete(frame, self.terms, table)
        flags, self._flags = self._flags, Counter()
        return Chunk(table, self._file(file), frame if rows else pl.DataFrame(), rows=rows, bad=bad, flags=flags)

    def _file(self, place: int) -> str:
        return self.statements.files[place].name


def _add_faults(cells: Cells, rows: pl.DataFrame, field: str, reason: str) -> None:
    for index, subject, _ in rows.select("i", "s", "n").iter_rows():
        cells.faults.setdefault(index, (field, subject, reason))


def _keys_only(terms: Terms, table: str) -> pl.DataFrame:
    return _complete(pl.DataFrame(), terms, table)


def _complete(rows: pl.DataFrame, terms: Terms, table: str) -> pl.DataFrame:
    """With the columns that a table must have, empty ones too: each row that lacks a value is told by itself."""
    kind = terms.model.type(table)
    keys = ("from", "to") if isinstance(kind, EdgeType) else ("id",)
    required = (name for name, prop in kind.properties.items() if prop.required)
    missing = [name for name in (*keys, *required) if name not in rows.columns]
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
