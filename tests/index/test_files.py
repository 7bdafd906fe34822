"""The index on disk is derived: what does not fit is noticed and built again, never believed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from graph.index import IndexKeeper, files
from graph.index.saved import load_saved
from graph.index.sound import ascending_within
from graph.index.verifying import verified
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.index.conftest import Say, evidence
from tests.index.telling import levels_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "skillgraph.db.index"


@pytest.fixture
def kept(academy: Store, say: Say, folder: Path) -> Store:
    """A store with a saved index."""
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    assert (keeper.last, keeper.counters.saved) == ("built", 1)
    return academy


def opened(store: Store, folder: Path, settings: Settings | None = None) -> str:
    """What a new process has to do, and that what it then has is right."""
    keeper = IndexKeeper(store, settings or Settings(), folder)
    index = keeper.current()
    assert levels_of(index, ["skill:talk"], 1_735_689_600, range(20)) == {("person:ann", "skill:talk"): 2}
    assert (index.number, index.people.count) == (store.number(), 2)
    return keeper.last


def test_a_saved_index_is_opened(kept: Store, folder: Path) -> None:
    assert opened(kept, folder) == "opened"


def test_what_changed_since_is_laid_over_it(kept: Store, folder: Path, say: Say) -> None:
    say(Evidence=[evidence("2", "interview", skill="skill:talk", level="1")])
    assert opened(kept, folder) == "delta"


def verdict_on(folder: Path) -> files.Verdict:
    """On the version that counts."""
    return files.verify(folder, str(files.version_of(folder)))


def columns(folder: Path) -> Path:
    return next(folder.glob("*/columns"))


def manifest(folder: Path) -> Path:
    return next(folder.glob("*/manifest.json"))


def flip_a_byte(folder: Path) -> None:
    content = bytearray(columns(folder).read_bytes())
    content[len(content) // 2] ^= 1
    columns(folder).write_bytes(content)


def cut_short(folder: Path) -> None:
    columns(folder).write_bytes(columns(folder).read_bytes()[:-64])


def claim_another_number(folder: Path) -> None:
    read = json.loads(manifest(folder).read_text())
    read["index"]["number"] += 1
    manifest(folder).write_text(json.dumps(read))


def write_nonsense(folder: Path) -> None:
    manifest(folder).write_text("[]")


def lose_the_columns(folder: Path) -> None:
    columns(folder).unlink()


def point_outside(folder: Path) -> None:
    (folder / "current").write_text("../elsewhere")


def be_empty(folder: Path) -> None:
    shutil.rmtree(folder)


def say_the_columns_are_longer(folder: Path) -> None:
    change(folder, lambda index: index["arrays"]["people.keys"].__setitem__(1, 1 << 40))


def leave_out_an_array(folder: Path) -> None:
    change(folder, lambda index: index["arrays"].pop("moments.words"))


def change(folder: Path, harm: Callable[[dict[str, Any]], object]) -> None:
    """A manifest that is sound in itself."""
    index = json.loads(manifest(folder).read_text())["index"]
    harm(index)
    manifest(folder).write_text(json.dumps({"checksum": files._checksum(index), "index": index}))


@pytest.mark.parametrize(
    "harm",
    [
        flip_a_byte,
        cut_short,
        claim_another_number,
        write_nonsense,
        lose_the_columns,
        point_outside,
        be_empty,
        say_the_columns_are_longer,
        leave_out_an_array,
    ],
)
def test_a_damaged_index_is_built_again(kept: Store, folder: Path, harm: Callable[[Path], None]) -> None:
    harm(folder)
    assert opened(kept, folder) == "built"
    assert opened(kept, folder) == "opened"


def arrays(folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(manifest(folder).read_text())["index"]["arrays"]
    return found


def overwrite(path: Path, offset: int, content: bytes) -> None:
    """In place, leaving the time at which the file was last written as it was."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_byte_that_is_not_as_written_is_noticed_in_every_array(kept: Store, folder: Path) -> None:
    """Even when the time of writing has been put back."""
    content = columns(folder).read_bytes()
    filled = [(name, offset) for name, (_, length, offset, _) in arrays(folder).items() if length]
    assert len(filled) > 30
    for name, offset in filled:
        overwrite(columns(folder), offset, bytes([content[offset] ^ 1]))
        assert load_saved(kept, Settings(), folder) is None, name
        assert verdict_on(folder) == "damaged", name
        overwrite(columns(folder), offset, content[offset : offset + 1])
    assert verdict_on(folder) == "well"
    assert load_saved(kept, Settings(), folder) is not None


