"""XLSX, Parquet and JSON lines give the same cells of text as CSV."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.errors import LoadError
from loaders.readers import jsonl, read_table, xlsx
from loaders.readers.reading import Reading
from loaders.source import CHUNK_ROWS, BadRow, Chunk


def chunks(path: Path, **how: Any) -> list[Chunk]:
    return list(read_table(path, Reading("Skill", path.name, **how)))


def cells(path: Path, **how: Any) -> list[dict[str, Any]]:
    found = chunks(path, **how)
    assert not any(chunk.bad for chunk in found)
    return [row for chunk in found for row in chunk.frame.to_dicts()]


def refused(path: Path, **how: Any) -> str:
    with pytest.raises(LoadError) as found:
        chunks(path, **how)
    return str(found.value)


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path / "Skill.xlsx")
    return path / "Skill.xlsx"


def lines(path: Path, *objects: str | bytes) -> Path:
    file = path / "Skill.jsonl"
    file.write_bytes(b"\n".join(each if isinstance(each, bytes) else each.encode() for each in objects))
    return file


# XLSX


def test_cells_of_a_workbook_are_what_a_person_reads_in_it(tmp_path: Path) -> None:
    row = ["a:1", 3, 0.1 + 0.2, 1234567890123, True, dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 9, 30), None]
    file = workbook(tmp_path, Skill=[["id", "n", "f", "long", "b", "day", "time", "none"], row])
    assert cells(file) == [
        {
            "id": "a:1",
            "n": "3",
            "f": "0.3",
            "long": "1234567890123",
            "b": "true",
            "day": "2025-03-01",
            "time": "2025-03-01 09:30:00",
            "none": None,
        }
    ]


def test_blank_rows_of_a_sheet_are_left_out_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    file = workbook(tmp_path, Skill=[["id", "label", None], ["a:1", "A"], [], ["a:2", "B"]])
    [chunk] = chunks(file)
    assert (chunk.rows, chunk.frame.columns) == ([1, 3], ["id", "label"])


def test_a_sheet_is_chosen_by_name_and_empty_ones_do_not_count(tmp_path: Path) -> None:
    several = {"Notes": [["x"], ["1"]], "Skill": [["id"], ["a:1"]], "Sheet3": []}
    assert "has several sheets ('Notes', 'Skill')" in refused(workbook(tmp_path, **several))
    assert cells(workbook(tmp_path, **several), sheet="Skill") == [{"id": "a:1"}]
    assert "no sheet 'Skil'; did you mean 'Skill'?" in refused(workbook(tmp_path, **several), sheet="Skil")
    assert cells(workbook(tmp_path, Skill=[["id"], ["a:1"]], Sheet2=[])) == [{"id": "a:1"}]


def test_what_is_no_workbook_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Skill.xlsx").write_bytes(b"PK\x03\x04 not really")
    assert "is no XLSX workbook" in refused(tmp_path / "Skill.xlsx")
    with zipfile.ZipFile(tmp_path / "Skill.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "Skill.xlsx" in refused(tmp_path / "Skill.xlsx")
    assert "has no header" in refused(workbook(tmp_path, Skill=[]))
    monkeypatch.setattr(xlsx, "LARGEST", 1_000)
    assert "unpacks to" in refused(workbook(tmp_path, Skill=[["id"]]))


def test_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    assert "column 2 has no name" in refused(workbook(tmp_path, Skill=[["id", None], ["a:1", "A"]]))
    assert "column 'id' is in the header twice" in refused(workbook(tmp_path, Skill=[["id", "id "], ["a:1", "A"]]))


# Parquet


def test_columns_with_types_become_their_boundary_text(tmp_path: Path) -> None:
    noon = dt.datetime(2025, 3, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    frame = pl.DataFrame(
        {
            "id": ["a:1", ""],
            "n": [3, None],
            "f": [0.1 + 0.2, None],
            "b": [True, None],
            "day": [dt.date(2025, 3, 1), None],
            "naive": [dt.datetime(2025, 3, 1, 12), None],
            "zoned": [noon, None],
            "list": [["a", "b|c"], None],
            "code": pl.Series(["X", None], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "Skill.parquet")
    assert cells(tmp_path / "Skill.parquet") == [
        {
            "id": "a:1",
            "n": "3",
            "f": "0.3",
            "b": "true",
            "day": "2025-03-01",
            "naive": "2025-03-01T12:00:00",
            "zoned": "2025-03-01T11:00:00Z",
            "list": r"a|b\|c",
            "code": "X",
        }
    ]


def test_parquet_comes_in_chunks(tmp_path: Path) -> None:
    count = 2 * CHUNK_ROWS + 7
    pl.DataFrame({"id": [f"a:{at}" for at in range(count)]}).write_parquet(tmp_path / "Skill.parquet")
    found = chunks(tmp_path / "Skill.parquet")
    assert max(chunk.frame.height for chunk in found) <= CHUNK_ROWS
    assert pl.concat([chunk.frame for chunk in found])["id"].to_list() == [f"a:{at}" for at in range(count)]
    assert [chunk.first for chunk in found] == [1, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 1]


def test_what_parquet_can_hold_and_no_property_can_is_told(tmp_path: Path) -> None:
    file = tmp_path / "Skill.parquet"
    pl.DataFrame({"id": [b"\xff"]}).write_parquet(file)
    assert "column 'id' holds Binary" in refused(file)
    pl.DataFrame({"id": [["a"]]}).write_parquet(file)
    assert "column 'id' holds lists, but takes one value" in refused(file, singles=frozenset({"id"}))
    pl.DataFrame({"id": ["a\0b", "c", "x" * 20]}).write_parquet(file)
    [chunk] = chunks(file, longest_field=10)
    assert [(bad.row, bad.field) for bad in chunk.bad] == [(1, "id"), (3, "id")]
    file.write_bytes(b"PAR1 and no more")
    assert "is no readable Parquet file" in refused(file)


# JSON lines


def test_json_values_become_cells_and_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    file = lines(
        tmp_path, '{"id": "a:1", "n": 3, "f": 0.10, "big": 12345678901234567890, "b": false, "none": null, "e": ""}'
    )
    assert cells(file) == [
        {"id": "a:1", "n": "3", "f": "0.10", "big": "12345678901234567890", "b": "false", "none": None, "e": None}
    ]


def test_keys_may_differ_and_lines_may_be_blank(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "a:1"}', "", '{"label": "B", "id": "a:2"}')
    [chunk] = chunks(file)
    assert chunk.frame.to_dicts() == [{"id": "a:1", "label": None}, {"id": "a:2", "label": "B"}]
    assert chunk.rows == [1, 3]


def test_lists_are_joined_and_objects_are_dotted_columns(tmp_path: Path) -> None:
    file = lines(tmp_path, r'{"tags": ["a", "b|c"], "score": {"raw": 5, "of": {"max": 10}}}')
    assert cells(file) == [{"tags": r"a|b\|c", "score.raw": "5", "score.of.max": "10"}]
    assert cells(file, lists={"tags": ";"})[0]["tags"] == "a;b|c"


def test_lists_of_objects_stay_lists(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"skills": [{"id": "s:1", "level": 2}, {"id": "s:2"}]}', '{"skills": null}')
    assert cells(file)[0]["skills"] == [{"id": "s:1", "level": "2"}, {"id": "s:2", "level": None}]


DEEP = '{"a":' * 600 + "1" + "}" * 600


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ('{"id": NaN}', "", "NaN is no JSON number"),
        ('{"id": Infinity}', "", "Infinity is no JSON number"),
        (r'{"id": "\ud800"}', "id", r"holds half a character (\ud800)"),
        (r'{"\ud800": 1}', "", r"a key holds half a character (\ud800)"),
        (r'{"id": "a\u0000"}', "id", "holds a NUL byte"),
        ('{"id": "a", "id": "b"}', "id", "stands twice in one object"),
        ('{"id": {"x": 1, "x": 2}}', "x", "stands twice in one object"),
        ('{"id": ' + DEEP + "}", "id.a.a.a.a.a.a.a.a", "nested more than 8 objects deep"),
        ('{"id": ' + "[" * 100_000 + "}", "", "nested too deep"),
        ('{"id": [["a"]]}', "id", "holds a list or an object within a list"),
        ('{"s": [{"a": 1}, 2]}', "s", "mixes objects and values"),
        ('{"label": ["a"]}', "label", "is a list, but label has one value"),
        ('["a:1"]', "", "is no JSON object"),
        ('{"id": "a:1"', "", "is no JSON: Expecting ',' delimiter after 12 characters"),
        (b'{"id": "\xff"}', "", "byte 0xff after 8 bytes is not UTF-8"),
        ('{"id": "' + "x" * 2_000 + '"}', "", "is longer than 1,000 bytes"),
    ],
)
def test_a_line_that_can_not_be_read_is_told_and_the_file_goes_on(
    tmp_path: Path, line: str | bytes, field: str, reason: str
) -> None:
    longest = 1_000 if b"xxx" in (line if isinstance(line, bytes) else line.encode()) else 10_000_000
    file = lines(tmp_path, '{"id": "a:1"}', line, '{"id": "a:3"}')
    found = chunks(file, longest_field=longest, singles=frozenset({"label"}))
    bad: list[BadRow] = [bad for chunk in found for bad in chunk.bad]
    assert [row["id"] for chunk in found for row in chunk.frame.to_dicts()] == ["a:1", "a:3"]
    assert [(each.row, each.field) for each in bad] == [(2, field)]
    assert reason in bad[0].reason


def test_a_column_is_either_text_or_a_list_of_objects(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "a", "s": "x"}', '{"id": "b", "s": [{"k": 1}]}')
    assert [bad.row for chunk in chunks(file) for bad in chunk.bad] == [2]
    file = lines(tmp_path, '{"id": "a", "s": [{"k": 1}]}', '{"id": "b", "s": "x"}')
    assert [bad.row for chunk in chunks(file) for bad in chunk.bad] == [2]


def test_a_file_of_something_else_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is a JSON array, not JSON lines" in refused(lines(tmp_path, '[{"id": "a:1"}]'))
    assert "is a JSON array, not JSON lines" in refused(lines(tmp_path, "[", '{"id": "a:1"}'))
    assert "is in UTF-16" in refused(lines(tmp_path, '{"id": "a:1"}'.encode("utf-16")))
    assert "no row can be read; the first is no JSON" in refused(lines(tmp_path, "id,label", "a:1,A"))
    monkeypatch.setattr(jsonl, "MOST_COLUMNS", 3)
    assert "more than 3 different keys" in refused(lines(tmp_path, *(f'{{"k{at}": 1}}' for at in range(5))))


def test_empty_lists_say_nothing_of_what_a_column_holds(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "a", "s": []}', '{"id": "b", "s": [{"k": 1}]}', '{"id": "c", "s": []}')
    assert [row["s"] for row in cells(file)] == [None, [{"k": "1"}], None]


def test_json_lines_come_in_chunks_with_all_columns_known_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "CHUNK_ROWS", 2)
    file = lines(tmp_path, '{"id": "a", "x": 1}', '{"id": "b"}', "{", '{"id": "c"}', '{"id": "d", "y": 2}')
    found = chunks(file)
    assert [(c.first, c.frame.columns, [bad.row for bad in c.bad]) for c in found] == [
        (1, ["id", "x"], []),
        (4, ["id", "x"], [3]),
        (5, ["id", "x", "y"], []),
    ]


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=4)
)
objects = st.dictionaries(st.sampled_from(["id", "a", "b"]), scalars, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(objects, max_size=12), size=st.integers(1, 5))
def test_rows_are_read_alike_whatever_stands_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: list[dict[str, Any]], size: int
) -> None:
    monkeypatch.setattr(jsonl, "CHUNK_ROWS", size)
    found = chunks(lines(tmp_path, "{}", *(json.dumps(row, ensure_ascii=False) for row in table)))
    expected = [{key: as_cell(value) for key, value in row.items()} for row in table]
    good = [
        {k: cell for k, cell in row.items() if cell}
        for row in expected
        if not any("\0" in (c or "") for c in row.values())
    ]
    read = [{k: cell for k, cell in row.items() if cell} for chunk in found for row in chunk.frame.to_dicts()]
    assert read == [row for row in good if row]


def as_cell(value: Any) -> str | None:
    return json.dumps(value) if isinstance(value, bool | int | float) else value
