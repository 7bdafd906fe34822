"""Bytes on their way to a parser, looked at before it sees them: no DOCTYPE, no context from elsewhere, no great depth.

Each reads block by block and holds little more than one.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from ontology.packed import Bytes

BLOCK = 1 << 18  # bytes that are looked at together
DEEPEST = 64  # objects and lists within each other that are read
LARGEST_CONTEXT = 1 << 20  # bytes
MOST_CONTEXTS = 5_000  # that are put in place of addresses: each is larger than what names it
LONGEST_STRING = 10_000_000  # bytes

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CONTEXT = re.compile(rb'(?<!\\)"@context"[ \t\r\n]*:[ \t\r\n]*')
_BEGUN = re.compile(rb'(?<!\\)"@context"[ \t\r\n]*(?::[ \t\r\n]*)?\Z')
_DECODER = json.JSONDecoder()
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}


class Refused(ValueError):
    """What a file holds that is never read: a sentence with the fix."""


class Guarded:
    """What a parser reads from: as much as it asks for, out of blocks that were looked at."""

    def __init__(self, file: Bytes) -> None:
        self._file, self._ready, self._at = file, b"", 0

    def read(self, size: int = -1, /) -> bytes:
        while self._at == len(self._ready):
            block = self._file.read(BLOCK)
            self._ready, self._at = self.looked_at(block), 0
            if not block and not self._ready:
                return b""
        taken = self._ready[self._at :] if size < 0 else self._ready[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def looked_at(self, block: bytes) -> bytes:
        """What may be handed on of this block, the last of which is empty; raises `Refused`."""
        return block


class Plain(Guarded):
    """A file without its byte order mark."""

    _began = False

    def looked_at(self, block: bytes) -> bytes:
        began, self._began = self._began, True
        return block if began else block.removeprefix(codecs.BOM_UTF8)


class Xml(Guarded):
    """XML that holds no DOCTYPE: expat reads each block first, so that no encoding hides one, and stops there, before
    any entity is expanded."""

    def __init__(self, file: Bytes) -> None:
        from xml.parsers import expat

        super().__init__(file)
        self._parser, self._broken, self._ends = expat.ParserCreate(), expat.ExpatError, False
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def looked_at(self, block: bytes) -> bytes:
        if self._ends:
            return b""
        self._ends = not block
        try:
            self._parser.Parse(block, self._ends)
        except self._broken as error:
            raise Refused(f"is no XML: {error}; mend the file") from error
        return block


def _refuse_doctype(*_: object) -> None:
    raise Refused("holds a DOCTYPE, which is never read; remove it")


class Json(Guarded):
    """JSON-LD that is not too deep, and in which the addresses of contexts that are here are replaced by these.

    The address of any other context stays, and the parser, which opens nothing, refuses it.
    """

    def __init__(self, file: Bytes, contexts: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._contexts = contexts
        self._depth = 0
        self._string = b""  # begun, and not ended
        self._held = b""  # from the key of a context on that is not whole yet
        self._named = 0  # contexts that were put in
        self._is_over = False

    def looked_at(self, block: bytes) -> bytes:
        self._is_over = not block
        if self._string and block and b'"' not in block:
            self._string = self._bounded(self._string + block)  # a long text goes on
            return b""
        return self._replaced(self._held + self._whole(self._string + block))

    def _bounded(self, string: bytes) -> bytes:
        if len(string) > LONGEST_STRING:
            raise Refused(f"holds a text of more than {LONGEST_STRING:,} bytes; shorten it")
        return string

    def _whole(self, text: bytes) -> bytes:
        """The text without a string that it ends within; raises `Refused` where too much is around a value."""
        bare = _STRING.sub(b"", text)
        cut = bare.find(b'"')
        rest = len(bare) - cut if cut >= 0 else 0
        marks = bare[: len(bare) - rest].translate(None, _OTHERS)
        depths = list(accumulate(map(_STEP.__getitem__, marks), initial=self._depth))
        self._depth = depths[-1]
        if max(depths) > DEEPEST:
            raise Refused(f"is nested more than {DEEPEST} deep; flatten it")
        self._string = b"" if self._is_over else self._bounded(text[len(text) - rest :])
        return text if self._is_over else text[: len(text) - rest]

    def _replaced(self, text: bytes) -> bytes:
        """The text with our contexts in place of their addresses, up to one that is still to come."""
        given, start, self._held = [], 0, b""
        for found in _CONTEXT.finditer(text):
            if found.start() < start:
                continue  # within a context that was looked at
            try:
                value, end = _decoded(text, found.end())
            except ValueError:
                if self._is_over:
                    break  # the parser says what is wrong
                if len(text) - found.start() > LARGEST_CONTEXT:
                    raise Refused(
                        f"holds a context that is no JSON, or longer than {LARGEST_CONTEXT:,} bytes"
                    ) from None
                given.append(text[start : found.start()])
                self._held = text[found.start() :]
                return b"".join(given)
            given += [text[start : found.end()], json.dumps(self._bundled(value)).encode()]
            start = end
        begun = None if self._is_over else _BEGUN.search(text, start)
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        return b"".join([*given, text[start:end]])

    def _bundled(self, stated: Any) -> Any:
        """A stated context, those that it holds too."""
        if isinstance(stated, list):
            return [self._bundled(each) for each in stated]
        if isinstance(stated, dict):
            return {key: self._scoped(key, each) for key, each in stated.items()}
        return self._meant(stated) if isinstance(stated, str) else stated

    def _meant(self, address: str) -> Any:
        if address not in self._contexts:
            return address
        self._named += 1
        if self._named > MOST_CONTEXTS:
            raise Refused(f"names a context more than {MOST_CONTEXTS:,} times; name it once, above a @graph of all")
        return self._contexts[address]

    def _scoped(self, key: str, value: Any) -> Any:
        if key == "@context":
            return self._bundled(value)
        return {name: self._scoped(name, each) for name, each in value.items()} if isinstance(value, dict) else value


def _decoded(text: bytes, start: int) -> tuple[Any, int]:
    """The JSON value that stands there, and where it ends; raises `ValueError` when it is not whole."""
    piece = text[start : start + LARGEST_CONTEXT].decode("utf-8", "surrogateescape")
    value, end = _DECODER.raw_decode(piece)
    return value, start + len(piece[:end].encode("utf-8", "surrogateescape"))
