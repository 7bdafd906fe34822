"""CTDL: every term is one of its class and holds what it may; what is said is what the graph says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest

from graph.exports.ctdl.terms import CONTEXT, LISTS
from graph.settings import Settings
from graph.store import Store
from graph.viewer import PUBLIC
from tests.formats.conftest import Document, Written, by_id
from tests.formats.ctdl_encoding import CONCEPTS, REQUIRED, TERMS

CTID = re.compile(r"ce-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""`ce-` and a UUID of version 4, in small letters: https://credreg.net/ctdl/ctid"""


@pytest.fixture
def said(academy: Store, written: Written) -> dict[str, Document]:
    return by_id(written(academy, "ctdl", settings=Settings(issuer_name="Firm")))


def test_every_term_is_one_of_its_class_and_holds_what_it_may(said: dict[str, Document]) -> None:
    kinds = {node["@id"]: node["@type"] for node in said.values()}
    wrong = [fault for node in said.values() for fault in _faults(node, kinds)]
    assert wrong == []
    assert set(kinds.values()) >= {"ceterms:Course", "ceasn:Rubric", "ceasn:CriterionLevel", "ceterms:Job"}


def _faults(node: Document, kinds: dict[str, str]) -> Iterator[str]:
    kind = node["@type"]
    for term, value in node.items():
        if term.startswith("@"):
            continue
        domain, held = TERMS.get(term, ((), ()))
        if kind not in domain:
            yield f"{kind} has no {term}"
        for each in value if isinstance(value, list) else [value]:
            if not _fits(each, held, kinds):
                yield f"{kind} {term} {each}: holds {held}"
            if isinstance(each, dict) and "@type" in each:
                yield from _faults(each, kinds)


def _fits(value: Any, held: tuple[str, ...], kinds: dict[str, str]) -> bool:
    if isinstance(value, dict):
        return value["@type"] in held if "@type" in value else held == ("rdf:langString",)
    if isinstance(value, bool):
        return held == ("xsd:boolean",)
    if isinstance(value, float):
        return held == ("xsd:float",)
    prefix, _, name = value.partition(":")
    if name in CONCEPTS.get(prefix, ()):
        return held in {("skos:Concept",), ("xsd:anyURI",)}
    is_class = held[0].partition(":")[0] in {"ceterms", "ceasn", "asn"}
    return kinds.get(value) in held if is_class else held[0] not in {"rdf:langString", "xsd:float", "xsd:boolean"}


def test_what_the_registry_requires_is_there(said: dict[str, Document]) -> None:
    for node in said.values():
        assert node.keys() >= REQUIRED.get(node["@type"], set()), node


def test_ctids_are_of_the_grammar_and_each_is_one_things(said: dict[str, Document]) -> None:
    found = [node["ceterms:ctid"] for node in said.values() if node["@type"] != "ceasn:CriterionLevel"]
    assert len(set(found)) == len(found)
    assert all(CTID.fullmatch(each) for each in found)


def test_a_thing_has_the_same_ctid_in_every_export(academy: Store, written: Written, said: dict[str, Document]) -> None:
    again = by_id(written(academy, "ctdl", PUBLIC))
    assert again["course:linux"]["ceterms:ctid"] == said["course:linux"]["ceterms:ctid"]


def test_a_course_teaches_competencies_of_their_framework(said: dict[str, Document]) -> None:
    course = said["course:linux"]
    assert course["@type"] == "ceterms:Course"
    assert said["course:basics"]["@type"] == "ceterms:LearningOpportunityProfile"
    assert course["ceterms:name"] == {"en": "Linux course", "de": "Linux-Kurs"}
    (taught,) = course["ceterms:teaches"]
    assert taught["ceterms:targetNode"] == said["skill:linux"]["@id"]
    assert taught["ceterms:framework"] == said["source:academy"]["@id"]
    assert course["ceterms:atLevel"][0]["ceterms:targetNodeName"] == {"en": "fourth"}
    (condition,) = course["ceterms:requires"]
    assert condition["ceterms:targetLearningOpportunity"] == [said["course:basics"]["@id"]]
    assert course["ceterms:estimatedCost"] == [
        {"@type": "ceterms:CostProfile", "ceterms:price": "199", "ceterms:currency": "EUR"}
    ]


