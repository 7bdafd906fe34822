"""Queries over the ontology files: nothing without words and a parent, nothing that leads nowhere."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

from ontology.classes import Classes
from ontology.consistency import problems, unsafe_pattern
from ontology.model import Datatype, Model
from ontology.reader import BUNDLED, FOLDER
from ontology.turtle import SG, SH, Triples

PREFIXES = """
PREFIX sg: <https://w3id.org/skillgraph#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
OURS = 'FILTER (isIRI(?term) && STRSTARTS(STR(?term), "https://w3id.org/skillgraph#"))'


@pytest.fixture(scope="module")
def files() -> Store:
    store = Store()
    for path in (*BUNDLED, FOLDER / "crosswalks.ttl"):
        store.load(path=path, format=RdfFormat.TURTLE)
    return store


def asked(files: Store, pattern: str) -> list[str]:
    """Terms for which the pattern holds; there should be none."""
    found = files.query(f"{PREFIXES} SELECT DISTINCT ?term WHERE {{ {pattern} }}")
    assert isinstance(found, QuerySolutions)
    return sorted(str(row["term"]) for row in found)


def test_every_term_has_a_label_and_a_definition_in_english(files: Store) -> None:
    for predicate in ("rdfs:label", "skos:definition"):
        without = f'FILTER NOT EXISTS {{ ?term {predicate} ?text FILTER (LANG(?text) = "en" && STRLEN(?text) > 1) }}'
        assert asked(files, f"?term a ?kind . {OURS} {without}") == []


def test_no_two_terms_have_one_definition(files: Store) -> None:
    same = "?term skos:definition ?text . ?other skos:definition ?text FILTER (?other != ?term)"
    assert asked(files, f"{same} {OURS}") == []


def test_every_class_has_a_parent_and_every_property_too(files: Store) -> None:
    assert asked(files, f"?term a owl:Class . {OURS} FILTER NOT EXISTS {{ ?term rdfs:subClassOf ?parent }}") == []
    kinds = "VALUES ?kind { owl:DatatypeProperty owl:ObjectProperty owl:AnnotationProperty sg:EdgeProperty }"
    assert asked(files, f"{kinds} ?term a ?kind . FILTER NOT EXISTS {{ ?term rdfs:subPropertyOf ?parent }}") == []


def test_every_property_has_one_range_that_exists(files: Store) -> None:
    kinds = "VALUES ?kind { owl:DatatypeProperty owl:ObjectProperty owl:AnnotationProperty sg:EdgeProperty }"
    assert asked(files, f"{kinds} ?term a ?kind . FILTER NOT EXISTS {{ ?term rdfs:range ?range }}") == []
    ranges = f"?property rdfs:range ?term . {OURS} FILTER NOT EXISTS {{ ?term a ?kind }}"
    assert asked(files, ranges) == []


def test_whatever_of_ours_is_mentioned_is_defined(files: Store) -> None:
    for position in ("?s ?term ?o", "?s ?p ?term"):
        assert asked(files, f"{position} . {OURS} FILTER NOT EXISTS {{ ?term skos:definition ?text }}") == []


def test_no_class_and_no_property_is_above_itself(files: Store) -> None:
    assert asked(files, "?term rdfs:subClassOf+ ?term") == []
    assert asked(files, "?term rdfs:subPropertyOf+ ?term") == []


def test_every_class_leads_up_to_record_or_edge(files: Store) -> None:
    kept = f"?term a owl:Class . {OURS} FILTER (?term NOT IN (sg:Bound, sg:EdgeProperty))"
    assert (
        asked(
            files, f"{kept} FILTER NOT EXISTS {{ ?term rdfs:subClassOf* ?top FILTER (?top IN (sg:Record, sg:Edge)) }}"
        )
        == []
    )


def test_every_property_and_edge_is_used_by_a_shape(files: Store) -> None:
    upper = "FILTER (?term NOT IN (sg:datum, sg:reference, sg:link))"
    kinds = "VALUES ?kind { owl:DatatypeProperty owl:ObjectProperty sg:EdgeProperty }"
    assert asked(files, f"{kinds} ?term a ?kind . {upper} FILTER NOT EXISTS {{ ?shape sh:path ?term }}") == []


def test_every_concrete_class_has_a_shape(files: Store) -> None:
    concrete = f"?term a owl:Class . {OURS} FILTER NOT EXISTS {{ ?term sg:abstract true }}"
    upper = "FILTER (?term NOT IN (sg:Bound, sg:EdgeProperty))"
    assert asked(files, f"{concrete} {upper} FILTER NOT EXISTS {{ ?shape sh:targetClass ?term }}") == []


