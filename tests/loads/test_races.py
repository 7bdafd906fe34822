"""What another load does between a load's checks and its writing is noticed, row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.ledger import LoadRecord
from graph.store import Batch, Block, Store
from loaders.load import LoadRequest, load, load_rows
from tests.loads.tables import SKILLS, Loader, counts, write


def load_while(store: Store, folder: Path, meanwhile: Callable[[], object]) -> LoadRecord:
    """Load a folder; `meanwhile` happens once all is checked and nothing is written yet."""

    def told(phase: str, done: int, total: int | None) -> None:
        if phase == "check" and done == total:
            meanwhile()

    return load(store, LoadRequest("tables", (folder,), name="hr", max_rejects=1.0), progress=told)


def test_a_node_that_another_source_took_meanwhile_is_rejected(loader: Loader, tmp_path: Path) -> None:
    folder = write(tmp_path / "late", Skill=SKILLS)
    record = load_while(
        loader.store, folder, lambda: load_rows(loader.store, "lms", {"Skill": [{"id": "skill:sql", "label": "mine"}]})
    )

    assert counts(record) == {"read": 3, "written": 2, "rejected": 1}
    assert "'skill:sql': it belongs to source 'lms', which stated it first" in loader.held()[0].reason


def test_a_node_that_went_meanwhile_is_waited_for(loader: Loader, tmp_path: Path) -> None:
    loader(name="esco", Skill=SKILLS)
    gone = Block("Skill", {"id": ["skill:sql"]}, [4_000_000_000], [0], removed=True)
    folder = write(tmp_path / "late", BROADER="from,to\nskill:shell,skill:linux\nskill:linux,skill:sql\n")
    record = load_while(loader.store, folder, lambda: loader.store.write(Batch("esco", None, [gone])))

    assert counts(record) == {"read": 2, "written": 1, "waiting": 1}
    assert [row.refers_to for row in loader.held("waiting")] == ["skill:sql"]
