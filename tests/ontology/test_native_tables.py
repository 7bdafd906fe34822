"""The native tables as promised to users, column by column: the model has them all."""

from __future__ import annotations

import pytest

from ontology.model import Datatype, EdgeType, Model, NodeType

NODES = {
    "Skill": "code type alt_labels hidden_labels status replaced_by",
    "WordDecision": "word verdict skill rejected decided_at",
    "Scale": "",
    "Level": "scale rank lower_bound",
    "Role": "code type threshold status",
    "Requisition": "status threshold openings tags org_unit location opened_at filled_at closed_at",
    "LearningObject": "type provider language duration cost currency url validity status",
    "Assessment": "type attempts proctored validity",
    "Rubric": "",
    "Criterion": "weight position",
    "CriterionLevel": "points level position",
    "InterviewQuestion": "",
    "Credential": "type validity",
    "Learner": "email kind location status",
    "Cohort": "program kind assignment starts_at ends_at",
    "OrgUnit": "part_of",
    "Program": "starts_at ends_at",
}
FACTS = {
    "Identity": "learner system value verified",
    "Evidence": "learner kind about skill level scale score outcome shown_at expires_at withdrawn_at verification url",
    "Rating": "evidence rater skill criterion question points level scale rated_at",
    "Enrolment": "learner learning_object status enrolled_at due_at ended_at",
    "Employment": "learner role org_unit manager location since until change",
    "Application": "learner requisition channel applied_at closed_at outcome",
    "StageEvent": "application stage entered_at outcome reason",
    "Hire": "learner requisition application kind channel cost currency started_at left_at",
    "Performance": "learner period_start period_end rating scale_min scale_max productivity rater",
    "Protected": "learner attribute value basis",
    "Statement": "learner verb object registration mentions statement",
    "Voiding": "learner voided_by voided_at",
}
EDGES = {
    "BROADER": "", "RELATED": "", "EXACT_MATCH": "", "CLOSE_MATCH": "", "DEPENDS_ON": "kind", "CORRESPONDS_TO": "",
    "REQUIRES": "level weight kind reach proof rationale", "REQUIRES_CREDENTIAL": "", "IN_FAMILY": "", "FOR_ROLE": "",
    "TEACHES": "level", "PREREQUISITE": "", "ASSESSED_BY": "", "MEASURES": "cut_scores", "HAS_CRITERION": "",
    "SCORED_WITH": "", "HAS_LEVEL": "", "ASSESSES": "", "PROBES": "level", "ATTESTS": "level",
    "MEMBER_OF": "since until", "SAME_PERSON": "rationale", "OTHER_PERSON": "rationale",
}  # fmt: skip
RULES = {"REQUIRES", "TEACHES", "MEASURES", "ATTESTS", "CORRESPONDS_TO"}
LOGS = {"Evidence", "Rating", "Application", "StageEvent", "Hire", "Performance", "Statement", "Voiding"}
ENUMERATIONS = {
    ("REQUIRES", "kind"): "must essential preferred",
    ("REQUIRES", "reach"): "exact narrower",
    ("REQUIRES", "proof"): "any shown",
    ("Assessment", "attempts"): "best latest",
    ("Learner", "kind"): "internal external",
    ("Cohort", "kind"): "pilot comparison",
    ("Cohort", "assignment"): "randomised matched selected",
    ("Evidence", "kind"): "completion assessment credential interview work_sample manager_rating self_rating",
    ("Evidence", "outcome"): "passed failed waived",
    ("Evidence", "verification"): "verified unverified broken expired revoked",
    ("Employment", "change"): "hire promotion move leave",
    ("Protected", "basis"): "self_identified observed unknown",
}


def names(model: Model, kept: str) -> set[str]:
    return set(model.type(kept).properties)


@pytest.mark.parametrize("table", NODES | FACTS | EDGES)
def test_the_table_has_every_promised_column(model: Model, table: str) -> None:
    assert names(model, table) >= set({**NODES, **FACTS, **EDGES}[table].split())


@pytest.mark.parametrize("table", NODES)
def test_a_node_has_label_and_description(model: Model, table: str) -> None:
    assert names(model, table) >= {"label", "description"}
    assert model.nodes[table].storage == "nodes"


