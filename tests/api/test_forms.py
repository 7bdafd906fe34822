"""CSV that a spreadsheet cannot be made to run, and the other forms of rows."""

from __future__ import annotations

import csv
import io

import pytest

from api.formats import csv_bytes, ndjson_bytes


@pytest.mark.parametrize("text", ["=1+1", "+1+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_text_that_would_be_a_formula_gets_an_apostrophe(text: str) -> None:
    data = csv_bytes([{"label": text}], ["label"]).decode()
    (row,) = list(csv.DictReader(io.StringIO(data, newline="")))
    assert row["label"] == f"'{text}"


def test_numbers_keep_their_sign() -> None:
    assert (
        csv_bytes([{"a": -1, "b": 0.5, "c": True, "d": None}], ["a", "b", "c", "d"]) == b"a,b,c,d\r\n-1,0.5,true,\r\n"
    )


def test_lists_of_texts_are_joined_and_guarded() -> None:
    rows = [{"a": ["=x", "y"], "b": [], "c": [{"k": "é"}], "d": {"k": 1}}]
    (row,) = list(csv.DictReader(io.StringIO(csv_bytes(rows, ["a", "b", "c", "d"]).decode())))
    assert row == {"a": "'=x|y", "b": "", "c": '[{"k":"é"}]', "d": '{"k":1}'}


def test_quotes_commas_and_line_breaks_come_back() -> None:
    text = 'a "quoted", and\r\nbroken line'
    (row,) = list(csv.DictReader(io.StringIO(csv_bytes([{"a": text}], ["a"]).decode(), newline="")))
    assert row["a"] == text


def test_ndjson_is_a_row_a_line() -> None:
    assert ndjson_bytes([{"a": "x\ny"}, {"a": 1}]) == b'{"a":"x\\ny"}\n{"a":1}\n'
