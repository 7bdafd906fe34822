"""A deployment's own ontology: it adds classes and properties, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology.model import Datatype, Model, OntologyError, UnknownType, load_model

HEAD = """
@prefix acme: <https://acme.example/ns#> .
@prefix sg: <https://w3id.org/skillgraph#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
WORDS = 'rdfs:label "x"@en ; skos:definition "What it is."@en'
PROPERTY = f"acme:budget a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:decimal ; {WORDS} ."
ACADEMY = f"""
<https://acme.example/ns> a owl:Ontology ;
    sh:declare [ sh:prefix "acme-academy" ; sh:namespace "https://acme.example/academy/"^^xsd:anyURI ] .

acme:Academy a owl:Class ; rdfs:subClassOf sg:Node ; {WORDS} .
acme:Visit a owl:Class ; rdfs:subClassOf sg:Fact ; sg:person "learner" ; sg:log true ; {WORDS} .
acme:OFFERS a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; rdfs:range sg:LearningObject ; {WORDS} .
acme:SPONSORS a owl:Class ; rdfs:subClassOf sg:Edge ; {WORDS} .
acme:Licence a owl:Class ; rdfs:subClassOf sg:Credential ; {WORDS} .
acme:academy a owl:ObjectProperty ; rdfs:subPropertyOf sg:reference ; rdfs:range acme:Academy ; {WORDS} .
acme:cost_centre a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:string ; {WORDS} .
{PROPERTY}

acme:AcademyShape a sh:NodeShape ; sh:targetClass acme:Academy ;
    sh:property [ sh:path acme:budget ; sh:datatype xsd:decimal ; sh:maxCount 1 ; sh:minInclusive 0.0 ] ,
        [ sh:path sg:language ; sh:datatype xsd:string ; sh:pattern "^[a-z]{{2}}$" ] ,
        [ sh:path acme:OFFERS ; sh:nodeKind sh:IRI ; sh:class sg:LearningObject ] .
acme:VisitShape a sh:NodeShape ; sh:targetClass acme:Visit ;
    sg:personal true ; sg:purpose "to plan rooms" ; sg:retention "a year" ; sg:visibleTo "match" ;
    sh:property [ sh:path sg:learner ; sh:class sg:Learner ; sh:minCount 1 ; sh:maxCount 1 ] ,
        [ sh:path acme:academy ; sh:class acme:Academy ; sh:minCount 1 ; sh:maxCount 1 ] .
acme:SPONSORSShape a sh:NodeShape ; sh:targetClass acme:SPONSORS ;
    sh:property [ sh:path sg:from ; sh:class sg:OrgUnit ] , [ sh:path sg:to ; sh:class acme:Academy ] ,
        [ sh:path acme:budget ; sh:datatype xsd:decimal ; sh:minCount 1 ; sh:maxCount 1 ] .
acme:LicenceShape a sh:NodeShape ; sh:targetClass acme:Licence .
acme:OrgUnitShape a sh:NodeShape ; sh:targetClass sg:OrgUnit ;
    sh:property [ sh:path acme:cost_centre ; sh:datatype xsd:string ; sh:maxCount 1 ] .
"""


def extended(tmp_path: Path, turtle: str, name: str = "acme.ttl") -> Model:
    (tmp_path / name).write_text(HEAD + turtle, encoding="utf-8")
    return load_model.__wrapped__(tmp_path)


def test_a_class_of_a_deployment_is_a_type_like_any_other(tmp_path: Path) -> None:
    model = extended(tmp_path, ACADEMY)
    academy = model.nodes["Academy"]
    assert list(academy.properties) == ["label", "description", "budget", "language"]
    assert academy.properties["budget"].datatype is Datatype.DECIMAL
    assert academy.properties["language"].many
    assert model.space("Academy") == "nodes"
    assert model.edges["OFFERS"].ends == (("Academy", "LearningObject"),)
    assert (model.edges["SPONSORS"].ends, model.edges["SPONSORS"].reified) == ((("OrgUnit", "Academy"),), True)
    assert model.edges["SPONSORS"].properties["budget"].required


def test_a_fact_of_a_deployment_has_a_table_of_its_own(tmp_path: Path) -> None:
    visit = extended(tmp_path, ACADEMY).nodes["Visit"]
    assert (visit.storage, visit.log, visit.person) == ("columns", True, "learner")
    assert visit.personal is not None
    assert visit.properties["academy"].targets == ("Academy",)


def test_a_subclass_may_stand_wherever_its_parent_may(tmp_path: Path) -> None:
    model = extended(tmp_path, ACADEMY)
    assert {"type", "validity"} <= set(model.nodes["Licence"].properties)
    assert ("Licence", "Skill") in model.edges["ATTESTS"].ends
    assert "Licence" in model.nodes["Evidence"].properties["about"].targets


def test_a_bundled_class_may_get_another_property(tmp_path: Path, model: Model) -> None:
    added = extended(tmp_path, ACADEMY)
    assert set(added.nodes["OrgUnit"].properties) - set(model.nodes["OrgUnit"].properties) == {"cost_centre"}
    assert added.prefixes.curie("https://acme.example/academy/north") == "acme-academy:north"


