"""kill -9 of a loader at random moments: the store opens, holds whole batches only, and the same load goes on to the
same digest. A fixed-seed tenth of the promise; `make bench` does all of it."""

from __future__ import annotations

from pathlib import Path

from tests.loads.kills import kill_loads

KILLS = 20


def test_a_killed_load_goes_on_and_reaches_the_golden_digest(tmp_path: Path) -> None:
    found = kill_loads(tmp_path, KILLS)
    assert found.kills == KILLS
    assert found.digests == {found.golden}
