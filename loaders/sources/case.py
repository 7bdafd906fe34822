"""CASE, Competencies and Academic Standards Exchange (1EdTech), 1.0 and 1.1: packages of competencies, with rubrics.

A package is read whole, from a file or from `/CFPackages/{id}`: its document and items are skills, what associations
say of them are edges, its rubrics are rubrics. `lastChangeDateTime` is the version of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import polars as pl

from graph.exports.case.terms import ITEM_TYPES
from loaders.pull import Api, Endpoint, InHeader, LinkHeader, Pulled
from loaders.readers.documents import Unread, items
from loaders.source import BadRecord, Chunk, Config, EdgeMapping, Field, NodeMapping, Rows, Skip, Source, Table
from loaders.sources import case_package
from loaders.sources.case_shapes import CHANGED, FLAGS, SHAPES, TRANSLATES

STATUS = Field(
    "adoptionStatus",
    translate={
        **{"Private Draft": "draft", "Draft": "draft", "Adopted": "released", "Implemented": "released"},
        **{"Deprecated": "retired", "*": "active"},
    },
)
GROUPS = (
    *("category", "chapter", "cluster", "course", "domain", "folder", "framework", "grade level", "group", "heading"),
    *("module", "section", "strand", "subject", "subject area", "theme", "topic", "unit"),
)
"""Item types, a free text in CASE, that order others below them."""
KINDS = {
    **dict.fromkeys(GROUPS, "group"),
    **dict.fromkeys(("knowledge", "concept"), "knowledge"),
    **dict.fromkeys(("attitude", "disposition"), "attitude"),
    **dict.fromkeys(("learning outcome", "outcome", "learning objective", "objective"), "outcome"),
    **{title.lower(): kind for kind, title in ITEM_TYPES.items()},
}
LONGEST_LABEL = 2_000  # characters

DOCUMENT = NodeMapping(
    "Skill",
    table="document",
    id="case:{identifier}",
    fields={"label": "_label", "description": "_description", "type": Field(constant="group"), "status": STATUS},
    version=CHANGED,
)
ITEM = NodeMapping(
    "Skill",
    table="items",
    id="case:{identifier}",
    fields={
        "label": "_label",
        "description": "_description",
        "code": "humanCodingScheme",
        "type": "_type",
        "alt_labels": Field("alternativeLabel", separator="\n"),
        "hidden_labels": "conceptKeywords",
        "status": STATUS,
        "replaced_by": "replacedBy",
    },
    version=CHANGED,
)


def _edge(type_: str, *kinds: str, backwards: bool = False, **properties: Field) -> EdgeMapping:
    """Associations of these types as edges, from origin to destination or the other way."""
    start, end = "{originNodeURI}", "{destinationNodeURI}"
    if backwards:
        start, end = end, start
    when = {"associationType": kinds}
    return EdgeMapping(
        type_, table="associations", start=start, to="Skill", id=end, properties=properties, when=when, version=CHANGED
    )


EDGES = [
    _edge("BROADER", "isChildOf", "isPartOf"),
    _edge("RELATED", "isPeerOf", "isRelatedTo"),
    _edge("EXACT_MATCH", "exactMatchOf", TRANSLATES),
    _edge("DEPENDS_ON", "precedes", backwards=True, kind=Field(constant="optional")),
]
RUBRIC = NodeMapping(
    "Rubric",
    table="rubrics",
    id="case:{identifier}",
    fields={"label": "_label", "description": "_description"},
    version=CHANGED,
)
CRITERION = NodeMapping(
    "Criterion",
    table="criteria",
    id="case:{identifier}",
    fields={"label": "_label", "description": "_description", "weight": "weight", "position": "position"},
    edges=[EdgeMapping("HAS_CRITERION", to="Rubric", id="case:{rubricId}", incoming=True)],
    version=CHANGED,
)
ASSESSES = EdgeMapping(
    "ASSESSES", table="assessed", start="case:{identifier}", to="Skill", id="{CFItemURI}", version=CHANGED
)
LEVEL = NodeMapping(
    "CriterionLevel",
    table="levels",
    id="case:{identifier}",
    fields={"label": "_label", "description": "_description", "points": "score", "position": "position"},
    edges=[EdgeMapping("HAS_LEVEL", to="Criterion", id="case:{rubricCriterionId}", incoming=True)],
    version=CHANGED,
)
NAMED = {
    "document": ("title", ("description",)),
    "items": ("abbreviatedStatement", ("fullStatement",)),
    "rubrics": ("title", ("description",)),
    "criteria": ("category", ("description",)),
    "levels": ("quality", ("description", "feedback")),
}
"""Of each table the column of the label, else the first of the others, which together are the description."""

SKIPS = {
    "items": [
        Skip("translation", "it translates another item, whose labels hold its statement", {"_skip": ["translation"]})
    ],
    "associations": [
        Skip("translation", "an end of it is a translation, which is no skill of its own", {"_skip": ["translation"]}),
        Skip("told-with-item", "the row of the item says what replaces it", {"_skip": ["told-with-item"]}),
        Skip("replaced-outside", "what replaces the item is not in the package", {"_skip": ["replaced-outside"]}),
        Skip("exemplar", "an example is no skill, and mostly a web page", {"associationType": ["exemplar"]}),
        Skip(
            "skill-level",
            "the model says levels where a skill is taught, required or shown, not of the skill itself",
            {"associationType": ["hasSkillLevel"]},
        ),
        Skip("extension", "somebody's own type of association (ext:…)", {"_skip": ["extension"]}),
    ],
}


def read(config: Config) -> Iterator[Rows]:
    """The rows of every package."""
    for item in items(config.paths):
        if isinstance(item, Unread):
            yield BadRecord("document", f"{item.file}/document", item.bad)
        else:
            yield from case_package.rows(item.value, item.file, config)


def _reader(config: Config) -> Callable[[Pulled], Iterable[Rows]]:
    def rows(item: Pulled) -> Iterable[Rows]:
        if item.endpoint == "CFDocuments":
            return ()  # a package tells of its document itself
        return case_package.rows(item.value, f"{item.file}/{item.parent['identifier']}", config)

    return rows


API = Api(
    endpoints=[
        Endpoint("CFDocuments", "CFDocuments", (), items="CFDocuments", paging=LinkHeader("limit", 100)),
        Endpoint(
            "CFPackages",
            "CFPackages/{identifier}",
            [shape.table for shape in SHAPES],
            one=True,
            each="CFDocuments",
            absent=(404,),
        ),
    ],
    reader=_reader,
    auth=InHeader(optional=True),
    most_bytes=1 << 30,
)


def prepare(chunk: Chunk, config: Config) -> Chunk:
    """`_label`, `_description` and their translations, `_type`."""
    names = NAMED.get(chunk.table)
    if names is None or not chunk.frame.width:
        return chunk
    frame, flags = chunk.frame, {}
    if "language" in frame.columns:
        tag = pl.col("language").str.replace("_", "-")
        odd = ~tag.str.contains("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
        flags = {"odd-language": frame.select(odd.sum()).item()}
        frame = frame.with_columns(_language=pl.when(~odd & (_primary(tag) != config.language)).then(tag))
    else:
        frame = frame.with_columns(_language=pl.lit(None, dtype=pl.String))
    frame = _with_texts(frame, names, config.language)
    if "CFItemType" in frame.columns:
        kind = pl.col("CFItemType").str.strip_chars().str.to_lowercase()
        frame = frame.with_columns(_type=kind.replace_strict(KINDS, default="skill", return_dtype=pl.String))
    return replace(chunk, frame=frame.drop("_language"), flags={**chunk.flags, **{k: n for k, n in flags.items() if n}})


def _primary(tag: pl.Expr) -> pl.Expr:
    return tag.str.split("-").list.first().str.to_lowercase()


def _with_texts(frame: pl.DataFrame, names: tuple[str, tuple[str, ...]], language: str) -> pl.DataFrame:
    """Labels and descriptions: a row's own in the row's language, and those of its translations."""
    label, description = _texts(frame, names, "")
    found = frame["_language"].unique().drop_nulls().to_list()
    columns = [_in(label, None).alias("_label"), _in(description, None).alias("_description")]
    others = {name.partition("@")[2] for name in frame.columns if name.startswith("fullStatement@")}
    for tag in sorted({*found, *others}):
        there = _texts(frame, names, f"@{tag}")
        own = (_in(label, tag), _in(description, tag))
        suffix = "" if tag.replace("_", "-").split("-")[0].lower() == language else f"@{tag.replace('_', '-')}"
        parts = [pl.coalesce(mine, its) for mine, its in zip(own, there, strict=True)]
        if suffix:
            columns += [parts[0].alias(f"_label{suffix}"), parts[1].alias(f"_description{suffix}")]
        else:
            columns[0] = pl.coalesce(columns[0], there[0]).alias("_label")
            columns[1] = pl.coalesce(columns[1], there[1]).alias("_description")
    return frame.with_columns(columns)


def _in(text: pl.Expr, tag: str | None) -> pl.Expr:
    """The text of the rows in that language."""
    return pl.when(pl.col("_language").eq_missing(pl.lit(tag, dtype=pl.String))).then(text)


def _texts(frame: pl.DataFrame, names: tuple[str, tuple[str, ...]], suffix: str) -> tuple[pl.Expr, pl.Expr]:
    """The label, no longer than one may be, and what the description says beyond it."""
    name, others = names
    parts = [_column(frame, f"{other}{suffix}") for other in others]
    whole = pl.concat_str(parts, separator="\n\n", ignore_nulls=True)
    whole = pl.when(whole != "").then(whole)
    full = pl.coalesce(_column(frame, f"{name}{suffix}"), *parts)
    cut = pl.when(full.str.len_chars() > LONGEST_LABEL).then(full.str.head(LONGEST_LABEL - 1) + "…").otherwise(full)
    return cut, pl.when(whole.ne_missing(cut)).then(whole)


def _column(frame: pl.DataFrame, name: str) -> pl.Expr:
    there = name in frame.columns
    return pl.col(name).str.strip_chars() if there else pl.lit(None, dtype=pl.String)


SOURCE = Source(
    "case",
    read=read,
    mappings=[DOCUMENT, ITEM, *EDGES, RUBRIC, CRITERION, ASSESSES, LEVEL],
    tables=[Table(shape.table, optional="*", ignored="*", skips=SKIPS.get(shape.table, ())) for shape in SHAPES],
    description="CASE packages: frameworks of competencies, their relations, and rubrics",
    prepare=prepare,
    reads=".json, .jsonl: whole packages (CFPackage), one or several; .gz or .zip of them",
    versions="1.0, 1.1",
    ways=("file", "pull"),
    pull=API,
    lacks=[
        "`CFDefinitions` (concepts, subjects, licences, item types, groupings): an item's own words say what is needed",
        "`educationLevel`, `notes`, `listEnumeration`, `subject`, `licenseURI`: a skill has no such property",
        "`sequenceNumber`: what is below a skill has no order",
        "`hasSkillLevel`, `exemplar`: see the rules below",
    ],
    flags={
        **FLAGS,
        "odd-language": "a language is no tag of BCP 47; the text is read as of the deployment's language",
    },
)
