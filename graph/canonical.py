"""The one canonical form of a record: what its content hash and the store's digest are made of.

Values stand as they are held (`ontology.values`); a list is a set: its values are sorted and told once. An absent value
and an empty list state nothing, so they leave no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import repeat
from operator import is_not
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

_MASK_BITS = 62  # partly stated columns that one int64 mask can tell apart
_FEWEST_ROWS = 8  # rows a pattern of stated columns must have on average for columns to beat rows


def content_hash(properties: Mapping[str, Any]) -> int:
    """Signed 64-bit blake2b of the stated properties, whatever their order."""
    stated = sorted((name, as_set(value)) for name, value in properties.items() if _states(value))
    prefix = orjson.dumps([name for name, _ in stated])
    return _signed([_digest(prefix, [value for _, value in stated])])[0]


def content_hashes(columns: Mapping[str, Sequence[Any]], names: Iterable[str]) -> list[int]:
    """`content_hash` of each row of the named columns."""
    rows = len(next(iter(columns.values()))) if columns else 0
    always: dict[str, Sequence[Any]] = {}
    partly: dict[str, Sequence[Any]] = {}
    for name in sorted(set(names)):
        values, kinds = _plain(columns[name])
        if kinds == {type(None)} or not kinds:
            continue
        (partly if type(None) in kinds else always)[name] = values
    if not partly:
        return _signed(_hash_rows(always, rows))
    if len(partly) > _MASK_BITS:
        return _by_row({**always, **partly})
    return _by_pattern(always, partly, rows)


def as_set(value: Any) -> Any:
    """A list's values sorted and told once; anything else as it is."""
    return sorted(set(value)) if isinstance(value, tuple | list) else value


def as_sets(values: Iterable[Any]) -> list[Any]:
    """A column's lists as sets; an empty one is absent."""
    return [as_set(value) if _states(value) else None for value in values]


def _states(value: Any) -> bool:
    return value is not None and not (isinstance(value, tuple | list) and not value)


def _plain(values: Sequence[Any]) -> tuple[Sequence[Any], set[type]]:
    """A column as Python values, empty lists as None, with the types that are in it."""
    plain: Sequence[Any] = values.tolist() if isinstance(values, np.ndarray) else values
    kinds = set(map(type, plain))
    if tuple in kinds or list in kinds:
        plain = as_sets(plain)
        kinds = set(map(type, plain))
    return plain, kinds


def _by_pattern(always: Mapping[str, Sequence[Any]], partly: Mapping[str, Sequence[Any]], rows: int) -> list[int]:
    """Rows that state the same columns are hashed together."""
    mask = np.zeros(rows, dtype=np.int64)
    for bit, values in enumerate(partly.values()):
        mask |= np.fromiter(map(is_not, values, repeat(None)), dtype=np.int64, count=rows) << bit
    patterns = np.unique(mask)
    if len(patterns) * _FEWEST_ROWS > rows:
        return _by_row({**always, **partly})
    hashes = np.empty(rows, dtype=np.int64)
    for pattern in patterns.tolist():
        where = np.flatnonzero(mask == pattern)
        stated = dict(always) | {
            name: column for bit, (name, column) in enumerate(partly.items()) if pattern >> bit & 1
        }
        hashes[where] = np.frombuffer(b"".join(_hash_rows(_picked(stated, where, rows), len(where))), dtype="<i8")
    return hashes.tolist()


def _picked(columns: Mapping[str, Sequence[Any]], where: NDArray[np.intp], rows: int) -> Mapping[str, Sequence[Any]]:
    if len(where) == rows:
        return columns
    positions = where.tolist()
    return {name: list(map(column.__getitem__, positions)) for name, column in columns.items()}


def _by_row(columns: Mapping[str, Sequence[Any]]) -> list[int]:
    names = list(columns)
    return [content_hash(dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _hash_rows(columns: Mapping[str, Sequence[Any]], rows: int) -> Iterator[bytes]:
    """One digest a row, every column stated in every row."""
    names = sorted(columns)
    prefix = orjson.dumps(names)
    if not names:
        return repeat(_digest(prefix, []), rows)
    dump = orjson.dumps
    return (
        blake2b(prefix + dump(row), digest_size=8).digest()
        for row in zip(*(columns[name] for name in names), strict=True)
    )


def _digest(prefix: bytes, values: list[Any]) -> bytes:
    return blake2b(prefix + orjson.dumps(values), digest_size=8).digest()


def _signed(digests: Iterable[bytes]) -> list[int]:
    hashes: list[int] = np.frombuffer(b"".join(digests), dtype="<i8").tolist()
    return hashes
