"""The Singer message stream: one JSON object a line, read part by part.

Singer specification 0.3.0: SCHEMA before the RECORDs of its stream, STATE after what it speaks of, ACTIVATE_VERSION.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

import orjson
import polars as pl

from loaders.errors import LoadError, nearest
from loaders.mapfile import MapFile, MappedFile
from loaders.mapping import Mapper
from loaders.readers.jsonl import chunks_of
from loaders.rows import shown
from loaders.source import BadRow, Chunk, Config, Part
from loaders.strict import Number, Unreadable, half_letter, parsed, too_deep

MOST_ROWS, MOST_BYTES = 50_000, 64_000_000
"""Records, and bytes of them, that a part holds at most."""
LONGEST = 60
"""Seconds after which a part ends with the next STATE, so that a slow tap is not far ahead of the store."""
LONGEST_LINE = 64_000_000
"""Bytes of one message."""
DEEPEST = 64

SENT_AGAIN = "_sent_again"
"""The column of what a later record of the same key in the same part stands for."""
NO_SCHEMA = "no-schema"

_KINDS: Sequence[tuple[type, str]] = (
    (Number, "number"), (str, "string"), (bool, "boolean"), (dict, "object"), (list, "array")
)  # fmt: skip


@dataclass(slots=True)
class Stream:
    """What is known of one stream, and the records of it that the part has so far."""

    name: str
    file: MappedFile
    keys: Sequence[str] = ()
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)  # field -> the JSON types it may have
    has_schema: bool = False
    lines: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # of the messages
    latest: dict[tuple[str, ...], int] = field(default_factory=dict)  # key -> the place of its last record
    again: set[int] = field(default_factory=set)  # places of records that were sent again
    bad: list[BadRow] = field(default_factory=list)

    def take(self, number: int, record: Mapping[str, Any]) -> None:
        """Keep a record, or why it is none."""
        wrong = self._wrong(record)
        if wrong is not None:
            self.bad.append(_bad(number, record, *wrong))
            return
        if self.keys:
            key = tuple(str(record[name]) for name in self.keys)
            if (before := self.latest.get(key)) is not None:
                self.again.add(before)
            self.latest[key] = len(self.lines)
        self.lines.append(orjson.dumps({name: value for name, value in record.items() if self._says(name, value)}))
        self.numbers.append(number)

    def _wrong(self, record: Mapping[str, Any]) -> tuple[str, str] | None:
        for name, value in record.items():
            if isinstance(value, str) and not value.isprintable() and (reason := half_letter(value)):
                return name, reason
        for name in self.keys:
            if record.get(name) is None:
                return name, "is a key of the stream and absent: let the tap send it with each record"
        for name, types in self.types.items():
            value = record.get(name)
            if value is not None and not _kinds(value) & types:
                return name, f"is {_kind(value)}, where the stream's schema says {' or '.join(sorted(types))}"
        return None

    def _says(self, name: str, value: Any) -> bool:
        """Whether a field is a cell; an object that is absent has no cells, its name is no column."""
        return value is not None or "object" not in self.types.get(name, ())

    def chunks(self, longest_field: int) -> Iterator[Chunk]:
        """The records so far, which are then forgotten."""
        reading = replace(self.file.reading, file=self.name, longest_field=longest_field)
        read = list(chunks_of(self.lines, reading)) if self.lines else []
        for chunk in read:
            places = chunk.rows if chunk.rows is not None else range(chunk.first, chunk.first + chunk.frame.height)
            marks = pl.Series(SENT_AGAIN, ["yes" if at - 1 in self.again else None for at in places], dtype=pl.String)
            bad = [replace(each, row=self.numbers[each.row - 1]) for each in chunk.bad]
            rows = [self.numbers[at - 1] for at in places]
            flags = {} if self.has_schema else {NO_SCHEMA: len(rows)}
            yield replace(chunk, frame=chunk.frame.with_columns(marks), rows=rows, bad=bad, flags=flags)
        if self.bad:
            yield Chunk(self.file.table.name, self.name, pl.DataFrame(), bad=self.bad)
        self.lines, self.numbers, self.latest, self.again, self.bad = [], [], {}, set(), []


@dataclass(slots=True)
class Messages:
    """A message stream, being read."""

    map: MapFile
    config: Config
    number: int = 0  # of the last message
    state: str = ""
    streams: dict[str, Stream | None] = field(default_factory=dict)  # None: the map leaves it out
    rows: int = 0
    size: int = 0  # bytes

    def parts(self, lines: IO[bytes]) -> Iterator[Part]:
        """Parts as they are full; where the stream breaks off, the part before that, and then `LoadError`."""
        begun, broken = time.monotonic(), None
        while line := lines.readline(LONGEST_LINE + 1):
            try:
                said_state = self._message(line)
            except Unreadable as error:
                broken = error
                break
            is_late = said_state and time.monotonic() - begun > LONGEST
            if self.rows >= MOST_ROWS or self.size >= MOST_BYTES or is_late:
                yield self._part()
                begun = time.monotonic()
        if self.number == 0 and broken is None:
            raise LoadError("no message came: look whether the tap failed, and what it says on standard error")
        if self.rows or self.state or broken is None:
            yield self._part()
        if broken is not None:
            fix = "what came before it is loaded; run the tap again from the last state"
            raise LoadError(f"message {self.number} {broken.reason}: {fix}", value=broken.value) from broken

    def _part(self) -> Part:
        chunks = [chunk for stream in self.streams.values() if stream for chunk in stream.chunks(self.config.max_field)]
        part = Part(chunks, self.state)
        self.state, self.rows, self.size = "", 0, 0
        return part

    def _message(self, line: bytes) -> bool:
        """Take one message; whether it was a STATE. Raises `Unreadable` where nothing after it can be trusted."""
        self.number += 1
        if not line.strip():
            return False
        message = _parsed(line)
        match message.get("type"):
            case "RECORD":
                self._record(message, len(line))
            case "SCHEMA":
                self._schema(message)
            case "STATE":
                self.state = json.dumps(json.loads(line)["value"]) if "value" in message else ""
                return True
            case "ACTIVATE_VERSION":
                pass  # nothing is removed: Source.lacks
            case other:
                raise Unreadable("type", f"is of type {shown(other)!r}, which is not read: set up the tap without it")
        return False

    def _record(self, message: Mapping[str, Any], size: int) -> None:
        record = message.get("record")
        if not isinstance(record, dict):
            raise Unreadable("record", "is a RECORD without a record")
        stream = self._stream(message)
        if stream is not None:
            stream.take(self.number, record)
            self.rows += 1
            self.size += size

    def _schema(self, message: Mapping[str, Any]) -> None:
        stream, schema, keys = self._stream(message), message.get("schema"), message.get("key_properties")
        if not isinstance(schema, dict):
            raise Unreadable("schema", "is a SCHEMA without a schema")
        if keys is not None and not isinstance(keys, list):
            raise Unreadable("key_properties", "is a SCHEMA whose key_properties are no list")
        if stream is not None:
            self._check_columns(stream, schema.get("properties"))
            stream.types = _types(schema)
            stream.keys = tuple(map(str, keys or ()))
            stream.has_schema = True

    def _check_columns(self, stream: Stream, properties: Any) -> None:
        """Refuse a map that names a field which the schema has not; a record may leave out any."""
        if not isinstance(properties, dict):
            return
        table = stream.file.table
        columns = Mapper(stream.file.mappings, self.config).columns(table.name)
        for column in (*columns, *(column for _, column in stream.file.hashes.values())):
            if (
                column.startswith("_")
                or column in table.optional
                or {column, column.partition(".")[0]} & set(properties)
            ):
                continue
            hint = nearest(column, properties).replace("did you mean", "is it") or f"; it has {', '.join(properties)}"
            raise LoadError(f"column {column!r} of the map is not in the stream's schema{hint}", file=stream.name)

    def _stream(self, message: Mapping[str, Any]) -> Stream | None:
        name = message.get("stream")
        if not isinstance(name, str) or not name:
            raise Unreadable("stream", "names no stream")
        if name not in self.streams:
            file = self.map.file_for(name)
            if file is not None and file.periods is not None:
                raise LoadError("has periods, which need a table that is read whole: give each row its end", file=name)
            self.streams[name] = None if file is None else Stream(name, file)
        return self.streams[name]


def _bad(number: int, record: Mapping[str, Any], name: str, reason: str) -> BadRow:
    raw = {key: value if isinstance(value, str) else json.dumps(value) for key, value in record.items()}
    raw = {key: text.encode(errors="replace").decode() for key, text in raw.items()}
    return BadRow(number, name, shown(raw.get(name, "")), reason, raw)


def _parsed(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Unreadable("", f"is longer than {LONGEST_LINE:,} bytes")
    broken = "" if line.endswith(b"\n") else " (the stream breaks off within it)"
    try:
        text = line.decode()
        message = parsed(text.strip(" \t\r\n"), Number)
    except UnicodeDecodeError as error:
        raise Unreadable("", f"is not UTF-8{broken}") from error
    except Unreadable as error:
        raise Unreadable(error.field, f"{error.reason}{broken}", error.value or text[:200]) from error
    if not isinstance(message, dict) or too_deep(message, DEEPEST):
        raise Unreadable("", f"is no JSON object, or nested more than {DEEPEST} deep", text[:200])
    return message


def _types(schema: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """The JSON types of each field that says any; one that may be anything is left out."""
    properties = schema.get("properties")
    found = {name: _type(how) for name, how in properties.items()} if isinstance(properties, dict) else {}
    return {name: types for name, types in found.items() if types}


def _type(how: Any) -> frozenset[str]:
    """`type`, or those of all choices (anyOf, oneOf), empty where one of them says nothing."""
    if not isinstance(how, dict):
        return frozenset()
    if "type" in how:
        told = how["type"] if isinstance(how["type"], list) else [how["type"]]
        return frozenset(map(str, told))
    choices = [_type(each) for name in ("anyOf", "oneOf") for each in _listed(how.get(name))]
    return frozenset().union(*choices) if choices and all(choices) else frozenset()


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _kind(value: Any) -> str:
    return next(name for kind, name in _KINDS if isinstance(value, kind))


def _kinds(value: Any) -> frozenset[str]:
    """The JSON types that a value may pass for; a whole number is an integer however it is written."""
    kind = _kind(value)
    if kind == "number" and value.partition(".")[2].strip("0") == "" and "e" not in value.lower():
        return frozenset({"number", "integer"})
    return frozenset({kind})
