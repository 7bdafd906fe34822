"""What a format lacks is the model minus what it carries; docs/formats.md tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.digest import record_types
from graph.exports import exports
from graph.exports import page as formats_page
from graph.exports.coverage import ALL, OTHER, lacking
from graph.exports.ctdl.types import PROJECTIONS as CTDL
from graph.exports.projection import carries
from graph.exports.schemaorg.types import PROJECTIONS as SCHEMAORG
from graph.exports.skos.statements import CARRIED as SKOS
from ontology.model import Model, load_model

EXTENSION = """
@prefix ex: <https://firm.example/terms#> . @prefix sg: <https://w3id.org/skillgraph#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:Tool a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "tool"@en ; skos:definition "A tool."@en .
"""
TABLES = {"ctdl": carries(CTDL), "schemaorg": carries(SCHEMAORG), "skos": SKOS}


@pytest.mark.parametrize("name", TABLES)
def test_everything_is_carried_or_named_as_lacking(model: Model, name: str) -> None:
    named = {part for lack in exports()[name].lacks for part in lack.partition(": ")[0].split(", ")}
    for kind in record_types(model):
        if kind.name not in TABLES[name]:
            assert kind.name in named
            continue
        for each in kind.properties:
            assert each in TABLES[name][kind.name] or f"{kind.name}.{each}" in named


def test_a_new_class_of_the_ontology_shows_up_by_itself(tmp_path: Path) -> None:
    (tmp_path / "tools.ttl").write_text(EXTENSION)
    lacks = lacking({"Skill": ALL}, {OTHER: "no place for it"}, load_model(tmp_path))
    assert "Tool" in next(lack for lack in lacks if lack.endswith("no place for it")).split(", ")


def test_a_table_that_the_model_does_not_bear_out_is_refused() -> None:
    with pytest.raises(ValueError, match="Skil: is no type of the model"):
        lacking({"Skil": ["label"]})
    with pytest.raises(ValueError, match="Skill: has no labels"):
        lacking({"Skill": ["labels"]})
    with pytest.raises(ValueError, match="label: nothing is lacking for this reason"):
        lacking({"Skill": ["label"]}, {"Skill.label": "nobody reads it"})


def test_the_page_is_as_the_formats_say() -> None:
    text = formats_page.PAGE.read_text("utf-8")
    assert formats_page.page(text) == text, "run python -m graph.exports.page"
    assert all(f"| `{name}` |" in text for name in exports())


def test_a_stale_page_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "formats.md"
    page.write_text("<!-- made: formats -->\nold\n<!-- end -->\n")
    monkeypatch.setattr(formats_page, "PAGE", page)
    assert formats_page.main(["--check"]) == 1
    assert "python -m graph.exports.page" in capsys.readouterr().err
    assert formats_page.main([]) == 0
    assert formats_page.main(["--check"]) == 0
