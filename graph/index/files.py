"""The index in a folder of its own beside the store: derived, so deleting it loses nothing.

    current                 the name of the version that counts, replaced atomically
    <number>-<random>/      one version, complete before `current` names it
        columns             every array, one after the other, each at a multiple of 64 bytes
        manifest.json       {"checksum": CRC-32 of the rest, "index": {format, model, store, settings, number,
                            arrays: {name: [dtype, length, offset, CRC-32 up to the next]}, size, stamp, rest}}

What does not fit by format, model, store, settings, size or the manifest's checksum is never read: the index is built
again. All of `columns` is read and checked, by checksums and bounds, when an index is opened if the file is not the one
that its writer closed (its `stamp`: size, inode, and when it was last written or changed). If it is that one, it is
believed until somebody calls `verify`: a disk's own damage is found by that only.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.index.circumstances import circumstances, record_at
from graph.index.flat import flattened, restored
from graph.index.snapshot import Snapshot
from graph.index.sound import ascending_within, within
from graph.settings import Settings
from graph.store import Store

FORMAT = 3
_ALIGNMENT = 64
_CHUNK = 1 << 22
_ROUNDS = 5  # of looking at a version that is replaced meanwhile
_NAME = re.compile(r"\d+-[0-9a-f]{16}")  # of a version
_TYPES = ("|u1", "|b1", "<u2", "<u4", "<i4", "<u8", "<i8")
_UNBELIEVABLE = (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)
"""What reading may raise of files that hold anything."""


class Unfit(ValueError):
    """The files are not an index of this store as it is read now."""


def save(snapshot: Snapshot, store: Store, settings: Settings, directory: Path) -> None:
    """Write a pristine snapshot as a new version, make it the one that counts, and remove the others."""
    name = f"{snapshot.number}-{secrets.token_hex(8)}"
    try:
        (directory / name).mkdir(parents=True)
        _write_version(snapshot, store, settings, directory / name)
        pointer = directory / f"{name}.pointer"
        _write(pointer, name.encode())
        pointer.replace(directory / "current")
    except OSError:
        shutil.rmtree(directory / name, ignore_errors=True)
        raise
    _remove_others(directory, name)


def _write_version(snapshot: Snapshot, store: Store, settings: Settings, folder: Path) -> None:
    arrays, rest = flattened(snapshot)
    places = _write_columns(folder / "columns", arrays)
    stamp = _stamp(folder / "columns")
    index = {
        "format": FORMAT,
        **circumstances(store, settings, snapshot.number),
        "number": snapshot.number,
        "arrays": places,
        "size": stamp[0],
        "stamp": stamp,
        "rest": rest,
    }
    _write(folder / "manifest.json", json.dumps({"checksum": _checksum(index), "index": index}).encode())


def _stamp(path: Path) -> list[int]:
    """What is different once someone else has written the file, or put another in its place."""
    found = path.stat()
    return [found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]


def load(store: Store, settings: Settings, directory: Path, version: str) -> Snapshot | None:
    """A saved version; None where it is not there, or can't be believed."""
    try:
        folder, index = _manifest(directory, version)
        if not _is_of(store, settings, index):
            raise Unfit("it is of another format, model, store or settings")
        if index["stamp"] != _stamp(folder / "columns"):
            _check(folder, index)
        return restored(_mapped(folder / "columns", index), index["rest"], index["number"])
    except _UNBELIEVABLE:
        return None  # nothing there, or nothing to be believed: it is built again


Verdict = Literal["well", "damaged", "unknown"]


def verify(directory: Path, version: str) -> Verdict:
    """Whether all of a version is as it was written, within bounds and in order.

    Unknown: it is there no more, is of another format, or could not be read; of damage nobody can then tell. Reads the
    whole file, some 400 MB for 20 million facts, without mapping it.
    """
    try:
        folder, index = _manifest(directory, version)
        if index["format"] != FORMAT:
            return "unknown"
        _check(folder, index)
        return "well"
    except FileNotFoundError:
        return "damaged" if version_of(directory) == version else "unknown"
    except OSError:
        return "unknown"
    except _UNBELIEVABLE:
        return "damaged"


def verify_current(directory: Path) -> Verdict:
    """The same of the version that counts; none is well, and one that is replaced meanwhile not at fault."""
    for _ in range(_ROUNDS):
        version = version_of(directory)
        verdict = "well" if version is None else verify(directory, version)
        if verdict != "unknown" or version_of(directory) == version:
            break
    return verdict


def is_there(directory: Path) -> bool:
    """Whether any version counts. Raises `PermissionError` where nobody may look."""
    return (directory / "current").exists()


def is_unused(store: Store, settings: Settings, directory: Path) -> bool:
    """Whether the version that counts is of another format, model, store or settings, so that nobody reads it.

    What is damaged is of nothing, and for `verify` to tell. Raises `PermissionError` where it may not be read.
    """
    try:
        folder, index = _manifest(directory, (directory / "current").read_text("utf-8"))
        if not _is_of(store, settings, index):
            return True
        with (folder / "columns").open("rb"):
            return False
    except PermissionError:
        raise
    except _UNBELIEVABLE:
        return False


