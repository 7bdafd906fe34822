"""What is generated from the ontology is committed, and says what the ontology says."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import generate
from ontology.context import context
from ontology.crosswalks import crosswalk_rows
from ontology.model import Datatype, Model
from ontology.reader import FOLDER
from ontology.turtle import SG


def test_no_generated_file_is_stale() -> None:
    assert generate.stale() == [], "run python -m ontology.generate"


def test_a_stale_file_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "model.md"
    monkeypatch.setattr(generate, "generated", lambda: {page: "what the ontology says"})
    assert generate.main(["--check"]) == 1
    assert "model.md is stale: run python -m ontology.generate" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    assert page.read_text(encoding="utf-8") == "what the ontology says"


def test_the_reference_page_names_every_property_constraint_and_purpose(model: Model) -> None:
    page = (FOLDER.parent / "docs" / "model.md").read_text(encoding="utf-8")
    for kept in model.types():
        section = page.partition(f"### {kept.name}\n")[2].partition("\n### ")[0]
        assert kept.definition in section
        for prop in kept.properties.values():
            assert f"| `{prop.name}` |" in section
            assert all(f"`{value}`" in section for value in prop.values)
            if prop.personal:
                assert prop.personal.purpose in section
                assert prop.personal.retention in section


def test_every_type_and_property_is_in_the_glossary(model: Model) -> None:
    page = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    for kept in model.types():
        assert f"- **{kept.name}**: " in page
        assert all(f"- **{name}**: " in page for name in kept.properties)


@pytest.mark.parametrize(
    "word", ["Person", "Held", "Met", "Ready", "Near", "Snapshot", "Tombstone", "Load", "Source", "Waiting", "Digest"]
)
def test_the_words_of_the_domain_are_in_the_glossary(word: str) -> None:
    by_hand = (FOLDER / "glossary.md").read_text(encoding="utf-8").partition("<!--")[0]
    assert f"**{word}**" in by_hand


def test_the_context_gives_every_property_its_meaning(model: Model) -> None:
    terms = context(model)["@context"]
    for kept in model.types():
        assert terms[kept.name] in (kept.iri, {"@id": kept.iri, "@type": "@id"})
        for prop in kept.properties.values():
            assert terms[prop.name]["@id"] == prop.iri


def test_json_in_the_property_names_is_rdf_with_datatypes(model: Model) -> None:
    document = {
        **context(model),
        "id": "https://skills.example/id/hr:7",
        "@type": "Role",
        "label": {"en": "operator", "de": "Bediener"},
        "threshold": "0.75",
        "IN_FAMILY": ["https://skills.example/id/hr:family"],
        "outgoing": [{"@type": "REQUIRES", "to": "https://skills.example/id/skill:1", "level": "2", "weight": 3}],
    }
    triples = {str(each) for each in ox.parse(json.dumps(document).encode(), format=ox.RdfFormat.JSON_LD)}
    text = "\n".join(sorted(triples))
    assert f'<{SG}threshold> "0.75"^^<http://www.w3.org/2001/XMLSchema#decimal>' in text
    assert f'<{SG}weight> "3"^^<http://www.w3.org/2001/XMLSchema#integer>' in text
    assert f'<{SG}label> "Bediener"@de' in text
    assert f"<{SG}IN_FAMILY> <https://skills.example/id/hr:family>" in text
    assert f"<{SG}from> <https://skills.example/id/hr:7>" in text


def test_crosswalks_are_rows_of_held_values(model: Model) -> None:
    rows = crosswalk_rows()
    assert {row["id"]: row["rank"] for row in rows["Level"] if row["scale"] == "scale:home"} == {
        "level:foundation": 1,
        "level:practitioner": 2,
        "level:advanced": 3,
    }
    assert {"from": "level:cefr-b2", "to": "level:practitioner"} in rows["CORRESPONDS_TO"]
    half = next(row for row in rows["Level"] if row["id"] == "level:percent-50")
    assert half["lower_bound"] == 50_000_000
    for name, table in rows.items():
        kept = model.type(name)
        for row in table:
            held = {key: value for key, value in row.items() if key not in ("id", "from", "to")}
            assert all(isinstance(value, _held(kept.properties[key].datatype)) for key, value in held.items())


def _held(datatype: Datatype) -> type:
    return int if datatype in (Datatype.INTEGER, Datatype.DECIMAL) else str


def test_every_foreign_scale_reaches_home_and_says_where_it_is_from() -> None:
    rows = crosswalk_rows()
    scale_of = {row["id"]: row["scale"] for row in rows["Level"]}
    reached = {scale_of[row["from"]] for row in rows["CORRESPONDS_TO"]}
    assert reached == {row["id"] for row in rows["Scale"]} - {"scale:home"}
    text = (FOLDER / "crosswalks.ttl").read_text(encoding="utf-8")
    assert text.count("dcterms:source") == len(rows["Scale"])
