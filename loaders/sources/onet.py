"""O*NET's text release: occupations, skills and knowledge with their ratings, technologies, job zones.

A rating is two rows, importance (IM, 1 to 5) and level (LV, 0 to 7). The row of the importance becomes the requirement:
from 3.0 on, unless one of the two is to be suppressed or the level is of no relevance (design section 4). The level is
said on O*NET's own scale, which the bundled crosswalk leads home.
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders.source import Chunk, Config, EdgeMapping, Field, NodeMapping, Skip, Source, Table
from loaders.sources import onet_files as files
from loaders.sources.onet_ratings import SKIPS

OCCUPATION = NodeMapping(
    "Role",
    table=files.OCCUPATIONS,
    id="onet:{O*NET-SOC Code}",
    fields={
        "label": "Title",
        "description": "Description",
        "alt_labels": "Alternate Titles",
        "code": "O*NET-SOC Code",
        "job_zone": "Job Zone",
        "type": Field(constant="occupation"),
    },
    edges=[EdgeMapping("BROADER", to="Role", id="onet:{_broader}")],
)
ELEMENT = NodeMapping(
    "Skill",
    table=files.ELEMENTS,
    id="onet:{Element ID}",
    fields={"label": "Element Name", "description": "Description", "code": "Element ID", "type": "_kind"},
    edges=[EdgeMapping("BROADER", to="Skill", id="onet:{_broader}")],
)
RATINGS = [
    EdgeMapping(
        "REQUIRES",
        table=table,
        start="onet:{O*NET-SOC Code}",
        to="Skill",
        id="onet:{Element ID}",
        properties={
            "level": "_level",
            "scale": Field(constant="scale:onet-level"),
            "weight": "_weight",
            "kind": Field(constant="essential"),
        },
    )
    for table in files.RATINGS
]
TECHNOLOGY = NodeMapping(
    "Skill",
    table=files.TECHNOLOGIES,
    id="onet-technology:{_example}",
    fields={"label": "Example", "type": Field(constant="skill")},
    edges=[
        EdgeMapping("BROADER", to="Skill", id="onet-commodity:{Commodity Code}"),
        EdgeMapping(
            "REQUIRES",
            incoming=True,
            id="onet:{O*NET-SOC Code}",
            properties={  # no levels, and many of them stand for one another: they order, and keep nobody from a role
                "kind": Field(constant="preferred"),
                "level": Field(constant="1"),
                "weight": Field("In Demand", translate={"Y": "3", "N": "1"}),
            },
        ),
    ],
)
COMMODITY = NodeMapping(
    "Skill",
    table=files.TECHNOLOGIES,
    id="onet-commodity:{Commodity Code}",
    fields={"label": "Commodity Title", "code": "Commodity Code", "type": Field(constant="group")},
)
RELATED = EdgeMapping("RELATED", table=files.RELATED, start="onet:{_first}", to="Role", id="onet:{_second}")

NO_SKILL = Skip(
    "no-skill",
    "the element is neither a skill nor knowledge: an ability, an interest, a work context and so on",
    {"_kind": [""]},
)

_STATISTICS = ("N", "Standard Error", "Lower CI Bound", "Upper CI Bound", "Date", "Domain Source")
_IN_RULES = ("Element Name", "Scale ID", "Data Value", "Recommend Suppress", "Not Relevant")
TABLES = [
    Table(files.OCCUPATIONS, optional="*"),
    Table(files.ELEMENTS, optional="*", skips=[NO_SKILL]),
    *(Table(table, ignored=(*_IN_RULES, *_STATISTICS), skips=SKIPS) for table in files.RATINGS),
    Table(files.TECHNOLOGIES, optional="*", ignored=("Hot Technology",)),
    Table(files.RELATED, ignored=("O*NET-SOC Code", "Related O*NET-SOC Code", "Relatedness Tier", "Index")),
]


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every file that is there; alternate titles and job zones are read into those of their occupations."""
    release = files.Release(files.find(config.paths), config)
    yield from release.occupations()
    yield from release.elements()
    for table in files.RATINGS:
        yield from release.ratings(table)
    yield from release.plain(files.TECHNOLOGIES)
    yield from release.plain(files.RELATED)


SOURCE = Source(
    "onet",
    read=read,
    mappings=[OCCUPATION, ELEMENT, *RATINGS, TECHNOLOGY, COMMODITY, RELATED],
    tables=TABLES,
    description="O*NET, the occupational information network of the United States: occupations and what they ask for",
    prepare=files.prepare,
    reads="a folder with the text release: Occupation Data.txt, Skills.txt, Knowledge.txt, …",
    versions="text release, 25 and later",
    lacks=[
        "abilities, work styles, work activities, interests, values, work context, tasks: no skills that are learned, "
        "or no things of the model",
        "how related two occupations are (tier and index): a relation is there or not",
        "Level Scale Anchors: the model describes a level of a scale, not of one skill",
        "Hot Technology: says what openings in general name, nothing of the occupation beside it",
        "the statistics of a rating: how many were asked, standard error, confidence, date, who was asked",
    ],
)
