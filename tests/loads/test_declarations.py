"""A source is a declaration: what is misspelt fails at import, with the nearest known name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from graph.viewer import OPERATOR
from loaders.errors import LoadError, MappingError
from loaders.registry import sources
from loaders.source import (
    BadRow,
    Chunk,
    Config,
    EdgeMapping,
    Field,
    NodeMapping,
    Rows,
    Skip,
    Source,
    Table,
    native,
    native_table,
)
from ontology.model import Model
from tests.loads.tables import SKILLS, Loader, counts

ROLE = NodeMapping(
    "Role",
    id="hr-role:{code}",
    fields={"label": "title", "description": "summary"},
    edges=[EdgeMapping("REQUIRES", to="Skill", id="{skill}", each="skills", properties={"level": "level"})],
)


def nothing(config: Config) -> Iterator[Rows]:
    yield from ()


MISSPELT: dict[str, tuple[Callable[[], Any], str]] = {
    "a type": (
        lambda: Source("hr", nothing, [NodeMapping("Rolle", "x:{a}")]),
        "source hr: no type 'Rolle' to load; did you mean 'Role'?",
    ),
    "a property": (
        lambda: Source("hr", nothing, [NodeMapping("Role", "x:{a}", {"treshold": "a"})]),
        "source hr, Role: no property 'treshold'; did you mean 'threshold'?",
    ),
    "an edge": (
        lambda: Source("hr", nothing, [NodeMapping("Role", "x:{a}", edges=[EdgeMapping("REQUIRE", id="{b}")])]),
        "no type 'REQUIRE' to load; did you mean 'REQUIRES'?",
    ),
    "an edge's property": (
        lambda: Source("hr", nothing, [EdgeMapping("REQUIRES", start="{a}", id="{b}", properties={"wieght": "c"})]),
        "no property 'wieght'; did you mean 'weight'?",
    ),
    "an end": (
        lambda: Source(
            "hr", nothing, [NodeMapping("Role", "x:{a}", edges=[EdgeMapping("REQUIRES", to="Role", id="{b}")])]
        ),
        "source hr, Role, REQUIRES: no 'Role' may stand at that end (but Skill)",
    ),
    "a node that can't have that edge": (
        lambda: Source("hr", nothing, [NodeMapping("Skill", "x:{a}", edges=[EdgeMapping("REQUIRES", id="{b}")])]),
        "a Skill may not stand at that end",
    ),
    "a language of what has none": (
        lambda: Source("hr", nothing, [NodeMapping("Role", "x:{a}", {"code@de": "c"})]),
        "code has no languages, so 'code@de' is nothing",
    ),
    "a type that Skillgraph keeps": (
        lambda: Source("hr", nothing, [NodeMapping("Load", "x:{a}")]),
        "no type 'Load' to load",
    ),
    "a template without a column": (lambda: Source("hr", nothing, [NodeMapping("Role", "role:x")]), "names no column"),
    "a template that makes no id": (lambda: Source("hr", nothing, [NodeMapping("Role", "a b:{x}")]), "makes no id"),
    "an edge without a start": (
        lambda: Source("hr", nothing, [EdgeMapping("REQUIRES", id="{b}")]),
        "an edge inside a node has `id`, one by itself `start` and `id`",
    ),
}


@pytest.mark.parametrize(("declare", "told"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_declaration_fails_at_import(declare: Callable[[], Any], told: str) -> None:
    with pytest.raises(MappingError) as caught:
        declare()
    assert told in str(caught.value)


def test_every_source_of_the_package_is_found() -> None:
    assert {"esco", "tables"} <= set(sources())
    assert all(source.description and source.reads for source in sources().values())


def test_dict_rows_become_nodes_with_their_edges(loader: Loader) -> None:
    loader(name="base", Skill=SKILLS)
    rows: list[dict[str, Any]] = [
        {
            "code": "R 1",
            "title": "Admin",
            "summary": None,
            "skills": [{"skill": "skill:sql", "level": 2}, {"skill": "skill:linux", "level": 1}],
        },
        {"code": "R2", "title": "Nobody", "summary": "does nothing", "skills": []},
    ]
    record = loader.source(Source("hr", lambda _: iter(rows), [ROLE]))

    assert counts(record) == {"read": 2, "written": 2}
    node = loader.store.get("hr-role:R~201", OPERATOR)
    assert node is not None
    assert node.properties == {"label": "Admin"}
    assert {(edge.end, edge.properties["level"]) for edge in node.edges} == {
        ("skill:sql", 2_000_000),
        ("skill:linux", 1_000_000),
    }


def test_a_row_is_written_whole_or_not_at_all(loader: Loader) -> None:
    loader(name="base", Skill=SKILLS)
    rows = [
        {
            "code": "1",
            "title": "Admin",
            "summary": "",
            "skills": [{"skill": "skill:sql", "level": 2}, {"skill": "skill:linux", "level": 9}],
        }
    ]
    record = loader.source(Source("hr", lambda _: iter(rows), [ROLE]))

    assert counts(record) == {"read": 1, "rejected": 1}
    assert loader.there("hr-role:1") == [False]
    (held,) = loader.held()
    assert held.raw["skills"] == [{"skill": "skill:sql", "level": "2"}, {"skill": "skill:linux", "level": "9"}]


def chunked(*chunks: Chunk) -> Callable[[Config], Iterator[Rows]]:
    return lambda _: iter(chunks)


def frame(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def test_skips_are_counted_by_rule_and_unmapped_rows_too(loader: Loader) -> None:
    source = Source(
        "lexicon",
        chunked(
            Chunk(
                "lexicon",
                "w.csv",
                frame(id=["a", "b", "c", "d"], kind=["skill", "draft", "role", ""], text=["A", "B", "C", "D"]),
            )
        ),
        [NodeMapping("Skill", "word:{id}", {"label": "text"}, table="lexicon", when={"kind": ["skill", ""]})],
        [Table("lexicon", skips=[Skip("draft", "it is not finished", {"kind": ["draft"]})])],
    )
    record = loader.source(source)

    assert counts(record) == {"read": 4, "written": 2, "skipped": 2}
    assert record.skips == {"draft": 1, "not-mapped": 1}


def test_fields_may_be_constants_translations_and_templates(loader: Loader) -> None:
    loader(name="base", Skill=SKILLS, Learner="id,label\nmoodle-user:7,Ada\n")
    mapping = NodeMapping(
        "Evidence",
        "quiz:{user}-{quiz}",
        {
            "learner": "moodle-user:{user}",
            "kind": Field(constant="assessment"),
            "skill": "skill:{quiz}",
            "level": Field("mark", translate={"good": "3", "*": "1"}),
            "score": Field("raw", raw_minimum="0", raw_maximum="best"),
            "shown_at": Field("day", date_format="%d.%m.%Y"),
        },
    )
    rows = frame(user=["7"], quiz=["sql"], mark=["poor"], raw=["15"], best=["20"], day=["31.12.2024"])
    record = loader.source(Source("moodle", chunked(Chunk("", "quiz.csv", rows)), [mapping]))

    assert counts(record) == {"read": 1, "written": 1}
    node = loader.store.get("quiz:7-sql", OPERATOR)
    assert node is not None
    assert node.properties == {
        "learner": "moodle-user:7",
        "kind": "assessment",
        "skill": "skill:sql",
        "level": 1_000_000,
        "score": 750_000,
        "shown_at": 1_735_603_200,
    }


def test_lists_of_texts_make_an_edge_an_item_in_either_direction(loader: Loader) -> None:
    loader(name="base", Skill=SKILLS)
    mapping = NodeMapping(
        "Skill",
        "word:{id}",
        {"label": "id"},
        edges=[
            EdgeMapping("BROADER", to="Skill", id="{up}", each="up", separator=";"),
            EdgeMapping("BROADER", to="Skill", id="skill:{down}", each="down", incoming=True),
        ],
    )
    rows = frame(id=["a"], up=["skill:sql; skill:linux;"], down=["shell"])
    assert counts(loader.source(Source("lexicon", chunked(Chunk("", "w", rows)), [mapping]))) == {
        "read": 1,
        "written": 1,
    }

    (edges,) = loader.store.owned("lexicon", "BROADER")
    assert set(edges) == {("word:a", "skill:sql"), ("word:a", "skill:linux"), ("skill:shell", "word:a")}


def test_languages_of_a_text_come_from_columns_of_their_own(loader: Loader) -> None:
    loader(Skill="id,label@de,label@en\nskill:a,Führung,lead\n")
    node = loader.store.get("skill:a", OPERATOR)
    assert node is not None
    assert node.properties == {"label": "lead", "label@de": "Führung"}


def test_two_columns_for_one_property_are_refused(loader: Loader) -> None:
    with pytest.raises(LoadError, match="two columns give label: leave one out"):
        loader(Skill="id,label,label@en\nskill:a,Lead,lead\n")


def test_unreadable_rows_are_rejected_with_what_could_be_read(loader: Loader) -> None:
    bad = BadRow(2, "label", "\ufffd", "byte 0xff is not UTF-8", {"id": "b"})
    source = Source(
        "lexicon",
        chunked(Chunk("", "w.csv", frame(id=["a"], label=["A"]), bad=[bad])),
        [NodeMapping("Skill", "w:{id}", {"label": "label"})],
    )
    assert counts(loader.source(source)) == {"read": 2, "written": 1, "rejected": 1}
    assert loader.held()[0].raw["id"] == "b"


def test_a_source_that_yields_nothing_is_an_error(loader: Loader) -> None:
    with pytest.raises(LoadError, match="nothing to load was found"):
        loader.source(Source("hr", nothing, [ROLE]))
    assert loader.store.ledger.loads()[0].state == "stopped"


def test_what_a_reader_raises_fails_the_load_and_is_kept(loader: Loader) -> None:
    def broken(config: Config) -> Iterator[Rows]:
        yield {"code": "1", "title": "x", "summary": "", "skills": None}
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        loader.source(Source("hr", broken, [ROLE]))
    assert (loader.store.ledger.loads()[0].state, loader.store.number()) == ("failed", 1)


def test_native_mappings_cover_the_model(model: Model) -> None:
    assert native(model, "REQUIRES") == EdgeMapping(
        "REQUIRES",
        id="{to}",
        start="{from}",
        properties={name: name for name in model.edges["REQUIRES"].properties},
        table="REQUIRES",
        version="version",
    )
    assert "learner" not in native_table(model, "Evidence").optional
    assert {"about", "version"} <= set(native_table(model, "Evidence").optional)
