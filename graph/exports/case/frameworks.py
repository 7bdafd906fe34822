"""Which skills are one framework of CASE, with what is said of them.

A CFDocument that came in as CASE is a framework again: it is the group in the `case` id space that has nothing broader,
and what is below it in that space is its items, as is what hangs nowhere. All other skills that one source states are a
framework of that source. Words are no items, and drafts are none in a framework that is no draft itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.exports import Wanted
from graph.exports.case.terms import CHILD, ITEM_TYPES, REPLACED, SPACE, TRANSLATES
from graph.records import HEADS, Held, record_columns
from graph.seen import seen_rows, seen_types
from graph.store import Store
from ontology.ids import make_curie
from ontology.values import OPEN

Row = Mapping[str, Any]
"""What is stated of a node or edge, with "id", or "from" and "to", and its heads."""

SOURCE_SPACE = "source"
RELATIONS: Mapping[str, tuple[str, bool]] = {
    "BROADER": (CHILD, False),
    "RELATED": ("isRelatedTo", False),
    "EXACT_MATCH": ("exactMatchOf", False),
    "CLOSE_MATCH": ("isRelatedTo", False),
    "DEPENDS_ON": ("precedes", True),
}
"""Type of an edge -> type of its association, and whether that leads the other way."""

PARTS = ("HAS_CRITERION", "HAS_LEVEL", "ASSESSES")
OF_RUBRICS = ("Rubric", "Criterion", "CriterionLevel")
TYPES = frozenset({"Skill", *RELATIONS, *OF_RUBRICS, *PARTS})
"""The types that frameworks are made of: a change of others changes none of them."""


@dataclass(frozen=True, slots=True)
class Link:
    """An association: ids of its ends, the edge that it is of, and when that last changed."""

    type: str
    origin: str
    destination: str
    edge: tuple[str, str, str]  # type, start, end
    version: int
    note: str = ""


@dataclass(slots=True)
class Framework:
    """One document; `id` is that of the skill that it is, or of the source whose skills it holds."""

    id: str
    source: str
    document: Row | None  # of one that came in as CASE
    items: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    rubrics: list[str] = field(default_factory=list)
    changed: int = 0  # the version of what in it changed last


@dataclass(slots=True)
class Frameworks:
    """Everything that is published as CASE, of one state of the store; in the order of ids."""

    skills: dict[str, Row]
    nodes: dict[str, Row]  # rubrics, criteria and their levels
    parts: dict[tuple[str, str], list[str]]  # (type of edge, id) -> where it leads, in the order that is shown
    by_id: dict[str, Framework] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)  # skill or rubric -> its framework

    def of(self, id: str) -> Framework:
        return self.by_id[self.home[id]]


def read_frameworks(store: Store, wanted: Wanted) -> Frameworks:
    """What the viewer may see of all frameworks; whoever calls holds the store still."""
    rows: dict[str, list[Row]] = {name: [] for name in TYPES} | dict(_seen(store, wanted))
    skills = {row["id"]: row for row in rows["Skill"] if row.get("type", "skill") in ITEM_TYPES}
    nodes = {row["id"]: row for name in OF_RUBRICS for row in rows[name]}
    found = Frameworks(skills, nodes, _parts(rows, nodes))
    _place_skills(found, rows["BROADER"])
    _leave_drafts(found)
    _place_rubrics(found, rows["Rubric"])
    for link in _links(found, rows):
        found.of(link.origin).links.append(link)
    for each in found.by_id.values():
        each.items.sort()
        each.links.sort(key=lambda link: (link.type, link.origin, link.destination, link.edge))
        each.changed = _changed(found, each)
    found.by_id = dict(sorted(found.by_id.items()))
    return found


def _seen(store: Store, wanted: Wanted) -> Iterator[tuple[str, list[Row]]]:
    for kind in seen_types(store.model, wanted.viewer):
        if kind.name in TYPES:
            batches = (seen_rows(store, kind, columns, wanted.viewer) for columns in record_columns(store, kind, HEADS))
            yield kind.name, [row for columns in batches for row in _rows(columns)]


def _rows(columns: Held) -> Iterator[Row]:
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None and value != ()}


def _place_skills(found: Frameworks, broader: Sequence[Row]) -> None:
    """Every skill into one framework: that of the first document above it, else one of its source."""
    above, below = defaultdict(list), defaultdict(list)
    for edge in broader:
        if _is_case(edge["from"]) and _is_case(edge["to"]) and {edge["from"], edge["to"]} <= found.skills.keys():
            above[edge["from"]].append(edge["to"])
            below[edge["to"]].append(edge["from"])
    for id, row in sorted(found.skills.items()):
        if _is_case(id) and row.get("type") == "group" and id not in above:
            found.by_id[id] = Framework(id, row["source"], row)
    for root in list(found.by_id):
        for id in _reached(root, below):
            found.home.setdefault(id, root)
    documents = _first_of_sources(found)
    for id, row in sorted(found.skills.items()):
        loose = documents.get(row["source"]) if _is_case(id) else None
        home = found.home.setdefault(id, loose or make_curie(SOURCE_SPACE, row["source"]))
        each = found.by_id.setdefault(home, Framework(home, row["source"], None))
        if id != home:
            each.items.append(id)


def _first_of_sources(found: Frameworks) -> dict[str, str]:
    """Source -> its first framework."""
    first: dict[str, str] = {}
    for each in sorted(found.by_id.values(), key=lambda each: each.id):
        first.setdefault(each.source, each.id)
    return first


def _is_case(id: str) -> bool:
    return id.startswith(f"{SPACE}:")


def _reached(root: str, below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    seen, fresh = {root}, [root]
    while fresh:
        id = fresh.pop()
        yield id
        fresh += [each for each in below.get(id, ()) if each not in seen]
        seen.update(below.get(id, ()))


def _leave_drafts(found: Frameworks) -> None:
    for each in found.by_id.values():
        if status_of(found, each) != "draft":
            drafts = [id for id in each.items if found.skills[id].get("status") == "draft"]
            each.items = [id for id in each.items if id not in set(drafts)]
            for id in drafts:
                del found.skills[id], found.home[id]


def status_of(found: Frameworks, each: Framework) -> str:
    """The status of a whole framework: its document's, else what all items have that are not retired."""
    if each.document is not None:
        return str(each.document.get("status", "active"))
    stated = {found.skills[id].get("status", "active") for id in each.items} - {"retired"}
    return str(stated.pop()) if len(stated) == 1 else "active"


