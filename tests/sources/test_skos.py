"""SKOS vocabularies: a tiny bakery of our own, in each of its formats."""

from __future__ import annotations

import gzip
from pathlib import Path
from zipfile import ZipFile

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError, MappingError
from loaders.load import LoadRequest, load
from loaders.sources.skos_concepts import language_tag
from tests.loads.tables import counts

PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix b: <http://data.europa.eu/esco/skill/> .
@prefix o: <https://bakery.example/> .
"""
BAKERY = f"""{PREFIXES}
o:scheme a skos:ConceptScheme ; dct:title "Bakery"@en ; skos:hasTopConcept b:bake .
b:bake a skos:Concept ; skos:inScheme o:scheme ;
    skos:prefLabel "bake"@en , "backen"@de ;
    skos:altLabel "baking"@en ; skos:hiddenLabel "bakeing"@en ;
    skos:notation "B1" ; skos:definition "Make bread."@en ; skos:scopeNote "Not cakes."@en ;
    skos:narrower b:knead .
b:knead a skos:Concept ; skos:prefLabel "knead"@en ; skos:broader b:bake ; skos:related b:flour ;
    skos:closeMatch b:flour ; skos:exactMatch o:elsewhere .
b:flour a skos:Concept ; skos:prefLabel "flour"@en ; skos:related b:knead ; skos:scopeNote "All grains."@en .
b:stamp a skos:Concept ; skos:prefLabel "stamp dough"@en ; owl:deprecated true ; dct:isReplacedBy b:knead .
o:basics a skos:Collection ; skos:prefLabel "basics"@en ; skos:member b:bake , b:flour .
"""
TRIPLES = """
<http://x.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2004/02/skos/core#Concept> .
<http://x.example/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "bake"@en .
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="http://x.example/1"><skos:prefLabel xml:lang="en">bake</skos:prefLabel></skos:Concept>
</rdf:RDF>
"""
JSON = """{"@context": {"@vocab": "http://www.w3.org/2004/02/skos/core#"}, "@graph": [
  {"@id": "http://x.example/1", "@type": "Concept", "prefLabel": {"@value": "bake", "@language": "en"}}]}
"""


def skos(store: Store, path: Path, text: str | bytes = "", language: str = "en", **options: object) -> LoadRecord:
    """Write the file, if a text is given, and load it."""
    if text:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    request = LoadRequest("skos", (path,), **{"max_rejects": 1.0, **options})  # type: ignore[arg-type]
    record = load(store, request, settings=Settings(language=language))
    assert record.read == record.written + record.unchanged + record.skipped + record.waiting + record.rejected
    return record


def concept(text: str) -> str:
    """Turtle of one concept of which the text says more."""
    return f"{PREFIXES} b:bake a skos:Concept ; {text} ."


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def edges(store: Store, start: str, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([start], OPERATOR, [type]) if edge.start == start}


def rejected(store: Store) -> list[tuple[str, int, str, str, str]]:
    held = store.ledger.held_rows(kind="rejected")
    return [(row.file, row.row, row.field, row.value, row.reason) for row in held]


@pytest.fixture
def loaded(store: Store, tmp_path: Path) -> Store:
    skos(store, tmp_path / "bakery.ttl", BAKERY)
    return store


def test_every_row_is_accounted_for_and_the_same_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    assert counts(skos(store, tmp_path / "bakery.ttl", BAKERY)) == {"read": 13, "written": 12, "waiting": 1}
    assert counts(skos(store, tmp_path / "bakery.ttl")) == {"read": 13, "unchanged": 12, "waiting": 1}


def test_a_concept_is_a_skill_known_by_its_iri(loaded: Store) -> None:
    """Short by the deployment's prefixes; what no prefix takes stands whole behind `iri:`."""
    assert node(loaded, "esco-skill:bake").properties == {
        "label": "bake",
        "label@de": "backen",
        "alt_labels": ("baking",),
        "hidden_labels": ("bakeing",),
        "description": "Make bread.",
        "code": "B1",
        "type": "skill",
    }
    assert node(loaded, "esco-skill:flour").properties["description"] == "All grains."
    assert node(loaded, "iri:https~3a~2f~2fbakery.example~2fbasics").properties["label"] == "basics"


def test_what_is_deprecated_is_retired_and_what_replaces_it_is_named(loaded: Store) -> None:
    found = node(loaded, "esco-skill:stamp").properties
    assert (found["status"], found["replaced_by"]) == ("retired", ("esco-skill:knead",))


