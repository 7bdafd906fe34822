"""How a source is declared: what it reads and how its rows map onto the model.

A source is one module that holds `SOURCE`; reading is dumb and raises, mapping is data, everything after it
generic:

    ROLE = NodeMapping("Role", id="hr-role:{code}", fields={"label": "title", "description": "summary"},
                       edges=[EdgeMapping("REQUIRES", to="Skill", id="{skill}", each="skills",
                                          properties={"level": "level"})])
    SOURCE = Source("hr", read=read, mappings=[ROLE])     # read(config) yields rows as the source gives them

Templates: `{column}` alone is an id as the source gives it (CURIE or IRI); `prefix:{column}` makes a CURIE
and escapes the value. Names are held against the model when the source is declared: a misspelt one fails at
import.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graph.secret import Secret
from graph.settings import Settings
from loaders.errors import MappingError, nearest
from loaders.pull import Api
from ontology.ids import is_curie
from ontology.model import Datatype, EdgeType, Model, NodeType, load_model

if TYPE_CHECKING:
    import polars as pl

    from graph.store import Store

CHUNK_ROWS = 50_000
"""Rows a chunk holds at most: what bounds the memory of a load."""

_PLACE = re.compile(r"\{([^{}]*)\}")


def template_columns(template: str) -> tuple[str, ...]:
    """The columns a template names.

    >>> template_columns("hr-role:{code}")
    ('code',)
    """
    return tuple(_PLACE.findall(template))


@dataclass(frozen=True, slots=True)
class Field:
    """Where a property's value stands in a row, and how it is written there.

    `column` is a column's name, or a template when it holds braces (references: `moodle-user:{userid}`).
    """

    column: str = ""
    constant: str | None = None  # boundary text given to every row; used instead of a column
    translate: Mapping[str, str] | None = None  # source word -> model word; "*" for all others, else rejected
    separator: str = "|"  # of a list's items
    date_format: str | None = None  # strptime; None: ISO 8601
    decimal: str = "."  # decimal mark
    raw_minimum: str | None = None  # decimals: the value is scaled by (raw - minimum) / (maximum - minimum);
    raw_maximum: str | None = None  # each a number, or the name of a column that holds it

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns this field reads."""
        if self.constant is not None:
            return ()
        bounds = tuple(b for b in (self.raw_minimum, self.raw_maximum) if b is not None and not _is_number(b))
        return (template_columns(self.column) if "{" in self.column else (self.column,)) + bounds


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text) is not None


@dataclass(frozen=True, slots=True)
class EdgeMapping:
    """Rows to edges of one type.

    Inside a NodeMapping the node is one end and `id` the other (`incoming`: the edge starts at the other
    end). By itself, for a table of relations, `start` is the template of the end it starts from. `each` names
    a column that holds a list: one edge an item; the items' keys (of a list of records), or the column's own
    name (of a list of texts), are then columns for `id` and `properties`.
    """

    type: str
    to: str = ""  # node type of the end that `id` names; checked against the edge's ends
    id: str = ""
    each: str = ""
    separator: str = "|"  # of `each`, when that column is text
    properties: Mapping[str, str | Field] = field(default_factory=dict)
    incoming: bool = False
    start: str = ""
    table: str = ""
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)  # column -> values of its rows
    version: str = ""  # column of the record's version


@dataclass(frozen=True, slots=True)
class NodeMapping:
    """Rows to nodes of one type, with the edges that stand in the same row.

    `fields` maps a property (`label@de` too) to a column or a Field. Where a text property is read from
    column `c`, columns `c@<language>` are read as its translations.
    """

    type: str
    id: str
    fields: Mapping[str, str | Field] = field(default_factory=dict)
    edges: Sequence[EdgeMapping] = ()
    table: str = ""  # of a source with several tables
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needs: Sequence[str] = ()  # columns: a row with nothing in one of them states no such node
    version: str = ""


