"""Rows to records: a source's mappings applied to a chunk, column by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from loaders import convert
from loaders.checks import check_order, check_values
from loaders.errors import LoadError, nearest
from loaders.events import EVENT, event_keys
from loaders.keys import Keys, record_keys
from loaders.people import people_of
from loaders.rows import Converted, Fault, shown
from loaders.source import (
    AnyMapping,
    Config,
    EdgeMapping,
    Field,
    NodeMapping,
    Table,
    as_field,
    template_columns,
)
from ontology.languages import canonical_tag
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
LONGEST_ID = 512


@dataclass(slots=True)
class Mapped:
    """What the rows of a chunk became; rows with a fault are in no record."""

    records: list[tuple[str, pl.DataFrame]] = field(default_factory=list)  # type; _row, id or from and to, ... _version
    faults: list[Fault] = field(default_factory=list)
    seen: dict[str, list[Keys]] = field(default_factory=dict)  # type -> keys of records of rows with a fault
    unknown: Counter[str] = field(default_factory=Counter)  # type -> records without a key
    flags: Counter[str] = field(default_factory=Counter)
    unmapped: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))


@dataclass(slots=True)
class _Draft:
    """The records of one mapping, before rows with a fault are left out."""

    kind: NodeType | EdgeType
    rows: pl.Series  # the load's row numbers
    columns: dict[str, pl.Series] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)

    def take(self, name: str, source: str, text: pl.Series, got: Converted) -> None:
        """Keep a column and what was wrong with it; `source` is how the source names it."""
        self.columns[name] = got.values.alias(name)
        self.flags.update(got.flags)
        shape = f"{self.kind.name}.{name.partition('@')[0]}"
        for position, reason in got.errors.items():
            value = shown(text[position]) if text[position] is not None else ""
            self.faults.append(Fault(self.rows[position], source, value, reason, shape))

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame([self.rows.alias("_row"), *self.columns.values()])


class Mapper:
    """A source's mappings, ready to be applied to chunks."""

    def __init__(self, mappings: Sequence[AnyMapping], config: Config, tables: Iterable[Table] = ()) -> None:
        self._by_table: dict[str, list[AnyMapping]] = {}
        for mapping in mappings:
            self._by_table.setdefault(mapping.table, []).append(mapping)
        self._config = config
        self._model: Model = config.model
        self.names = _names(mappings)
        named = {name for some in self._by_table for name in self.columns(some)}
        named |= {name for table in tables for skip in table.skips for name in skip.where}
        self._made = {name for name in named if name.startswith("_")}  # by a reader, for whichever table

    def types(self, table: str) -> frozenset[str]:
        """The types that rows of a table state."""
        mappings = self._by_table.get(table, [])
        inner = {edge.type for mapping in mappings if isinstance(mapping, NodeMapping) for edge in mapping.edges}
        return frozenset({mapping.type for mapping in mappings} | inner)

    def tables(self, type_name: str) -> frozenset[str]:
        """The tables whose rows state a type."""
        return frozenset(table for table in self._by_table if type_name in self.types(table))

    def key_columns(self, table: str) -> list[str]:
        """The columns of the file that tell which records a table's rows state."""
        templates = [each for mapping in self._by_table.get(table, []) for each in _key_templates(mapping)]
        columns = dict.fromkeys(column for template in templates for column in template_columns(template))
        return [column for column in columns if not column.startswith("_")]

    def columns(self, table: str) -> list[str]:
        """Every column that the mappings of a table name."""
        keys, others = _columns_of(self._by_table[table], self._model)
        return sorted(keys | others | _beside_items(self._by_table[table]))

    def is_language(self, table: str, column: str) -> bool:
        """Whether a column is another language of one that is mapped: `label@de`."""
        plain, at, language = column.partition("@")
        in_text = plain in _text_columns(self._by_table[table], self._model)
        return bool(at) and in_text and _LANGUAGE.fullmatch(language) is not None

    def check_columns(self, table: Table, columns: Sequence[str], file: str) -> None:
        """Refuse a misspelt, unknown or missing column, with the nearest known name."""
        mappings = self._by_table.get(table.name)
        if mappings is None:
            raise LoadError(f"no mapping reads a table {table.name!r}", file=file)
        keys, others = _columns_of(mappings, self._model)
        keys |= {column for skip in table.skips for column in skip.where}
        known = keys | others | _beside_items(mappings) | set(table.ignored)
        for column in columns:
            if column in known or column in self._made or self.is_language(table.name, column):
                continue
            if "*" not in table.ignored:
                hint = nearest(column, known) or f"; known are: {', '.join(sorted(known))}"
                raise LoadError(f"column {column!r} is not known{hint}", file=file, value=column)
        wanted = keys if "*" in table.optional else (keys | others) - set(table.optional)
        for column in sorted(wanted - {EVENT} - set(columns)):
            raise LoadError(f"column {column!r} is missing{_found(column, columns)}", file=file, value=column)

    def map(self, table: str, frame: pl.DataFrame) -> Mapped:
        """Apply every mapping of a table to a chunk; `frame` has the load's row numbers as `_row`."""
        drafts = [draft for mapping in self._by_table[table] for draft in self._drafts(mapping, frame)]
        mapped = Mapped()
        for draft in drafts:
            mapped.faults += draft.faults
            mapped.flags += draft.flags
        bad = np.unique(np.array([fault.row for fault in mapped.faults], dtype=np.uint32))
        touched = [draft.rows.to_numpy() for draft in drafts]
        mapped.unmapped = np.setdiff1d(frame["_row"].to_numpy(), np.concatenate([*touched, bad]))
        for draft in drafts:
            _split(draft, bad, mapped)
        if len(bad):
            mapped.faults = _with_people(mapped.faults, drafts, bad)
        return mapped

    def _drafts(self, mapping: AnyMapping, frame: pl.DataFrame) -> Iterator[_Draft]:
        frame = _where(frame, mapping.when)
        if isinstance(mapping, EdgeMapping):
            yield self._edge(mapping, frame, None)
            return
        frame = _with_cells(frame, mapping.needs) if mapping.needs else frame
        draft = _Draft(self._model.nodes[mapping.type], frame["_row"])
        if EVENT in template_columns(mapping.id):
            self._properties(draft, mapping.fields, frame, mapping.version)
            frame = frame.with_columns(event_keys(draft.columns, len(frame)))
            self._key(draft, "id", mapping.id, frame)
        else:
            self._key(draft, "id", mapping.id, frame)
            self._properties(draft, mapping.fields, frame, mapping.version)
        yield draft
        for edge in mapping.edges:
            nested = replace(edge, version=edge.version or mapping.version)
            yield self._edge(nested, frame.with_columns(draft.columns["id"].alias("_node")), mapping.id)

    def _edge(self, mapping: EdgeMapping, frame: pl.DataFrame, node: str | None) -> _Draft:
        frame = _exploded(_where(frame, mapping.when), mapping)
        if node is not None:
            frame = _with_cells(frame, template_columns(mapping.id))
        draft = _Draft(self._model.edges[mapping.type], frame["_row"])
        here, there = ("to", "from") if mapping.incoming else ("from", "to")
        if node is None:
            self._key(draft, "from", mapping.start, frame)
            self._key(draft, "to", mapping.id, frame)
        else:
            draft.take(here, _source_name(node), frame["_node"], Converted(frame["_node"]))
            self._key(draft, there, mapping.id, frame)
        self._properties(draft, mapping.properties, frame, mapping.version)
        return draft

    def _key(self, draft: _Draft, name: str, template: str, frame: pl.DataFrame) -> None:
        text, got = fill(template, frame, self._config)
        source = _source_name(template)
        draft.take(name, source, text, got)
        empty = got.values.is_null().arg_true().to_list()
        shape = f"{draft.kind.name}.{name}"
        reason = f"{source} is empty: every row needs one"
        for position in empty:
            if position not in got.errors:
                draft.faults.append(Fault(draft.rows[position], source, "", reason, shape))

    def _properties(self, draft: _Draft, fields: Mapping[str, str | Field], frame: pl.DataFrame, version: str) -> None:
        for name, how in self._spread(draft.kind, fields, frame):
            self._property(draft, name, how, frame)
        for name, prop in draft.kind.properties.items():
            if prop.required and name not in draft.columns:
                raise LoadError(f"{draft.kind.name} needs {name}: map a column to it")
        draft.faults += check_order(draft.kind, draft.columns, draft.rows)
        if version and version in frame.columns:
            draft.take("_version", version, frame[version], convert.versions(frame[version]))
        else:
            draft.columns["_version"] = pl.Series("_version", [None], dtype=pl.Int64).new_from_index(0, len(frame))

    def _spread(
        self, kind: NodeType | EdgeType, fields: Mapping[str, str | Field], frame: pl.DataFrame
    ) -> Iterator[tuple[str, Field]]:
        """The fields whose columns are in the frame, each text property with its other languages."""
        for name, given in fields.items():
            how = as_field(given)
            plain, at, language = name.partition("@")
            if all(column in frame.columns for column in how.columns):
                yield (plain if language == self._config.language else name), how
            if kind.properties[plain].datatype is not Datatype.TEXT or at or "{" in how.column or not how.column:
                continue
            for column in frame.columns:
                if column.startswith(f"{how.column}@"):
                    tag = canonical_tag(column.partition("@")[2])
                    yield (
                        name if tag == self._config.language else f"{name}@{tag}",
                        replace(how, column=column),
                    )

    def _property(self, draft: _Draft, name: str, how: Field, frame: pl.DataFrame) -> None:
        prop = draft.kind.properties[name.partition("@")[0]]
        source = how.column if how.column and "{" not in how.column else name
        text, got = self._converted(prop, how, frame)
        if name in draft.columns:
            raise LoadError(f"two columns give {name}: leave one out", value=source)
        errors = dict(got.errors)
        errors.update((at, why) for at, why in check_values(got.values, prop, text).items() if at not in errors)
        if prop.required and "@" not in name:
            empty = got.values.is_null().arg_true().to_list()
            errors.update((at, f"{source} is empty: it must be given") for at in empty if at not in errors)
        draft.take(name, source, text, replace(got, errors=errors))

    def _converted(self, prop: Property, how: Field, frame: pl.DataFrame) -> tuple[pl.Series, Converted]:
        prefixes = self._model.prefixes
        if how.constant is not None:
            text = pl.Series([how.constant]).new_from_index(0, len(frame))
            return text, convert.convert(text, prop, how, prefixes)
        if "{" in how.column:
            text, got = fill(how.column, frame, self._config)
            return text, replace(got, values=_as_lists(got.values)) if prop.many else got
        text = frame[how.column]
        if how.raw_minimum is not None and how.raw_maximum is not None:
            low, high = (_bound(bound, frame) for bound in (how.raw_minimum, how.raw_maximum))
            return text, convert.scaled(text, low, high, how)
        return text, convert.convert(text, prop, how, prefixes)