def test_broader_and_narrower_are_one_edge_and_trees_begin_at_their_scheme(loaded: Store) -> None:
    assert set(edges(loaded, "esco-skill:knead", "BROADER")) == {"esco-skill:bake"}
    assert set(edges(loaded, "esco-skill:bake", "BROADER")) == {"iri:https~3a~2f~2fbakery.example~2fscheme"}
    assert node(loaded, "iri:https~3a~2f~2fbakery.example~2fscheme").properties == {"label": "Bakery", "type": "group"}


def test_what_is_read_both_ways_is_one_edge(loaded: Store) -> None:
    for type in ("RELATED", "CLOSE_MATCH"):
        found = [*edges(loaded, "esco-skill:knead", type), *edges(loaded, "esco-skill:flour", type)]
        assert [end for end in found if not end.startswith("iri:")] == ["esco-skill:knead"]


def test_members_are_related_to_their_collection(loaded: Store) -> None:
    basics = "iri:https~3a~2f~2fbakery.example~2fbasics"
    assert basics in edges(loaded, "esco-skill:bake", "RELATED")
    assert node(loaded, basics).properties["type"] == "collection"


def test_a_match_to_what_is_not_there_waits_and_its_concept_does_not(loaded: Store, tmp_path: Path) -> None:
    [row] = loaded.ledger.held_rows(kind="waiting")
    assert (row.file, row.refers_to) == ("bakery.ttl/relations", "iri:https~3a~2f~2fbakery.example~2felsewhere")
    other = f'{PREFIXES} o:elsewhere a skos:Concept ; skos:prefLabel "kneading"@en .'
    skos(loaded, tmp_path / "other.ttl", other, name="other")
    assert edges(loaded, "esco-skill:knead", "EXACT_MATCH")
    assert list(loaded.ledger.held_rows(kind="waiting")) == []


def test_a_relation_that_is_gone_goes(loaded: Store, tmp_path: Path) -> None:
    skos(
        loaded,
        tmp_path / "bakery.ttl",
        BAKERY.replace("skos:related b:knead ;", "").replace("skos:related b:flour ;", ""),
    )
    assert edges(loaded, "esco-skill:flour", "RELATED").keys() == {"iri:https~3a~2f~2fbakery.example~2fbasics"}
    skos(loaded, tmp_path / "bakery.ttl", concept('skos:prefLabel "bake"@en'), allow_shrink=True)
    assert edges(loaded, "esco-skill:bake", "BROADER") == {}


def test_transitive_relations_count_only_where_nothing_else_says_what_is_broader(store: Store, tmp_path: Path) -> None:
    text = f"""{PREFIXES}
    b:a a skos:Concept ; skos:broader b:b ; skos:broaderTransitive b:b , b:c .
    b:b a skos:Concept ; skos:broaderTransitive b:c .
    b:c a skos:Concept .
    """
    skos(store, tmp_path / "x.ttl", text)
    assert set(edges(store, "esco-skill:a", "BROADER")) == {"esco-skill:b"}
    assert set(edges(store, "esco-skill:b", "BROADER")) == {"esco-skill:c"}


def test_labels_that_are_resources_of_their_own_are_read(store: Store, tmp_path: Path) -> None:
    text = """xl:prefLabel [ a xl:Label ; xl:literalForm "bake"@en ] ; xl:altLabel o:l .
    o:l a xl:Label ; xl:literalForm "baking"@en"""
    assert skos(store, tmp_path / "x.ttl", concept(text)).read == 1
    assert node(store, "esco-skill:bake").properties == {"label": "bake", "alt_labels": ("baking",), "type": "skill"}


def test_an_ordered_collection_has_members_too(store: Store, tmp_path: Path) -> None:
    listed = "b:a a skos:Concept . b:b a skos:Concept . o:c a skos:OrderedCollection ; skos:memberList (b:a b:b) ."
    skos(store, tmp_path / "x.ttl", PREFIXES + listed)
    assert edges(store, "esco-skill:a", "RELATED").keys() == edges(store, "esco-skill:b", "RELATED").keys() != set()


def test_what_has_a_preferred_label_and_no_type_is_a_concept(store: Store, tmp_path: Path) -> None:
    assert skos(store, tmp_path / "x.ttl", f'{PREFIXES} b:bake skos:prefLabel "bake"@en .').written == 1


# Formats


@pytest.mark.parametrize(("name", "text"), [("x.nt", TRIPLES), ("x.rdf", XML), ("x.jsonld", JSON), ("x.json", JSON)])
def test_every_format_says_the_same(store: Store, tmp_path: Path, name: str, text: str) -> None:
    skos(store, tmp_path / name, text)
    assert node(store, "iri:http~3a~2f~2fx.example~2f1").properties == {"label": "bake", "type": "skill"}


