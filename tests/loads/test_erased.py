"""An erased person does not come back, and leaves no trace in what is held of a load."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

IDENTITIES = "id,learner,system,value\nidentity:1,person:ada,email,ada@example.org\n"


@pytest.fixture
def erased(loader: Loader) -> Loader:
    """Ada is erased."""
    loader(Skill=SKILLS, Learner=LEARNERS, Identity=IDENTITIES)
    loader.store.erase("person:ada")
    return loader


def test_their_rows_are_skipped_by_a_named_rule(erased: Loader) -> None:
    record = erased(
        Learner=LEARNERS,
        Identity=IDENTITIES,
        Evidence="id,learner,kind,skill,level,shown_at\nevidence:1,person:ada,interview,skill:sql,1,2024-05-01\n",
        options={"partial": True},
    )

    assert counts(record) == {"read": 4, "unchanged": 1, "skipped": 3}
    assert record.skips == {"erased-person": 3}
    assert erased.there("person:ada", "evidence:1") == [False, False]


BAD = {
    "a bad value": "ev:1,person:ada,interview,skill:sql,nine,2024-05-01\n",
    "a level off its scale": "ev:1,person:ada,interview,skill:sql,9,2024-05-01\n",
    "a missing skill": "ev:1,person:ada,interview,skill:gone,1,2024-05-01\n",
    "too many fields": "ev:1,person:ada,interview,skill:sql,1,2024-05-01,more\n",
    "another content": (
        "ev:1,person:ada,interview,skill:sql,1,2024-05-01\nev:1,person:ada,interview,skill:sql,2,2024-05-01\n"
    ),
}


@pytest.mark.parametrize("rows", BAD.values(), ids=BAD)
def test_their_bad_rows_are_not_kept_either(erased: Loader, tmp_path: Path, rows: str) -> None:
    record = erased(Evidence="id,learner,kind,skill,level,shown_at\n" + rows)

    assert counts(record) == {"read": record.read, "skipped": record.read}
    assert erased.told == []
    assert list(erased.store.ledger.held_rows()) == []
    erased.store.close()
    files = [path for path in tmp_path.glob("skillgraph.db*") if path.is_file()]
    assert not any(b"person:ada" in path.read_bytes() for path in files)
