"""Every source: its rows add up, the same again changes nothing, and no file can do worse than be refused.

A source has a sample: files of a tiny company as that source writes them, in `samples`.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from loaders.errors import LoadError
from loaders.registry import sources
from tests.loads.tables import Loader

SAMPLES = Path(__file__).parent / "samples"
DEMO = Path(__file__).parents[2] / "demo"
FOLDERS = {"esco": DEMO / "esco", "tables": DEMO / "company"} | {each.name: each for each in SAMPLES.iterdir()}
MAPS = {"hris": "workday", "singer": str(Path(__file__).parent / "people.toml")}
STREAMS = ("singer",)  # what came before a fault is loaded
ONE_FILE = ("case", "scim", "singer", "skos", "xapi")  # what is read of a folder, these are given by themselves

SECRET = "a secret of the tests that is long enough"


@pytest.fixture(autouse=True)
def one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_SECRET", SECRET)


@pytest.fixture(params=sorted(sources()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(name: str, tmp_path: Path) -> Path:
    """A copy of the source's sample, to be spoilt."""
    return Path(shutil.copytree(FOLDERS[name], tmp_path / "sample"))


def options(name: str) -> dict[str, Any]:
    return {"source": name, "name": name, **({"map": Path(MAPS[name])} if name in MAPS else {})}


def given(name: str, folder: Path) -> Path:
    """The folder, or its only file."""
    return next(folder.iterdir()) if name in ONE_FILE else folder


def loaded(loader: Loader, name: str, path: Path) -> LoadRecord | LoadError:
    """What came of it."""
    try:
        return loader.folder(path, **options(name))
    except LoadError as error:
        return error


def largest(folder: Path) -> Path:
    return max((each for each in folder.iterdir() if each.is_file()), key=lambda each: each.stat().st_size)


def test_rows_add_up_and_the_same_again_changes_nothing(loader: Loader, name: str, sample: Path) -> None:
    first = loader.folder(given(name, sample), **options(name))
    before = digest(loader.store)
    again = loader.folder(given(name, sample), **options(name))
    assert first.written > 0
    assert (again.written, again.removed, again.rejected) == (0, 0, first.rejected)
    assert again.unchanged > 0
    assert digest(loader.store) == before


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def not_utf8(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] + b"\xff\x81" + data[len(data) // 2 :])


def nested_600_deep(file: Path) -> None:
    file.write_bytes(b'[{"id": ' * 600 + b"1" + b"}]" * 600)


def no_number(file: Path) -> None:
    file.write_bytes(b'[{"id": NaN, "name": "\\ud800"}]')


def a_doctype(file: Path) -> None:
    file.write_bytes(b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>')


def of_another_format(file: Path) -> None:
    file.write_bytes(b'{"statement": {"verb": "\xc3\xa9"}, "id": [[], {}, null, true, 1e400, ""]}')


def of_lists(file: Path) -> None:
    file.write_bytes(b'[[1, 2], "three", null, {"id": {"id": []}}, {"id": null}, {"type": {}, "stream": []}]')


def empty(file: Path) -> None:
    file.write_bytes(b"")


def out_of_its_archive(file: Path) -> None:
    data = file.read_bytes()
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        archive.writestr(f"../{file.name}", data)
    file.unlink()


def a_bomb(file: Path) -> None:
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(b" " * 50_000_000))
    file.unlink()


SPOILT: list[Callable[[Path], None]] = [
    *(cut_in_half, not_utf8, nested_600_deep, no_number, a_doctype),
    *(of_another_format, of_lists, empty, out_of_its_archive, a_bomb),
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_file_is_refused_or_its_bad_rows_are(
    loader: Loader, name: str, sample: Path, spoil: Callable[[Path], None]
) -> None:
    before = digest(loader.store)
    file = largest(sample)
    spoil(file)
    told = loaded(loader, name, given(name, sample))
    if isinstance(told, LoadError):
        assert any(place in str(told) for place in (file.stem, "sample", "message"))
        assert name in STREAMS or digest(loader.store) == before
    else:
        held = list(loader.store.ledger.held_rows(load=told.id))
        assert len(held) >= told.rejected + told.waiting


def test_a_file_of_each_other_source_is_refused_or_its_rows_are(loader: Loader, name: str) -> None:
    before = digest(loader.store)
    for other in sorted(FOLDERS.keys() - {name, "esco", "tables"}):
        file = largest(FOLDERS[other])
        told = loaded(loader, name, file)
        assert isinstance(told, LoadRecord) or file.stem in str(told) or "message" in str(told)
        assert not isinstance(told, LoadRecord) or told.written == 0
    assert digest(loader.store) == before
