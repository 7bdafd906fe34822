"""Files of xAPI statements, one statement at a time: JSON, JSON lines, both also packed by gzip, or in a zip archive.

Lines are read as they come, so that a file of millions of statements takes little memory; a document is read whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from loaders.errors import LoadError
from loaders.readers.documents import DEEPEST, LINES, Document, Item, Unread, documents
from loaders.readers.lines import UNSOUND, lines_of_file, opened
from loaders.rows import shown
from loaders.source import BadRow
from loaders.strict import Unreadable, parsed

ENDINGS = (".json", *LINES)
_SHOWN = 2_000  # characters of a line that can't be read, as they are kept
_BLOCK = 1 << 20


def statements(paths: Sequence[Path], longest: int, holding: bytes = b"") -> Iterator[Item | Unread]:
    """Every statement; a line of more bytes than `longest`, or that is no JSON, is told, and the others go on.

    Lines and documents without the bytes of `holding` need not be read. Raises `LoadError` for a file that can't be.
    """
    for path in paths:
        if _is_lines(path.name) and path.is_file():
            if holding and not _holds(path, holding):
                continue
            for row, line in lines_of_file(path, longest):
                if holding in line and (item := _item(path.name, row, line, longest)) is not None:
                    yield item
        else:
            for document in documents([path], ENDINGS):
                if holding in document.data:
                    yield from _items(document, longest)


def _is_lines(file: str) -> bool:
    return file.lower().removesuffix(".gz").endswith(LINES)


def _items(document: Document, longest: int) -> Iterator[Item | Unread]:
    if _is_lines(document.file):
        lines = enumerate(document.data.splitlines(), start=1)
        yield from filter(None, (_item(document.file, row, line, longest) for row, line in lines))
        return
    try:
        value = value_of(document.data.removeprefix(codecs.BOM_UTF8))
    except Unreadable as error:
        place = f"{error.field!r} " if error.field else ""
        raise LoadError(f"{place}{error}", file=document.file, value=error.value) from error
    if isinstance(value, Mapping) and isinstance(value.get("statements"), list):
        value = value["statements"]  # a StatementResult, as an LRS answers
    yield from (
        Item(document.file, row, each) for row, each in enumerate(value if isinstance(value, list) else [value], 1)
    )


def _holds(path: Path, wanted: bytes) -> bool:
    """Whether the bytes stand anywhere in a file; one that can't be read is told by who reads it."""
    rest = b""
    try:
        with opened(path) as file:
            while block := file.read(_BLOCK):
                if wanted in rest + block:
                    return True
                rest = block[-len(wanted) :]
    except (*UNSOUND, OSError):
        return False
    return False


def _item(file: str, row: int, line: bytes, longest: int) -> Item | Unread | None:
    """What a line holds; None for a blank one."""
    line = line.strip()
    if not line:
        return None
    try:
        if len(line) > longest:
            raise Unreadable("", f"is longer than {longest:,} bytes: shorten it")
        return Item(file, row, value_of(line))
    except Unreadable as error:
        text = line[:_SHOWN].decode("utf-8", "replace")
        return Unread(file, BadRow(row, error.field, shown(error.value or text), str(error), {"line": text}))


def value_of(data: bytes) -> Any:
    """The value of a JSON text, read strictly: no key twice, no NaN, no half letter, no deep nesting.

    Raises `Unreadable`. What is written as orjson writes it has no key twice.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Unreadable("", f"is no JSON: {str(error).partition(':')[0]} after {error.pos} characters") from error
    if data.count(b"{") + data.count(b"[") > DEEPEST and _is_deep(data):
        raise Unreadable("", f"is nested more than {DEEPEST} deep: flatten it")
    if orjson.dumps(value) != data:
        parsed(data.decode().strip())
    return value


def _is_deep(data: bytes) -> bool:
    """Whether sound JSON has more objects and lists within each other than are read; each round takes the innermost."""
    brackets = _TEXTS.sub(b"", data).translate(_PAIRS, _OTHERS)
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"")
    return bool(brackets)


_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_PAIRS = bytes.maketrans(b"[]", b"{}")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
