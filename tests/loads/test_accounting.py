"""Every row is accounted for, and the same load again changes nothing."""

from __future__ import annotations

from graph.digest import digest
from tests.conftest import COMPANY
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts


def test_a_first_load_writes_every_row(loader: Loader) -> None:
    assert counts(loader(Skill=SKILLS, Learner=LEARNERS)) == {"read": 5, "written": 5}


def test_the_same_load_again_changes_and_logs_nothing(loader: Loader) -> None:
    loader.folder(COMPANY)
    number, facts = loader.store.number(), digest(loader.store)

    again = loader.folder(COMPANY)

    assert counts(again) == {"read": again.read, "unchanged": again.read}
    assert (loader.store.number(), digest(loader.store)) == (number, facts)


def test_a_changed_row_is_the_only_one_written(loader: Loader) -> None:
    loader(Skill=SKILLS)
    changed = loader(Skill=SKILLS.replace("Linux", "Linux administration"))

    assert counts(changed) == {"read": 3, "written": 1, "unchanged": 2}


def test_each_fate_is_counted_in_source_rows(loader: Loader) -> None:
    loader(Skill=SKILLS)
    record = loader(
        name="lms",
        LearningObject="""
            id,label,type
            course:one,One,
            course:one,One,
            course:two,Two,lecture
            """,
        TEACHES="""
            from,to,level
            course:one,skill:linux,2
            course:one,skill:nowhere,1
            course:one,skill:shell,9
            """,
    )

    assert counts(record) == {"read": 6, "written": 3, "waiting": 1, "rejected": 2}


def test_rows_told_alike_in_two_loads_are_one_edge(loader: Loader) -> None:
    loader(Skill=SKILLS)
    edges = "from,to\nskill:shell,skill:linux\n"
    loader(name="first", BROADER=edges)
    second = loader(name="second", BROADER=edges)

    assert counts(second) == {"read": 1, "unchanged": 1}
    assert list(loader.store.owned("second", "BROADER")) == [[("skill:shell", "skill:linux")]]
