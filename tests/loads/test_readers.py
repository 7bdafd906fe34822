"""CSV and TSV to chunks: a row that cannot be read is told and the file goes on; a file that cannot is one message."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.errors import LoadError
from loaders.readers import bytes as blocks
from loaders.readers import read_table
from loaders.readers.reading import Reading
from loaders.source import CHUNK_ROWS, BadRow, Chunk

HEAD = "id,label\n"


def chunks(path: Path, content: bytes | str, name: str = "Skill.csv", **how: Any) -> list[Chunk]:
    file = path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_table(file, Reading("Skill", name, **how)))


def rows(path: Path, content: bytes | str, name: str = "Skill.csv", **how: Any) -> list[tuple[Any, ...]]:
    found = chunks(path, content, name, **how)
    assert not any(chunk.bad for chunk in found)
    return [row for chunk in found for row in chunk.frame.rows()]


def one_bad(path: Path, content: bytes | str, name: str = "Skill.csv", **how: Any) -> BadRow:
    """The only bad row of a file whose other rows are read."""
    found = chunks(path, content, name, **how)
    [bad] = [bad for chunk in found for bad in chunk.bad]
    assert numbers(found) == [at for at in range(1, len(numbers(found)) + 2) if at != bad.row]
    return bad


def numbers(found: Sequence[Chunk]) -> list[int]:
    return [n for c in found for n in (c.rows if c.rows is not None else range(c.first, c.first + c.frame.height))]


def refused(path: Path, content: bytes | str, name: str = "Skill.csv", **how: Any) -> str:
    with pytest.raises(LoadError) as found:
        chunks(path, content, name, **how)
    return str(found.value)


# What is read


def test_rows_are_cells_of_text_and_empty_ones_are_absent(tmp_path: Path) -> None:
    assert rows(tmp_path, 'id,label\na:1, A\na:2,\na:3,""\n') == [("a:1", " A"), ("a:2", None), ("a:3", None)]


def test_quoted_cells_hold_separators_quotes_and_new_lines(tmp_path: Path) -> None:
    assert rows(tmp_path, 'id,label\na:1,"x,""y""\nz"\n') == [("a:1", 'x,"y"\nz')]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_machine(tmp_path: Path, end: str) -> None:
    assert rows(tmp_path, f"id,label{end}a:1,A{end}a:2,B") == [("a:1", "A"), ("a:2", "B")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert chunks(tmp_path, codecs.BOM_UTF8 + b"id,label\na:1,A\n")[0].frame.columns == ["id", "label"]


def test_a_header_without_rows_is_one_empty_chunk_with_its_columns(tmp_path: Path) -> None:
    [chunk] = chunks(tmp_path, HEAD)
    assert (chunk.frame.height, chunk.frame.columns) == (0, ["id", "label"])


def test_blank_rows_are_not_there(tmp_path: Path) -> None:
    assert rows(tmp_path, HEAD + "\na:1,A\n,\n\n") == [("a:1", "A")]


def test_chunks_hold_so_many_rows_and_number_them_over_the_file(tmp_path: Path) -> None:
    found = chunks(tmp_path, HEAD + "".join(f"a:{at},A\n" for at in range(CHUNK_ROWS + 5)))
    assert [(chunk.first, chunk.frame.height) for chunk in found] == [(1, CHUNK_ROWS), (CHUNK_ROWS + 1, 5)]


def test_tabs_separate_and_quotes_can_be_letters(tmp_path: Path) -> None:
    assert rows(tmp_path, 'id\tlabel\na:1\t"x\ty"\n', "Skill.tsv") == [("a:1", "x\ty")]
    assert rows(tmp_path, 'id\tlabel\na:1\t5" pipe\n', "Skill.tsv", quote="") == [("a:1", '5" pipe')]


def test_another_encoding_can_be_named(tmp_path: Path) -> None:
    assert rows(tmp_path, "id,label\na:1,Köln\n".encode("cp1252"), encoding="windows-1252") == [("a:1", "Köln")]
    assert rows(tmp_path, "id,label\na:1,Köln\n".encode("utf-16"), encoding="utf-16") == [("a:1", "Köln")]


cell = st.text(st.sampled_from('ab,"\n\r;é '), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(st.tuples(cell, cell, cell), max_size=20), block=st.integers(1, 40), quoting=st.sampled_from([0, 1])
)
def test_what_the_csv_module_writes_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: list[tuple[str, ...]], block: int, quoting: Any
) -> None:
    """Whatever the size of the blocks that the file is read in, so that records and letters lie across them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n", quoting=quoting).writerows([("x", "y", "z"), *table])
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(blocks, "_SAMPLE", block)
    read = rows(tmp_path, out.getvalue())
    assert read == [tuple(cell or None for cell in row) for row in table if any(row)]


plain = st.text(st.sampled_from("abé;\t ~'"), max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(plain, min_size=1, max_size=4), min_size=1, max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_blocks_without_quotes_are_read_as_the_csv_module_reads_them(
    tmp_path: Path, table: list[list[str]], end: str
) -> None:
    text = end.join(["x,y,z", *map(",".join, table), "a,b,c", ""])
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)][1:]
    found = chunks(tmp_path, text)
    assert [row for chunk in found for row in chunk.frame.rows()] == [
        tuple(cell or None for cell in row) for row in expected if len(row) == 3
    ]
    assert sum(len(chunk.bad) for chunk in found) == len([row for row in expected if len(row) != 3])