def _parts(rows: Mapping[str, Sequence[Row]], nodes: Mapping[str, Row]) -> dict[tuple[str, str], list[str]]:
    parts = defaultdict(list)
    for name in PARTS:
        for edge in rows[name]:
            parts[name, edge["from"]].append(edge["to"])

    def place(id: str) -> tuple[int, str]:
        return int(nodes.get(id, {}).get("position", OPEN)), id

    return {key: sorted(ids, key=place) for key, ids in parts.items()}


def _place_rubrics(found: Frameworks, rubrics: Iterable[Row]) -> None:
    """A rubric into the framework of the first skill that it judges, else into one of its source."""
    of_source = _first_of_sources(found)
    for row in sorted(rubrics, key=lambda row: str(row["id"])):
        if row.get("status") == "retired":
            continue
        assessed = sorted(skill for skill in assessed_by(found, row["id"]) if skill in found.home)
        home = found.home[assessed[0]] if assessed else of_source.get(row["source"])
        home = home or make_curie(SOURCE_SPACE, row["source"])
        found.by_id.setdefault(home, Framework(home, row["source"], None)).rubrics.append(row["id"])
        found.home[row["id"]] = home


def assessed_by(found: Frameworks, rubric: str) -> Iterator[str]:
    """The skills that the criteria of a rubric judge."""
    for criterion in found.parts.get(("HAS_CRITERION", rubric), ()):
        yield from found.parts.get(("ASSESSES", criterion), ())


def _links(found: Frameworks, rows: Mapping[str, Sequence[Row]]) -> Iterator[Link]:
    """Every association between items, and from the top ones to their document."""
    children = set()
    for name, (type, backwards) in RELATIONS.items():
        for edge in rows[name]:
            start, end = edge["from"], edge["to"]
            if start in found.skills and end in found.skills:
                origin, destination = (end, start) if backwards else (start, end)
                note = "close match" if name == "CLOSE_MATCH" else str(edge.get("kind", ""))
                yield Link(type, origin, destination, (name, start, end), edge["version"], note)
                if type == CHILD and found.home[start] == found.home[end]:
                    children.add(start)
    for id, row in found.skills.items():
        for successor in row.get("replaced_by", ()):
            if successor in found.skills:
                yield Link(REPLACED, id, successor, (REPLACED, id, successor), row["version"])
        for language in translated(row):
            yield Link(TRANSLATES, id, id, (TRANSLATES, id, language), row["version"])
    for each in found.by_id.values():
        for id in each.items if each.document is None else ():  # what came in as CASE hangs where it hung
            if id not in children:
                yield Link(CHILD, id, each.id, (CHILD, id, each.id), found.skills[id]["version"])


def _changed(found: Frameworks, each: Framework) -> int:
    rows = [*([each.document] if each.document else []), *(found.skills[id] for id in each.items)]
    rows += [found.nodes[id] for id in each.rubrics]
    return max([0, *(int(row["version"]) for row in rows), *(link.version for link in each.links)])


def own_language(row: Row) -> str:
    """The language that a skill is called in: "" the deployment's, else the first that there is."""
    return "" if "label" in row else min(_languages(row), default="")


def translated(row: Row) -> list[str]:
    """The other languages that a skill has a label in."""
    return sorted(_languages(row) - {own_language(row)})


def _languages(row: Row) -> set[str]:
    return {name.partition("@")[2] for name in row if name.startswith("label@")}
