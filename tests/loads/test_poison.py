"""1 % of poison among 20,000 rows: exactly those are rejected or wait, with row, field and reason; mended and
replayed, nothing is held any more."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.store import Store
from loaders.errors import LoadStopped
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from tests.loads.tables import Loader, counts

ROWS = 20_000
HEAD = ["id", "learner", "kind", "skill", "level", "shown_at", "url"]
BASE = {
    "Skill": "id,label\n" + "".join(f"skill:{number},Skill {number}\n" for number in range(50)),
    "Learner": "id,label\n" + "".join(f"person:{number},Person {number}\n" for number in range(500)),
}

POISON = {  # kind -> (column, bad cell, the held row's field, a part of its reason)
    "encoding": (6, b"http://x/\xff", "url", "is not UTF-8"),
    "nul": (6, b"http://x/\0", "url", "holds a NUL byte"),
    "long": (6, b"http://x/" + b"y" * 10_000_000, "url", "is longer than 10,000,000 bytes"),
    "type": (4, b"three", "level", "'three' is no decimal number"),
    "range": (4, b"9", "level", "9 is not on scale:home"),
    "key": (0, b"", "id", "id is empty"),
    "required": (2, b"", "kind", "kind is empty"),
    "enumeration": (2, b"rumour", "kind", "'rumour' is not one of"),
    "date": (5, b"2024-13-01", "shown_at", "'2024-13-01'"),
    "reference": (3, b"not an id", "skill", "'not an id' is no id"),
    "wrong type": (3, b"person:1", "skill", "'person:1' is a Learner"),
    "unknown skill": (3, b"skill:unknown", "skill", "'skill:unknown' is not there yet"),
}


def rows() -> list[list[bytes]]:
    """Good evidence rows."""
    return [
        [
            cell.encode()
            for cell in (
                f"ev:{n:06d}",
                f"person:{n % 500}",
                "interview",
                f"skill:{n % 50}",
                str(n % 3 + 1),
                "2024-05-01",
                "",
            )
        ]
        for n in range(ROWS)
    ]


def spoilt(good: list[list[bytes]], share: float) -> tuple[list[list[bytes]], dict[int, str]]:
    """The rows with a share of them spoilt, and which (1-based) in which way; few are very long."""
    dice = random.Random(20240501)
    kinds = [kind for kind in POISON if kind != "long"]
    chosen = dict.fromkeys(sorted(dice.sample(range(1, ROWS), int(ROWS * share))), "")
    bad = [list(row) for row in good]
    for place, row in enumerate(chosen):
        chosen[row] = "long" if place < 2 else kinds[place % len(kinds)]
        column, cell, _, _ = POISON[chosen[row]]
        bad[row][column] = cell
    return bad, {row + 1: kind for row, kind in chosen.items()}


def as_file(path: Path, lines: list[list[bytes]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Å: the file is UTF-8, so that a bad byte is one row's fault and not another encoding
    lines = [[*lines[0][:6], "http://å/".encode()], *lines[1:]]
    path.write_bytes(b"\n".join(b",".join(row) for row in [[name.encode() for name in HEAD], *lines]) + b"\n")
    return path


@pytest.fixture
def golden(tmp_path: Path, loader: Loader) -> str:
    """The digest of a store that was loaded from the good rows."""
    store: Store = open_store(f"sqlite:{tmp_path / 'golden.db'}")
    other = Loader(store, tmp_path / "golden")
    other(name="base", **BASE)
    other.folder(as_file(tmp_path / "good" / "Evidence.csv", rows()), name="lms")
    found = digest(store)
    store.close()
    return found


def test_exactly_the_poisoned_rows_are_held_and_mended_ones_come_in(
    loader: Loader, tmp_path: Path, golden: str
) -> None:
    loader(name="base", **BASE)
    bad, poison = spoilt(rows(), 0.01)
    record = loader.folder(as_file(tmp_path / "bad" / "Evidence.csv", bad), name="lms", max_rejects=0.1)

    waiting = sum(kind == "unknown skill" for kind in poison.values())
    assert counts(record) == {
        "read": ROWS, "written": ROWS - len(poison), "waiting": waiting, "rejected": len(poison) - waiting,
    }  # fmt: skip
    held = {row.row: row for row in loader.store.ledger.held_rows(load=record.id)}
    assert held.keys() == poison.keys()
    for number, kind in poison.items():
        _, _, field, reason = POISON[kind]
        assert (held[number].file, held[number].field) == ("Evidence.csv", field)
        assert reason in held[number].reason

    replayed = _mend_and_replay(loader, tmp_path, record.id)

    assert counts(replayed) == {"read": len(poison), "written": len(poison)}
    assert list(loader.store.ledger.held_rows()) == []
    assert digest(loader.store) == golden


def _mend_and_replay(loader: Loader, tmp_path: Path, load_id: int) -> LoadRecord:
    out = io.StringIO()
    write_csv(loader.store.ledger.held_rows(load=load_id), out)
    lines = list(csv.reader(io.StringIO(out.getvalue())))
    head, good = lines[0], rows()
    for line in lines[1:]:
        mended = good[int(line[head.index("_row")]) - 1]
        for name, cell in zip(HEAD, mended, strict=True):
            line[head.index(name)] = cell.decode()
    path = tmp_path / "mended.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return load(loader.store, LoadRequest("tables", name="lms", replay=path))


def test_sixty_percent_of_poison_stops_the_load(loader: Loader, tmp_path: Path) -> None:
    loader(name="base", **BASE)
    number = loader.store.number()
    bad, poison = spoilt(rows(), 0.6)
    waiting = sum(kind == "unknown skill" for kind in poison.values())

    with pytest.raises(LoadStopped, match=f"{len(poison) - waiting} of {ROWS} rows"):
        loader.folder(as_file(tmp_path / "bad" / "Evidence.csv", bad), name="lms", max_rejects=0.1)

    assert loader.store.number() == number
    assert list(loader.store.owned("lms", "Evidence")) == []
    assert len(loader.held()) == len(poison) - waiting