# Rows that cannot be read


def test_a_byte_that_is_not_utf8_is_told_with_row_field_and_byte(tmp_path: Path) -> None:
    bad = one_bad(tmp_path, b"id,label\na:1,A\na:2,ab\xff\na:3,C\n")
    assert (bad.row, bad.field, bad.reason) == (
        2,
        "label",
        "byte 0xff after 2 characters is not UTF-8: save the row as UTF-8",
    )
    assert bad.raw == {"id": "a:2", "label": "ab\ufffd"}


def test_a_nul_byte_is_told(tmp_path: Path) -> None:
    bad = one_bad(tmp_path, b"id,label\na:1,A\0\na:2,B\n")
    assert (bad.row, bad.field, bad.reason) == (1, "label", "holds a NUL byte after 1 characters: remove it")


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_field_of_ten_megabytes_is_told_and_not_kept(tmp_path: Path, quote: str) -> None:
    bad = one_bad(tmp_path, f"id,label\na:1,{quote}{'x' * 10_000_000}{quote}\na:2,B\n")
    assert (bad.row, bad.field, bad.reason) == (1, "label", "is longer than 10,000,000 bytes: shorten it")
    assert len(str(bad.raw)) < 1000


def test_a_field_of_many_bytes_within_limits_is_read(tmp_path: Path) -> None:
    long = "x\n" * 2_000_000
    assert rows(tmp_path, f'id,label\na:1,"{long}"\na:2,B\n') == [("a:1", long), ("a:2", "B")]


@pytest.mark.parametrize(("row", "fields"), [("a:2", 1), ("a:2,B,C", 3)])
def test_a_row_of_another_length_than_the_header_is_told(tmp_path: Path, row: str, fields: int) -> None:
    bad = one_bad(tmp_path, f"{HEAD}a:1,A\n{row}\na:3,C\n")
    assert (bad.row, bad.field) == (2, "")
    assert f"has {fields} fields where the header has 2" in bad.reason


def test_a_quote_that_is_not_doubled_is_told(tmp_path: Path) -> None:
    bad = one_bad(tmp_path, HEAD + 'a:1,"he "said" so"\na:2,B\n')
    assert (bad.row, bad.value) == (1, 'a:1,"he "said" so"')
    assert "double each quote" in bad.reason


def test_poison_in_a_hundred_thousand_rows_costs_only_its_rows(tmp_path: Path) -> None:
    lines = [f"a:{at},label {at}".encode() for at in range(1, 100_001)]
    poison = {at: (b"a:1,\xff", b"a:1,\0", b"a:1", b'a:1,"x"y')[at % 4] for at in range(7, 100_000, 101)}
    for at, line in poison.items():
        lines[at - 1] = line
    found = chunks(tmp_path, b"\n".join([b"id,label", *lines, b""]))
    assert [bad.row for chunk in found for bad in chunk.bad] == list(poison)
    assert numbers(found) == [at for at in range(1, 100_001) if at not in poison]


# Files that cannot be read


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no header"),
        (b"id,label,id\n", "column 'id' is in the header twice"),
        (b"id,,label\n", "column 2 has no name"),
        (b"id;label\na:1;x\n", "seems to separate its columns by ';'"),
        ("id,label\na:1,Köln\n".encode("utf-16"), "is in UTF-16, not in UTF-8: save it as UTF-8, or name its encoding"),
        ("id,label\na:1,Köln\n".encode("utf-16-le"), "is in UTF-16, not in UTF-8"),
        ("id,label\na:1,Köln\na:2,B\n".encode("cp1252"), "is in Windows-1252, not in UTF-8"),
        (b"PK\x03\x04", "is a ZIP or XLSX file, not text"),
        (b'id,label\na:1,A\na:2,"B\na:3,C\n', "row 2: a quote opens here and is never closed"),
        (b"id,label\na:1,A\na:2", "row 2: the file ends within this row, after 1 of 2 fields"),
        (b'id,"label\n', "its first row can't be read"),
        (b"id,lab\0el\n", "its header holds a NUL byte"),
    ],
)  # fmt: skip
def test_a_file_that_can_not_be_read_is_one_message(tmp_path: Path, content: bytes, message: str) -> None:
    found = refused(tmp_path, content)
    assert found.startswith("Skill.csv")
    assert message in found


def test_what_is_not_there_or_of_no_known_format_is_told(tmp_path: Path) -> None:
    assert ".cvs is no format that is read" in refused(tmp_path, HEAD, "Skill.cvs")
    assert "did you mean '.csv'" in refused(tmp_path, HEAD, "Skill.cvs")
    assert "did you mean 'utf-16'" in refused(tmp_path, HEAD, encoding="utf-61")
    with pytest.raises(LoadError, match="no such file"):
        list(read_table(tmp_path / "Role.csv", Reading("Role", "Role.csv")))


def test_a_quote_that_swallows_the_file_is_told_before_memory_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.readers.delimited.LONGEST_RECORD", 1_000_000)
    text = HEAD + 'a:1,A\na:2,"B\n' + "a:3,C\n" * 1_000_000
    assert "Skill.csv, row 2: a quote opens here and is never closed" in refused(tmp_path, text)
