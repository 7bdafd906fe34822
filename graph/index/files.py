"""The index in a folder of its own beside the store: derived, so deleting it loses nothing.

    current                 the name of the version that counts, replaced atomically
    <number>-<random>/      one version, complete before `current` names it
        columns             every array, one after the other, each at a multiple of 64 bytes
        manifest.json       {"checksum": CRC-32 of the rest, "index": {format, model, store, settings, number,
                            arrays: {name: [dtype, length, offset]}, size, crc: of `columns`, rest}}

What does not fit, by format, model, store, settings, size or checksum, is never read: the index is built again.
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
from graph.settings import Settings
from graph.store import Store

FORMAT = 1
_ALIGNMENT = 64
_CHUNK = 1 << 22


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
    places, size, crc = _write_columns(folder / "columns", arrays)
    index = {
        **_circumstances(store, settings, snapshot.number),
        "number": snapshot.number,
        "arrays": places,
        "size": size,
        "crc": crc,
        "rest": rest,
    }
    _write(folder / "manifest.json", json.dumps({"checksum": _checksum(index), "index": index}).encode())


def load(store: Store, settings: Settings, directory: Path) -> Snapshot | None:
    """The saved snapshot; None where there is none that can be believed."""
    try:
        name = (directory / "current").read_text("utf-8")
        manifest = json.loads((directory / name / "manifest.json").read_bytes())
        index = manifest["index"]
        if manifest["checksum"] != _checksum(index):
            raise Unfit("the manifest is damaged")
        expected = _circumstances(store, settings, index["number"])
        if any(index.get(key) != value for key, value in expected.items()):
            raise Unfit("it is of another format, model, store or settings")
        return restored(_read_columns(directory / name / "columns", index), index["rest"], index["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing there, or nothing to be believed: it is built again


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


def _write_columns(path: Path, arrays: Mapping[str, NDArray[Any]]) -> tuple[dict[str, list[Any]], int, int]:
    places: dict[str, list[Any]] = {}
    crc = 0
    with path.open("wb") as file:
        for name, array in arrays.items():
            places[name] = [array.dtype.str, len(array), file.tell()]
            for piece in _pieces(np.ascontiguousarray(array)):
                crc = crc32(piece, crc)
                file.write(piece)
        size = file.tell()
        file.flush()
        os.fsync(file.fileno())
    return places, size, crc


def _pieces(array: NDArray[Any]) -> Iterator[memoryview | bytes]:
    """An array's bytes, filled up to the alignment."""
    content = memoryview(array.view(np.uint8).data) if len(array) else memoryview(b"")
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
    yield bytes(-len(content) % _ALIGNMENT)


def _read_columns(path: Path, index: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays as views of the mapped file, after its checksum."""
    if path.stat().st_size != index["size"]:
        raise Unfit("the file is cut short or longer than it should be")
    if not index["size"]:
        return {name: np.zeros(0, dtype) for name, (dtype, _, _) in index["arrays"].items()}
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    view, crc = memoryview(mapped), 0
    for start in range(0, len(view), _CHUNK):
        crc = crc32(view[start : start + _CHUNK], crc)
    if crc != index["crc"]:
        raise Unfit("the file is damaged")
    return {
        name: np.frombuffer(mapped, np.dtype(dtype), length, offset) if length else np.zeros(0, dtype)
        for name, (dtype, length, offset) in index["arrays"].items()
    }


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