def test_files_of_one_vocabulary_packed_or_not_are_one(store: Store, tmp_path: Path) -> None:
    head, tail = BAKERY.split("b:flour a", 1)
    with ZipFile(tmp_path / "bakery.zip", "w") as archive:
        archive.writestr("a.ttl", head)
        archive.writestr("b.ttl.gz", gzip.compress(f"{PREFIXES} b:flour a{tail}".encode()))
    skos(store, tmp_path / "bakery.zip")
    skos(other := open_store(f"sqlite:{tmp_path / 'other.db'}"), tmp_path / "bakery.ttl", BAKERY)
    assert digest(store) == digest(other)
    other.close()


# Languages


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", {"label": "bake", "label@de": "backen"}),
        ("de", {"label": "backen", "label@en": "bake"}),
        ("fr", {"label@en": "bake", "label@de": "backen"}),
    ],
)
def test_texts_stand_by_their_language(store: Store, tmp_path: Path, language: str, labels: dict[str, str]) -> None:
    skos(store, tmp_path / "x.ttl", concept('skos:prefLabel "bake"@en , "backen"@de'), language)
    found = node(store, "esco-skill:bake").properties
    assert {name: text for name, text in found.items() if name.startswith("label")} == labels


def test_of_several_labels_in_a_language_one_is_the_label_and_the_others_are_kept(store: Store, tmp_path: Path) -> None:
    """One without a tag is in the deployment's language, but stands behind one that says so."""
    record = skos(store, tmp_path / "x.ttl", concept('skos:prefLabel "a bun" , "roll"@en , "rolls"@en'))
    found = node(store, "esco-skill:bake").properties
    assert (found["label"], found["alt_labels"], record.flags) == ("roll", ("a bun", "rolls"), {"several-labels": 1})


@pytest.mark.parametrize(
    ("given", "tag"), [("EN", ("en", False)), ("en_us", ("en-US", True)), ("zh-hant-tw", ("zh-Hant-TW", False))]
)
def test_language_tags_are_written_one_way(given: str, tag: tuple[str, bool]) -> None:
    assert language_tag(given) == tag


def test_another_label_in_a_private_language_is_left_out_and_its_concept_is_not(store: Store, tmp_path: Path) -> None:
    text = concept('skos:prefLabel "bake"@en ; skos:altLabel "b1"@x-internal , "oven work"@en')
    record = skos(store, tmp_path / "x.ttl", text)
    assert (record.rejected, record.flags) == (0, {"no-language-tag": 1})
    [found] = store.page("Skill", OPERATOR)
    assert found.properties["label"] == "bake"
    assert found.properties["alt_labels"] == ("oven work",)


def test_a_tag_that_is_nearly_one_is_read_and_flagged_and_one_that_is_none_is_told(
    store: Store, tmp_path: Path
) -> None:
    odd = XML.replace('"en"', '"en_GB"')
    assert skos(store, tmp_path / "x.rdf", odd).flags == {"odd-language-tag": 1}
    assert node(store, "iri:http~3a~2f~2fx.example~2f1").properties["label@en-GB"] == "bake"
    skos(store, tmp_path / "y.rdf", XML.replace('"en"', '"engl1sh"').replace("example/1", "example/2"), name="y")
    [row] = rejected(store)
    assert row[:3] == ("y.rdf", 1, "language")
    assert "'engl1sh' is no language tag: write one like en or pt-BR" in row[4]


# Roles


