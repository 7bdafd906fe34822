"""`--map FILE.toml`: what each column of other people's tables is. docs/sources.md describes the file.

[[file]]
name = "people.csv"
[[file.node]]
type = "Learner"
id = "hr-person:{Number}"
fields = { label = "Name", kind = { constant = "internal" } }
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from graph.secret import Secret
from loaders.cells import reader
from loaders.errors import LoadError, nearest
from loaders.events import EVENT
from loaders.hashed import folded
from loaders.periods import UNTIL, Periods, with_ends, with_own_ends
from loaders.readers import read_table, suffix_of
from loaders.readers.listed import JSON, read_listed
from loaders.readers.reading import Reading
from loaders.source import (
    AnyMapping,
    Chunk,
    Config,
    EdgeMapping,
    Field,
    NodeMapping,
    Skip,
    Table,
    loadable,
    template_columns,
)
from loaders.toml import Section, read_toml
from ontology.ids import make_curie
from ontology.model import Datatype, EdgeType, Model, NodeType, Property


@dataclass(frozen=True, slots=True)
class MappedFile:
    """One `[[file]]`: which files it stands for, how they are read and what their rows are."""

    name: str  # a file's name, or a pattern with * and ?
    reading: Reading
    table: Table
    mappings: Sequence[AnyMapping]
    hashes: Mapping[str, tuple[str, str]]  # column made here -> id space and column that it is a keyed hash of
    periods: Periods | None = None  # of a table of effective-dated rows


@dataclass(frozen=True, slots=True)
class MapFile:
    files: Sequence[MappedFile]
    ignored: Sequence[str]  # patterns of files that are not read

    def file_for(self, name: str) -> MappedFile | None:
        """The entry of a file, None for one that is ignored; the first that fits."""
        for file in self.files:
            if fnmatchcase(name, file.name):
                return file
        if name.startswith(".") or any(fnmatchcase(name, pattern) for pattern in self.ignored):
            return None
        hint = nearest(name, [file.name for file in self.files])
        raise LoadError(f"no [[file]] of the map reads it{hint}; or list it in ignored_files", file=name)


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every file that the map names."""
    found = _map_of(config)
    given = [path for folder in config.paths for path in (sorted(folder.iterdir()) if folder.is_dir() else [folder])]
    known = {path: file for path in given if (file := found.file_for(path.name)) is not None}
    if not known:
        names = ", ".join(file.name for file in found.files)
        raise LoadError(f"nothing in it is a file that the map reads ({names})", file=config.paths[0].name)
    for file in found.files:
        yield from _rows_of([path for path, its in known.items() if its is file], file, config)


def _rows_of(paths: Sequence[Path], file: MappedFile, config: Config) -> Iterator[Chunk]:
    """The rows of all files of one entry, for a position in one may end where the next begins in another."""

    def read() -> Iterator[Chunk]:
        for path in paths:
            reading = replace(file.reading, file=path.name, longest_field=config.max_field)
            yield from read_listed(path, reading) if suffix_of(path) == JSON else read_table(path, reading)

    return with_ends(read(), read(), file.periods, config.model) if file.periods else read()


def prepare(chunk: Chunk, config: Config) -> Chunk:
    """The keyed hashes that ids of the chunk's table are made of; of replayed rows, the ends that they state."""
    file = next(file for file in _map_of(config).files if file.name == chunk.table)
    if file.periods:
        chunk = replace(chunk, frame=with_own_ends(chunk.frame, file.periods))
    return replace(chunk, frame=_with_hashes(chunk, file, config.secret)) if file.hashes else chunk


def mappings(config: Config) -> Sequence[AnyMapping]:
    return [mapping for file in _map_of(config).files for mapping in file.mappings]


def tables(config: Config) -> Sequence[Table]:
    return [file.table for file in _map_of(config).files]


def read_map(path: Path, model: Model) -> MapFile:
    """The map, held against the model; `MappingError` names line, place and the nearest right name."""
    root = read_toml(path)
    files = [_FileReader(model, section).read() for section in root.sections("file")]
    ignored = root.texts("ignored_files")
    root.check_known()
    if not files:
        raise root.wrong("no [[file]] is in it: write one for each table")
    return MapFile(files, ignored)


def _map_of(config: Config) -> MapFile:
    assert config.map is not None
    return read_map(config.map, config.model)


def _with_hashes(chunk: Chunk, file: MappedFile, secret: Secret | None) -> pl.DataFrame:
    frame = chunk.frame
    for made, (prefix, template) in file.hashes.items():
        columns = _hashed_columns(template)
        for column in columns:
            if column not in frame.columns:
                if column not in file.table.optional:
                    raise LoadError(f"column {column!r} is missing{nearest(column, frame.columns)}", file=chunk.file)
                frame = frame.with_columns(pl.lit(None, pl.String).alias(column))
        if secret is None:
            raise LoadError("ids by hash need the deployment's secret: set SKILLGRAPH_SECRET", file=chunk.file)
        cells = frame[template] if columns == (template,) else _filled(template, columns, frame)
        known = {cell: secret.pseudonym(prefix, folded(cell)) for cell in cells.unique().drop_nulls()}
        keys = cells.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
        frame = frame.with_columns(keys.alias(made))
    return frame


