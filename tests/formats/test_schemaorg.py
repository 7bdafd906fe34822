"""schema.org: every term is one of its class and holds what it may; what is said is what the graph says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pyoxigraph as ox
import pytest

from graph.exports import Wanted
from graph.exports.schemaorg import described
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR, PUBLIC
from tests.formats.conftest import Document, Written, by_id
from tests.formats.schemaorg_release import TEXT, release
from tests.store.writing import one

LINUX = {
    "@type": "DefinedTerm",
    "@id": "http://localhost:8000/id/skill:linux",
    "name": "Linux",
    "termCode": "L1",
    "inDefinedTermSet": {"@id": "http://localhost:8000/id/source:academy"},
}
PRACTITIONER = "https://w3id.org/skillgraph/level/practitioner"


@pytest.fixture
def said(academy: Store, written: Written) -> dict[str, Document]:
    return by_id(written(academy, "schemaorg", settings=Settings(issuer_name="Firm")))


def test_every_term_is_one_of_its_class_and_holds_what_it_may(said: dict[str, Document]) -> None:
    wrong = [fault for node in said.values() for fault in _faults(node)]
    assert wrong == []
    kinds = {str(node["@type"]) for node in said.values()}
    assert kinds >= {"Occupation", "JobPosting", "DefinedTerm", "DefinedTermSet", "CategoryCode", "LearningResource"}


def _faults(node: Document) -> Iterator[str]:
    kinds = node["@type"] if isinstance(node["@type"], list) else [node["@type"]]
    for term, value in node.items():
        if term.startswith("@"):
            continue
        allowed = frozenset().union(*(release().ranges(kind, term) or () for kind in kinds))
        for each in value if isinstance(value, list) else [value]:
            if not _fits(each, allowed):
                yield f"{kinds} {term} {each}: may hold {sorted(allowed) or 'nothing'}"
            if isinstance(each, dict) and "@type" in each:
                yield from _faults(each)


def _fits(value: Any, allowed: frozenset[str]) -> bool:
    if isinstance(value, dict) and "@type" in value:
        return bool(release().classes(value["@type"]) & allowed)
    if isinstance(value, dict) and "@id" in value:  # told elsewhere in the file
        return bool(allowed)
    names = {each.rpartition("#")[2] for each in allowed}
    if isinstance(value, int):
        return "integer" in names
    return bool(names & {TEXT.rpartition("#")[2], "duration", "date", "dateTime"})


def test_a_course_teaches_defined_terms_at_levels_of_their_scales(said: dict[str, Document]) -> None:
    course = said["course:linux"]
    assert course["@type"] == ["Course", "LearningResource"]
    assert course["name"] == ["Linux course", {"@language": "de", "@value": "Linux-Kurs"}]
    assert course["teaches"] == LINUX
    assert course["educationalLevel"]["name"] == "fourth"
    assert course["educationalLevel"]["inDefinedTermSet"] == {"@id": "https://w3id.org/skillgraph/scale/five"}
    assert course["assesses"]["name"] == "shell"
    assert course["provider"] == {"@type": "Organization", "name": "Academy"}
    assert course["offers"]["price"] == "199"
    assert course["offers"]["priceCurrency"] == "EUR"
    assert (course["timeRequired"], course["inLanguage"]) == ("PT16H", "en")
    assert course["url"] == "https://academy.example/linux"
    assert course["coursePrerequisites"]["targetName"] == "Basics"
    assert said["course:basics"]["offers"]["category"] == "Free"


def test_what_is_no_longer_taught_is_not_said_to_be(said: dict[str, Document]) -> None:
    assert "Unix" not in str(said["course:linux"])


def test_a_role_is_an_occupation_and_a_group_of_roles_its_category(said: dict[str, Document]) -> None:
    role = said["role:admin"]
    assert [skill["name"] for skill in role["skills"]] == ["Linux", "shell"]
    assert role["qualifications"]["name"] == "Badge"
    assert role["occupationalCategory"][0] == "A-1"
    assert role["occupationalCategory"][1]["codeValue"] == "25"
    assert role["sameAs"] == "http://localhost:8000/id/role:published"
    assert said["role:it"]["@type"] == "CategoryCode"


def test_an_opening_without_requirements_of_its_own_asks_for_those_of_its_role(said: dict[str, Document]) -> None:
    posting = said["opening:berlin"]
    assert posting["title"] == "administrator in Berlin"
    assert (posting["datePosted"], posting["validThrough"]) == ("2025-01-07T00:00:00Z", "2025-03-01T00:00:00Z")
    assert [skill["name"] for skill in posting["skills"]] == ["Linux", "shell"]
    assert posting["qualifications"]["name"] == "Badge"
    assert posting["relevantOccupation"]["name"] == "administrator"
    assert posting["jobLocation"]["address"] == "Berlin"
    assert posting["hiringOrganization"]["name"] == "Firm"
    assert posting["hiringOrganization"]["department"]["name"] == "Platform"
    assert "competencyRequired" not in posting


def test_an_opening_that_is_not_open_is_no_job_posting(said: dict[str, Document]) -> None:
    assert "opening:filled" not in said


def test_a_credential_says_what_it_attests_and_how_long(said: dict[str, Document]) -> None:
    badge = said["credential:badge"]
    assert (badge["credentialCategory"], badge["validFor"]) == ("badge", "P1Y")
    assert badge["competencyRequired"] == LINUX
    assert badge["educationalLevel"]["@id"] == PRACTITIONER


def test_without_a_key_no_org_unit_is_named(academy: Store, written: Written) -> None:
    path = written(academy, "schemaorg", PUBLIC)
    assert "hiringOrganization" not in by_id(path)["opening:berlin"]
    assert b"Platform" not in path.read_bytes()
    assert b"Ada" not in written(academy, "schemaorg").read_bytes()


def test_the_file_needs_no_context_from_elsewhere_and_every_term_is_schema_orgs(
    academy: Store, written: Written
) -> None:
    quads = list(ox.parse(path=written(academy, "schemaorg"), format=ox.RdfFormat.JSON_LD))
    terms = {quad.predicate.value for quad in quads} - {"http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}
    assert terms
    assert all(term.startswith("https://schema.org/") for term in terms)


@pytest.mark.parametrize("id", ["course:linux", "role:admin", "role:it", "opening:berlin", "skill:linux"])
def test_a_page_says_of_a_node_what_the_export_says(academy: Store, written: Written, id: str) -> None:
    page = described(academy, one(academy, id), Wanted(OPERATOR))
    assert page is not None
    assert page.pop("@context")["@vocab"] == "https://schema.org/"
    assert orjson.loads(orjson.dumps(page)) == by_id(written(academy, "schemaorg"))[id]


def test_a_page_says_nothing_of_what_schema_org_has_no_word_for(academy: Store) -> None:
    assert described(academy, one(academy, "rubric:lab"), Wanted(OPERATOR)) is None
    assert described(academy, one(academy, "person:ada"), Wanted(OPERATOR)) is None