def test_with_a_map_the_concepts_are_occupations(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('concepts = "Role"')
    skos(store, tmp_path / "bakery.ttl", BAKERY, map=tmp_path / "map.toml")
    found = node(store, "esco-skill:bake")
    assert (found.type, found.properties["type"]) == ("Role", "occupation")
    assert set(edges(store, "esco-skill:knead", "BROADER")) == {"esco-skill:bake"}
    assert set(edges(store, "esco-skill:bake", "IN_FAMILY")) == {"iri:https~3a~2f~2fbakery.example~2fbasics"}
    assert edges(store, "esco-skill:flour", "RELATED")


def test_a_map_says_of_what_type_the_skills_are(store: Store, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('type = "knowledge"')
    skos(store, tmp_path / "bakery.ttl", BAKERY, map=tmp_path / "map.toml")
    assert node(store, "esco-skill:bake").properties["type"] == "knowledge"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('concepts = "Roles"', "line 1: concepts are Skill or Role, not 'Roles'; did you mean 'Role'"),
        ('type = "knowlege"', "did you mean 'knowledge'"),
        ('concept = "Role"', "'concept' is not known; did you mean 'concepts'"),
    ],
)
def test_a_map_that_says_something_else_is_refused(store: Store, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(MappingError, match=reason):
        skos(store, tmp_path / "bakery.ttl", BAKERY, map=tmp_path / "map.toml")


# Bad input


def test_a_blank_node_or_a_relative_iri_is_no_concept_and_the_others_go_in(store: Store, tmp_path: Path) -> None:
    blank = '[] a skos:Concept ; skos:prefLabel "nameless"@en ; skos:broader b:bake .'
    assert counts(skos(store, tmp_path / "x.ttl", BAKERY + blank))["rejected"] == 2
    assert {row[0] for row in rejected(store)} == {"x.ttl", "x.ttl/relations"}
    assert all("is a blank node, which another file can't name: give it an IRI" in row[4] for row in rejected(store))
    assert node(store, "esco-skill:bake")
    skos(store, tmp_path / "y.rdf", XML.replace("http://x.example/1", "bake"), name="y")
    assert [row[3:] for row in rejected(store) if row[0] == "y.rdf"] == [
        ("bake", "is a relative IRI, and the file says no base: write full IRIs, or a base (@base, xml:base)")
    ]


def test_a_concept_that_is_broader_than_itself_is_left_out_and_a_cycle_is_told(store: Store, tmp_path: Path) -> None:
    record = skos(store, tmp_path / "x.ttl", concept("skos:broader b:bake"))
    assert record.skips == {"self-relation": 1}
    skos(store, tmp_path / "y.ttl", concept("skos:broader b:rest . b:rest a skos:Concept ; skos:broader b:bake"))
    assert any("cycle" in row[4] or "back" in row[4] for row in rejected(store))


@pytest.mark.parametrize("line", [10, 90_000])
def test_an_error_in_turtle_names_its_line(store: Store, tmp_path: Path, line: int) -> None:
    lines = ["@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."]
    lines += [f"<http://x.example/{n}> a skos:Concept ." for n in range(2, line)]
    text = "\n".join(
        [*lines, '<http://x.example/0> skos:prefLabel "bake"@en_US .', "<http://x.example/1> a skos:Concept ."]
    )
    with pytest.raises(LoadError, match=rf"x\.ttl: line {line}: is no Turtle: .* at line {line} "):
        skos(store, tmp_path / "x.ttl", text)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("x.rdf", XML.replace("<rdf:RDF", '<!DOCTYPE rdf:RDF [<!ENTITY a "aaaa">]>\n<rdf:RDF', 1), "has a DOCTYPE"),
        ("x.rdf", XML.replace("</skos:Concept>", "</skos:Conzept>"), "is no whole XML .*line 3"),
        ("x.rdf", XML[:-30], "is no whole XML"),
        ("x.rdf", "<html><body>not found</body></html>", "holds no SKOS concept|is no RDF"),
        ("x.jsonld", '{"@context": [{"o": "https://o.example/"}, "https://x.example/context"], "o:p": 1}',
         "context 'https://x.example/context' would have to be fetched: write the context itself into the file"),
        ("x.jsonld", '{"@context": "file:///etc/hostname", "@id": "http://x.example/1"}', "would have to be fetched"),
        ("x.jsonld", '{"@context": {"@import": "https://x.example/c"}}', "would have to be fetched"),
        ("x.jsonld", JSON[:-30], "is no JSON"),
        ("x.jsonld", "[" * 600 + "]" * 600, "nested"),
        ("x.json", '{"CFDocument": {}, "CFItems": []}', "this looks like a CASE package, not a SKOS vocabulary"),
        ("x.ttl", "@prefix o: <https://o.example/> . o:a o:b o:c .", "holds no SKOS concept"),
        ("x.ttl", BAKERY.encode("utf-16"), "is in UTF-16, not in UTF-8"),
        ("x.ttl", BAKERY[:-40], "line 20: is no Turtle"),
        ("x.ttl", " ", "is empty"),
        ("x.txt", BAKERY, "is no format that is read here"),
    ],
)  # fmt: skip
def test_what_cant_be_read_is_one_message_and_nothing_is_written(
    store: Store, tmp_path: Path, name: str, text: str | bytes, reason: str
) -> None:
    with pytest.raises(LoadError, match=reason):
        skos(store, tmp_path / name, text)
    assert store.get("esco-skill:bake", OPERATOR) is None


def test_an_archive_that_leads_out_is_refused(store: Store, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "bakery.zip", "w") as archive:
        archive.writestr("../bakery.ttl", BAKERY)
    with pytest.raises(LoadError, match="leads out of the archive"):
        skos(store, tmp_path / "bakery.zip")