def test_the_store_can_tell_with_which_extension_it_was_written(tmp_path: Path, model: Model) -> None:
    added = extended(tmp_path, ACADEMY)
    assert (model.extension, added.extension is None) == (None, False)
    assert added.hash != model.hash


def test_the_hash_does_not_depend_on_order_files_or_wording(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    whole = extended(tmp_path / "one", ACADEMY)
    statements = ACADEMY.split(" .\n")
    turned = " .\n".join([*reversed(statements[:-1]), ""]).replace("What it is.", "What it is, in other words.")
    again = extended(tmp_path / "two", turned, "zz.ttl")
    assert (whole.hash, whole.extension) == (again.hash, again.extension)


def test_another_constraint_is_another_hash(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = extended(tmp_path / "one", ACADEMY)
    two = extended(tmp_path / "two", ACADEMY.replace("sh:minInclusive 0.0", "sh:minInclusive 1.0"))
    assert one.extension != two.extension


CLASS = f"acme:Academy a owl:Class ; rdfs:subClassOf sg:Node ; {WORDS} ."

SHAPE = "acme:S a sh:NodeShape ; sh:targetClass acme:Academy"
CONTRADICTIONS = {
    "redefines a class": ('sg:Skill rdfs:label "ability"@en .', "Skill: is defined by others"),
    "redefines a shape": (
        "<https://w3id.org/skillgraph/shapes#Role> sh:property [ sh:path sg:code ] .",
        "Role: is defined by others",
    ),
    "speaks in our namespace": (
        f"sg:Academy a owl:Class ; rdfs:subClassOf sg:Node ; {WORDS} .",
        "say it of a term in a namespace of your own",
    ),
    "narrows a property": (
        "acme:S a sh:NodeShape ; sh:targetClass sg:Role ;"
        " sh:property [ sh:path sg:threshold ; sh:datatype xsd:decimal ; sh:maxCount 1 ; sh:maxInclusive 0.5 ] .",
        "threshold: constrains Role.threshold anew",
    ),
    "narrows an enumeration": (
        "acme:S a sh:NodeShape ; sh:targetClass sg:Skill ;"
        ' sh:property [ sh:path sg:type ; sh:in ( "skill" ) ; sh:maxCount 1 ] .',
        "type: constrains Skill.type anew",
    ),
    "requires what others lack": (
        f"{PROPERTY} acme:S a sh:NodeShape ; sh:targetClass sg:Role ;"
        " sh:property [ sh:path acme:budget ; sh:datatype xsd:decimal ; sh:minCount 1 ; sh:maxCount 1 ] .",
        "budget: is required of Role, which exists without it; drop sh:minCount",
    ),
    "uses a taken class name": (
        f"acme:Role a owl:Class ; rdfs:subClassOf sg:Node ; {WORDS} .",
        "Role: has the name of https://w3id.org/skillgraph#Role; take another name",
    ),
    "differs only in case": (
        f"acme:ROLE a owl:Class ; rdfs:subClassOf sg:Node ; {WORDS} .",
        "differs from Role only in case",
    ),
    "uses a taken property name": (
        f"acme:level a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; {WORDS} . {CLASS}"
        f" {SHAPE} ; sh:property [ sh:path acme:level ; sh:datatype xsd:string ] .",
        "the name level is that of https://w3id.org/skillgraph#level; use that property",
    ),
    "uses a reserved name": (
        f"acme:version a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; {WORDS} . {CLASS}"
        f" {SHAPE} ; sh:property [ sh:path acme:version ; sh:datatype xsd:string ] .",
        "the name version is taken",
    ),
    "reads a property otherwise": (
        f"{CLASS} {SHAPE} ; sh:property [ sh:path sg:level ; sh:datatype xsd:string ] .",
        "is string in Academy and decimal elsewhere",
    ),
    "takes a prefix": (
        '<https://acme.example/ns> a owl:Ontology ; sh:declare [ sh:prefix "isco" ; sh:namespace "urn:acme:" ] .',
        "prefix isco already stands for http://data.europa.eu/esco/isco/",
    ),
    "takes a namespace": (
        "<https://acme.example/ns> a owl:Ontology ;"
        ' sh:declare [ sh:prefix "isco08" ; sh:namespace "http://data.europa.eu/esco/isco/" ] .',
        "has two prefixes, isco and isco08",
    ),
    "has no label": (
        'acme:Academy a owl:Class ; rdfs:subClassOf sg:Node ; skos:definition "A school."@en .',
        "Academy: has no label; add one in English",
    ),
    "has no definition": (
        'acme:Academy a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "academy"@en .',
        "Academy: has no definition; add one in English",
    ),
    "has no parent": (f"acme:Academy a owl:Class ; {WORDS} .", "Academy: has no rdfs:subClassOf"),
    "is its own parent": (
        f"acme:A a owl:Class ; rdfs:subClassOf acme:B ; {WORDS} ."
        f" acme:B a owl:Class ; rdfs:subClassOf acme:A ; {WORDS} .",
        "is a subclass of itself; break the cycle",
    ),
    "is a kind of evidence": (
        f"acme:Exam a owl:Class ; rdfs:subClassOf sg:Evidence ; {WORDS} .",
        "Exam: can't be a subclass of Evidence; make it one of sg:Node, sg:Fact or sg:Edge",
    ),
    "points nowhere": (
        f"{CLASS} acme:of a owl:ObjectProperty ; rdfs:subPropertyOf sg:reference ; {WORDS} ."
        f" {SHAPE} ; sh:property [ sh:path acme:of ; sh:class acme:Nothing ] .",
        "points at https://acme.example/ns#Nothing, which is no class",
    ),
    "points into two tables": (
        f"{CLASS} acme:of a owl:ObjectProperty ; rdfs:subPropertyOf sg:reference ; {WORDS} ."
        f" {SHAPE} ;"
        " sh:property [ sh:path acme:of ; sh:or ( [ sh:class sg:Skill ] [ sh:class sg:Evidence ] ) ] .",
        "Academy.of points into several tables",
    ),
    "uses what is not defined": (
        f"{CLASS} {SHAPE} ; sh:property [ sh:path acme:budget ; sh:datatype xsd:decimal ] .",
        "budget: has no label",
    ),
    "has a datatype that is not kept": (
        f"{CLASS} {PROPERTY} {SHAPE} ; sh:property [ sh:path acme:budget ; sh:datatype xsd:hexBinary ] .",
        "budget has no datatype that is kept; state one of string, langString, integer, decimal",
    ),
    "has an instant without a bound": (
        f"{CLASS} {PROPERTY} {SHAPE} ; sh:property [ sh:path acme:budget ; sh:datatype xsd:dateTime ] .",
        "budget is an instant: add sg:bound sg:begins or sg:ends",
    ),
    "has a constraint that loads don't check": (
        f"{CLASS} {PROPERTY} {SHAPE} ;"
        " sh:property [ sh:path acme:budget ; sh:datatype xsd:decimal ; sh:minExclusive 0.0 ] .",
        "budget: sh:minExclusive is not checked on loads; leave it out",
    ),
    "closes a shape": (
        f"{CLASS} {SHAPE} ; sh:closed true .",
        "S: sh:closed of a whole node is not checked on loads",
    ),
    "has a law in SPARQL": (
        f'{CLASS} {SHAPE} ; sh:sparql [ sh:select "SELECT $this WHERE {{}}" ] .',
        "S: sh:sparql is not checked on loads",
    ),
    "has an unsafe pattern": (
        f'{CLASS} {SHAPE} ; sh:property [ sh:path sg:code ; sh:datatype xsd:string ; sh:pattern "^(?=a)b$" ] .',
        "is not read: .* write it without look-around and back-references",
    ),
    "asks more than it allows": (
        f"{CLASS} {PROPERTY} {SHAPE} ;"
        " sh:property [ sh:path acme:budget ; sh:datatype xsd:decimal ; sh:minInclusive 2.0 ; sh:maxInclusive 1.0 ] .",
        "no value of Academy.budget is both above its least and below its most",
    ),
    "is personal without a purpose": (
        f"{CLASS} {SHAPE} ; sg:personal true .",
        "S: is personal: add sg:purpose, sg:retention and sg:visibleTo",
    ),
    "finds no person": (
        f'acme:Visit a owl:Class ; rdfs:subClassOf sg:Fact ; sg:person "visitor" ; {WORDS} .',
        "sg:person names visitor, which leads to no learner",
    ),
    "is an edge from nowhere": (
        f"acme:SPONSORS a owl:Class ; rdfs:subClassOf sg:Edge ; {WORDS} .",
        "SPONSORS: has no shape with sg:from",
    ),
    "is an edge that nothing uses": (
        f"acme:OFFERS a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; {WORDS} .",
        "OFFERS: is used by no shape",
    ),
    "is derived": (
        f"acme:OFFERS a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; sg:derived true ; {WORDS} . {CLASS}"
        f" {SHAPE} ; sh:property [ sh:path acme:OFFERS ; sh:class sg:Skill ] .",
        "OFFERS: can't be sg:derived or sg:rule",
    ),
    "is no Turtle": ("acme:Academy a owl:Class", "is no Turtle"),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_an_extension_is_refused_that(tmp_path: Path, what: str) -> None:
    turtle, says = CONTRADICTIONS[what]
    with pytest.raises(OntologyError, match=says) as refused:
        extended(tmp_path, turtle)
    assert "acme.ttl" in str(refused.value)


def test_a_folder_without_turtle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"holds no \.ttl file"):
        load_model.__wrapped__(tmp_path)
    with pytest.raises(OntologyError, match="is no folder; set SKILLGRAPH_ONTOLOGY"):
        load_model.__wrapped__(tmp_path / "nowhere")


def test_an_unknown_type_is_named_with_the_nearest(model: Model) -> None:
    with pytest.raises(UnknownType, match="'Skil' is no node or edge type; did you mean Skill"):
        model.type("Skil")
    with pytest.raises(UnknownType, match="'requires' is no node type; did you mean REQUIRES"):
        model.space("requires")
