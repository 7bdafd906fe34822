"""The index in a folder of its own beside the store: derived, so deleting it loses nothing.

    current                 the name of the version that counts, replaced atomically
    <number>-<random>/      one version, complete before `current` names it
        columns             every array, one after the other, each at a multiple of 64 bytes
        manifest.json       {"checksum": CRC-32 of the rest, "index": {format, model, store, settings, number,
                            arrays: {name: [dtype, length, offset, CRC-32 up to the next]}, size, stamp, rest}}

What does not fit, by format, model, store, settings, size, checksum or bounds, is never read: the index is built again.
The manifest is always checked. All of `columns` is read and checked when an index is opened if the file is not the one
that its writer closed (its `stamp`: size, inode, and when it was last written or changed), and by `verify`.
"""

from __future__ import annotations

import json
import mmap
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.index.flat import flattened, restored
from graph.index.snapshot import Snapshot
from graph.index.sound import within
from graph.settings import Settings
from graph.store import Store

FORMAT = 2
_ALIGNMENT = 64
_CHUNK = 1 << 22
_ROUNDS = 5  # of looking at a version that is replaced meanwhile
_TYPES = ("|u1", "|b1", "<u2", "<u4", "<i4", "<u8", "<i8")


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
        **_circumstances(store, settings, snapshot.number),
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


def load(store: Store, settings: Settings, directory: Path) -> Snapshot | None:
    """The saved snapshot; None where there is none that can be believed."""
    try:
        folder, index = _version(directory)
        expected = _circumstances(store, settings, index["number"])
        if any(index.get(key) != value for key, value in expected.items()):
            raise Unfit("it is of another format, model, store or settings")
        if index["stamp"] != _stamp(folder / "columns"):
            _check(folder, index)
        return restored(_mapped(folder / "columns", index), index["rest"], index["number"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        return None  # nothing there, or nothing to be believed: it is built again


def verify(directory: Path) -> bool:
    """Whether all of the version that counts is as it was written, and within bounds; there being none is well.

    Reads the whole file, some 400 MB for 20 million facts, without mapping it. A version that is replaced meanwhile is
    not at fault.
    """
    for _ in range(_ROUNDS):
        name = version_of(directory)
        try:
            if name is not None:
                _check(*_version(directory))
            return True
        except FileNotFoundError:
            if version_of(directory) == name:
                return False
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
            return version_of(directory) != name and verify(directory)
    return True


def version_of(directory: Path) -> str | None:
    """The name of the version that counts; None: there is none."""
    try:
        return (directory / "current").read_text("utf-8")
    except (OSError, ValueError):
        return None


def _version(directory: Path) -> tuple[Path, dict[str, Any]]:
    """The version that counts, and its manifest; raises where there is none, or the manifest is damaged."""
    name = (directory / "current").read_text("utf-8")
    if Path(name).name != name:
        raise Unfit("it is not of this folder")
    manifest = json.loads((directory / name / "manifest.json").read_bytes())
    index = manifest["index"]
    if manifest["checksum"] != _checksum(index):
        raise Unfit("the manifest is damaged")
    return directory / name, index


def _check(folder: Path, index: Mapping[str, Any]) -> None:
    """Raise `Unfit` unless every array is as it was written, and what points into others is within their bounds."""
    people, (_, persons, *_) = index["arrays"]["people.person"][1], index["arrays"]["people.primary"]
    bounds = {"person": persons, "persons": persons, "primary": people}
    with (folder / "columns").open("rb") as file:
        for name, (dtype, length, offset, stated) in index["arrays"].items():
            crc, bound = 0, bounds.get(name.rpartition(".")[2])
            file.seek(offset)
            for size in _chunks(length * np.dtype(dtype).itemsize):
                piece = file.read(size)
                crc = crc32(piece, crc)
                if bound is not None and not within(np.frombuffer(piece, dtype), bound):
                    raise Unfit(f"{name} is out of bounds")
            if crc32(file.read(-file.tell() % _ALIGNMENT), crc) != stated:
                raise Unfit(f"{name} is damaged")


def _chunks(size: int) -> Iterator[int]:
    return (min(_CHUNK, size - start) for start in range(0, size, _CHUNK))


def discard(directory: Path) -> None:
    """Remove every version; the files name learner records, so an erasure must not leave them."""
    shutil.rmtree(directory, ignore_errors=True)


def _circumstances(store: Store, settings: Settings, number: int) -> dict[str, Any]:
    """What an index depends on beside the facts, and the change record that it was built at."""
    change = next(iter(store.changes(number - 1, 1)), None) if number > 0 else None
    items = [] if change is None else [[each.type, each.operation, _crc_of(each.ids)] for each in change.items]
    return {
        "format": FORMAT,
        "model": store.model.hash,
        "store": None if change is None else [change.number, change.at, change.source, items],
        "settings": [list(settings.source_order), list(settings.unique_identities)],
    }


def _crc_of(ids: tuple[str, ...]) -> int:
    return crc32("\n".join(ids).encode())


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
