"""A row whose only fault is a reference that is not there yet waits, and is written when it arrives."""

from __future__ import annotations

from graph.digest import digest
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

EVIDENCE = """
    id,learner,kind,skill,level,shown_at
    evidence:1,person:ada,work_sample,skill:linux,2,2024-05-01
    evidence:2,person:ben,work_sample,skill:sql,1,2024-05-02
    """


def test_a_row_waits_and_says_for_what(loader: Loader) -> None:
    loader(Skill=SKILLS)
    record = loader(name="lms", Evidence=EVIDENCE)

    assert counts(record) == {"read": 2, "waiting": 2}
    first = loader.held("waiting")[0]
    assert list(first.people) == ["person:ada"]
    assert (first.file, first.row, first.field, first.refers_to) == ("Evidence.csv", 1, "learner", "person:ada")
    assert "'person:ada' is not there yet" in first.reason


def test_it_is_written_when_any_load_brings_what_it_waits_for(loader: Loader) -> None:
    loader(Skill=SKILLS)
    loader(name="lms", Evidence=EVIDENCE)
    record = loader(Learner=LEARNERS)

    assert record.flags == {"arrived": 2}
    assert loader.held("waiting") == []
    assert loader.there("evidence:1", "evidence:2") == [True, True]
    assert list(loader.store.owned("lms", "Evidence")) == [[("evidence:1",), ("evidence:2",)]]


def test_a_row_that_waits_for_two_things_waits_on_for_the_second(loader: Loader) -> None:
    loader(name="lms", Evidence=EVIDENCE)
    loader(Learner=LEARNERS)
    assert [row.refers_to for row in loader.held("waiting")] == ["skill:linux", "skill:sql"]

    loader(Skill=SKILLS)
    assert loader.held("waiting") == []
    assert loader.there("evidence:1") == [True]


def test_the_order_of_loads_does_not_matter(loader: Loader, other_loader: Loader) -> None:
    for each, names in ((loader, "abc"), (other_loader, "cba")):
        loads = {"a": {"Skill": SKILLS}, "b": {"Learner": LEARNERS}, "c": {"Evidence": EVIDENCE}}
        for name in names:
            each(name=name, **loads[name])

    assert digest(loader.store) == digest(other_loader.store)


def test_what_waited_wakes_what_waits_for_it(loader: Loader) -> None:
    loader(name="ratings", Rating="id,evidence,rater,skill,level\nrating:1,evidence:1,person:ben,skill:linux,3\n")
    loader(name="lms", Evidence=EVIDENCE)
    loader(Learner=LEARNERS)
    loader(name="esco", Skill=SKILLS)

    assert loader.held("waiting") == []
    assert loader.there("rating:1") == [True]


def test_a_row_refers_to_rows_of_the_same_load_in_any_order(loader: Loader) -> None:
    units = "id,label,part_of\nunit:c,C,unit:b\nunit:b,B,unit:a\nunit:a,A,\n"

    assert counts(loader(OrgUnit=units)) == {"read": 3, "written": 3}


def test_what_refers_to_a_rejected_row_waits(loader: Loader) -> None:
    record = loader(
        OrgUnit="id,label,part_of\nunit:b,B,unit:a\nunit:a,A,\n",
        Skill="id,label,type\nskill:x,X,gizmo\nskill:y,Y,\n",
        BROADER="from,to\nskill:y,skill:x\n",
    )

    assert counts(record) == {"read": 5, "written": 3, "waiting": 1, "rejected": 1}


def test_a_reference_to_the_wrong_type_is_rejected(loader: Loader) -> None:
    loader(Skill=SKILLS, Learner=LEARNERS)
    record = loader(
        name="lms",
        Evidence="""
            id,learner,kind,skill,shown_at
            evidence:1,skill:linux,work_sample,skill:linux,2024-05-01
            evidence:2,person:ada,work_sample,person:ben,2024-05-01
            """,
        BROADER="from,to\nskill:linux,person:ada\n",
    )

    assert counts(record) == {"read": 3, "rejected": 3}
    assert [row.reason for row in loader.held()] == [
        "'person:ada' is a Learner: BROADER takes a Role or Skill there",
        "'skill:linux' is a Skill: Evidence takes a Learner there",
        "'person:ben' is a Learner: Evidence takes a Skill there",
    ]


def test_a_new_load_of_the_file_tells_its_waiting_rows_afresh(loader: Loader) -> None:
    loader(name="lms", Evidence=EVIDENCE)
    loader(name="lms", Evidence=EVIDENCE)

    assert len(loader.held("waiting")) == 2