def _key_templates(mapping: AnyMapping) -> tuple[str, ...]:
    return (mapping.id,) if isinstance(mapping, NodeMapping) else (mapping.start, mapping.id)


def _as_lists(values: pl.Series) -> pl.Series:
    """One value as a list of one; none stays none."""
    return values.to_frame("one").select(pl.when(pl.col("one").is_not_null()).then(pl.concat_list("one")))["one"]


def fill(template: str, frame: pl.DataFrame, config: Config) -> tuple[pl.Series, Converted]:
    """A template's ids for a frame, and the text they come from; null where a column it needs is empty."""
    columns = template_columns(template)
    if template == "{" + columns[0] + "}":
        return frame[columns[0]], convert.ids(frame[columns[0]], config.model.prefixes)
    parts: list[pl.Expr] = []
    rest = template
    for column in columns:
        before, _, rest = rest.partition("{" + column + "}")
        parts += [pl.lit(before), pl.lit(convert.escaped(frame[column]))]
    joined = frame.select(pl.concat_str([*parts, pl.lit(rest)]).alias("id"))["id"]
    long = joined.str.len_chars() > LONGEST_ID
    reason = f"makes an id of more than {LONGEST_ID} characters: shorten the key"
    errors = {position: f"{shown(joined[position])!r} {reason}" for position in long.arg_true().to_list()}
    text = frame[columns[0]] if len(columns) == 1 else joined
    return text, Converted(joined, errors)


