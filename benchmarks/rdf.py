"""RDF both ways at ten million triples: written as N-Quads, and read back, checked, into an empty store."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from benchmarks.generate import generate
from benchmarks.measure import Run, process, skillgraph
from benchmarks.result import Result

EVIDENCE, PEOPLE = 1_370_000, 100_000  # a little more than ten million triples
OUT, IN = 400_000, 100_000  # triples a second
MOST_OUT, MOST_IN = 300, 512  # MB
PEER_LINES, SLOW_LINES = 1_000_000, 100_000  # of the file, that peers read and write

WRITE_AGAIN = """
import sys, pyoxigraph as ox
ox.serialize(ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_QUADS), sys.argv[2], format=ox.RdfFormat.N_QUADS)
"""
WRITE_SLOWLY = """
import sys, time, rdflib
graph = rdflib.Dataset()
started = time.perf_counter()
graph.parse(sys.argv[1], format="nquads")
read = time.perf_counter()
graph.serialize(sys.argv[2], format="nquads")
print(read - started, time.perf_counter() - read)
"""
LOAD_UNCHECKED = """
import sys, pyoxigraph as ox
ox.Store(sys.argv[2]).bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_QUADS)
"""


def rdf(work: Path, evidence: int = EVIDENCE, people: int = PEOPLE, times: int = 3) -> list[Result]:
    """The commands that users type, and libraries of RDF on a part of the same file, which check nothing."""
    folder = work / "rdf"
    store = _store(folder, evidence, people)
    graph = folder / "graph.nq"
    outs = [skillgraph(store, "export", "nquads", "--out", str(graph), "--json") for _ in range(times)]
    triples = sum(_json(outs[-1]).values())
    ins = [_read(folder, graph) for _ in range(times)]
    digests = {
        skillgraph(each, "check", "--digest").output.split()[-1] for each in (store, folder / "again" / "store.db")
    }
    assert len(digests) == 1, "what was read back is not what was written"
    beside_out, beside_in = _peers(folder, graph)
    shutil.rmtree(folder / "again")
    graph.unlink()
    return [
        _result(f"export of {triples:,} triples as N-Quads", triples, outs, (OUT, MOST_OUT), beside_out),
        _result("import of the same into an empty store, checked, same digest", triples, ins, (IN, MOST_IN), beside_in),
    ]


def _result(what: str, triples: int, runs: Sequence[Run], goal: tuple[int, int], beside: str) -> Result:
    rate = triples / statistics.median(run.seconds for run in runs)
    memory = max(run.memory for run in runs)
    least, most = goal
    is_reached = rate >= least and memory <= most
    return Result(what, f">= {least:,} triples/s, <= {most} MB", f"{rate:,.0f}/s, {memory:.0f} MB", is_reached, beside)


def _store(folder: Path, evidence: int, people: int) -> Path:
    """Made once for each size."""
    place = folder / f"store-{evidence}" / "store.db"
    if not place.exists():
        part = place.parent.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        tables = generate(part / "tables", evidence, people)
        skillgraph(part / "store.db", "load", "tables", str(tables))
        shutil.rmtree(tables)
        part.rename(place.parent)
    return place


def _read(folder: Path, graph: Path) -> Run:
    again = folder / "again"
    shutil.rmtree(again, ignore_errors=True)
    again.mkdir()
    run = skillgraph(again / "store.db", "load", "rdf", str(graph), "--json")
    counts = _json(run)
    assert counts["rejected"] == counts["waiting"] == 0, counts
    return run


def _peers(folder: Path, graph: Path) -> tuple[str, str]:
    """What stands beside the export, and beside the import."""
    some, few = folder / "some.nq", folder / "few.nq"
    with graph.open("rb") as file, some.open("wb") as much, few.open("wb") as little:
        for number, line in enumerate(file):
            if number == PEER_LINES:
                break
            much.write(line)
            if number < SLOW_LINES:
                little.write(line)
    other = folder / "other.nq"
    again = _peer(WRITE_AGAIN, some, other)
    slowly = [float(each) for each in _peer(WRITE_SLOWLY, few, other).output.split()]
    loaded = _peer(LOAD_UNCHECKED, some, folder / "other")
    lines = min(PEER_LINES, number + 1)
    read, written = (min(SLOW_LINES, lines) / seconds for seconds in slowly)
    shutil.rmtree(folder / "other")
    for each in (some, few, other):
        each.unlink()
    return (
        f"pyoxigraph, N-Quads to N-Quads: {lines / again.seconds:,.0f}/s, {again.memory:.0f} MB; "
        f"rdflib, from memory: {written:,.0f}/s",
        f"pyoxigraph's own store, bulk_load, nothing checked: {lines / loaded.seconds:,.0f}/s, "
        f"{loaded.memory:.0f} MB; rdflib, into memory: {read:,.0f}/s",
    )


def _peer(script: str, *paths: Path) -> Run:
    return process([sys.executable, "-c", script, *map(str, paths)])


def _json(run: Run) -> dict[str, int]:
    text = run.output
    found: dict[str, int] = orjson.loads(text[text.index("{") : text.rindex("}") + 1])
    return found