def pretend_nothing_happened(folder: Path) -> None:
    """The stamp of the file as it is now."""
    change(folder, lambda index: index.__setitem__("stamp", files._stamp(columns(folder))))


def test_an_opened_index_is_trusted_until_it_is_verified(kept: Store, folder: Path) -> None:
    """Opening does not read everything: a disk's own damage is what `verify` is for."""
    overwrite(columns(folder), arrays(folder)["layer.skills.column.since"][2], b"?")
    pretend_nothing_happened(folder)
    assert load_saved(kept, Settings(), folder) is not None
    assert verdict_on(folder) == "damaged"


@pytest.mark.parametrize(
    "name",
    [
        "people.person", "people.primary", "people.ids.blocks", "people.ids.rest", "layer.skills.starts",
    ],
)  # fmt: skip
def test_what_would_lead_out_of_an_array_is_not_opened(kept: Store, folder: Path, name: str) -> None:
    """Though stamp and checksums were put right: compiled loops check no bounds."""
    dtype, length, offset, _ = arrays(folder)[name]
    outside = np.full(length, 9 if name.startswith("people.ids") else 100, dtype)
    overwrite(columns(folder), offset, outside.tobytes())
    pretend_nothing_happened(folder)
    assert load_saved(kept, Settings(), folder) is None


@pytest.mark.parametrize("name", ["layer.skills.column.person", "owners.Identity.persons"])
def test_persons_that_are_not_there_are_found_by_verifying(kept: Store, say: Say, folder: Path, name: str) -> None:
    say(Identity=[{"id": "identity:1", "learner": "person:ann", "system": "email", "value": "a"}])
    keeper = IndexKeeper(kept, Settings())
    files.save(keeper.current().snapshot, kept, Settings(), folder)
    dtype, length, offset, _ = arrays(folder)[name]
    overwrite(columns(folder), offset, np.full(length, 2, dtype).tobytes())
    change(folder, lambda index: index["arrays"][name].__setitem__(3, crc_of(folder, name)))
    assert verdict_on(folder) == "damaged"
    assert load_saved(kept, Settings(), folder) is None


def crc_of(folder: Path, name: str) -> int:
    """The checksum up to the next array."""
    _, _, offset, _ = arrays(folder)[name]
    content = columns(folder).read_bytes()
    following = min((each[2] for each in arrays(folder).values() if each[2] > offset), default=len(content))
    return crc32(content[offset:following])


