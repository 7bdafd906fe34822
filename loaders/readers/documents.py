"""Documents: files that hold one text as a whole, such as JSON or XML; also packed by gzip, or in a zip archive.

What is packed is unpacked within bounds: nothing that leads out of the archive, and nothing that is very much more than
it seemed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any
from zipfile import ZipFile, ZipInfo

from loaders.errors import LoadError, nearest
from loaders.readers.bytes import check_start, lines_of, utf8
from loaders.readers.lines import lines_of_file, opened, sound
from loaders.readers.places import told_apart
from loaders.readers.reading import LONGEST_FIELD
from loaders.rows import shown
from loaders.source import BadRow
from loaders.strict import Unreadable, half_letter, parsed, too_deep
from ontology.packed import RATIO, SMALL

MOST_BYTES = 1 << 30
"""Of one document, unpacked."""

DEEPEST = 64
"""Objects and lists within each other that are read."""

LINES = (".jsonl", ".ndjson")

_MEMBERS = 10_000
_PIECE = 1 << 20
_LETTERS = 2_000  # of what could not be read, as it is kept


@dataclass(frozen=True, slots=True)
class Document:
    """One text; `file` is how it is shown: of an archive, with the member's place in it."""

    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a document: of a list each item, of JSON lines each line, else the whole; `row` counts from 1."""

    file: str
    row: int
    value: Any


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no JSON."""

    file: str
    bad: BadRow


def documents(paths: Sequence[Path], endings: Sequence[str]) -> Iterator[Document]:
    """Every document of these files, archives and folders, in the order of names; files of one name are told apart.

    `endings` are those of names that are read, such as ".json"; ".gz" may follow. Raises `LoadError`.
    """
    for path, name in told_apart(_files(paths)).items():
        with sound(name):
            yield from _opened(path, name, endings)


def items(paths: Sequence[Path], endings: Sequence[str] = (".json", *LINES)) -> Iterator[Item | Unread]:
    """Every JSON value of these files; of lines, one that can't be read is told and the others go on.

    A file of lines is never held as a whole, unless it is in an archive.
    """
    for path, name in told_apart(_files(paths)).items():
        with sound(name):
            if PurePosixPath(_inner(name)).suffix in {*LINES} & {*endings}:
                with opened(path) as file:
                    check_start(file.read(_PIECE), name)
                yield from _items(name, lines_of_file(path, LONGEST_FIELD))
            else:
                for document in _opened(path, name, endings):
                    yield from items_of(document)


def items_of(document: Document) -> Iterator[Item | Unread]:
    """Every JSON value of one document."""
    if _inner(document.file).endswith(LINES):
        yield from _items(document.file, enumerate(lines_of(document.data), start=1))
        return
    value = json_of(document)
    values = value if isinstance(value, list) else [value]
    yield from (Item(document.file, row, each) for row, each in enumerate(values, start=1))


def json_of(document: Document) -> Any:
    """The value of a JSON document, numbers as they are written; raises `LoadError`."""
    try:
        return _value(utf8(document.data, document.file))
    except Unreadable as error:
        place = f"{error.field!r} " if error.field else ""
        raise LoadError(f"{place}{error}", file=document.file, value=error.value) from error


def _value(text: str) -> Any:
    value = parsed(text.strip(" \t\r\n"))
    if too_deep(value, DEEPEST):
        raise Unreadable("", f"is nested more than {DEEPEST} deep: flatten it")
    if "\\ud" in text.lower() and (reason := half_letter(json.dumps(value, ensure_ascii=False))):
        raise Unreadable("", reason)
    return value


def _items(file: str, lines: Iterable[tuple[int, bytes]]) -> Iterator[Item | Unread]:
    for row, line in lines:
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_FIELD:
                raise Unreadable("", f"is longer than {LONGEST_FIELD:,} bytes: shorten it")
            yield Item(file, row, _value(line.decode()))
        except UnicodeDecodeError as error:
            reason = f"byte 0x{line[error.start]:02x} after {error.start} bytes is not UTF-8: save the row as UTF-8"
            yield _unread(file, row, Unreadable("", reason), line)
        except Unreadable as error:
            yield _unread(file, row, error, line)


def _unread(file: str, row: int, error: Unreadable, line: bytes) -> Unread:
    text = line[:_LETTERS].decode("utf-8", "replace")
    return Unread(file, BadRow(row, error.field, shown(error.value or text), str(error), {"line": text}))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise LoadError("there is no such file", file=path.name)
        if not path.is_dir():
            yield path
            continue
        for inner in sorted(path.iterdir()):
            if inner.is_dir():
                raise LoadError("is a folder within the folder: name it by itself", file=inner.name)
            if not inner.name.startswith("."):
                yield inner


def _opened(path: Path, name: str, endings: Sequence[str]) -> Iterator[Document]:
    if path.suffix.lower() == ".zip":
        with ZipFile(path) as archive:
            for member in _members(archive, name):
                with archive.open(member) as file:
                    inner = f"{name}/{member.filename}"
                    yield _unpacked(inner, _bounded(file, member.compress_size, inner), endings)
        return
    with path.open("rb") as file:
        yield _unpacked(name, _bounded(file, path.stat().st_size, name), endings)


def _unpacked(name: str, data: bytes, endings: Sequence[str]) -> Document:
    """The document itself, out of its gzip; raises for one of another ending."""
    inner = _inner(name)
    suffix = PurePosixPath(inner).suffix
    if suffix not in endings:
        known = ", ".join(endings)
        raise LoadError(
            f"{suffix or 'no ending'} is no format that is read here ({known}){nearest(suffix, endings)}", file=name
        )
    if inner != name.lower():
        with gzip.open(BytesIO(data)) as file:
            data = _bounded(file, len(data), name)
    if not data.strip():
        raise LoadError("is empty: get it again, or leave it out", file=name)
    return Document(name, data)


def _inner(name: str) -> str:
    """The name without the ending of a gzip file, in small letters."""
    return name.lower().removesuffix(".gz")


def _bounded(file: IO[bytes] | gzip.GzipFile, packed: int, name: str) -> bytes:
    """All of a file, unless it is too much."""
    most = min(MOST_BYTES, max(SMALL, RATIO * packed))
    pieces, left = [], most + 1
    while left > 0 and (piece := file.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise LoadError(f"is more than {most:,} bytes when it is read: split it, or send lines", file=name)
    return b"".join(pieces)


def _members(archive: ZipFile, name: str) -> list[ZipInfo]:
    """The files of an archive, in the order of names, all found harmless."""
    members = sorted((each for each in archive.infolist() if not each.is_dir()), key=lambda each: each.filename)
    if len(members) > _MEMBERS:
        raise LoadError(f"holds {len(members):,} files, more than {_MEMBERS:,}: split it", file=name)
    for member in members:
        place = PurePosixPath(member.filename)
        if "\\" in member.orig_filename or place.is_absolute() or ".." in place.parts:
            fix = "leads out of the archive: pack plain files and folders"
            raise LoadError(f"its member {shown(member.orig_filename)!r} {fix}", file=name, value=member.orig_filename)
        if member.flag_bits & 0x1:
            raise LoadError(f"its member {shown(member.filename)!r} needs a password: pack it without", file=name)
    return [each for each in members if not PurePosixPath(each.filename).name.startswith((".", "__"))]
