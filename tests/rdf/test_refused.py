"""RDF that is not what it seems is refused, with the place and the fix, and nothing is opened or fetched for it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.store import Store
from loaders.errors import LoadError
from ontology.rdf import UnreadableRdf, quads
from tests.rdf.conftest import PREFIXES, Reader

CONTEXT = "https://w3id.org/skillgraph/context.jsonld"
ROLE = {"@context": CONTEXT, "id": "https://partner.example/ops", "@type": "Role"}
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:sg="https://w3id.org/skillgraph#">
<sg:Role rdf:about="{about}"><sg:label xml:lang="{tag}">x</sg:label></sg:Role></rdf:RDF>"""
DOCTYPE = """<?xml version="1.0"?><!DOCTYPE rdf [ <!ENTITY a SYSTEM "file:///etc/hostname"> ]>"""


def nested(depth: int) -> str:
    return '{"https://x.example/p": ' * depth + "1" + "}" * depth


REFUSED: dict[str, tuple[str, str | bytes, str]] = {
    "a DOCTYPE": ("x.rdf", DOCTYPE + RDF_XML.format(about="urn:x", tag="en"), "holds a DOCTYPE"),
    "a remote context": ("x.jsonld", json.dumps({**ROLE, "@context": "http://127.0.0.1:9/c"}), "not bundled"),
    "a context of a file": ("x.jsonld", json.dumps({**ROLE, "@context": ["file:///etc/hostname"]}), "not bundled"),
    "an imported context": ("x.jsonld", json.dumps({**ROLE, "@context": {"@import": "http://x.example"}}), "bundled"),
    "a context within": ("x.jsonld", json.dumps({**ROLE, "outgoing": {"@context": "http://127.0.0.1:9/c"}}), "bundled"),
    "a context in escapes": ("x.jsonld", r'{"\u0040context": "file:///etc/hostname", "@id": "urn:x"}', "not bundled"),
    "owl:imports": ("x.ttl", "<urn:x> owl:imports <file:///etc/hostname> .", "owl:imports is not followed"),
    "a relative IRI": ("x.ttl", ":a a sg:Role .\n<b> a sg:Role .", "line 6: .*write the whole IRI"),
    "a relative IRI in JSON-LD": ("x.jsonld", json.dumps({**ROLE, "id": "ops"}), "'ops' is neither a whole IRI"),
    "a relative IRI in XML": ("x.rdf", RDF_XML.format(about="ops", tag="en"), "write the whole IRI"),
    "a word of no context": ("x.jsonld", '{"@id": "urn:x", "label": "x"}', "'label' is neither a whole IRI nor a word"),
    "a wrong tag": ("x.nt", '<urn:x> <urn:p> "x"@e_n .', "line 1: "),
    "a wrong tag in JSON-LD": ("x.jsonld", json.dumps({**ROLE, "label": {"e_n": "x"}}), "'e_n' is no language tag"),
    "a wrong tag in XML": ("x.rdf", RDF_XML.format(about="urn:x", tag="e_n"), "language tag 'e_n'"),
    "JSON-LD 600 deep": ("x.jsonld", nested(600), "is nested more than 64 deep; flatten it"),
    "JSON-LD 10^6 deep": ("x.jsonld", "[" * 1_000_000, "is nested more than 64 deep; flatten it"),
    "an error late": ("x.ttl", ":a :b :c .\n" * 89_995 + ":a :b .\n", "line 90000: column "),
    "no UTF-8": ("x.nt", b'<urn:x> <urn:p> "\xff" .', "line 1: .*UTF-8"),
    "another format": ("x.csv", "id\n", "is no RDF file by its name; name it .ttl"),
    "half a packed file": ("x.nt.gz", gzip.compress(b"<urn:x> <urn:p> 'x' .\n" * 99)[:40], "is damaged or was cut off"),
    "one endless text": ("x.nt", b'<urn:x> <urn:p> "' + b"x" * 20_000_000, "of more than 16 MB; shorten it"),
    "one endless text in JSON-LD": ("x.jsonld", '{"urn:p": "' + "x" * 11_000_000, "more than 10,000,000 bytes"),
    "a bomb": ("x.nt.gz", gzip.compress(b"#\n" * 2_000_000), "unpacks to very much more than it is"),
}  # fmt: skip

