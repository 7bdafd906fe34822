"""Lists of keys as change records keep them: compact, and ids again only when they are read.

A list is zlib of little-endian int64: nodes' keys ascending, or edges' keys (from, to) pair by pair, each as the
difference to the one before in its column.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def pack_keys(keys: Ints) -> bytes:
    """Keys, or rows of two keys, sorted and told once."""
    rising = keys.ndim == 1 and bool((keys[1:] > keys[:-1]).all())
    pairs = keys if rising else np.unique(keys, axis=0)
    return zlib.compress(np.diff(pairs, axis=0, prepend=np.zeros_like(pairs[:1])).astype("<i8").tobytes(), 1)


def unpack_keys(blob: bytes, edges: bool) -> Ints:
    """What `pack_keys` packed."""
    flat: Ints = np.frombuffer(zlib.decompress(blob), "<i8")
    return np.cumsum(flat.reshape(-1, 2) if edges else flat, axis=0)
