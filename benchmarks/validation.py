"""Full ESCO in the store held against the shapes: columns, and pySHACL on the same triples in the same run."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from pyoxigraph import NamedNode

from benchmarks.measure import skillgraph
from benchmarks.result import Result
from benchmarks.vocabulary import FULL_ESCO
from graph.open import open_store
from graph.settings import Settings
from loaders.triples import store_table
from loaders.validate import check_store
from ontology.shacl.definition import Definition, own_definition
from ontology.shacl.read import read_shapes
from ontology.shacl.stated import Stated
from ontology.shacl.table import Mask, Pairs, Table
from ontology.turtle import SG, SH
from ontology.validate import check

TIMES = 5
EVERY = 16
"""pySHACL gets every so many-th role, the skills that it requires, and all that is said of these and of scales: with
the whole of ESCO it is busy for many minutes."""
_GOAL = ">= 100 x pySHACL on the same triples"
_WHAT = "full ESCO in the store validated by the compiled shapes, laws too"


def validation(work: Path) -> list[Result]:
    """From the open store to the report; the reading of the store and of the shapes is a part of it."""
    if not FULL_ESCO.is_dir():
        return [Result(_WHAT, _GOAL, "not here: ../shared/data/esco-1.2.0", False)]
    folder = work / "validation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    skillgraph(folder / "store.db", "load", "esco", str(FULL_ESCO))
    settings, definition = Settings(), own_definition()
    store = open_store(f"sqlite:{folder / 'store.db'}")
    seconds = statistics.median(_seconds(lambda: check_store(store, settings)) for _ in range(TIMES))
    table = store_table(store, list(definition.named), settings.language, definition.below).table
    store.close()
    some = _sample(table)
    slow = some.size / _seconds(lambda: check(some, definition, "pyshacl", 0))
    bare = some.size / _seconds(lambda: check(some, _without_laws(definition), "pyshacl", 0))
    rate = table.size / seconds
    return [
        Result(
            _WHAT,
            _GOAL,
            f"{rate:,.0f} triples/s ({table.size:,} in {seconds:.2f} s), {rate / slow:,.0f} x pySHACL",
            rate >= 100 * slow,
            f"pySHACL on {some.size:,} of the triples: {slow:,.0f}/s; with the shapes but the laws {bare:,.0f}/s",
        )
    ]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _without_laws(definition: Definition) -> Definition:
    triples = (triple for triple in definition.stated.triples if triple[1].value != f"{SH}sparql")
    stated = Stated(triples, definition.stated.name)
    return replace(definition, stated=stated, shapes=read_shapes(stated))


def _sample(table: Table) -> Table:
    """Records and what is said of them, edges only between these: a graph that conforms as the whole does."""
    kept = _of(table, "Scale") | _of(table, "Level") | _of(table, "CORRESPONDS_TO")
    kept[np.flatnonzero(_of(table, "Role"))[::EVERY]] = True
    starts, ends = _ends(table, "from"), _ends(table, "to")
    requires, depends = _of(table, "REQUIRES"), _of(table, "DEPENDS_ON")
    chosen = np.flatnonzero(requires)[kept[starts[requires]]]
    kept[chosen] = True
    kept[ends[chosen]] = True
    kept |= depends & kept[starts] & kept[ends]
    records = requires | depends | _of(table, "Role") | _of(table, "Skill")
    gone = records & ~kept
    rows = {iri: ~(gone[pairs.subjects] | gone[pairs.objects]) for iri, pairs in table.predicates.items()}
    pairs = {iri: Pairs(each.subjects[rows[iri]], each.objects[rows[iri]]) for iri, each in table.predicates.items()}
    return Table(table.terms, pairs)


def _of(table: Table, name: str) -> Mask:
    return table.instances_stated(NamedNode(f"{SG}{name}"))


def _ends(table: Table, name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each term the end of the edge that it is; 0 for what is none."""
    pairs, ends = table.pairs(f"{SG}{name}"), np.zeros(len(table.terms), np.int64)
    ends[pairs.subjects] = pairs.objects
    return ends
