"""Each kind of bad input gives one clear message with place, value and fix, and leaves the store as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.digest import digest
from graph.store import Busy
from loaders.errors import LoadError, LoadStopped
from loaders.load import LoadRequest, load
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts, write

BASE = {
    "Skill": SKILLS,
    "Learner": LEARNERS,
    "Role": "id,label\nrole:r,R\n",
    "Assessment": "id,label\nassessment:a,A\n",
}


@pytest.fixture
def based(loader: Loader) -> Loader:
    """A store with a few nodes of the source `base`."""
    loader(name="base", **BASE)
    return loader


ROWS = {
    "a level of 9": (
        "REQUIRES", "from,to,level\nrole:r,skill:sql,9\n",
        "REQUIRES.csv, row 1, level: 9 is not on scale:home: at least 1, at most 3",
    ),
    "a weight of 0": (
        "REQUIRES", "from,to,level,weight\nrole:r,skill:sql,1,0\n",
        "REQUIRES.csv, row 1, weight: '0' is too small: at least 1",
    ),
    "a threshold of 1.2": (
        "Role", "id,label,threshold\nrole:x,X,1.2\n",
        "Role.csv, row 1, threshold: '1.2' is too large: at most 1",
    ),
    "a threshold of four places": (
        "Role", "id,label,threshold\nrole:x,X,0.8125\n",
        "Role.csv, row 1, threshold: '0.8125' has too many decimals: at most 3 places",
    ),
    "a date that does not exist": (
        "Evidence", "id,learner,kind,skill,level,shown_at\nevidence:1,person:ada,interview,skill:sql,1,2025-02-30\n",
        "Evidence.csv, row 1, shown_at: '2025-02-30': that date does not exist",
    ),
    "an end before its begin": (
        "MEMBER_OF", "from,to,since,until\nperson:ada,cohort:c,2024-05-01,2024-04-01\n",
        "row 1, until: until 2024-04-02T00:00:00Z is before since 2024-05-01T00:00:00Z: mend one of them",
    ),
    "falling cut scores": (
        "MEASURES", "from,to,cut_scores\nassessment:a,skill:sql,1:0.7|2:0.5\n",
        "MEASURES.csv, row 1, cut_scores: '1:0.7|2:0.5': the cut score 0.5 of level 2 must be above 0.7",
    ),
    "a word that is none of the enumeration": (
        "Learner", "id,label,kind\nperson:x,X,internl\n",
        "Learner.csv, row 1, kind: 'internl' is not one of internal, external; did you mean 'internal'?",
    ),
    "no id": ("Skill", "id,label\n,X\n", "Skill.csv, row 1, id: id is empty: every row needs one"),
    "an id that is none": ("Skill", "id,label\nlinux admin,X\n", "Skill.csv, row 1, id: 'linux admin' is no id: "),
    "a required value that is missing": (
        "Identity", "id,learner,system,value\nidentity:1,person:ada,,x\n",
        "Identity.csv, row 1, system: system is empty: it must be given",
    ),
    "a BROADER cycle": (
        "BROADER", "from,to\nskill:sql,skill:linux\nskill:linux,skill:sql\n",
        "BROADER.csv, row 1, to: BROADER leads back to where it began: skill:",
    ),
    "a duplicate id with other content": (
        "Skill", "id,label\nskill:x,X\nskill:x,Y\n",
        "Skill.csv, row 1, id: 'skill:x' stands also in Skill.csv, row 2, with other content",
    ),
    "a NUL byte": ("Skill", "id,label\nskill:x,X\x00Y\n", "Skill.csv, row 1, label: holds a NUL byte"),
    "a field of 10 MB": (
        "Skill", f"id,label\nskill:x,{'x' * 10_000_001}\n",
        "Skill.csv, row 1, label: is longer than 10,000,000 bytes",
    ),
    "a label that is too long": ("Skill", f"id,label\nskill:x,{'x' * 2001}\n", "is too long: at most 2000 characters"),
    "too many fields": ("Skill", "id,label\nskill:x,X,Y\n", "Skill.csv, row 1, : has 3 fields where the header has 2"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "text", "told"), ROWS.values(), ids=ROWS)
def test_a_bad_row_stops_the_load_with_place_value_and_fix(based: Loader, table: str, text: str, told: str) -> None:
    number, facts = based.store.number(), digest(based.store)

    with pytest.raises(LoadStopped) as caught:
        based(options={"max_rejects": 0.1}, **{table: text})

    message = str(caught.value)
    assert told in message
    assert "rows (100%) were rejected, more than 10%, so nothing was written" in message
    assert len(message) < 1500
    assert (based.store.number(), digest(based.store)) == (number, facts)
    assert based.store.ledger.loads()[0].state == "stopped"
    assert based.held()


FILES = {
    "an empty file": (b"", "Skill.csv: "),
    "a misspelt column": (b"id,lable\nskill:x,X\n", "Skill.csv: column 'lable' is not known; did you mean 'label'?"),
    "an unknown column": (b"id,label,wombat\nskill:x,X,1\n", "Skill.csv: column 'wombat' is not known; known are: "),
    "a missing column": (b"label\nX\n", "Skill.csv: column 'id' is missing; found are: label"),
    "a truncated CSV": (
        b'id,label\nskill:x,X\nskill:y,"Y and',
        "Skill.csv, row 2: a quote opens here and is never closed",
    ),
    "a wrong encoding": ("id,label\nskill:x,Å\n".encode("utf-16-be"), "Skill.csv"),
}


@pytest.mark.parametrize(("content", "told"), FILES.values(), ids=FILES)
def test_a_bad_file_is_refused_before_anything_is_written(
    based: Loader, tmp_path: Path, content: bytes, told: str
) -> None:
    number = based.store.number()
    (tmp_path / "Skill.csv").write_bytes(content)

    with pytest.raises(LoadError, match=r".") as caught:
        based.folder(tmp_path / "Skill.csv")

    assert told in str(caught.value)
    assert based.store.number() == number


def test_a_row_that_is_not_utf_8_in_a_file_that_is_tells_its_byte(based: Loader, tmp_path: Path) -> None:
    (tmp_path / "Skill.csv").write_bytes(
        "id,label\nskill:x,\udcff\nskill:y,Ångström\n".encode("utf-8", "surrogateescape")
    )
    record = based.folder(tmp_path / "Skill.csv")

    assert counts(record) == {"read": 2, "written": 1, "rejected": 1}
    (held,) = based.held()
    assert (held.row, held.field, held.shape) == (1, "label", "readable")
    assert "is not UTF-8: save the row as UTF-8" in held.reason


def test_an_unknown_skill_and_an_edge_to_nothing_wait_and_are_listed(based: Loader) -> None:
    record = based(
        Evidence="id,learner,kind,skill,level,shown_at\nevidence:1,person:ada,interview,skill:gone,1,2025-01-01\n",
        REQUIRES="from,to,level\nrole:r,skill:nowhere,1\n",
        options={"max_rejects": 0.1},
    )

    assert counts(record) == {"read": 2, "waiting": 2}
    assert [row.refers_to for row in based.held("waiting")] == ["skill:gone", "skill:nowhere"]


def test_a_folder_without_tables_and_a_path_that_is_not_there_are_refused(based: Loader, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(LoadError, match=path.name):
            based.folder(path)


def test_a_file_that_is_named_after_no_type_is_refused(based: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"no type is named 'Skils'; did you mean 'Skill'\?"):
        based.folder(write(tmp_path / "odd", Skils=SKILLS))


def test_a_source_that_is_not_there_is_refused(based: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"no source is named 'table'; did you mean 'tables'\?"):
        load(based.store, LoadRequest("table", (tmp_path,)))


def test_the_same_load_twice_at_once_is_refused(based: Loader) -> None:
    with based.store.hold("hr"), pytest.raises(Busy):
        based(Skill=SKILLS)
    with based.store.hold("hr"):
        assert based(name="lms", LearningObject="id,label\ncourse:a,A\n").written == 1


def test_another_process_that_loads_the_same_name_is_noticed(based: Loader) -> None:
    code = (
        "import sys\nfrom graph.open import open_store\n"
        "with open_store(sys.argv[1]).hold('hr'):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, based.store.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Busy):
            based(Skill=SKILLS)
        other.communicate(b"")


def test_ctrl_c_leaves_whole_batches_and_the_same_load_goes_on(
    based: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.write._FIRST", 10)
    monkeypatch.setattr("loaders.write._FEWEST", 10)
    monkeypatch.setattr("loaders.write._MOST", 10)
    rows = "id,label\n" + "".join(f"skill:{number},S\n" for number in range(100))
    folder = write(tmp_path / "many", Skill=rows)

    def interrupt(phase: str, done: int, total: int | None) -> None:
        if phase == "write" and done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(based.store, LoadRequest("tables", (folder,), name="hr"), progress=interrupt)

    assert based.store.ledger.loads("hr")[0].state == "interrupted"
    assert sum(len(batch) for batch in based.store.owned("hr", "Skill")) == 30
    assert not list(tmp_path.glob("*.staging"))
    assert counts(based.folder(folder, name="hr")) == {"read": 100, "written": 70, "unchanged": 30}