AnyMapping = NodeMapping | EdgeMapping


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule by which rows are left out on purpose; counted under its name and listed in docs/sources.md.

    A row is skipped when each column of `where` holds one of its values ("" is an empty or absent one).
    """

    name: str
    why: str
    where: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a source beyond its mappings: columns that may be absent, or are not loaded; rows left out.

    Columns that a mapping names must be in the file unless they are `optional`; all other columns are
    refused, with the nearest known name, unless they are `ignored` ("*" ignores any). Columns whose name
    starts with `_` are made by the reader: they are not part of the raw row.
    """

    name: str
    optional: Sequence[str] = ()  # "*": every mapped column that is no key
    ignored: Sequence[str] = ()
    skips: Sequence[Skip] = ()
    by_language: bool = False  # a file a language: texts in languages that a load does not read stay as they are


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read at all (wrong encoding, NUL, too many fields, a field too long)."""

    row: int
    field: str
    value: str  # shortened for showing
    reason: str  # a sentence: what is wrong and the fix
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of one file, at most CHUNK_ROWS, as text columns.

    A cell is text or null (empty cells are null); columns named by `each` may be lists of texts or of
    records. A file without rows is one empty chunk with its columns: it states that there is nothing, an
    absent file states nothing.
    """

    table: str
    file: str  # as shown to the user: relative to the path that was given
    frame: pl.DataFrame
    first: int = 1  # record number of the first row, 1-based without the header
    rows: Sequence[int] | None = None  # record numbers, when they are not consecutive
    bad: Sequence[BadRow] = ()
    flags: Mapping[str, int] = field(default_factory=dict)  # what was read but is unusual: name -> how often


@dataclass(frozen=True, slots=True)
class Config:
    """What a source's `read` and mapping functions are given."""

    paths: tuple[Path, ...]
    model: Model
    map: Path | None = None
    language: str = "en"  # of labels without a tag: the deployment's
    max_field: int = 10_000_000  # bytes; a longer field is a BadRow
    secret: Secret | None = None  # the deployment's: ids that are keyed hashes need it (load() passes the store's)
    store: Store | None = None  # what is there already, for sources whose rows take back what earlier ones said
    name: str = ""  # the source name that the load states by
    gathered: Callable[[int], None] | None = (
        None  # told how much was taken in, by sources whose rows come after all of it
    )


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table that a reader takes out of a document; values are texts, numbers, lists and dicts."""

    table: str
    file: str  # as shown to the user; rows of different tables have different files: "scorecards.json/attributes"
    row: int  # its place there, from 1
    cells: Mapping[str, Any]
    flags: Sequence[str] = ()  # what was read but is unusual; docs/sources.md explains each (`Source.flags`)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """One that could not be read."""

    table: str
    file: str
    bad: BadRow


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a source that may have no end, which are loaded by themselves; `state` is where the source may go on
    once they are in the store, empty where it said nothing of it."""

    chunks: Sequence[Chunk]
    state: str = ""


Rows = Chunk | Record | BadRecord | Mapping[str, Any]
"""What `read` yields: chunks, records, or dict rows of the source's only table."""

Way = Literal["file", "pull", "push"]
"""How rows come: by file, pulled from the source's API, or pushed to ours."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source system: what it reads and how that maps onto the model.

    `mappings` is a function for sources whose tables depend on what is given (native tables, `--map`). `read`
    raises `LoadError` for what it cannot read, and does not return before it read everything to the end.
    """

    name: str
    read: Callable[[Config], Iterator[Rows]]
    mappings: Sequence[AnyMapping] | Callable[[Config], Sequence[AnyMapping]]
    tables: Sequence[Table] | Callable[[Config], Sequence[Table]] = ()
    description: str = ""  # one line for `skillgraph sources`
    reads: str = ""  # which files or endpoints, for `skillgraph sources`
    takes_map: bool = False  # whether --map means something to it
    prepare: Callable[[Chunk, Config], Chunk] | None = None  # adds columns (`_…`) made of a row's own cells
    ways: Sequence[Way] = ("file",)
    versions: str = ""  # of the source's format
    lacks: Sequence[str] = ()  # what the source knows and is not carried over, each with why
    pull: Api | None = None  # its API, for sources that are pulled
    flags: Mapping[str, str] = field(default_factory=dict)  # flag of its records -> what it counts
    local_ids: bool = False  # keys are one installation's own: those of another would be taken for the same
    log: bool = False  # its files tell some of what happened, never all of it: a load of them sweeps nothing
    parts: Callable[[Config], Iterator[Part]] | None = None  # of what may have no end; `read` gives all of it at once

    def __post_init__(self) -> None:
        if not callable(self.mappings):
            check_mappings(self.mappings, load_model(Settings.from_environment().ontology), self.name)

    def mappings_for(self, config: Config) -> Sequence[AnyMapping]:
        """The mappings, held against the model."""
        found = self.mappings(config) if callable(self.mappings) else self.mappings
        check_mappings(found, config.model, self.name)
        return found

    def tables_for(self, config: Config) -> Mapping[str, Table]:
        """Every table that a mapping or a declaration names."""
        declared = self.tables(config) if callable(self.tables) else self.tables
        named = {mapping.table: Table(mapping.table) for mapping in self.mappings_for(config)}
        return named | {table.name: table for table in declared}


