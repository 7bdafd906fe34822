"""What a load finds out about its rows: whom they name, what is wrong with them, and what others do meanwhile."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import polars as pl
import pytest

from graph.errors import StoreFull
from graph.open import open_store
from graph.store import Busy
from loaders.load import LoadRequest, load, load_rows
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts, write

MAIL = "eve@example.org"
PEOPLE = (
    '[[file]]\nname = "r.csv"\nignored = ["test"]\n'
    + '[[file.node]]\ntype = "Learner"\nfields = { label = "name", kind = { constant = "internal" } }\n'
)
ID = 'id = { hash = "email", prefix = "p" }\n'
ASSESSMENT = '[[file.node]]\ntype = "Assessment"\nid = "a:{test}"\nfields = { label = "test" }\n'


def _mapped(loader: Loader, folder: Path, name: str, map: str) -> None:
    folder.mkdir()
    (folder / "r.csv").write_text(f"email,name,test\n{MAIL},Eve,1\n", encoding="utf-8")
    path = folder.with_suffix(".toml")
    path.write_text(map, encoding="utf-8")
    loader.folder(folder, name=name, map=path)


def test_a_held_row_is_found_by_whomever_any_of_its_records_names(loader: Loader, tmp_path: Path) -> None:
    learner = PEOPLE + ID
    both = learner.replace('ignored = ["test"]\n', "") + ASSESSMENT
    loader(name="one", Assessment="id,label\na:1,One\n")
    _mapped(loader, tmp_path / "three", "three", learner)
    _mapped(loader, tmp_path / "two", "two", both)
    (held,) = loader.held()
    (person,) = held.people

    assert loader.store.ledger.naming([person], []) == [held]
    loader.store.erase(person)
    assert loader.held() == []
    _mapped(loader, tmp_path / "again", "four", both)
    assert loader.held() == []
    loader.store.close()
    files = [path for path in tmp_path.glob("skillgraph.db*") if path.is_file()]
    assert not any(MAIL.encode() in path.read_bytes() for path in files)


def test_a_row_that_waits_for_a_skill_and_has_a_wrong_level_is_rejected(loader: Loader) -> None:
    head = "id,learner,kind,skill,level,shown_at\n"
    record = loader(Learner=LEARNERS, Evidence=head + "ev:1,person:ada,interview,skill:gone,9,2024-05-01\n")

    assert counts(record) == {"read": 3, "written": 2, "rejected": 1}
    assert loader.held()[0].shape == "level_is_on_its_scale"


def test_every_row_of_a_foreign_node_says_whose_it_is(loader: Loader) -> None:
    loader(name="esco", Skill=SKILLS)
    loader(name="lms", Skill="id,label\nskill:sql,mine\nskill:sql,mine\n")

    assert ["source 'esco'" in row.reason for row in loader.held()] == [True, True]


def test_a_full_disk_while_staging_is_told(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("loaders.stage.MEMORY", 0)
    monkeypatch.setattr(pl.DataFrame, "write_ipc", full)
    with pytest.raises(StoreFull, match="no room to stage the load"):
        loader(Skill=SKILLS)


def test_two_loads_at_once_bring_no_cycle(loader: Loader, tmp_path: Path) -> None:
    loader(name="esco", Skill=SKILLS)
    folder = write(tmp_path / "late", BROADER="from,to\nskill:shell,skill:linux\n")
    rows = {"BROADER": [{"from": "skill:linux", "to": "skill:shell"}]}
    other = threading.Thread(target=lambda: load_rows(loader.store, "lms", rows))

    def told(phase: str, done: int, total: int | None) -> None:
        if phase == "write" and not other.is_alive():
            other.start()
            other.join(0.5)

    def checked(phase: str, done: int, total: int | None) -> None:
        if phase == "check":
            told("write", done, total)

    load(loader.store, LoadRequest("tables", (folder,), name="hr", max_rejects=1.0), progress=checked)
    other.join()
    edges = [pair for name in ("hr", "lms") for batch in loader.store.owned(name, "BROADER") for pair in batch]
    assert len(edges) == 1
    assert [row.shape for row in loader.held()] == ["broader_has_no_cycle"]


def test_the_shrink_guard_counts_all_that_the_source_states(loader: Loader) -> None:
    skills = "id,label\n" + "".join(f"skill:{n},S\n" for n in range(100))
    people = ["id,kind\n", *(f"person:{n},internal\n" for n in range(10))]
    loader(Skill=skills, Learner="".join(people))

    assert counts(loader(Learner="".join(people[:9])))["removed"] == 2


def test_a_long_chain_that_hangs_on_nothing_waits_whole(loader: Loader) -> None:
    links = "".join(f"unit:{n},U,unit:{n + 1}\n" for n in range(3000))
    assert counts(loader(OrgUnit="id,label,part_of\n" + links)) == {"read": 3000, "waiting": 3000}


def test_a_name_that_is_held_is_refused_in_the_same_process_too(loader: Loader, tmp_path: Path) -> None:
    folder = write(tmp_path / "data", Skill=SKILLS)
    other = open_store(loader.store.url)
    with loader.store.hold("tables"), pytest.raises(Busy):
        load(other, LoadRequest("tables", (folder,)))
    other.close()