def test_every_property_shape_belongs_to_a_node_shape(files: Store) -> None:
    assert asked(files, "?term sh:path ?path . FILTER NOT EXISTS { ?shape sh:property ?term }") == []


def test_whoever_is_personal_says_why_how_long_and_who_sees_it(files: Store) -> None:
    for word in ("purpose", "retention", "visibleTo"):
        assert asked(files, f"?term sg:personal true . FILTER NOT EXISTS {{ ?term sg:{word} ?text }}") == []
        assert asked(files, f"?term sg:{word} ?text . FILTER NOT EXISTS {{ ?term sg:personal true }}") == []


def test_everything_about_a_person_is_declared_personal(model: Model) -> None:
    about_people = {name for name, node in model.nodes.items() if node.person}
    assert about_people == {name for name, node in model.nodes.items() if node.personal}
    joined = {edge.name for edge in model.edges.values() if any(start in about_people for start, _ in edge.ends)}
    assert joined == {edge.name for edge in model.edges.values() if edge.personal}


def test_what_identifies_a_person_is_seen_with_scope_people_only(model: Model) -> None:
    identifying = {
        ("Learner", "label"), ("Learner", "description"), ("Learner", "email"), ("Identity", "value"),
        ("Rating", "rater"), ("Performance", "rater"), ("Employment", "manager"), ("Evidence", "url"),
    }  # fmt: skip
    for kept, name in identifying:
        personal = model.nodes[kept].properties[name].personal
        assert personal is not None
        assert personal.visible_to == "people"


def test_scopes_that_see_personal_data_are_scopes_that_exist(model: Model) -> None:
    said = [kept.personal for kept in model.types()]
    said += [prop.personal for kept in model.types() for prop in kept.properties.values()]
    assert {each.visible_to for each in said if each} <= {"match", "people", "audit"}


def test_protected_attributes_stand_in_a_place_of_their_own(model: Model) -> None:
    protected = {
        (kept.name, name) for kept in model.types() for name, prop in kept.properties.items() if prop.protected
    }
    assert protected == {("Protected", "attribute"), ("Protected", "value"), ("Protected", "basis")}
    assert all("Protected" not in prop.targets for kept in model.types() for prop in kept.properties.values())


def test_the_model_does_not_contradict_itself(model: Model) -> None:
    assert list(problems(model)) == []


def test_every_pattern_is_taken_by_re2(model: Model) -> None:
    triples = Triples(BUNDLED)
    patterns = {term.value for subject in triples.subjects() for term in triples.objects(subject, f"{SH}pattern")}
    assert patterns
    assert [(pattern, unsafe_pattern(pattern)) for pattern in patterns if unsafe_pattern(pattern)] == []


def test_every_kind_of_evidence_has_the_class_the_ontology_gives_it(model: Model) -> None:
    kind = model.nodes["Evidence"].properties["kind"]
    assert (kind.claimed, kind.taught) == (("self_rating",), ("completion",))
    assert set(kind.claimed + kind.taught) < set(kind.values)


def test_a_reference_points_into_one_key_space(model: Model) -> None:
    for kept in model.types():
        for prop in kept.properties.values():
            assert len({model.space(target) for target in prop.targets}) == (prop.datatype is Datatype.REFERENCE)


def test_every_law_has_a_name_of_its_own_and_a_message(model: Model) -> None:
    triples = Triples(BUNDLED)
    laws = [subject for subject in triples.subjects() if triples.text(subject, f"{SG}law")]
    assert len(laws) == len(model.laws)
    assert all(law.message and law.types for law in model.laws.values())
    assert all(str(subject).endswith(f"#{triples.text(subject, f'{SG}law')}>") for subject in laws)


def test_alignments_name_terms_of_known_vocabularies() -> None:
    triples = Triples(BUNDLED)
    parents = {iri for parents in Classes(triples).parents.values() for iri in parents}
    foreign = {iri for iri in parents if not iri.startswith(SG)}
    vocabularies = ("http://www.w3.org/2004/02/skos/core#", "https://schema.org/", "http://www.w3.org/ns/")
    assert all(iri.startswith((*vocabularies, "http://www.w3.org/2002/07/owl#")) for iri in foreign)
    assert NamedNode("http://www.w3.org/2004/02/skos/core#broader") in triples.objects(
        NamedNode(f"{SG}BROADER"), "http://www.w3.org/2000/01/rdf-schema#subPropertyOf"
    )
