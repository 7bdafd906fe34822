"""A dry run says what a load would do, and leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.digest import digest
from loaders.errors import LoadStopped, WouldShrink
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

DRY = {"dry_run": True}


def test_it_counts_what_would_be_written_and_writes_nothing(loader: Loader) -> None:
    loader(Skill=SKILLS)
    number, facts = loader.store.number(), digest(loader.store)
    changed = {
        "Skill": SKILLS.replace("SQL", "databases").replace("skill:shell,", "skill:bash,"),
        "BROADER": "from,to\nskill:bash,skill:linux\nskill:bash,skill:nowhere\nskill:bash,person:x\n",
        "Learner": "id,label,kind\nperson:x,X,other\n",
    }
    record = loader(options=DRY | {"allow_shrink": True}, **changed)

    assert counts(record) == {
        "read": 7, "written": 3, "unchanged": 1, "waiting": 2, "rejected": 1, "removed": 1,
    }  # fmt: skip
    assert record.message == "dry run: nothing was written"
    assert [(row.kind, row.field) for row in loader.told] == [
        ("waiting", "to"),
        ("waiting", "to"),
        ("rejected", "kind"),
    ]
    assert (loader.store.number(), digest(loader.store)) == (number, facts)
    assert len(loader.store.ledger.loads()) == 1
    assert list(loader.store.ledger.held_rows()) == []

    written = loader(options={"allow_shrink": True}, **changed)
    assert counts(written) == counts(record)


def test_it_stops_where_the_load_would(loader: Loader) -> None:
    loader(Skill="id,label\n" + "".join(f"skill:{n},S\n" for n in range(20)))
    with pytest.raises(WouldShrink):
        loader(Skill="id,label\nskill:1,S\n", options=DRY)
    with pytest.raises(LoadStopped):
        loader(Skill="id,label,type\nskill:1,S,gizmo\n", options=DRY | {"max_rejects": 0.1})
    assert [row.field for row in loader.told] == ["type"]
    assert len(loader.store.ledger.loads()) == 1


def test_no_file_is_left_behind(loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.stage.MEMORY", 0)
    loader(Learner=LEARNERS, options=DRY)
    loader(Learner=LEARNERS)
    assert not list(tmp_path.glob("*.staging"))
