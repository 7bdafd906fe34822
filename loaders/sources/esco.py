"""ESCO as downloaded: skills, occupations, their groups, hierarchies, relations and collections, in any language.

Keys are URIs, since labels change between versions. `modifiedDate` is no version: a concept changes with its labels in
any language, and the download is one snapshot. Members of a collection are RELATED to it, never BROADER: a collection
is no hierarchy, and what is narrower than a member need not be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loaders.source import Chunk, Config, EdgeMapping, Field, NodeMapping, Skip, Source, Table
from loaders.sources import esco_files

STATUS = Field("status", translate={"released": "released", "obsolete": "retired"})
TEXTS: Mapping[str, str | Field] = {
    "label": "preferredLabel",
    "alt_labels": Field("altLabels", separator="\n"),
    "hidden_labels": Field("hiddenLabels", separator="\n"),
    "description": "description",
}
NAMES: Mapping[str, str | Field] = {"label": "preferredLabel", "description": "description"}

SKILL = NodeMapping(
    "Skill",
    table="skills",
    id="{conceptUri}",
    fields={
        **TEXTS,
        "type": Field("skillType", translate={"knowledge": "knowledge", "skill/competence": "skill"}),
        "status": STATUS,
    },
    edges=[EdgeMapping("RELATED", to="Skill", id="{_collections}", each="_collections")],
)
SKILL_GROUP = NodeMapping(
    "Skill",
    table="skillGroups",
    id="{conceptUri}",
    fields={**TEXTS, "code": "code", "type": Field(constant="group"), "status": STATUS},
    edges=[EdgeMapping("RELATED", to="Skill", id="{_collections}", each="_collections")],
)
OCCUPATION = NodeMapping(
    "Role",
    table="occupations",
    id="{conceptUri}",
    fields={**TEXTS, "code": "code", "type": Field(constant="occupation"), "status": STATUS},
    edges=[
        EdgeMapping("IN_FAMILY", to="Role", id="isco:C{iscoGroup}", each="iscoGroup"),
        EdgeMapping("IN_FAMILY", to="Role", id="{_collections}", each="_collections"),
    ],
)
ISCO_GROUP = NodeMapping(
    "Role",
    table="ISCOGroups",
    id="{conceptUri}",
    fields={
        **NAMES,
        "alt_labels": Field("altLabels", separator="\n"),
        "code": "code",
        "type": Field(constant="group"),
        "status": STATUS,
    },
)
SKILL_COLLECTION = NodeMapping(
    "Skill",
    table="conceptSchemes",
    id="{conceptSchemeUri}",
    fields={**NAMES, "type": Field(constant="collection"), "status": STATUS},
    when={"_pillar": ["skills"]},
)
OCCUPATION_COLLECTION = NodeMapping(
    "Role",
    table="conceptSchemes",
    id="{conceptSchemeUri}",
    fields={**NAMES, "type": Field(constant="group"), "status": STATUS},
    when={"_pillar": ["occupations"]},
)
BROADER = [
    EdgeMapping("BROADER", table="broaderRelationsSkillPillar", start="{conceptUri}", to="Skill", id="{broaderUri}"),
    EdgeMapping("BROADER", table="broaderRelationsOccPillar", start="{conceptUri}", to="Role", id="{broaderUri}"),
]
REQUIRES = EdgeMapping(
    "REQUIRES",
    table="occupationSkillRelations",
    start="{occupationUri}",
    to="Skill",
    id="{skillUri}",
    properties={  # ESCO has no levels: design section 4, framework defaults
        "kind": Field("relationType", translate={"essential": "essential", "optional": "preferred"}),
        "weight": Field("relationType", translate={"essential": "3", "optional": "1"}),
        "level": Field("relationType", translate={"essential": "2", "optional": "1"}),
    },
)
DEPENDS_ON = EdgeMapping(
    "DEPENDS_ON",
    table="skillSkillRelations",
    start="{originalSkillUri}",
    to="Skill",
    id="{relatedSkillUri}",
    properties={"kind": "relationType"},
)
COLLECTIONS = [
    EdgeMapping("RELATED", table=table, start="{conceptUri}", to="Skill", id="{_collection}")
    for table in esco_files.COLLECTIONS
]

ALSO_ESSENTIAL = Skip(
    "also-essential",
    "the pair stands in the file as essential too, and a pair that is both is essential",
    {"_also_essential": ["yes"]},
)
SELF_RELATION = Skip("self-relation", "a skill does not depend on itself", {"_self": ["yes"]})
WHOLE_VOCABULARY = Skip(
    "whole-vocabulary",
    "the scheme lists a whole pillar or classification, which says nothing of a concept in it",
    {"conceptSchemeUri": [esco_files.SCHEME + name for name in esco_files.WHOLE]},
)
TECHNICAL_SCHEME = Skip(
    "technical-scheme",
    "the scheme lists words that ESCO's own files use, neither skills nor occupations",
    {"conceptSchemeUri": [esco_files.SCHEME + name for name in esco_files.TECHNICAL]},
)

_NOTES = ("conceptType", "modifiedDate", "scopeNote", "inScheme")
_COLLECTION_COLUMNS = (
    *("conceptType", "preferredLabel", "status", "skillType", "reuseLevel", "altLabels", "description"),
    *("broaderConceptUri", "broaderConceptPT"),
)
TABLES = [
    Table("skills", optional="*", by_language=True, ignored=(*_NOTES, "definition", "reuseLevel")),
    Table("skillGroups", optional="*", by_language=True, ignored=_NOTES),
    Table("occupations", optional="*", by_language=True, ignored=(*_NOTES, "definition", "regulatedProfessionNote")),
    Table("ISCOGroups", optional="*", by_language=True, ignored=_NOTES),
    Table(
        "conceptSchemes",
        optional="*",
        by_language=True,
        ignored=("conceptType", "title", "hasTopConcept"),
        skips=[WHOLE_VOCABULARY, TECHNICAL_SCHEME],
    ),
    Table("broaderRelationsSkillPillar", ignored=("conceptType", "broaderType")),
    Table("broaderRelationsOccPillar", ignored=("conceptType", "broaderType")),
    Table("occupationSkillRelations", ignored=("skillType",), skips=[ALSO_ESSENTIAL]),
    Table(
        "skillSkillRelations",
        ignored=("originalSkillType", "relatedSkillType"),  # originalSkillType is wrong in what is published
        skips=[ALSO_ESSENTIAL, SELF_RELATION],
    ),
    *(Table(name, ignored=_COLLECTION_COLUMNS) for name in esco_files.COLLECTIONS),
]


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every table that is there, concepts first; files in several languages are one table."""
    download = esco_files.Download(esco_files.find(config.paths), config)
    for table in TABLES:
        yield from download.read(table.name)


SOURCE = Source(
    "esco",
    read=read,
    mappings=[
        *(SKILL, SKILL_GROUP, SKILL_COLLECTION, OCCUPATION, ISCO_GROUP, OCCUPATION_COLLECTION),
        *(*BROADER, REQUIRES, DEPENDS_ON, *COLLECTIONS),
    ],
    tables=TABLES,
    description="ESCO, the European classification of skills and occupations",
    prepare=esco_files.prepare,
    reads="a folder as downloaded in CSV, in one or more languages: skills_en.csv, occupations_en.csv, …",
    versions="1.1 and later",
    lacks=[
        "`reuseLevel`, `scopeNote`, `definition`, `regulatedProfessionNote`: the description says what a concept is",
        "`modifiedDate`: a concept changes with its texts in other languages, so it is no version of it",
    ],
)