def _source_name(template: str) -> str:
    return ", ".join(template_columns(template))


def _bound(bound: str, frame: pl.DataFrame) -> pl.Series:
    return frame[bound] if bound in frame.columns else pl.Series([bound]).new_from_index(0, len(frame))


def _where(frame: pl.DataFrame, when: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    for column, values in when.items():
        frame = frame.filter(pl.col(column).fill_null("").is_in(list(values)))
    return frame


def _exploded(frame: pl.DataFrame, edge: EdgeMapping) -> pl.DataFrame:
    """One row an item of the `each` column; the item's keys become columns."""
    if not edge.each or edge.each not in frame.columns:
        return _with_cells(frame, [edge.each]) if edge.each else frame
    if frame[edge.each].dtype == pl.String:
        frame = frame.with_columns(pl.col(edge.each).str.split(edge.separator))
    frame = frame.explode(edge.each).filter(pl.col(edge.each).is_not_null())
    dtype = frame[edge.each].dtype
    if isinstance(dtype, pl.Struct):
        return frame.drop([f.name for f in dtype.fields if f.name != edge.each], strict=False).unnest(edge.each)
    trimmed = frame.with_columns(pl.col(edge.each).str.strip_chars())
    return trimmed.filter(pl.col(edge.each) != "")


def _with_cells(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows with a cell in each column, all of which are there then."""
    missing = [pl.lit(None, pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(missing).drop_nulls(columns)


def _beside_items(mappings: Sequence[AnyMapping]) -> set[str]:
    """What edges of an `each` name: keys of its items, or else columns of the row."""
    edges = [edge for mapping in mappings if isinstance(mapping, NodeMapping) for edge in mapping.edges if edge.each]
    in_properties = {column for edge in edges for how in edge.properties.values() for column in as_field(how).columns}
    return in_properties | {column for edge in edges for column in template_columns(edge.id)}


def _columns_of(mappings: Sequence[AnyMapping], model: Model) -> tuple[set[str], set[str]]:
    """The columns that mappings name: those of keys and conditions, and the others."""
    keys: set[str] = set()
    others: set[str] = set()
    for mapping in mappings:
        keys |= set(mapping.when)
        others |= set(mapping.needs) if isinstance(mapping, NodeMapping) else set()
        keys |= set(template_columns(mapping.id))
        others |= {mapping.version} - {""}
        if isinstance(mapping, EdgeMapping):
            keys |= set(template_columns(mapping.start))
        fields = mapping.properties if isinstance(mapping, EdgeMapping) else mapping.fields
        required = {name for name, prop in model.type(mapping.type).properties.items() if prop.required}
        for name, given in fields.items():
            (keys if name in required else others).update(as_field(given).columns)
        for edge in mapping.edges if isinstance(mapping, NodeMapping) else ():
            others |= set(edge.when) | ({edge.version} - {""})
            named = {column for given in edge.properties.values() for column in as_field(given).columns}
            others |= {edge.each} if edge.each else named | set(template_columns(edge.id))
    return keys, others - keys


def _names(mappings: Sequence[AnyMapping]) -> dict[tuple[str, str], str]:
    """(type, column of its records) -> how the source names it."""
    names: dict[tuple[str, str], str] = {}
    for mapping in mappings:
        if isinstance(mapping, NodeMapping):
            names[mapping.type, "id"] = _source_name(mapping.id)
            for edge in mapping.edges:
                here, there = ("to", "from") if edge.incoming else ("from", "to")
                names |= {(edge.type, here): _source_name(mapping.id), (edge.type, there): _source_name(edge.id)}
                names |= {(edge.type, name): as_field(how).column or name for name, how in edge.properties.items()}
        else:
            names |= {
                (mapping.type, "from"): _source_name(mapping.start),
                (mapping.type, "to"): _source_name(mapping.id),
            }
        fields = mapping.properties if isinstance(mapping, EdgeMapping) else mapping.fields
        names |= {(mapping.type, name): as_field(how).column or name for name, how in fields.items()}
    return names


def _text_columns(mappings: Sequence[AnyMapping], model: Model) -> set[str]:
    """The columns that hold text in the deployment's language, so that `column@de` may stand beside them."""
    found: set[str] = set()
    for mapping in mappings:
        fields = mapping.properties if isinstance(mapping, EdgeMapping) else mapping.fields
        properties = model.type(mapping.type).properties
        for name, given in fields.items():
            if "@" not in name and properties[name].datatype is Datatype.TEXT:
                found.add(as_field(given).column)
    return found


def _found(column: str, columns: Sequence[str]) -> str:
    near = nearest(column, columns)
    return near.replace("did you mean", "is it") if near else f"; found are: {', '.join(columns)}"


def _split(draft: _Draft, bad: NDArray[np.uint32], mapped: Mapped) -> None:
    """Good records go on; of bad ones the keys are remembered, so that a sweep does not take them for gone."""
    frame, name = draft.frame(), draft.kind.name
    if len(bad):
        is_bad = frame["_row"].is_in(bad.tolist())
        mine, frame = frame.filter(is_bad), frame.filter(~is_bad)
        keys = [column for column in ("id", "from", "to") if column in frame.columns]
        known = mine.drop_nulls(keys)
        mapped.unknown[name] += len(mine) - len(known)
        mapped.seen.setdefault(name, []).append(record_keys(known))
    if len(frame):
        mapped.records.append((name, frame))


def _with_people(faults: list[Fault], drafts: Sequence[_Draft], bad: NDArray[np.uint32]) -> list[Fault]:
    people: dict[int, set[str]] = {}
    for draft in drafts:
        frame = draft.frame()
        for row, some in people_of(frame.filter(frame["_row"].is_in(bad.tolist())), draft.kind).items():
            people.setdefault(row, set()).update(some)
    return [replace(fault, people=sorted(people.get(fault.row, ()))) for fault in faults]
