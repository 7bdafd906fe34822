"""A complete snapshot removes what its source no longer states, and no more than that."""

from __future__ import annotations

import pytest

from graph.viewer import OPERATOR
from loaders.errors import StaleSnapshot, WouldShrink
from tests.loads.tables import LEARNERS, Loader, counts


def skills(*numbers: int, extra: str = "") -> str:
    return "id,label\n" + "".join(f"skill:{number},Skill {number}\n" for number in numbers) + extra


def test_what_is_no_longer_stated_is_removed(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    record = loader(Skill=skills(*range(19)))

    assert counts(record) == {"read": 19, "unchanged": 19, "removed": 1}
    assert loader.there("skill:18", "skill:19") == [True, False]


def test_a_partial_load_removes_nothing(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    assert counts(loader(Skill=skills(0), options={"partial": True})) == {"read": 1, "unchanged": 1}


def test_an_absent_file_states_nothing(loader: Loader) -> None:
    loader(Skill=skills(*range(3)), Learner=LEARNERS)
    assert counts(loader(Learner=LEARNERS)) == {"read": 2, "unchanged": 2}
    assert loader.there("skill:0") == [True]


def test_logs_are_never_swept(loader: Loader) -> None:
    head = "id,learner,kind,skill,level,shown_at\n"
    rows = [f"evidence:{n},person:ada,interview,skill:1,1,2024-01-0{n}\n" for n in (1, 2)]
    loader(Skill=skills(1), Learner=LEARNERS, Evidence=head + "".join(rows))
    record = loader(Evidence=head + rows[0])

    assert counts(record) == {"read": 1, "unchanged": 1}
    assert loader.there("evidence:2") == [True]


def test_a_swept_node_that_others_refer_to_is_retired(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    loader(name="lms", BROADER="from,to\nskill:0,skill:19\n")
    record = loader(Skill=skills(*range(19)))

    node = loader.store.get("skill:19", OPERATOR)
    assert node is not None
    assert node.properties["status"] == "retired"
    assert record.removed == 1
    assert counts(loader(Skill=skills(*range(19)))) == {"read": 19, "unchanged": 19}


def test_a_node_that_comes_back_is_there_again(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    loader(Skill=skills(*range(19)))
    assert counts(loader(Skill=skills(*range(20)))) == {"read": 20, "written": 1, "unchanged": 19}
    assert loader.there("skill:19") == [True]


def test_a_node_with_a_version_of_its_own_comes_back_too(loader: Loader) -> None:
    whole = "id,label,version\n" + "".join(f"skill:{n},Skill {n},2024-01-01\n" for n in range(20))
    most = "".join(whole.splitlines(keepends=True)[:-1])
    loader(Skill=whole)
    loader(Skill=most)
    assert loader.there("skill:19") == [False]

    loader(Skill=whole)
    assert loader.there("skill:19") == [True]


def test_a_snapshot_that_lost_half_its_rows_asks_first(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    number = loader.store.number()

    with pytest.raises(WouldShrink, match=r"would remove 10 of the 20 nodes that 'hr' states \(50%\), more than 10%"):
        loader(Skill=skills(*range(10)))

    assert loader.store.number() == number
    assert counts(loader(Skill=skills(*range(10)), options={"allow_shrink": True})) == {
        "read": 10,
        "unchanged": 10,
        "removed": 10,
    }


def test_an_empty_snapshot_deletes_nothing(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    with pytest.raises(WouldShrink, match="20 of the 20"):
        loader(Skill="id,label\n")
    assert loader.there("skill:0") == [True]


def test_a_table_of_edges_that_lost_half_asks_too(loader: Loader) -> None:
    edges = [f"skill:{n},skill:0\n" for n in range(1, 50)]
    loader(Skill=skills(*range(50)), BROADER="from,to\n" + "".join(edges))
    with pytest.raises(WouldShrink, match=r"would remove 25 of 49 BROADER: check"):
        loader(BROADER="from,to\n" + "".join(edges[:24]))


def test_a_rejected_row_keeps_what_is_there(loader: Loader) -> None:
    typed = "id,label,type\n" + "".join(f"skill:{n},S,skill\n" for n in range(20))
    loader(Skill=typed)
    record = loader(Skill=typed.replace("skill:7,S,skill", "skill:7,S,gizmo"))

    assert counts(record) == {"read": 20, "unchanged": 19, "rejected": 1}
    assert loader.there("skill:7") == [True]


def test_a_row_without_a_key_may_be_any_so_its_type_is_not_swept(loader: Loader) -> None:
    loader(Skill=skills(*range(20)))
    record = loader(Skill=skills(*range(19), extra=",nobody knows which\n"))

    assert counts(record) == {"read": 20, "unchanged": 19, "rejected": 1}
    assert record.flags == {"not-swept:Skill": 1}
    assert loader.there("skill:19") == [True]


def test_an_older_snapshot_than_the_last_complete_one_is_refused(loader: Loader) -> None:
    loader(Skill=skills(1), options={"snapshot_at": 1_000_000})
    with pytest.raises(StaleSnapshot, match="of 1970-01-10T00:00:00Z, but one of 1970-01-12T13:46:40Z was loaded"):
        loader(Skill=skills(1, 2), options={"snapshot_at": 777_600})

    assert loader.there("skill:2") == [False]


def test_a_removal_wins_over_older_rows_that_come_later(loader: Loader) -> None:
    loader(Skill=skills(*range(20)), options={"snapshot_at": 100})
    loader(Skill=skills(*range(19)), options={"snapshot_at": 200})
    late = "id,label,version\nskill:19,late,150\n"

    assert loader(Skill=late, options={"partial": True}).skips == {"older-version": 1}
    assert loader.there("skill:19") == [False]


def test_a_reversed_hierarchy_is_no_cycle(loader: Loader) -> None:
    loader(Skill=skills(1, 2), BROADER="from,to\nskill:1,skill:2\n")
    record = loader(BROADER="from,to\nskill:2,skill:1\n")

    assert counts(record) == {"read": 1, "written": 1, "removed": 1}