def native(model: Model, type_name: str) -> AnyMapping:
    """The mapping of a native table: `id` (or `from` and `to`), the model's property names, `version`."""
    kind = model.type(type_name)
    same = {name: name for name in kind.properties}
    if isinstance(kind, EdgeType):
        return EdgeMapping(type_name, id="{to}", start="{from}", properties=same, table=type_name, version="version")
    return NodeMapping(type_name, id="{id}", fields=same, table=type_name, version="version")


def native_table(model: Model, type_name: str) -> Table:
    """The declaration of a native table: all columns but the key and what the shape requires may be absent."""
    properties = model.type(type_name).properties.values()
    return Table(type_name, optional=(*(p.name for p in properties if not p.required), "version"))


def loadable(model: Model) -> tuple[str, ...]:
    """The types a load may state: all but what Skillgraph keeps or derives itself."""
    nodes = [name for name, kind in model.nodes.items() if not kind.system]
    return (*nodes, *(name for name, kind in model.edges.items() if not kind.derived))


def check_mappings(mappings: Sequence[AnyMapping], model: Model, source: str) -> None:
    """Hold every type, property and end against the model; `MappingError` has the nearest known name."""
    for mapping in mappings:
        _check_type(mapping, model, source)
        if isinstance(mapping, NodeMapping):
            node = model.nodes[mapping.type]
            _check_template(mapping.id, f"source {source}, {mapping.type}")
            _check_properties(mapping.fields, node, f"source {source}, {mapping.type}")
            for edge in mapping.edges:
                _check_type(edge, model, source)
                _check_edge(edge, model, f"source {source}, {mapping.type}, {edge.type}", mapping.type)
        else:
            _check_edge(mapping, model, f"source {source}, {mapping.type}", None)


def _check_type(mapping: AnyMapping, model: Model, source: str) -> None:
    known: Mapping[str, NodeType | EdgeType]
    known = model.nodes if isinstance(mapping, NodeMapping) else model.edges
    if mapping.type not in known or mapping.type not in loadable(model):
        raise MappingError(f"source {source}: no type {mapping.type!r} to load{nearest(mapping.type, known)}")


def _check_template(template: str, place: str) -> None:
    """A template names a column, and what stands around it makes an id."""
    if not template_columns(template):
        raise MappingError(f"{place}: the template {template!r} names no column: write prefix:{{column}}")
    if _PLACE.fullmatch(template) is None and not is_curie(_PLACE.sub("x", template)):
        raise MappingError(f"{place}: the template {template!r} makes no id: write prefix:{{column}}")


def _check_edge(edge: EdgeMapping, model: Model, place: str, inside: str | None) -> None:
    kind = model.edges[edge.type]
    _check_properties(edge.properties, kind, place)
    if not edge.id or (inside is None) != bool(edge.start):
        raise MappingError(f"{place}: an edge inside a node has `id`, one by itself `start` and `id`")
    for template in filter(None, (edge.id, edge.start)):
        _check_template(template, place)
    column = 0 if edge.incoming else 1
    if edge.to and edge.to not in {ends[column] for ends in kind.ends}:
        known = sorted({ends[column] for ends in kind.ends})
        hint = nearest(edge.to, known)
        raise MappingError(f"{place}: no {edge.to!r} may stand at that end (but {', '.join(known)}){hint}")
    if inside and inside not in {ends[1 - column] for ends in kind.ends}:
        raise MappingError(f"{place}: a {inside} may not stand at that end")


def _check_properties(fields: Mapping[str, str | Field], kind: NodeType | EdgeType, place: str) -> None:
    for name in fields:
        plain, _, language = name.partition("@")
        found = kind.properties.get(plain)
        if found is None:
            raise MappingError(f"{place}: no property {plain!r}{nearest(plain, kind.properties)}")
        if language and found.datatype is not Datatype.TEXT:
            raise MappingError(f"{place}: {plain} has no languages, so {name!r} is nothing")


def as_field(given: str | Field) -> Field:
    """A property's source in its long form."""
    return given if isinstance(given, Field) else Field(given)