def test_a_credential_and_a_role_require_competencies(said: dict[str, Document]) -> None:
    (condition,) = said["credential:badge"]["ceterms:requires"]
    assert [each["ceterms:targetNodeName"] for each in condition["ceterms:targetCompetency"]] == [{"en": "Linux"}]
    (required,), (preferred,) = (said["role:admin"][f"ceterms:{term}"] for term in ("requires", "recommends"))
    assert [each["ceterms:codedNotation"] for each in required["ceterms:targetCompetency"]] == ["L1"]
    assert required["ceterms:targetCredential"] == [said["credential:badge"]["@id"]]
    assert [each["ceterms:targetNodeName"] for each in preferred["ceterms:targetCompetency"]] == [{"en": "shell"}]
    assert "role:it" not in said


def test_competencies_form_a_framework(said: dict[str, Document]) -> None:
    framework, shell, systems = said["source:academy"], said["skill:shell"], said["skill:systems"]
    assert framework["@type"] == "ceasn:CompetencyFramework"
    assert framework["ceasn:publisherName"] == {"en": "Firm"}
    assert shell["ceasn:competencyText"] == {"en": "Writes scripts."}
    assert shell["ceasn:competencyLabel"] == {"en": "shell"}
    assert shell["ceasn:isChildOf"] == shell["ceasn:prerequisiteAlignment"] == [said["skill:linux"]["@id"]]
    assert systems["ceasn:isTopChildOf"] == systems["ceasn:isPartOf"] == [framework["@id"]]
    assert said["skill:linux"]["ceasn:exactAlignment"] == [said["other:linux"]["@id"]]
    assert said["skill:unix"]["ceasn:publicationStatusType"] == "publicationStatus:Deprecated"


def test_a_rubric_has_criteria_with_levels(said: dict[str, Document]) -> None:
    assert said["assessment:lab"]["ceterms:hasRubric"] == [said["rubric:lab"]["@id"]]
    assert said["rubric:lab"]["ceasn:hasRubricCriterion"] == [said["criterion:one"]["@id"]]
    criterion, mark = said["criterion:one"], said["mark:two"]
    assert (criterion["ceasn:weight"], criterion["ceasn:listID"]) == (2.0, "1")
    assert criterion["ceterms:targetCompetency"][0]["ceterms:targetNodeName"] == {"en": "shell"}
    assert criterion["ceasn:hasCriterionLevel"] == [mark["@id"]]
    assert (mark["ceasn:benchmarkLabel"], mark["schema:value"]) == ({"en": "well"}, 3.5)
    assert mark["asn:hasProgressionLevel"] == ["https://w3id.org/skillgraph/level/practitioner"]


def test_the_file_needs_no_context_from_elsewhere(academy: Store, written: Written) -> None:
    quads = list(ox.parse(path=written(academy, "ctdl"), format=ox.RdfFormat.JSON_LD))
    taught = [quad for quad in quads if quad.predicate.value == "https://purl.org/ctdl/terms/teaches"]
    assert len(taught) == 2
    assert all(isinstance(quad.object, ox.BlankNode) for quad in taught)
    prices = [quad.object for quad in quads if quad.predicate.value == "https://purl.org/ctdl/terms/price"]
    assert ox.Literal("199", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")) in prices


def test_every_term_of_the_context_is_known_of_the_standard() -> None:
    terms = {term for term, value in CONTEXT.items() if isinstance(value, dict)}
    assert terms <= TERMS.keys()
    assert terms >= LISTS


def test_interview_questions_and_people_are_not_told(academy: Store, written: Written) -> None:
    text = written(academy, "ctdl").read_text("utf-8")
    assert "What is a shell?" not in text
    assert "Ada" not in text
