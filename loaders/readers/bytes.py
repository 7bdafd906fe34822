"""Files as blocks of UTF-8 bytes; a wrong encoding is told before anything is read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from loaders.errors import LoadError, nearest
from loaders.readers.reading import Reading

BLOCK = 2_000_000
_SAMPLE = 100_000
_MARKS = {  # the longer first: UTF-32 LE begins like UTF-16 LE
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_FORMATS = {
    b"PK\x03\x04": "a ZIP or XLSX file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
}
_ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "windows-1250", "macintosh", "shift_jis")
_SIGNS = frozenset("€‚ƒ„…†‡‰‹‘’“”•–—™›¡¢£§©«®°±²³´µ·º»¼½¾¿÷×")


def utf8_blocks(path: Path, reading: Reading) -> Iterator[bytes]:
    """The file's bytes without a byte order mark, in another encoding turned into UTF-8.

    A byte that means nothing in the encoding stays as it is, so that only its row is bad.
    """
    encoding = _known(reading)
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        if encoding == "utf-8":
            _check_start(start, reading)
            yield start.removeprefix(codecs.BOM_UTF8)
            while block := file.read(BLOCK):
                yield block
            return
        decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
        block = start
        while block:
            yield decoder.decode(block).removeprefix("\ufeff").encode("utf-8", "surrogateescape")
            block = file.read(BLOCK)
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def check_start(start: bytes, file: str) -> None:
    """Raise `LoadError` where a file begins as another format does, or in another encoding than UTF-8."""
    _check_start(start[:_SAMPLE], Reading("", file))


def utf8(data: bytes, file: str) -> str:
    """The text of a whole file, without a byte order mark; raises `LoadError` for another encoding."""
    check_start(data, file)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{data[error.start]:02x} in line {line} is not UTF-8: save it as UTF-8"
        raise LoadError(reason, file=file, row=line) from error


def lines_of(data: bytes) -> Iterator[bytes]:
    """The lines of a whole file, without their ends and a byte order mark."""
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end + 1


def _known(reading: Reading) -> str:
    try:
        return codecs.lookup(reading.encoding).name
    except LookupError as error:
        hint = nearest(reading.encoding, _ENCODINGS) or f"; known are {', '.join(_ENCODINGS)} and more"
        raise LoadError(f"encoding {reading.encoding!r} is not known{hint}", file=reading.file) from error


def _check_start(start: bytes, reading: Reading) -> None:
    for mark, name in _FORMATS.items():
        if start.startswith(mark):
            raise LoadError(f"is {name}, not text: rename it, or export it as text", file=reading.file)
    found = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    if not found and start.count(0) > len(start) // 4:
        found = "UTF-16"
    if not found and _is_windows(start):
        found = "Windows-1252"
    if found:
        fix = f'save it as UTF-8, or name its encoding in a --map file (encoding = "{found.lower()}")'
        raise LoadError(f"is in {found}, not in UTF-8: {fix}", file=reading.file, value=found)


def _is_windows(start: bytes) -> bool:
    """Whether no letter beyond ASCII is UTF-8, at least each tenth row has one, and all are letters in Windows-1252."""
    lines = [line for line in start.split(b"\n") if line]
    odd = [line for line in lines if not line.isascii()]
    if len(odd) * 10 < len(lines) or not odd:
        return False
    cut = odd[:-1] if odd[-1] is lines[-1] and len(start) == _SAMPLE else odd
    return bool(cut) and not any(map(_has_utf8, cut)) and all(map(_reads_as_windows, cut))


def _has_utf8(line: bytes) -> bool:
    """Whether any letter beyond ASCII is well-formed UTF-8."""
    letters = line.decode("utf-8", "surrogateescape")
    return any(ord(letter) > 127 and not "\udc80" <= letter <= "\udcff" for letter in letters)


def _reads_as_windows(line: bytes) -> bool:
    try:
        letters = line.decode("cp1252")
    except UnicodeDecodeError:
        return False
    odd = [letter for letter in letters if not letter.isascii()]
    return all(letter in _SIGNS or (letter.isalpha() and letter not in "ÿþ") for letter in odd)
