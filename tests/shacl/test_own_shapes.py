"""Skillgraph's own shapes, laws too, wholly in columns: faults of every kind are found by both engines alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from graph.store import Store
from loaders.triples import store_table
from ontology.report import Report
from ontology.shacl.definition import own_definition, triples_of
from ontology.shacl.feed import Feed
from ontology.shacl.laws import LAWS
from ontology.shacl.stated import Triple
from ontology.turtle import SG
from ontology.validate import check
from tests.ontology.test_examples import INVALID, VALID
from tests.shacl.engines import told, validate_files, written
from tests.shacl.faults import with_faults

DEFINITION = own_definition()


def test_nothing_of_them_is_left_to_pyshacl() -> None:
    assert DEFINITION.shapes.left == {}


def test_every_law_has_a_twin() -> None:
    assert DEFINITION.model is not None
    assert DEFINITION.model.laws.keys() == LAWS.keys()


def test_faults_of_every_kind_in_the_tiny_company_and_the_examples(company: Store) -> None:
    graph = [*_without_foreign_scales(company), *_read(VALID)]
    feed = Feed(DEFINITION.named)
    feed.add(with_faults(Random(11), graph, 0.15))
    feed.add(_read(INVALID))
    feed.add(DEFINITION.below)
    table = feed.table()
    columns, pyshacl = (check(table, DEFINITION, engine, 0) for engine in ("columns", "pyshacl"))
    assert told(columns) == told(pyshacl)
    assert said(columns) == said(pyshacl)
    components = {each.component for each in columns.results}
    assert components >= {"Class", "Datatype", "In", "MaxCount", "MaxLength", "MinCount", "MinInclusive", "Pattern"}
    assert components >= {"LessThanOrEquals", "NodeKind", "Or", "UniqueLang", "Unknown"}
    assert {each.shape for each in columns.results} >= LAWS.keys()


def said(report: Report) -> set[tuple[str, str, str, str]]:
    """What people are told."""
    return {(each.focus, each.path, each.message, each.shape) for each in report.results}


def _read(paths: Sequence[Path]) -> list[Triple]:
    return [triple for path in paths for triple in triples_of(path)]


def _without_foreign_scales(company: Store) -> list[Triple]:
    """pySHACL takes seconds for the levels that every store is seeded with."""
    table = store_table(company, list(DEFINITION.named), "en", DEFINITION.below).table
    home = ("scale/home", "level/foundation", "level/practitioner", "level/advanced")
    return [
        triple
        for triple in table.triples()
        if not (f"{SG[:-1]}/" in triple[0].value or "CORRESPONDS_TO" in triple[0].value)
        or triple[0].value.endswith(home)
    ]


ACYCLIC = """@prefix my: <https://acme.example/ns#> .
my:BUILDS_ON a sg:EdgeProperty ; rdfs:subPropertyOf sg:link ; rdfs:range sg:Skill ; sg:acyclic true ; {words} .
my:LEADS_TO a <http://www.w3.org/2002/07/owl#Class> ; rdfs:subClassOf sg:Edge ; sg:acyclic true ; {words} .
my:after a <http://www.w3.org/2002/07/owl#ObjectProperty> ; rdfs:subPropertyOf sg:reference ;
    rdfs:range sg:Cohort ; sg:acyclic true ; {words} .
my:skill a sh:NodeShape ; sh:targetClass sg:Skill ;
    sh:property [ sh:path my:BUILDS_ON ; sh:nodeKind sh:IRI ; sh:class sg:Skill ] .
my:cohort a sh:NodeShape ; sh:targetClass sg:Cohort ;
    sh:property [ sh:path my:after ; sh:nodeKind sh:IRI ; sh:class sg:Cohort ; sh:maxCount 1 ] .
my:leads a sh:NodeShape ; sh:targetClass my:LEADS_TO ;
    sh:property [ sh:path sg:from ; sh:class sg:Role ] , [ sh:path sg:to ; sh:class sg:Role ] .
""".replace("{words}", 'rdfs:label "x"@en ; <http://www.w3.org/2004/02/skos/core#definition> "What it is."@en')
IN_CIRCLES = """@prefix my: <https://acme.example/ns#> .
:a a sg:Skill ; my:BUILDS_ON :b . :b a sg:Skill ; my:BUILDS_ON :a . :c a sg:Skill ; my:BUILDS_ON :a .
:d a sg:Cohort ; my:after :d . :e a sg:Role . :f a sg:Role .
[] a my:LEADS_TO ; sg:from :e ; sg:to :f . [] a my:LEADS_TO ; sg:from :f ; sg:to :e .
"""


def test_what_a_deployment_says_is_acyclic_is_looked_at_without_a_law_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "ontology"
    folder.mkdir()
    written(folder / "own.ttl", ACYCLIC)
    data = written(tmp_path / "data.ttl", IN_CIRCLES)
    reports = [validate_files([data], extension=folder, engine=engine) for engine in ("columns", "pyshacl")]
    for report in reports:
        found = {(each.focus[-1], each.path, each.shape) for each in report.results if each.component == "Acyclic"}
        assert found == {
            ("a", "BUILDS_ON", "builds_on_has_no_cycle"),
            ("b", "BUILDS_ON", "builds_on_has_no_cycle"),
            ("d", "after", "after_has_no_cycle"),
            ("e", "LEADS_TO", "leads_to_has_no_cycle"),
            ("f", "LEADS_TO", "leads_to_has_no_cycle"),
        }