def is_past(store: Store, directory: Path, version: str) -> bool:
    """Whether a version is of another store, or of this one before somebody was erased: nobody will read it again."""
    try:
        _, index = _manifest(directory, version)
        return bool(index["format"] == FORMAT and index["store"] != record_at(store, index["number"]))
    except _UNBELIEVABLE:
        return False


def _is_of(store: Store, settings: Settings, index: Mapping[str, Any]) -> bool:
    expected = {"format": FORMAT, **circumstances(store, settings, index["number"])}
    return all(index.get(key) == value for key, value in expected.items())


def version_of(directory: Path) -> str | None:
    """The name of the version that counts; None: there is none."""
    try:
        return (directory / "current").read_text("utf-8")
    except (OSError, ValueError):
        return None


def _manifest(directory: Path, version: str) -> tuple[Path, dict[str, Any]]:
    """The folder of a version, and its manifest; raises where there is none, or the manifest is damaged."""
    if not _NAME.fullmatch(version):
        raise Unfit("it is no version's name")
    manifest = json.loads((directory / version / "manifest.json").read_bytes())
    index = manifest["index"]
    if manifest["checksum"] != _checksum(index):
        raise Unfit("the manifest is damaged")
    return directory / version, index


def _check(folder: Path, index: Mapping[str, Any]) -> None:
    """Raise `Unfit` unless every array is as it was written, what points into others is within their bounds, and the
    persons of a group ascend.
    """
    arrays = index["arrays"]
    people, (_, persons, *_) = arrays["people.person"][1], arrays["people.primary"]
    bounds = {"person": persons, "persons": persons, "primary": people}
    with (folder / "columns").open("rb") as file:
        for name, (dtype, length, offset, stated) in arrays.items():
            bound, starts = bounds.get(name.rpartition(".")[2]), _starts(file, arrays, name)
            crc, row, last = 0, 0, 0
            file.seek(offset)
            for size in _chunks(length * np.dtype(dtype).itemsize):
                piece = file.read(size)
                crc, column = crc32(piece, crc), np.frombuffer(piece, dtype)
                if bound is not None and not within(column, bound):
                    raise Unfit(f"{name} is out of bounds")
                if starts is not None and not ascending_within(starts, column, row, last):
                    raise Unfit(f"{name} is not in order")
                row, last = row + len(column), column[-1] if len(column) else last
            if crc32(file.read(-file.tell() % _ALIGNMENT), crc) != stated:
                raise Unfit(f"{name} is damaged")


def _starts(file: BinaryIO, arrays: Mapping[str, Any], name: str) -> NDArray[Any] | None:
    """Where the groups start in a layer's column of persons; None for any other array."""
    layer = name.removesuffix(".column.person")
    if layer == name:
        return None
    dtype, length, offset, _ = arrays[f"{layer}.starts"]
    file.seek(offset)
    return np.frombuffer(file.read(length * np.dtype(dtype).itemsize), dtype)


def _chunks(size: int) -> Iterator[int]:
    return (min(_CHUNK, size - start) for start in range(0, size, _CHUNK))


def discard(directory: Path, version: str) -> None:
    """Remove a version: it is damaged, or names learner records that were erased. Hold the index's lock meanwhile."""
    if version_of(directory) == version:
        (directory / "current").unlink(missing_ok=True)
    if _NAME.fullmatch(version):
        shutil.rmtree(directory / version, ignore_errors=True)


def _checksum(index: Mapping[str, Any]) -> int:
    return crc32(json.dumps(index, sort_keys=True).encode())


def _write_columns(path: Path, arrays: Mapping[str, NDArray[Any]]) -> dict[str, list[Any]]:
    places: dict[str, list[Any]] = {}
    with path.open("wb") as file:
        for name, array in arrays.items():
            offset, crc = file.tell(), 0
            for piece in _pieces(array):
                crc = crc32(piece, crc)
                file.write(piece)
            filling = bytes(-file.tell() % _ALIGNMENT)
            file.write(filling)
            places[name] = [array.dtype.str, len(array), offset, crc32(filling, crc)]
        file.flush()
        os.fsync(file.fileno())
    return places


def _pieces(array: NDArray[Any]) -> Iterator[memoryview]:
    """An array's bytes."""
    content = memoryview(np.ascontiguousarray(array).view(np.uint8).data) if len(array) else memoryview(b"")
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def _mapped(path: Path, index: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays as views of the mapped file, which is of the right size."""
    if path.stat().st_size != index["size"]:
        raise Unfit("the file is cut short or longer than it should be")
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if index["size"] else b""
    return {name: _view(mapped, *place) for name, place in index["arrays"].items()}


def _view(mapped: mmap.mmap | bytes, dtype: str, length: int, offset: int, _crc: int) -> NDArray[Any]:
    """One array; raises `ValueError` where it does not lie in the file."""
    if dtype not in _TYPES or length < 0 or offset < 0 or offset % _ALIGNMENT:
        raise Unfit(f"no array is {length} of {dtype} at {offset}")
    return np.frombuffer(mapped, np.dtype(dtype), length, offset) if length else np.zeros(0, dtype)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove_others(directory: Path, name: str) -> None:
    """Older versions; a process that has one mapped keeps it until it lets go."""
    for path in directory.iterdir():
        if path.name not in (name, "current"):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
