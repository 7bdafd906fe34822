"""What RDF means on its way in: records wherever their statements stand, each accounted for."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import pairwise

import pytest

from graph.store import Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError, LoadStopped
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from loaders.sources import rdf_staged
from tests.rdf.conftest import Reader

ROLE = ':ops a sg:Role ; sg:label "operations"@en .\n'


def label(store: Store, id: str = "iri:https~3a~2f~2fpartner.example~2fops") -> object:
    node = store.get(id, OPERATOR)
    return node and node.properties.get("label")


def test_a_row_is_a_record_or_an_edge_of_one_triple(reader: Reader) -> None:
    record = reader.text(
        ROLE
        + ":a a sg:Skill . :b a sg:Skill . :a sg:RELATED :b ."
        + "[] a sg:REQUIRES ; sg:from :ops ; sg:to :a ; sg:level 1.0 ."
    )
    assert (record.read, record.written) == (5, 5)


def test_statements_of_one_record_may_stand_in_several_files_and_graphs(reader: Reader) -> None:
    one = reader.written(":g1 { :ops a sg:Role } :g2 { :ops sg:code 'O' }", "one.trig")
    other = reader.written('<https://partner.example/ops> <https://w3id.org/skillgraph#label> "ops"@en .\n', "other.nt")
    assert reader.files(one, other).read == 1
    node = reader.store.get("iri:https~3a~2f~2fpartner.example~2fops", OPERATOR)
    assert node is not None
    assert dict(node.properties) == {"label": "ops", "code": "O"}


def test_the_same_statement_in_two_graphs_is_one(reader: Reader) -> None:
    record = reader.text(":g { :ops a sg:Role . :a a sg:Skill, sg:Skill . } :ops a sg:Role .", "data.trig")
    assert (record.read, record.written) == (2, 2)


def test_statements_far_apart_are_found_on_disk(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_staged, "RUN", 100)
    monkeypatch.setattr(rdf_staged, "GROUP", 50)
    monkeypatch.setattr("loaders.sources.rdf_statements.BLOCK", 30)
    monkeypatch.setattr("loaders.sources.rdf_statements._TOGETHER", 10)
    names = [f":s{number}" for number in range(300)]
    text = "".join(f"{name} a sg:Skill .\n" for name in names)
    text += "".join(f"{one} sg:RELATED {other} .\n" for one, other in pairwise(names))
    text += "".join(f"{name} sg:label 'skill {name}'@en .\n" for name in reversed(names))
    record = reader.text(text)
    assert (record.read, record.written) == (599, 599)
    assert label(reader.store, "iri:https~3a~2f~2fpartner.example~2fs17") == "skill :s17"
    assert not any("rdf" in each.name for each in reader.folder.glob("*staging*"))


def test_a_packed_file_is_read(reader: Reader) -> None:
    path = reader.written(b"", "data.ttl.gz")
    path.write_bytes(gzip.compress(reader.written(ROLE).read_bytes()))
    assert reader.files(path).written == 1


def test_json_ld_with_our_context_or_its_own_is_read(reader: Reader) -> None:
    ours = {
        "@context": "https://w3id.org/skillgraph/context.jsonld",
        "@type": "Role",
        "id": "https://partner.example/ops",
    }
    edge = {"@type": "REQUIRES", "to": "https://partner.example/a", "level": 2, "weight": 3}
    skill = {"@type": "Skill", "id": "https://partner.example/a", "label": {"en": "A", "pt-BR": "Á"}}
    nested = {**ours, "outgoing": [edge], "threshold": 0.75, "@included": [skill]}
    own = {
        "@context": {"@vocab": "https://w3id.org/skillgraph#"},
        "@id": "https://partner.example/lead",
        "@type": "Role",
    }
    paths = [reader.written(json.dumps(each), f"{name}.jsonld") for name, each in (("a", nested), ("b", own))]
    record = reader.files(*paths)
    assert (record.read, reader.rejects) == (4, [])
    node = reader.store.get("iri:https~3a~2f~2fpartner.example~2fa", OPERATOR)
    assert node is not None
    assert dict(node.properties) == {"label": "A", "label@pt-BR": "Á"}


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("[] a sg:Role ; sg:label 'x'@en .", "id", "a blank node stands for the record"),
        (":a a sg:Role ; sg:code _:x .", "code", "is a blank node, but code takes a plain text"),
        (":a sg:label 'x'@en .", "class", "its class is stated nowhere: state one"),
        (":a a sg:Rolle .", "class", "Rolle is no class of the ontology; did you mean 'Role'?"),
        (":a a sg:Role, sg:Skill .", "class", "is Role and Skill at once: keep one class"),
        (":a a sg:Role ; sg:treshold 0.8 .", "treshold", "Role has no treshold; did you mean 'threshold'?"),
        (":a a sg:Role ; sg:rank 1 .", "rank", "Role has no rank"),
        (":a a sg:Role ; sg:threshold 0.8, 0.9 .", "threshold", "threshold is stated as '0.8' and '0.9': keep one"),
        (":a a sg:Role ; sg:label 'x'@en, 'y'@en .", "label", "label is stated as 'x' and 'y': keep one"),
        (":a a sg:Role ; sg:label 'x'@x-mine .", "label", "'x-mine' is no language that is read"),
        (":a a sg:Role ; sg:threshold 'x'^^xsd:decimal .", "threshold", "'x' is no decimal number"),
        (
            ":a a sg:Role ; sg:threshold '0.8' .",
            "threshold",
            "is a plain text, but threshold takes a literal of decimal",
        ),
        (":a a sg:Role ; sg:type 'boss' .", "type", "'boss' is not one of occupation, job, group"),
        (":a a sg:Role ; sg:type 'job'@en .", "type", "is a text in the language 'en', but type takes a plain text"),
        (":a a sg:Requisition ; sg:opened_at '2025-02-30'^^xsd:dateTime .", "opened_at", "that date does not exist"),
        (":a a sg:Requisition ; sg:org_unit 'unit:one' .", "org_unit", "is a plain text, but org_unit takes an IRI"),
        (":a a sg:Role ; owl:versionInfo 'draft' .", "version", "'draft' is no version"),
        (":a a sg:REQUIRES ; sg:from :b .", "to", "to is empty: every row needs one"),
        (":a a sg:REQUIRES ; sg:from 'b' ; sg:to :c .", "from", "is no IRI; write that of a node"),
        (":a sg:RELATED 'b' .", "to", "RELATED leads to no IRI"),
        ("_:a sg:RELATED :b .", "from", "a blank node"),
        (":a sg:REQUIRES :b .", "to", "REQUIRES has properties: state it as a node with sg:from and sg:to"),
        (":a sg:HAS_SKILL :b .", "predicate", "HAS_SKILL is derived, or kept by Skillgraph itself"),
        (":a a sg:Level .", "scale", "scale is empty: it must be given"),
        (":a a sg:Load .", "class", "Load is derived, or kept by Skillgraph itself"),
        (":a a sg:Role ; sg:code <<( :a a sg:Role )>> .", "code", "is a statement about a statement"),
    ],
)
def test_what_does_not_fit_is_rejected_with_field_value_and_fix(
    reader: Reader, text: str, field: str, reason: str
) -> None:
    record = reader.text(f"{ROLE}{text}")
    assert (record.written, record.rejected) == (1, 1)
    ((where, _, told),) = reader.rejects
    assert where == field
    assert reason in told


def test_a_reject_is_placed_by_the_number_of_its_first_statement(reader: Reader) -> None:
    reader.text(f"{ROLE}:a a sg:Role ;\n sg:threshold 'x'^^xsd:decimal .")
    (held,) = reader.told
    assert (held.file, held.row, held.field, held.value) == ("data.ttl", 3, "threshold", "x")


def test_terms_of_others_are_counted_by_name(reader: Reader) -> None:
    record = reader.text(
        f"{ROLE}:ops <urn:p> 1, 2 ; a <urn:Job> . <urn:x> a <urn:Thing> ; <urn:p> 3 . :about a owl:Ontology ."
    )
    assert (record.read, record.written) == (1, 1)
    assert record.flags == {"not-read:urn:p": 2, "not-read:urn:Job": 1, "not-ours": 2}


def test_what_is_rejected_is_not_taken_for_gone(reader: Reader) -> None:
    reader.text(ROLE + ":lead a sg:Role . :a a sg:Skill . :b a sg:Skill .")
    record = reader.text(ROLE + ":lead sg:label 'its class was left out'@en . :a a sg:Skill ; sg:label 1 .")
    assert (record.rejected, record.removed) == (2, 0)
    assert label(reader.store) == "operations"


def test_rejects_are_mended_and_replayed_as_rows_of_tables(reader: Reader) -> None:
    reader.text(ROLE + ":a a sg:Role ; sg:threshold '0.8' ; sg:label 'a'@en .")
    (held,) = reader.told
    mended = reader.folder / "mended.csv"
    with mended.open("w", encoding="utf-8", newline="") as out:
        write_csv([replace(held, raw={**held.raw, "threshold": "0.75"})], out)
    record = load(reader.store, LoadRequest("rdf", name="partner", replay=mended))
    assert (record.read, record.written) == (1, 1)
    assert label(reader.store, "iri:https~3a~2f~2fpartner.example~2fa") == "a"
    assert list(reader.store.ledger.held_rows(name="partner")) == []


def test_what_has_no_class_is_mended_in_the_file(reader: Reader) -> None:
    reader.text(ROLE + ":a sg:label 'a'@en .")
    mended = reader.folder / "mended.csv"
    with mended.open("w", encoding="utf-8", newline="") as out:
        write_csv(reader.told, out)
    with pytest.raises(LoadError, match=r"data\.ttl: these rows are of no type: mend them in the file itself"):
        load(reader.store, LoadRequest("rdf", name="partner", replay=mended))


def test_what_a_file_no_longer_states_goes(reader: Reader) -> None:
    reader.text(ROLE + "".join(f":r{number} a sg:Role .\n" for number in range(20)))
    assert reader.text(ROLE + "".join(f":r{number} a sg:Role .\n" for number in range(19))).removed == 1


def test_a_hundred_thousand_blank_nodes_are_told_of_by_their_number(reader: Reader) -> None:
    path = reader.written("", "data.ttl")
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"_:b{number} <urn:p> _:b{number + 1} .\n" for number in range(100_000))
        file.write(ROLE)
    record = reader.files(path)
    assert (record.read, record.written, record.flags) == (1, 1, {"not-ours": 100_000})


def test_records_without_an_iri_stop_the_load(reader: Reader) -> None:
    before = reader.store.number()
    with pytest.raises(LoadStopped, match="100 of 100 rows") as stopped:
        reader.text("[] a sg:Skill .\n" * 100, max_rejects=0.1)
    assert "data.ttl, row 1, id: a blank node stands for the record" in str(stopped.value)
    assert reader.store.number() == before


@pytest.mark.parametrize("text", ["", "<urn:a> <urn:b> <urn:c> ."])
def test_a_file_without_a_record_of_ours_is_refused(reader: Reader, text: str) -> None:
    with pytest.raises(LoadError, match=r"data\.ttl: holds no record of a class of the ontology"):
        reader.text(text)
