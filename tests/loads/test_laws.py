"""Laws of the whole graph hold over what is in the store and what a load brings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.cycles import a_cycle, knots
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

SCALE = """
    id,label
    scale:ten,Ten
    """
LEVELS = """
    id,scale,rank,lower_bound
    level:low,scale:ten,1,0
    level:mid,scale:ten,2,5
    level:high,scale:ten,3,9
    """
WALK = """
    from,to
    level:low,level:foundation
    level:high,level:advanced
    """


def test_a_cycle_of_broader_is_rejected_by_name(loader: Loader) -> None:
    record = loader(
        Skill=SKILLS, BROADER="from,to\nskill:shell,skill:linux\nskill:linux,skill:shell\nskill:sql,skill:linux\n"
    )

    assert counts(record) == {"read": 6, "written": 4, "rejected": 2}
    assert {(row.shape, row.reason) for row in loader.held()} == {
        (
            "broader_has_no_cycle",
            "BROADER leads back to where it began: skill:shell -> skill:linux -> skill:shell; remove one of them",
        )
    }


def test_a_cycle_closed_by_a_later_load_is_seen(loader: Loader) -> None:
    loader(name="one", Skill=SKILLS, BROADER="from,to\nskill:shell,skill:linux\nskill:linux,skill:sql\n")
    record = loader(name="two", BROADER="from,to\nskill:sql,skill:shell\n")

    assert counts(record) == {"read": 1, "rejected": 1}
    assert loader.held()[0].row == 1


def test_a_skill_is_not_broader_than_itself(loader: Loader) -> None:
    assert counts(loader(Skill=SKILLS, BROADER="from,to\nskill:sql,skill:sql\n"))["rejected"] == 1


def test_prerequisites_and_org_units_have_no_cycle(loader: Loader) -> None:
    record = loader(
        LearningObject="id,label\ncourse:a,A\ncourse:b,B\n",
        PREREQUISITE="from,to\ncourse:a,course:b\ncourse:b,course:a\n",
        OrgUnit="id,label,part_of\nunit:a,A,unit:b\nunit:b,B,unit:a\nunit:c,C,\n",
    )

    assert counts(record) == {"read": 7, "written": 3, "rejected": 4}
    assert [row.field for row in loader.held() if row.file == "OrgUnit.csv"] == ["part_of", "part_of"]


def test_an_org_unit_that_moves_leaves_its_old_place(loader: Loader) -> None:
    loader(OrgUnit="id,label,part_of\nunit:a,A,\nunit:b,B,unit:a\n")
    assert counts(loader(OrgUnit="id,label,part_of\nunit:a,A,unit:b\nunit:b,B,\n")) == {"read": 2, "written": 2}


@pytest.mark.parametrize(
    ("cuts", "told"),
    [
        ("1:0.7|2:0.5", "the cut score 0.5 of level 2 must be above 0.7"),
        ("1:0.5|2:0.5", "the cut score 0.5 of level 2 must be above 0.5"),
        ("1:0.5|4:0.9", "names level 4, which the home scale does not have: use 1, 2, 3"),
    ],
)
def test_cut_scores_rise_and_name_home_levels(loader: Loader, cuts: str, told: str) -> None:
    record = loader(
        Skill=SKILLS, Assessment="id,label\nassessment:a,A\n",
        MEASURES=f"from,to,cut_scores\nassessment:a,skill:sql,{cuts}\nassessment:a,skill:linux,1:0.5|2:0.7\n",
    )  # fmt: skip

    assert counts(record)["rejected"] == 1
    assert told in loader.held()[0].reason


def test_a_level_of_nine_is_not_on_the_home_scale(loader: Loader) -> None:
    record = loader(
        Skill=SKILLS, Role="id,label\nrole:r,R\n", REQUIRES="from,to,level\nrole:r,skill:sql,9\nrole:r,skill:linux,3\n"
    )

    assert counts(record)["rejected"] == 1
    (held,) = loader.held()
    assert (held.field, held.value, held.reason) == ("level", "9", "9 is not on scale:home: at least 1, at most 3")
    assert held.shape == "level_is_on_its_scale"


def test_a_scale_without_a_crosswalk_is_rejected(loader: Loader) -> None:
    taught = "from,to,level,scale\ncourse:a,skill:sql,7,scale:ten\n"
    common = {"Skill": SKILLS, "LearningObject": "id,label\ncourse:a,A\n", "Scale": SCALE, "Level": LEVELS}
    record = loader(TEACHES=taught, **common)

    assert counts(record)["rejected"] == 1
    assert loader.held()[0].reason == (
        "'scale:ten' has no crosswalk to the home scale: load CORRESPONDS_TO for its levels first"
    )
    assert counts(loader(TEACHES=taught, CORRESPONDS_TO=WALK, **common))["written"] == 3


def test_a_rule_below_its_scale_is_rejected_and_a_fact_there_supports_nothing(loader: Loader) -> None:
    levels = LEVELS.replace("scale:ten,1,0", "scale:ten,1,2")
    common = {"Skill": SKILLS, "Learner": LEARNERS, "Scale": SCALE, "Level": levels, "CORRESPONDS_TO": WALK}
    rows = "evidence:{0},person:ada,interview,skill:sql,{0},scale:ten,2024-01-01\n"
    evidence = "id,learner,kind,skill,level,scale,shown_at\n" + rows.format(1) + rows.format(2) + rows.format(12)
    courses = "id,label\ncourse:one,One\ncourse:two,Two\n"
    teaches = "from,to,level,scale\ncourse:one,skill:sql,1,scale:ten\ncourse:two,skill:sql,2,scale:ten\n"
    loader(Evidence=evidence, LearningObject=courses, TEACHES=teaches, **common)

    (held,) = loader.held()
    assert (held.file, held.row, held.reason) == ("TEACHES.csv", 1, "1 is not on scale:ten: at least 2")


def test_a_crosswalk_never_falls_and_ends_at_home(loader: Loader) -> None:
    loader(Scale=SCALE, Level=LEVELS, CORRESPONDS_TO=WALK)
    record = loader(
        name="more",
        CORRESPONDS_TO="from,to\nlevel:mid,level:advanced\nlevel:low,level:mid\nlevel:foundation,level:mid\n",
    )

    assert counts(record) == {"read": 3, "written": 1, "rejected": 2}
    assert {row.shape for row in loader.held()} == {"crosswalk_ends_at_home"}

    falling = loader(name="worse", CORRESPONDS_TO="from,to\nlevel:mid,level:foundation\n")
    assert counts(falling) == {"read": 1, "rejected": 1}
    assert loader.held()[-1].shape == "crosswalk_is_monotone"


def test_a_crosswalk_may_change_at_an_instant(loader: Loader) -> None:
    walk = "from,to,since,until\nlevel:mid,level:foundation,,2023-12-31\nlevel:mid,level:practitioner,2024-01-01,\n"
    assert counts(loader(Scale=SCALE, Level=LEVELS, CORRESPONDS_TO=walk)) == {"read": 6, "written": 6}


def test_levels_of_a_scale_rise(loader: Loader) -> None:
    record = loader(Scale=SCALE, Level=LEVELS.replace("scale:ten,3,9", "scale:ten,3,4"))

    assert counts(record) == {"read": 4, "written": 2, "rejected": 2}
    assert {row.shape for row in loader.held()} == {"level_bounds_rise"}


def test_a_home_level_has_a_rank_that_420_divides_by(loader: Loader) -> None:
    levels = "id,scale,rank\nlevel:seven,scale:home,7\nlevel:eight,scale:home,8\nlevel:foreign,scale:ten,100\n"
    record = loader(Scale=SCALE, Level=levels)

    assert counts(record) == {"read": 4, "written": 3, "rejected": 1}
    (held,) = loader.held()
    assert (held.field, held.value, held.shape) == ("rank", "8", "home_rank_is_at_most_7")


EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14)


@given(EDGES)
def test_knots_are_the_nodes_that_reach_themselves(edges: list[tuple[int, int]]) -> None:
    starts = np.array([a for a, _ in edges], dtype=np.int64)
    ends = np.array([b for _, b in edges], dtype=np.int64)
    found = knots(starts, ends)

    reach = {node: _reached(node, edges) for node in range(8)}
    assert {node for knot in found for node in knot} == {node for node in range(8) if node in reach[node]}
    for knot in found:
        assert all(other in reach[node] for node in knot for other in knot)
        path = a_cycle(knot, starts, ends)
        assert all(pair in edges for pair in zip(path, [*path[1:], path[0]], strict=True))


def _reached(node: int, edges: list[tuple[int, int]]) -> set[int]:
    reached: set[int] = set()
    while more := {b for a, b in edges if (a == node or a in reached) and b not in reached}:
        reached |= more
    return reached
