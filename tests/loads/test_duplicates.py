"""Rows of one id within a load."""

from __future__ import annotations

from graph.viewer import OPERATOR
from tests.loads.tables import SKILLS, Loader, counts


def test_two_rows_of_one_id_with_other_content_are_both_rejected(loader: Loader) -> None:
    record = loader(Skill="id,label\nskill:a,one\nskill:b,B\nskill:a,two\n")

    assert counts(record) == {"read": 3, "written": 1, "rejected": 2}
    assert [(row.row, row.field, row.value) for row in loader.held()] == [(1, "id", "skill:a"), (3, "id", "skill:a")]
    assert loader.held()[0].reason == (
        "'skill:a' stands also in Skill.csv, row 3, with other content: "
        "keep one, or give the newer one a higher version"
    )


def test_two_rows_with_the_same_content_are_fine(loader: Loader) -> None:
    assert counts(loader(Skill="id,label\nskill:a,A\nskill:a,A\n")) == {"read": 2, "written": 2}
    assert counts(loader(Skill="id,label\nskill:a,A\nskill:a,A\n")) == {"read": 2, "unchanged": 2}


def test_of_two_versions_the_higher_is_written(loader: Loader) -> None:
    record = loader(Skill="id,label,version\nskill:a,new,2\nskill:a,old,1\n")

    node = loader.store.get("skill:a", OPERATOR)
    assert node is not None
    assert (node.properties["label"], node.version) == ("new", 2)
    assert counts(record) == {"read": 2, "written": 1, "skipped": 1}
    assert record.skips == {"older-version": 1}


def test_one_id_for_two_types_is_rejected_twice(loader: Loader) -> None:
    record = loader(Skill="id,label\nthing:a,A\n", Role="id,label\nthing:a,A\n")

    assert counts(record) == {"read": 2, "rejected": 2}


def test_an_edge_told_twice_with_other_properties_is_rejected_twice(loader: Loader) -> None:
    record = loader(
        Skill=SKILLS,
        Role="id,label\nrole:r,R\n",
        REQUIRES="from,to,level\nrole:r,skill:sql,1\nrole:r,skill:sql,2\nrole:r,skill:linux,2\nrole:r,skill:linux,2\n",
    )

    assert counts(record) == {"read": 8, "written": 6, "rejected": 2}


def test_a_duplicate_of_a_rejected_row_stands_alone(loader: Loader) -> None:
    record = loader(Skill="id,label,type\nskill:a,A,gizmo\nskill:a,A,group\n")

    assert counts(record) == {"read": 2, "written": 1, "rejected": 1}
    assert loader.there("skill:a") == [True]


def test_the_same_version_with_other_content_is_listed_and_ends_alike_in_any_order(
    loader: Loader, other_loader: Loader
) -> None:
    one, two = "id,label,version\nskill:a,one,7\n", "id,label,version\nskill:a,two,7\n"
    for each, order in ((loader, (one, two)), (other_loader, (two, one))):
        for text in order:
            each(Skill=text, options={"partial": True})

    labels = {each.store.get("skill:a", OPERATOR).properties["label"] for each in (loader, other_loader)}  # type: ignore[union-attr]
    assert len(labels) == 1
    (conflict,) = loader.held("conflict")
    assert conflict.reason.startswith("'skill:a': the store had other content of the same version: ")