WATCH = """
import sys
told = []
def note(event, arguments):
    if event.startswith(("open", "socket.", "urllib.")):
        told.append(f"{event} {arguments[0]}")
from pathlib import Path
from ontology.rdf import UnreadableRdf, own_contexts, quads
own_contexts()
for path in map(Path, sys.argv[1:]):
    try:
        list(quads(Path("/nowhere/x.xml")))  # whatever is imported late, is imported now
    except UnreadableRdf:
        pass
import encodings.idna, gzip, zlib, xml.parsers.expat, json, traceback
sys.addaudithook(note)
for path in map(Path, sys.argv[1:]):
    try:
        list(quads(path))
    except UnreadableRdf:
        told.append(f"refused {path.name}")
names = set(sys.argv[1:])
print("\\n".join(each for each in told if each.partition(" ")[2] not in names))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each in a folder of its own."""
    found: dict[str, Path] = {}
    for number, (what, (name, data, _)) in enumerate(REFUSED.items()):
        found[what] = tmp_path_factory.mktemp(f"refused-{number}") / name
        head = PREFIXES if name.endswith(".ttl") else ""
        found[what].write_bytes(data if isinstance(data, bytes) else (head + data).encode())
    return found


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_the_place_and_the_fix(files: dict[str, Path], what: str) -> None:
    name, _, says = REFUSED[what]
    with pytest.raises(UnreadableRdf, match=rf"{name}: (.*: )?.*{says}"):
        list(quads(files[what]))


@pytest.mark.parametrize("what", ["a DOCTYPE", "a remote context", "a relative IRI", "a bomb"])
def test_a_load_of_it_touches_nothing(files: dict[str, Path], what: str, reader: Reader, store: Store) -> None:
    before = store.number()
    with pytest.raises(LoadError, match=REFUSED[what][2]):
        reader.files(files[what])
    assert store.number() == before


def test_nothing_else_is_opened_and_nobody_is_called(files: dict[str, Path]) -> None:
    """In a process of its own, since an audit hook stays."""
    paths = list(map(str, files.values()))
    told = subprocess.run(
        [sys.executable, "-c", WATCH, *paths], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout.split("\n")
    assert sorted(filter(None, told)) == sorted(f"refused {path.name}" for path in files.values())


def test_our_context_is_put_in_so_many_times_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is much larger than what names it."""
    monkeypatch.setattr("ontology.guarded.MOST_CONTEXTS", 10)
    path = tmp_path / "x.jsonld"
    path.write_text(json.dumps([ROLE] * 11))
    with pytest.raises(UnreadableRdf, match="names a context more than 10 times; name it once, above a @graph"):
        list(quads(path))


@pytest.mark.parametrize("width", [1, 7, 100, 1 << 18])
def test_our_context_is_found_wherever_a_block_ends(
    tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ontology.guarded.BLOCK", width)
    told = {**ROLE, "label": {"en": ['\\"@context": "x"', "a\\", '"'], "de": '"@context"'}, "code": "@context"}
    path = tmp_path / "x.jsonld"
    path.write_text(json.dumps([told, {**ROLE, "@context": [CONTEXT, {"v": CONTEXT}], "v": {"id": "urn:y"}}]))
    assert sorted(_said(path)) == sorted(
        [
            ('"a\\\\"@en', "label"), ('"\\""@en', "label"), ('"\\\\\\"@context\\": \\"x\\""@en', "label"),
            ('"\\"@context\\""@de', "label"), ('"@context"', "code"), ("<urn:y>", "context.jsonld"),
        ]
    )  # fmt: skip


def _said(path: Path) -> Iterator[tuple[str, str]]:
    for quad in quads(path):
        name = quad.predicate.value.rpartition("#")[2].rpartition("/")[2]
        if name != "22-rdf-syntax-ns#type" and name != "type":
            yield str(quad.object), name