def test_a_copy_of_the_folder_is_read_in_full_and_opened(kept: Store, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert load_saved(kept, Settings(), tmp_path / "copy") is not None


def test_no_index_is_nothing_amiss(tmp_path: Path) -> None:
    assert files.verify_current(tmp_path / "nowhere") == "well"


def test_of_a_version_that_is_there_no_more_nothing_can_be_said(kept: Store, folder: Path) -> None:
    version = str(files.version_of(folder))
    files.save(IndexKeeper(kept, Settings()).current().snapshot, kept, Settings(), folder)
    assert files.verify(folder, version) == "unknown"
    assert files.verify_current(folder) == "well"


def test_of_a_version_that_can_not_be_read_nothing_can_be_said(
    kept: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many_files(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(files, "_check", too_many_files)
    assert verdict_on(folder) == "unknown"


def test_another_format_is_not_judged(kept: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flip_a_byte(folder)
    monkeypatch.setattr(files, "FORMAT", files.FORMAT + 1)
    assert verdict_on(folder) == "unknown"


def test_a_version_is_removed_alone(kept: Store, folder: Path) -> None:
    old, before = str(files.version_of(folder)), folder.with_suffix(".before")
    shutil.copytree(folder, before)
    files.save(IndexKeeper(kept, Settings()).current().snapshot, kept, Settings(), folder)
    shutil.copytree(before / old, folder / old)
    files.discard(folder, old)
    assert {path.name for path in folder.iterdir()} == {"current", files.version_of(folder)}
    files.discard(folder, str(files.version_of(folder)))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["..", ".", "", "../elsewhere"])
def test_what_is_no_version_is_not_removed(folder: Path, name: str) -> None:
    other = folder.parent / "elsewhere"
    for path in (folder, other):
        path.mkdir()
    files.discard(folder, name)
    assert folder.exists()
    assert other.exists()


def test_who_is_out_of_order_is_found_by_verifying(kept: Store, say: Say, folder: Path) -> None:
    say(Evidence=[{**evidence("2", "interview", skill="skill:talk", level="1"), "learner": "person:ben"}])
    files.save(IndexKeeper(kept, Settings()).current().snapshot, kept, Settings(), folder)
    name = "layer.skills.column.person"
    dtype, length, offset, _ = arrays(folder)[name]
    assert length == 2
    overwrite(columns(folder), offset, np.array([1, 0], dtype).tobytes())
    change(folder, lambda index: index["arrays"][name].__setitem__(3, crc_of(folder, name)))
    assert verdict_on(folder) == "damaged"


@pytest.mark.parametrize("persons", [[1, 5, 2, 9], [1, 5, 2, 2], [4, 4, 0, 0]])
@pytest.mark.parametrize("joint", range(5))
def test_persons_ascend_within_a_group_however_the_column_is_read(persons: list[int], joint: int) -> None:
    column, starts = np.array(persons, np.int32), np.array([0, 2, 4])
    first, then = column[:joint], column[joint:]
    before = int(first[-1]) if joint else 0
    assert ascending_within(starts, first, 0, 0)
    assert ascending_within(starts, then, joint, before)
    one_group = starts[[0, 2]]
    assert not (ascending_within(one_group, first, 0, 0) and ascending_within(one_group, then, joint, before))


def test_who_does_not_serve_reads_through_what_it_opened(kept: Store, folder: Path) -> None:
    overwrite(columns(folder), arrays(folder)["layer.skills.column.level"][2], b"\3")
    pretend_nothing_happened(folder)
    keeper = IndexKeeper(kept, Settings(), folder)
    assert verified(keeper) == "damaged"
    assert keeper.current().postings(["skill:talk"]).level.tolist() == [2]
    assert verified(keeper) == "well"
    assert opened(kept, folder) == "opened"


def test_facts_of_nobody_are_within_bounds(
    kept: Store, say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(Identity=[{"id": "identity:1", "learner": "person:ann", "system": "email", "value": "a"}])
    nobody = (np.array([7], np.uint32), np.array([-1], np.int32))
    monkeypatch.setattr("graph.index.snapshot.in_order", lambda *_: nobody)
    files.save(IndexKeeper(kept, Settings()).current().snapshot, kept, Settings(), folder)
    assert verdict_on(folder) == "well"


def test_an_index_of_another_format_is_built_again(kept: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FORMAT", files.FORMAT + 1)
    assert opened(kept, folder) == "built"


def test_an_index_of_other_settings_is_built_again(kept: Store, folder: Path) -> None:
    assert opened(kept, folder, Settings(source_order=("hr",))) == "built"


def test_an_index_of_another_store_is_built_again(kept: Store, folder: Path, tmp_path: Path) -> None:
    other = open_store(f"sqlite:{tmp_path / 'other.db'}")
    foreign = tmp_path / "other.db.index"
    shutil.copytree(folder, foreign)
    keeper = IndexKeeper(other, Settings(), foreign)
    assert keeper.current().people.count == 0
    assert keeper.last == "built"
    other.close()


def test_only_the_newest_version_is_kept(kept: Store, folder: Path) -> None:
    flip_a_byte(folder)
    opened(kept, folder)
    assert len(list(folder.glob("*/columns"))) == 1


def test_an_index_that_cannot_be_saved_works_from_memory(academy: Store, tmp_path: Path) -> None:
    in_the_way = tmp_path / "in-the-way"
    in_the_way.write_text("a file where the folder should be")
    keeper = IndexKeeper(academy, Settings(), in_the_way)
    assert keeper.current().people.count == 2
    assert (keeper.last, keeper.counters.saved) == ("built", 0)


def test_one_builds_and_the_other_waits_for_it(kept: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder, folder.with_suffix(".done"))
    shutil.rmtree(folder)
    waited: list[float] = []

    def other_finishes(seconds: float) -> None:
        waited.append(seconds)
        held.__exit__(None, None, None)
        shutil.copytree(folder.with_suffix(".done"), folder)

    monkeypatch.setattr("graph.index.keeper.time.sleep", other_finishes)
    held = kept.hold("\0index")
    held.__enter__()
    assert opened(kept, folder) == "opened"
    assert len(waited) == 1


def test_an_erased_person_is_in_no_file(kept: Store, folder: Path) -> None:
    kept.erase("person:ann")
    keeper = IndexKeeper(kept, Settings(), folder)
    index = keeper.current()
    assert index.people.number_of("person:ann") is None
    assert keeper.last == "built"
    assert b"person:ann" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_erasure_is_seen_by_an_index_in_use(academy: Store, say: Say, folder: Path) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    keeper = IndexKeeper(academy, Settings(), folder)
    assert keeper.current().people.count == 2
    academy.erase("person:ann")
    assert keeper.current().people.count == 1
    assert keeper.last == "built"
