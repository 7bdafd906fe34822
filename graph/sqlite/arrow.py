"""Batches of whole numbers out of an Arrow C stream, without any Arrow library.

The structures are those of the Arrow C data and C stream interfaces (apache.org: format/CDataInterface).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
_WHOLE = b"l"  # int64 in the interface's formats


class _Array(ctypes.Structure):
    pass


class _Schema(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))),
    ("private_data", ctypes.c_void_p),
]
_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_Stream))),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class StreamBroken(RuntimeError):
    """The stream ended with an error, or gave what is no column of whole numbers."""


def numbers(address: int) -> Iterator[list[Numbers]]:
    """The batches of the stream at an address, a column of int64 each; they are valid until the next is asked for.

    Whoever gave the address lets go of the stream. Columns must be of int64 and without nulls.
    """
    stream = _Stream.from_address(address)
    schema = _Schema()
    _done(stream, stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)))
    formats = [schema.children[place].contents.format for place in range(schema.n_children)]
    schema.release(ctypes.byref(schema))
    if any(each != _WHOLE for each in formats):
        raise StreamBroken(f"a column is not of whole numbers only: {formats}")
    while True:
        array = _Array()
        _done(stream, stream.get_next(ctypes.byref(stream), ctypes.byref(array)))
        if not array.release:
            return
        try:
            yield [_column(array.children[place].contents) for place in range(array.n_children)]
        finally:
            array.release(ctypes.byref(array))


def _done(stream: Any, code: int) -> None:
    if code:
        told = stream.get_last_error(ctypes.byref(stream)) or b"no reason given"
        raise StreamBroken(f"error {code}: {told.decode(errors='replace')}")


def _column(array: Any) -> Numbers:
    size = array.length
    if not size:
        return np.zeros(0, np.int64)
    if array.offset or (array.buffers[0] and not _bits(array.buffers[0], size).all()):
        raise StreamBroken("a column is not of whole numbers only: it has nothing in some rows")
    return np.frombuffer((ctypes.c_int64 * size).from_address(array.buffers[1]), np.int64)


def _bits(address: int, count: int) -> NDArray[np.uint8]:
    packed = np.frombuffer(ctypes.string_at(address, (count + 7) // 8), np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little")
