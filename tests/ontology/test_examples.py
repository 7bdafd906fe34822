"""For every shape and every law an example that conforms, and one that must fail and names why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from ontology.reader import BUNDLED
from ontology.report import Report, Result
from ontology.turtle import RDF, SH, Triples, local_name
from ontology.validate import validate_files

EXAMPLES = Path(__file__).parent / "examples"
VALID, INVALID = sorted((EXAMPLES / "valid").glob("*.ttl")), sorted((EXAMPLES / "invalid").glob("*.ttl"))


def shapes() -> set[str]:
    triples = Triples(BUNDLED)
    kind = NamedNode(f"{SH}NodeShape")
    return {local_name(each.value) for each in triples.subjects() if kind in triples.objects(each, f"{RDF}type")}


@pytest.fixture(scope="module")
def faults() -> Report:
    """All invalid examples as one graph: each has a namespace of its own, so they don't disturb each other."""
    return validate_files(INVALID)


def test_every_shape_has_its_two_examples() -> None:
    assert {path.stem.partition("-")[0] for path in VALID} == shapes()
    assert {path.stem.partition("-")[0] for path in INVALID} == shapes()


def test_the_valid_examples_conform() -> None:
    report = validate_files(VALID)
    assert report.results == ()
    assert report.records > len(VALID)


def results_at(faults: Report, stem: str) -> list[Result]:
    return [result for result in faults.results if result.focus == f"https://example.org/{stem}/it"]


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_invalid_example_breaks_exactly_what_it_says(faults: Report, path: Path) -> None:
    said = re.match(r"# breaks: (\S+) (\S+)\n# says: (.+)\n", path.read_text(encoding="utf-8"))
    assert said is not None
    (result,) = results_at(faults, path.stem)
    assert (result.shape, result.path or "-") == (said[1], said[2])
    assert said[3] in result.message


def test_nothing_but_the_examples_is_found_faulty(faults: Report) -> None:
    cycles = {"broader_has_no_cycle", "prerequisite_has_no_cycle", "part_of_has_no_cycle", "replaced_by_has_no_cycle"}
    elsewhere = {result.shape for result in faults.results if not result.focus.endswith("/it")}
    assert elsewhere == cycles  # every member of a cycle breaks the law
