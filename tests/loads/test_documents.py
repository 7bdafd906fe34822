"""Documents: JSON files, packed or not, are read within bounds, and what can't be read is told."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from loaders.errors import LoadError
from loaders.readers.documents import Item, Unread, documents, items


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def zipped(folder: Path, **members: str) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def values(*paths: Path) -> list[object]:
    return [item.value for item in items(paths) if isinstance(item, Item)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.json", '[{"id": 1}, {"id": 2}]'),
        ("one.jsonl", '{"id": 1}\n\n{"id": 2}'),
        ("one.ndjson", '\ufeff{"id": 1}\r\n{"id": 2}\r\n'),
    ],
)
def test_a_list_and_lines_are_items(tmp_path: Path, name: str, text: str) -> None:
    assert values(written(tmp_path, name, text)) == [{"id": "1"}, {"id": "2"}]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    assert values(written(tmp_path, "one.json", '{"score": 0.10, "big": 12345678901234567890}')) == [
        {"score": "0.10", "big": "12345678901234567890"}
    ]


def test_a_gzip_file_and_an_archive_are_unpacked(tmp_path: Path) -> None:
    packed = written(tmp_path, "a.json.gz", gzip.compress(b'{"id": 1}'))
    archive = zipped(tmp_path, **{"b/two.json": '{"id": 2}', "a/one.json": '{"id": 3}', "__MACOSX/._x": "", ".x": ""})
    assert values(packed, archive) == [{"id": "1"}, {"id": "3"}, {"id": "2"}]
    assert [item.file for item in items([archive])] == ["export.zip/a/one.json", "export.zip/b/two.json"]


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    written(tmp_path, "b.json", "[2]")
    written(tmp_path, "a.json", "[1]")
    written(tmp_path, ".hidden", "")
    assert values(tmp_path) == ["1", "2"]


def test_of_lines_the_bad_ones_are_told_and_the_others_read(tmp_path: Path) -> None:
    lines = [b'{"id": 1}', b'{"id": ', b'{"a": 1, "a": 2}', b'{"b": NaN}', b"\xff", b'{"c": "\\ud800"}', b'{"id": 7}']
    found = list(items([written(tmp_path, "one.jsonl", b"\n".join(lines))]))
    assert [item.row for item in found if isinstance(item, Item)] == [1, 7]
    assert [(one.bad.row, one.bad.field, one.bad.reason.split(":")[0]) for one in found if isinstance(one, Unread)] == [
        (2, "", "is no JSON from character 7 on"),
        (3, "a", "stands twice in one object"),
        (4, "", "NaN is no JSON number"),
        (5, "", "byte 0xff after 0 bytes is not UTF-8"),
        (6, "", "holds half a character (\\ud800) after 7 characters"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 600 + "]" * 600, "is nested more than 64 deep"),
        ("[" * 100_000, "is nested too deep"),
        ('{"a": 1, "a": 2}', "'a' stands twice in one object"),
        ('[{"id": 1}', "is no JSON"),
        ('{"id": 1} {"id": 2}', "goes on after its JSON, from character 10 on"),
        ('{"a": "\\ud800"}', "holds half a character"),
        ("  ", "is empty"),
        ("PK\x03\x04", "is a ZIP or XLSX file, not text"),
        ('"\n\n\x81"'.encode("latin-1"), "byte 0x81 in line 3 is not UTF-8"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_error(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(LoadError) as told:
        values(written(tmp_path, "one.json", text))
    assert reason in str(told.value)
    assert "one.json" in str(told.value)


@pytest.mark.parametrize("name", ["../one.json", "/etc/one.json", "a/../../one.json", "a\\one.json"])
def test_a_member_that_leads_out_of_its_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadError, match="leads out of the archive"):
        values(zipped(tmp_path, **{name: "{}"}))


def test_bombs_are_stopped_at_their_bounds(tmp_path: Path) -> None:
    big = json.dumps("0" * 20_000_000)
    with pytest.raises(LoadError, match=r"is more than [\d,]+ bytes when it is read"):
        values(written(tmp_path, "big.json.gz", gzip.compress(big.encode())))
    with pytest.raises(LoadError, match=r"is more than [\d,]+ bytes when it is read"):
        values(zipped(tmp_path, **{"big.json": big}))


@pytest.mark.parametrize("name", ["half.json.gz", "half.zip"])
def test_a_file_that_was_cut_off_is_told(tmp_path: Path, name: str) -> None:
    whole = gzip.compress(b'{"id": 1}') if name.endswith("gz") else zipped(tmp_path, **{"one.json": "{}"}).read_bytes()
    with pytest.raises(LoadError, match="is damaged or was cut off"):
        values(written(tmp_path, name, whole[: len(whole) // 2]))


def test_another_ending_is_told_with_those_that_are_read(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"\.jsn is no format that is read here \(\.json, \.jsonl, \.ndjson\)"):
        values(written(tmp_path, "one.jsn", "{}"))
    with pytest.raises(LoadError, match="there is no such file"):
        values(tmp_path / "gone.json")


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Else a line of the one and a line of the other would be rejected at one place."""
    paths = []
    for folder in ("a", "b"):
        for name, text in (("x.jsonl", '{"id": 1}\n{\n'), ("y.json", '{"id": 1}')):
            paths.append(tmp_path / folder / name)
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_text(text, encoding="utf-8")
    assert {each.file for each in items(paths)} == {"a/x.jsonl", "b/x.jsonl", "a/y.json", "b/y.json"}
    assert [each.file for each in documents([paths[1], paths[3]], (".json",))] == ["a/y.json", "b/y.json"]


def test_a_file_by_itself_has_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    assert [each.file for each in items([tmp_path])] == ["x.jsonl"]
