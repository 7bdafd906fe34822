"""A node belongs to the source that first states it; edges may be stated by any, as long as they say the same."""

from __future__ import annotations

from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

ROLE = "id,label\nrole:r,R\n"


def test_another_sources_node_is_rejected_and_says_whose_it_is(loader: Loader) -> None:
    loader(name="esco", Skill=SKILLS)
    record = loader(name="lms", Skill="id,label\nskill:sql,Structured Query Language\n")

    assert counts(record) == {"read": 1, "rejected": 1}
    assert loader.held()[0].reason == (
        "'skill:sql': it belongs to source 'esco', which stated it first: "
        "load it under that name, or give it another id"
    )


def test_another_source_may_state_edges_between_any_nodes(loader: Loader) -> None:
    loader(name="esco", Skill=SKILLS)
    assert counts(loader(name="lms", BROADER="from,to\nskill:shell,skill:linux\n")) == {"read": 1, "written": 1}


def test_other_properties_for_an_edge_are_a_conflict(loader: Loader) -> None:
    loader(name="hr", Skill=SKILLS, Role=ROLE, REQUIRES="from,to,level\nrole:r,skill:sql,1\n")
    record = loader(name="ats", REQUIRES="from,to,level\nrole:r,skill:sql,2\n")

    assert counts(record) == {"read": 1, "rejected": 1}
    assert "source 'hr' states this edge with other properties" in loader.held()[0].reason


def test_an_edge_lasts_while_one_source_states_it(loader: Loader) -> None:
    edge, none = "from,to\nskill:shell,skill:linux\n", "from,to\nskill:sql,skill:linux\n"
    loader(name="esco", Skill=SKILLS)
    loader(name="one", BROADER=edge)
    loader(name="two", BROADER=edge)

    loader(name="one", BROADER=none, options={"allow_shrink": True})
    assert _broader(loader) == {("skill:shell", "skill:linux"), ("skill:sql", "skill:linux")}
    loader(name="two", BROADER=none, options={"allow_shrink": True})
    assert _broader(loader) == {("skill:sql", "skill:linux")}


def test_a_person_may_be_named_by_evidence_of_another_source(loader: Loader) -> None:
    loader(Learner=LEARNERS, Skill=SKILLS)
    evidence = "id,learner,kind,skill,level,shown_at\nevidence:1,person:ada,interview,skill:sql,1,2024-01-01\n"
    assert counts(loader(name="lms", Evidence=evidence)) == {"read": 1, "written": 1}


def _broader(loader: Loader) -> set[tuple[str, ...]]:
    edges = (batch for name in ("one", "two") for batch in loader.store.owned(name, "BROADER"))
    return {pair for batch in edges for pair in batch}
