"""CASE 1.1 packages: frameworks of skills with their relations and rubrics, as learning platforms import them.

A file holds the CFPackage of the only framework there is, or a list of the packages of several; a folder has a file for
each, named after its document's identifier.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from graph.exports import Export, Wanted
from graph.exports.case.frameworks import read_frameworks
from graph.exports.case.terms import Names
from graph.exports.case.things import Thing, Things
from graph.exports.coverage import lacking
from graph.store import Store

CARRIED = {
    "Skill": ("label", "description", "code", "type", "alt_labels", "hidden_labels", "status", "replaced_by"),
    "BROADER": (),
    "RELATED": (),
    "EXACT_MATCH": (),
    "CLOSE_MATCH": (),
    "DEPENDS_ON": ("kind",),
    "Rubric": ("label", "description", "status"),
    "Criterion": ("label", "description", "weight", "position"),
    "CriterionLevel": ("label", "description", "points", "position"),
    "HAS_CRITERION": (),
    "HAS_LEVEL": (),
    "ASSESSES": (),
}
REASONS = {
    "Criterion.status": "a rubric's parts have no status",
    "CriterionLevel.status": "a rubric's parts have no status",
    "CriterionLevel.level": "a level of a rubric has a score and a name only",
    "CriterionLevel.scale": "a level of a rubric has a score and a name only",
}
MORE = (
    "Skill.type: a word is no item of a framework",
    "Skill.status: a draft is left out, unless the whole framework is one; of others only retired is said",
    "Skill: labels of other languages are items that translate it, in 1.1 only; a description without one is left out",
    "BROADER, RELATED, EXACT_MATCH: of roles",
    "CLOSE_MATCH: is isRelatedTo, which says less",
    "Rubric, Criterion, CriterionLevel: labels of other languages; a retired rubric",
    "ASSESSES: a criterion is about one item: the first of several",
    "EXACT_MATCH, replaced_by: between frameworks they lead from one package into another",
)


def write_packages(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One file, or one for each framework where `out` is a folder; returns how many things of each kind."""
    chosen = wanted or Wanted()
    found = read_frameworks(store, chosen)
    things = Things(found, Names(store.model), chosen.settings.language, chosen.settings.issuer_name)
    packages = (things.package(each) for each in found.by_id.values())
    written: dict[str, int] = {}
    if out.is_dir():
        for package in packages:
            (out / f"{package['CFDocument']['identifier']}.json").write_bytes(orjson.dumps(_counted(package, written)))
    elif len(found.by_id) == 1:
        out.write_bytes(orjson.dumps(_counted(next(packages), written)))
    else:
        _write_list(out, (_counted(package, written) for package in packages))
    return written


def _write_list(out: Path, packages: Iterable[Thing]) -> None:
    """One after the other: each may be large."""
    with out.open("wb") as file:
        file.write(b"[")
        for place, package in enumerate(packages):
            file.write((b",\n" if place else b"") + orjson.dumps(package))
        file.write(b"]")


def _counted(package: Thing, written: dict[str, int]) -> Thing:
    for name, things in package.items():
        count = len(things) if isinstance(things, list) else 1
        if count:
            written[name] = written.get(name, 0) + count
    return package


EXPORT = Export(
    "case",
    "CASE packages: frameworks of skills with their relations and rubrics, for learning platforms.",
    write_packages,
    media_type="application/json",
    suffix=".json",
    each="framework",
    standard="CASE 1.1 (1EdTech); 1.0 and single frameworks by its REST addresses below /ims/case",
    read_by="case",
    lacks=[*lacking(CARRIED, REASONS), *MORE],
)
