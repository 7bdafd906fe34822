"""Cells that a spreadsheet would take for a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guard(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet would calculate it; numbers stay as they are.

    For files that people open. Native tables are read back as they stand and are not guarded.

    >>> guard("=1+1"), guard("-0.5"), guard("plain")
    ("'=1+1", '-0.5', 'plain')
    """
    return f"'{cell}" if cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    return cell[:1] in "+-" and cell[1:].replace(".", "", 1).isascii() and cell[1:].replace(".", "", 1).isdigit()
