"""CSV files as `neo4j-admin database import` reads them: a header that says what each column holds, then rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from graph.contents import Form, Rows
from graph.errors import StoreError

if TYPE_CHECKING:
    import polars as pl

DELIMITER = "\ufdd0"
"""Between the items of a list: Unicode has no character of this number."""

_HEADERS = {
    Form.TEXT: "",
    Form.NUMBER: ":long",
    Form.FLAG: ":boolean",
    Form.TEXTS: ":string[]",
    Form.NUMBERS: ":long[]",
    Form.BYTES: ":byte[]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of rows, and what the header says of it."""

    name: str
    form: Form
    header: str


def columns_of(forms: Mapping[str, Form]) -> list[Column]:
    """Properties of these names."""
    return [Column(name, form, f"{name}{_HEADERS[form]}") for name, form in forms.items()]


NODE_KEY = Column("_key", Form.NUMBER, "_key:ID")
FROM = Column("_from", Form.NUMBER, ":START_ID")
TO = Column("_to", Form.NUMBER, ":END_ID")


class ImportFile(AbstractContextManager["ImportFile"]):
    """One file, written in batches."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self.path = path
        self.rows = 0
        self.spans_lines = False  # whether a field holds a line break
        self.longest = 0  # bytes of the longest field
        self._columns = columns
        self._file = path.open("wb")
        self._file.write((",".join(column.header for column in columns) + "\n").encode())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def write(self, rows: Rows) -> None:
        """Rows; a column that is not among them is empty."""
        import polars as pl

        count = len(next(iter(rows.values())))
        nothing = [None] * count
        frame = pl.DataFrame([self._series(column, rows.get(column.name, nothing)) for column in self._columns])
        frame.write_csv(self._file, include_header=False, quote_style="non_numeric")
        self.rows += count

    def _series(self, column: Column, values: Sequence[Any]) -> pl.Series:
        import polars as pl

        if column.form is Form.NUMBER:
            return pl.Series(column.header, values, pl.Int64)
        if column.form is Form.FLAG:
            return pl.Series(column.header, values, pl.Boolean)
        texts = pl.Series(column.header, _AS_TEXTS[column.form](values), pl.String)
        longest: Any = texts.str.len_bytes().max()
        self.longest = max(self.longest, int(longest or 0))
        self.spans_lines = self.spans_lines or bool(texts.str.contains("[\r\n]").any())
        return texts


def _lists(values: Sequence[Sequence[str] | None]) -> list[str | None]:
    joined = [DELIMITER.join(value) if value else None for value in values]
    if sum(text.count(DELIMITER) for text in joined if text) > sum(len(value) - 1 for value in values if value):
        problem = f"an item of a list holds U+{ord(DELIMITER):04X}, which stands between items in these files"
        raise StoreError("neo4j-import", problem, "Take it out of the text, which is none, at its source.")
    return joined


def _numbers(values: Sequence[Sequence[int] | None]) -> list[str | None]:
    return [DELIMITER.join(map(str, value)) if value else None for value in values]


def _bytes(values: Sequence[bytes | None]) -> list[str | None]:
    return [DELIMITER.join(map(_SIGNED.__getitem__, value)) if value else None for value in values]


def _as_they_are(values: Sequence[str | None]) -> Sequence[str | None]:
    return values


_SIGNED = [str(byte if byte < 128 else byte - 256) for byte in range(256)]
_AS_TEXTS: Mapping[Form, Callable[[Sequence[Any]], Sequence[str | None]]] = {
    Form.TEXT: _as_they_are,
    Form.TEXTS: _lists,
    Form.NUMBERS: _numbers,
    Form.BYTES: _bytes,
}