@pytest.mark.parametrize("table", FACTS)
def test_a_fact_has_a_table_of_its_own_and_exactly_the_promised_columns(model: Model, table: str) -> None:
    assert names(model, table) == set(FACTS[table].split())
    assert model.space(table) == table


def test_there_is_no_table_that_was_not_promised(model: Model) -> None:
    assert {node.name for node in model.nodes.values() if not node.system} == set(NODES) | set(FACTS)
    assert {edge.name for edge in model.edges.values() if not edge.derived} == set(EDGES)


def test_a_node_may_be_kept_as_retired(model: Model) -> None:
    for table in NODES:
        assert "retired" in model.nodes[table].properties["status"].values


def test_wherever_there_is_a_level_there_may_be_a_scale(model: Model) -> None:
    kept = [each for each in model.types() if "level" in each.properties]
    stated = [each for each in kept if isinstance(each, NodeType) or not each.derived]
    assert {each.name for each in stated} == {
        "CriterionLevel", "Evidence", "Rating", "REQUIRES", "TEACHES", "PROBES", "ATTESTS"
    }  # fmt: skip
    assert all(each.properties["scale"].targets == ("Scale",) for each in stated)


def test_rule_edges_may_have_since_and_until(model: Model) -> None:
    assert {edge.name for edge in model.edges.values() if edge.rule} == RULES
    assert all({"since", "until"} <= names(model, rule) for rule in RULES)


def test_logs_are_the_dated_facts(model: Model) -> None:
    assert {node.name for node in model.nodes.values() if node.log} == LOGS


@pytest.mark.parametrize(("table", "column"), ENUMERATIONS)
def test_the_enumeration_has_exactly_the_promised_values(model: Model, table: str, column: str) -> None:
    assert model.type(table).properties[column].values == tuple(ENUMERATIONS[table, column].split())


def test_bounds_are_in_held_units(model: Model) -> None:
    threshold, weight = model.nodes["Role"].properties["threshold"], model.edges["REQUIRES"].properties["weight"]
    assert (threshold.minimum, threshold.maximum, threshold.places) == (0, 1_000_000, 3)
    assert (weight.minimum, weight.datatype) == (1, Datatype.INTEGER)
    assert model.nodes["Evidence"].properties["score"].maximum == 1_000_000
    assert model.nodes["Evidence"].properties["level"].minimum == 0


def test_what_ends_includes_the_day_and_what_begins_does_not(model: Model) -> None:
    ends = {name for each in model.types() for name, prop in each.properties.items() if prop.ends}
    assert ends == {"until", "closed_at", "ends_at", "expires_at", "due_at", "ended_at", "left_at", "period_end"}


def test_edges_join_what_the_design_says(model: Model) -> None:
    assert set(model.edges["REQUIRES"].ends) == {("Role", "Skill"), ("Requisition", "Skill")}
    assert set(model.edges["MEMBER_OF"].ends) == {("Learner", "Cohort"), ("Learner", "OrgUnit")}
    assert set(model.edges["SCORED_WITH"].ends) == {("Assessment", "Rubric"), ("InterviewQuestion", "Rubric")}
    assert set(model.edges["BROADER"].ends) == {("Skill", "Skill"), ("Role", "Role")}
    assert [edge.name for edge in model.edges.values() if edge.symmetric] == ["RELATED", "EXACT_MATCH", "CLOSE_MATCH"]
    assert [edge.name for edge in model.edges.values() if edge.derived] == ["SUPPORTS", "HAS_SKILL"]


def test_only_edges_with_properties_are_nodes_in_rdf(model: Model) -> None:
    for edge in model.edges.values():
        assert isinstance(edge, EdgeType)
        assert edge.reified == bool(edge.properties)


def test_a_person_is_found_from_every_fact(model: Model) -> None:
    for fact in FACTS:
        steps, at = 0, fact
        while at != "Learner":
            person = model.nodes[at].person
            assert person is not None
            (at,) = model.nodes[at].properties[person].targets
            steps += 1
            assert steps < 3
