"""What numba compiles, for arrays of one type each: nothing is checked for bounds here, an index is, when it is opened.

What can be is done in blocks that fit the first cache, and without branches, so that the compiler may use vector
instructions: a branch that half the rows take costs five times what it saves. Within a block rows are numbered from 0,
for a number that might be below it is looked at row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numba

BLOCK: Final = 4_096
"""Rows or people."""


def array_of(kind: Any) -> Any:
    return numba.types.Array(kind, 1, "C", readonly=True)


U8, U32, U64, I32, I64, FLAG = (
    numba.uint8, numba.uint32, numba.uint64, numba.int32, numba.int64, numba.boolean,
)  # fmt: skip
LEVELS, PERSONS, INSTANTS = array_of(U8), array_of(I32), array_of(U32)


Loop = Callable[..., Any]
_njit: Callable[..., Callable[[Loop], Loop]] = numba.njit


def compiled(*signature: Any) -> Callable[[Loop], Loop]:
    """Compiled at import, for one signature if one is given; kept on disk where there is a place for it."""

    def compile_it(loop: Loop) -> Loop:
        try:
            return _njit(*signature, cache=True)(loop)
        except RuntimeError:  # no folder to keep it in may be written to
            return _njit(*signature)(loop)

    return compile_it