_NO_BRACES = str.maketrans("", "", "{}")


def _hashed_columns(text: str) -> tuple[str, ...]:
    """The columns that are hashed: of a template those that it names, else the one that it is."""
    return template_columns(text) or (text,)


def _filled(template: str, columns: Sequence[str], frame: pl.DataFrame) -> pl.Series:
    """A template's texts; absent where a column is."""
    form = re.sub(r"\{[^{}]*\}", "{}", template)
    return frame.select(pl.format(form, *columns).alias("text"))["text"]


@dataclass(slots=True)
class _FileReader:
    """Reads one `[[file]]`."""

    model: Model
    section: Section
    hashes: dict[str, tuple[str, str]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    singles: set[str] = field(default_factory=set)

    def read(self) -> MappedFile:
        section = self.section
        name = section.needed("name")
        mappings: list[AnyMapping] = [self._node(part, name) for part in section.sections("node")]
        mappings += [self._edge(part, name, None) for part in section.sections("edge")]
        if not mappings:
            raise section.wrong("says nothing of its rows: write a [[file.node]] or a [[file.edge]]", name)
        periods = self._periods(section.section("periods")) if "periods" in section.values else None
        hashed = [column for _, template in self.hashes.values() for column in _hashed_columns(template)]
        made = hashed + (list(periods.columns) if periods else [])
        skips = [self._skip(part) for part in section.sections("skip")]
        optional = (*section.texts("optional"), *([UNTIL] if periods else []))
        table = Table(name, optional, (*section.texts("ignored"), *made), skips)
        reading = Reading(
            name,
            name,
            separator=section.text_of("separator"),
            quote=section.text_of("quote", '"'),
            encoding=section.text_of("encoding", "utf-8"),
            sheet=section.text_of("sheet"),
            rows=section.text_of("rows"),
            lists=self.lists,
            singles=frozenset(self.singles - self.lists.keys()),
        )
        for key, text in (("separator", reading.separator), ("quote", reading.quote)):
            if len(text) > 1:
                raise section.wrong(f"{key} must be one character, not {text!r}", key)
        section.check_known()
        return MappedFile(name, reading, table, mappings, self.hashes, periods)

    def _periods(self, section: Section) -> Periods:
        """Whose rows end where the next begins."""
        of, date_format = section.texts("of"), section.text_of("date_format") or None
        periods = Periods(of, section.needed("start"), section.text_of("end"), date_format)
        if not of:
            raise section.wrong("of names no column: name those that say what a row is about", "of")
        if date_format and (fault := _format_fault(date_format)):
            raise section.wrong(f"date_format {date_format!r} {fault}", "date_format")
        section.check_known()
        self.singles.update(periods.columns)
        return periods

    def _node(self, section: Section, table: str) -> NodeMapping:
        kind = self._type(section, self.model.nodes)
        assert isinstance(kind, NodeType)
        mapping = NodeMapping(
            kind.name,
            id=self._id(section, "id"),
            fields=self._fields(section, kind),
            edges=[self._edge(part, "", kind) for part in section.sections("edge")],
            table=table,
            when=section.conditions("when"),
            needs=section.texts("needs"),
            version=section.text_of("version"),
        )
        section.check_known()
        self.singles.update(mapping.needs)
        return mapping

    def _edge(self, section: Section, table: str, inside: NodeType | None) -> EdgeMapping:
        """An edge by itself has both ends; one of a node has the other end, and which it is tells the direction."""
        kind = self._type(section, self.model.edges)
        assert isinstance(kind, EdgeType)
        incoming = inside is not None and "from" in section.values
        if inside is not None and incoming == ("to" in section.values):
            raise section.wrong(f"give `to` or `from`, the end that is not the {inside.name}", kind.name)
        mapping = EdgeMapping(
            kind.name,
            id=self._id(section, "from" if incoming else "to"),
            each=section.text_of("each"),
            separator=section.text_of("separator", "|"),
            properties=self._fields(section, kind),
            incoming=incoming,
            start="" if inside else self._id(section, "from"),
            table=table,
            when=section.conditions("when"),
            version=section.text_of("version"),
        )
        if mapping.each:
            self.lists[mapping.each] = mapping.separator
        section.check_known()
        return mapping

    def _type(self, section: Section, known: Mapping[str, NodeType | EdgeType]) -> NodeType | EdgeType:
        name = section.needed("type")
        names = [each for each in loadable(self.model) if each in known]
        if name not in names:
            hint = nearest(name, names) or f"; known are: {', '.join(names)}"
            raise section.wrong(f"no type {name!r} can be loaded{hint}", name)
        return known[name]

    def _id(self, section: Section, key: str) -> str:
        """A template; `{ hash, prefix }` and `{ event }` become one of a column that is made while reading."""
        if isinstance(inner := section.values.get(key), Mapping):
            return self._event(section.section(key)) if "event" in inner else self._hash(section.section(key))
        template = section.needed(key)
        self._check_template(section, key, template)
        return template

    def _event(self, section: Section) -> str:
        """The id of evidence that may come as an event too: made of what happened."""
        prefix = section.needed("event")
        self._check_prefix(section, prefix)
        section.check_known()
        return f"{prefix}:{{{EVENT}}}"

    def _hash(self, section: Section) -> str:
        prefix, column = section.needed("prefix"), section.needed("hash")
        self._check_prefix(section, prefix)
        section.check_known()
        made = f"_{prefix} of {column.translate(_NO_BRACES)}"
        self.hashes[made] = (prefix, column)
        self.singles.update(_hashed_columns(column))
        return f"{prefix}:{{{made}}}"

    def _check_template(self, section: Section, key: str, template: str) -> None:
        columns = template_columns(template)
        if not columns:
            raise section.wrong(f'{key} names no column: write "prefix:{{column}}", or "{{column}}"', template, key)
        before = template.partition("{")[0]
        if ":" in before:
            self._check_prefix(section, before.partition(":")[0])
        elif template != f"{{{columns[0]}}}":
            raise section.wrong(f'{key} has no prefix: write "prefix:{{{columns[0]}}}"', template, key)
        self.singles.update(columns)

    def _check_prefix(self, section: Section, prefix: str) -> None:
        try:
            make_curie(prefix, "1")
        except ValueError as error:
            raise section.wrong(f"{error} and a colon, like hr-person:", prefix) from error

    def _fields(self, section: Section, kind: NodeType | EdgeType) -> Mapping[str, str | Field]:
        inner = section.section("fields")
        return {name: self._field(inner, name, kind) for name in inner.values}

    def _field(self, section: Section, name: str, kind: NodeType | EdgeType) -> Field:
        plain, at, _ = name.partition("@")
        prop = kind.properties.get(plain)
        if prop is None or (at and prop.datatype is not Datatype.TEXT):
            hint = nearest(plain, kind.properties) or f"; known are: {', '.join(kind.properties)}"
            what = f"{kind.name} has no property {plain!r}{hint}" if prop is None else f"{plain} has no languages"
            raise section.wrong(what, name)
        if not isinstance(section.values[name], Mapping):
            how = Field(section.needed(name))
            inner = section
        else:
            inner = section.section(name)
            how = self._long_field(inner)
        self._check_field(inner, prop, how)
        for column in how.columns:
            (self.lists.setdefault(column, how.separator) if prop.many else self.singles.add(column))
        return how

    def _long_field(self, section: Section) -> Field:
        if "hash" in section.values:
            return Field(self._hash(section))
        how = Field(
            column=section.text_of("column"),
            constant=section.plain("constant"),
            translate=section.words("values"),
            separator=section.text_of("separator", "|"),
            date_format=section.text_of("date_format") or None,
            decimal=section.text_of("decimal", "."),
            raw_minimum=section.plain("minimum"),
            raw_maximum=section.plain("maximum"),
        )
        section.check_known()
        if bool(how.column) == (how.constant is not None):
            raise section.wrong("give either a column or a constant")
        return how

    def _check_field(self, section: Section, prop: Property, how: Field) -> None:
        """Hold what can be judged without rows against the property."""
        self._check_words(section, prop, how)
        if how.date_format and prop.datatype is not Datatype.INSTANT:
            raise section.wrong(f"{prop.name} is no date, so date_format means nothing", "date_format")
        if how.date_format and (fault := _format_fault(how.date_format)):
            raise section.wrong(f"date_format {how.date_format!r} {fault}", "date_format")
        scales = (how.raw_minimum is not None) + (how.raw_maximum is not None)
        if scales and (scales == 1 or prop.datatype is not Datatype.DECIMAL):
            raise section.wrong("minimum and maximum scale a decimal, and stand together", "minimum", "maximum")
        if "{" in how.column:
            if prop.datatype is not Datatype.REFERENCE:
                raise section.wrong(f"{prop.name} is no reference, so it takes a column, not a template", how.column)
            self._check_template(section, prop.name, how.column)

    def _check_words(self, section: Section, prop: Property, how: Field) -> None:
        """What the map itself states must be right for the property: constants and translations."""
        read = reader(prop, replace(how, date_format=None, decimal="."), self.model.prefixes)
        stated = [*(how.translate or {}).values(), *([how.constant] if how.constant is not None else [])]
        for word in filter(None, stated):
            for item in word.split(how.separator) if prop.many else [word]:
                try:
                    read(item)
                except ValueError as error:
                    raise section.wrong(f"{prop.name}: {error}", item, prop.name) from error

    def _skip(self, section: Section) -> Skip:
        skip = Skip(section.needed("name"), section.needed("why"), section.conditions("where"))
        if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", skip.name) is None or not skip.where:
            raise section.wrong("a skip rule has a name like test-accounts, a why and a where", skip.name)
        section.check_known()
        return skip


def _format_fault(pattern: str) -> str | None:
    """What is wrong with a strptime pattern; None when it can read a date."""
    if pattern in ("unix", "unix_ms"):
        return None
    try:
        datetime.strptime("", pattern)
    except ValueError as error:
        if "does not match" not in str(error):
            return f"can't be read ({error}): write one like %d.%m.%Y"
    return None
