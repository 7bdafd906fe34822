"""Workbooks: one sheet with a header row, every cell as the text a person would type."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from loaders.errors import LoadError, nearest
from loaders.readers.base import Assembler, blank_to_null, check_header
from loaders.readers.reading import Reading
from loaders.readers.typed import check_texts
from loaders.source import CHUNK_ROWS, Chunk

LARGEST = 1_000_000_000
"""Bytes that a workbook may unpack to."""

_NOISY = r"^-?[0-9]*\.[0-9]{15,}$"
_MIDNIGHT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$"


def read_xlsx(path: Path, reading: Reading) -> Iterator[Chunk]:
    """The rows of one sheet; row numbers count rows below the header, blank ones too."""
    frame = _cells(path, reading)
    if not frame.height:
        raise LoadError("has no header: its first row must name the columns", file=reading.file)
    named = [at for at, name in enumerate(frame.columns) if not _is_blank(frame[name])]
    frame = frame[:, named]
    columns = check_header(frame.row(0), reading)
    frame = blank_to_null(frame.rename(dict(zip(frame.columns, columns, strict=True)))[1:].with_columns(_as_shown()))
    out = Assembler(reading, columns)
    for start in range(0, frame.height, CHUNK_ROWS):
        good, numbers, bad = check_texts(frame[start : start + CHUNK_ROWS], start + 1, reading)
        yield from out.add(good, numbers, bad)
    yield from out.rest()


def sheet_names(path: Path, file: str) -> Sequence[str]:
    """The sheets of a workbook; `LoadError` where it is none, or would unpack to far more than it is."""
    import fastexcel

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > LARGEST:
            raise LoadError(f"unpacks to {size:,} bytes, more than {LARGEST:,}: save it as CSV or Parquet", file=file)
        return list(fastexcel.read_excel(path).sheet_names)
    except (zipfile.BadZipFile, fastexcel.FastExcelError) as error:
        raise LoadError(f"is no XLSX workbook ({error}): save it again as .xlsx, or as CSV", file=file) from error


def _cells(path: Path, reading: Reading) -> pl.DataFrame:
    """Every cell of the sheet as text, the header as the first row."""
    import fastexcel

    names = sheet_names(path, reading.file)
    if reading.sheet and reading.sheet not in names:
        raise LoadError(f"has no sheet {reading.sheet!r}{nearest(reading.sheet, names)}", file=reading.file)
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of each column without a value
    try:
        book = fastexcel.read_excel(path)
        wanted = [reading.sheet] if reading.sheet else names
        sheets = [book.load_sheet(name, header_row=None, dtypes="string") for name in wanted]
        filled = [sheet for sheet in sheets if sheet.height] or sheets[:1]
        if len(filled) > 1:
            listed = ", ".join(repr(sheet.name) for sheet in filled)
            raise LoadError(f"has several sheets ({listed}): keep one, or name it in a --map file", file=reading.file)
        return filled[0].to_polars()
    except fastexcel.FastExcelError as error:
        raise LoadError(f"can't be read ({error}): save it as CSV", file=reading.file) from error


def _is_blank(column: pl.Series) -> bool:
    return column.null_count() == len(column) or not (column.drop_nulls().str.strip_chars() != "").any()


def _as_shown() -> pl.Expr:
    """Cells as Excel shows them: a date-time at midnight is a plain date, and numbers have 15 digits."""
    cell = pl.all()
    number = cell.cast(pl.Float64, strict=False).round_sig_figs(15).cast(pl.String)
    plain = pl.when(cell.str.contains(_NOISY)).then(number).otherwise(cell)
    return pl.when(cell.str.contains(_MIDNIGHT)).then(cell.str.head(10)).otherwise(plain)
