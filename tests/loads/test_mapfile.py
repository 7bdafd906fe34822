"""Other people's tables by --map: what the map says is done; what it says wrongly is told with its line."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.store import Node
from graph.viewer import OPERATOR
from loaders.errors import LoadError, MappingError
from loaders.mapfile import read_map
from loaders.replay import write_csv
from ontology.model import Model
from ontology.values import parse_instant
from tests.loads.tables import Loader, counts

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
EXAMPLE = re.compile(r"<!-- example: (\S+?)(?:, in (\S+))? -->\n```\w+\n(.*?)```", re.DOTALL)


def mapped(loader: Loader, folder: Path, text: str, files: dict[str, str], **options: Any) -> LoadRecord:
    """Load files by a map, all written into the folder."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, content in files.items():
        (data / name).write_text(content, encoding="utf-8")
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return loader.folder(data, map=folder / "map.toml", name="theirs", **options)


def node(loader: Loader, id: str) -> Node:
    found = loader.store.get(id, OPERATOR)
    assert found is not None
    return found


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The files of the complete example in docs/sources.md."""
    (tmp_path / "example").mkdir()
    for name, encoding, text in EXAMPLE.findall(PAGE.read_text("utf-8")):
        (tmp_path / "example" / name).write_text(text, encoding=encoding or "utf-8")
    return tmp_path / "example"


# The example of the page


def test_the_example_of_the_page_is_loaded_whole(loader: Loader, example: Path) -> None:
    record = loader.folder(example, map=example / "map.toml", name="hr")
    assert counts(record) == {"read": 5, "written": 4, "skipped": 1}
    assert record.skips == {"test-accounts": 1}
    again = loader.folder(example, map=example / "map.toml", name="hr")
    assert counts(again) == {"read": 5, "unchanged": 4, "skipped": 1}


def test_the_people_of_the_example_have_ids_without_personal_data(loader: Loader, example: Path) -> None:
    loader.folder(example, map=example / "map.toml", name="hr")
    people = loader.store.page("Learner", OPERATOR)
    assert [
        person.properties["label"] for person in sorted(people, key=lambda each: str(each.properties["label"]))
    ] == [
        "Ada Meyer",
        "Jürgen Groß",
    ]
    assert all(re.fullmatch("person:[0-9a-f]{32}", person.id) for person in people)
    numbers = {row.properties["value"]: row.properties["learner"] for row in loader.store.page("Identity", OPERATOR)}
    assert set(numbers) == {"1017", "1018"}


def test_the_results_of_the_example_are_their_peoples(loader: Loader, example: Path) -> None:
    """The e-mails differ in case between the two systems; 34 of 40 points are 0.85."""
    loader.folder(example, map=example / "map.toml", name="hr")
    [ada] = [each for each in loader.store.page("Learner", OPERATOR) if each.properties["label"] == "Ada Meyer"]
    scores = {row.properties["learner"]: row.properties["score"] for row in loader.store.page("Evidence", OPERATOR)}
    assert scores[ada.id] == 850_000
    assert len(scores) == 2


def test_an_empty_cell_states_no_edge(loader: Loader, example: Path) -> None:
    """Ada Meyer is in no team."""
    loader.folder(example, map=example / "map.toml", name="hr")
    [edge] = loader.store.expand(["team:Plattform"], OPERATOR, ["MEMBER_OF"], incoming=True)
    assert node(loader, edge.start).properties["label"] == "Jürgen Groß"
    assert edge.properties == {"since": parse_instant("2021-03-01")[0]}


def test_ids_by_hash_are_the_same_when_a_reject_is_mended_and_replayed(
    loader: Loader, example: Path, tmp_path: Path
) -> None:
    people = example / "people.csv"
    good = people.read_bytes()
    people.write_bytes(good.replace(b";A;15.10.2023;", b";?;15.10.2023;"))
    loader.folder(example, map=example / "map.toml", name="hr")
    out = io.StringIO()
    assert write_csv(loader.held(), out) == 1
    (tmp_path / "mended.csv").write_text(out.getvalue().replace("?", "A"), encoding="utf-8")

    replayed = loader.folder(example, map=example / "map.toml", name="hr", replay=tmp_path / "mended.csv")

    assert counts(replayed) == {"read": 1, "written": 1}
    people.write_bytes(good)
    assert counts(loader.folder(example, map=example / "map.toml", name="hr"))["unchanged"] == 4


# What a map can say

ROLES = """
[[file]]
name = "jobs.csv"

[[file.node]]
type = "Role"
id = "job:{code}"
[file.node.fields]
label = "title"
"label@de" = "titel"
type = { constant = "job" }
threshold = { column = "need", decimal = "," }

[[file.node.edge]]
type = "REQUIRES"
to = "skill:{skills}"
each = "skills"
separator = ";"
fields = { level = { constant = 2 }, kind = { column = "kind", values = { M = "must", "*" = "preferred" } } }

[[file]]
name = "skills.csv"
ignored = ["*"]
[[file.node]]
type = "Skill"
id = "skill:{name}"
fields = { label = "name", alt_labels = { column = "also", separator = "/" } }
version = "changed"
[[file.edge]]
type = "BROADER"
from = "skill:{name}"
to = "skill:{above}"
when = { linked = ["yes"] }
"""
FILES = {
    "jobs.csv": 'code,title,titel,need,skills,kind\n7/a,Cook,Koch,"0,75",cut; boil ,M\n8,Waiter,Kellner,,,\n',
    "skills.csv": "name,also,above,linked,changed,more\ncut,chop/slice,prepare,yes,3,x\nboil,,prepare,no,3,x\n"
    "prepare,,,,,\n",
}


def test_columns_constants_words_and_lists(loader: Loader, tmp_path: Path) -> None:
    assert counts(mapped(loader, tmp_path, ROLES, FILES)) == {"read": 5, "written": 5}
    cook = node(loader, "job:7~2fa")
    assert cook.properties == {"label": "Cook", "label@de": "Koch", "type": "job", "threshold": 750_000}
    edges = loader.store.expand([cook.id], OPERATOR, ["REQUIRES"])
    assert {(edge.end, edge.properties["level"], edge.properties["kind"]) for edge in edges} == {
        ("skill:cut", 2_000_000, "must"),
        ("skill:boil", 2_000_000, "must"),
    }
    assert set(node(loader, "skill:cut").properties["alt_labels"]) == {"chop", "slice"}  # type: ignore[arg-type]


def test_a_condition_keeps_an_edge_to_some_rows(loader: Loader, tmp_path: Path) -> None:
    mapped(loader, tmp_path, ROLES, FILES)
    edges = loader.store.expand(["skill:prepare"], OPERATOR, ["BROADER"], incoming=True)
    assert [edge.start for edge in edges] == ["skill:cut"]


def test_rows_that_nothing_applies_to_are_skipped_by_name(loader: Loader, tmp_path: Path) -> None:
    text = """
        [[file]]
        name = "things.csv"
        [[file.node]]
        type = "Skill"
        id = "skill:{id}"
        when = { kind = ["skill"] }
        """
    record = mapped(loader, tmp_path, text, {"things.csv": "id,kind\na,skill\nb,tool\n"})
    assert record.skips == {"not-mapped": 1}


def test_json_lines_with_lists_of_objects(loader: Loader, tmp_path: Path) -> None:
    text = """
        [[file]]
        name = "jobs.jsonl"
        [[file.node]]
        type = "Role"
        id = "job:{id}"
        [[file.node.edge]]
        type = "REQUIRES"
        each = "needs"
        to = "skill:{skill}"
        fields = { level = "at" }
        [[file.node.edge]]
        type = "REQUIRES_CREDENTIAL"
        each = "papers"
        to = "paper:{papers}"
        """
    line = '{"id": 1, "needs": [{"skill": "cut", "at": 2}, {"skill": "boil", "at": 1.5}], "papers": ["a/b", "c"]}'
    record = mapped(loader, tmp_path, text, {"jobs.jsonl": line})
    assert counts(record) == {"read": 1, "waiting": 1}
    assert {row.refers_to for row in loader.held("waiting")} <= {"skill:cut", "skill:boil", "paper:a~2fb", "paper:c"}


def test_a_pattern_stands_for_several_files(loader: Loader, tmp_path: Path) -> None:
    text = '[[file]]\nname = "skills-*.csv"\n[[file.node]]\ntype = "Skill"\nid = "skill:{id}"\n'
    record = mapped(loader, tmp_path, text, {"skills-1.csv": "id\na\n", "skills-2.csv": "id\nb\n"})
    assert counts(record) == {"read": 2, "written": 2}


# What a map can say wrongly


def test_a_column_that_the_map_does_not_name_is_refused(loader: Loader, tmp_path: Path) -> None:
    files = FILES | {"jobs.csv": FILES["jobs.csv"].replace("titel", "tittel")}
    with pytest.raises(LoadError, match=r"jobs\.csv: column 'tittel' is not known; did you mean 'titel'"):
        mapped(loader, tmp_path, ROLES, files)


def test_a_file_that_the_map_does_not_name_is_refused(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"job\.csv: no .* reads it; did you mean 'jobs.csv'"):
        mapped(loader, tmp_path, ROLES, {"job.csv": "code\n"})
    (tmp_path / "data" / "job.csv").unlink()
    with pytest.raises(LoadError, match=re.escape("nothing in it is a file that the map reads (jobs.csv, skills.csv)")):
        mapped(loader, tmp_path, ROLES, {})


def test_a_column_to_hash_that_is_missing_is_told(loader: Loader, tmp_path: Path) -> None:
    ids = 'id = { hash = "email", prefix = "p" }\nfields = { label = "n" }'
    text = f'[[file]]\nname = "a.csv"\n[[file.node]]\ntype = "Learner"\n{ids}'
    with pytest.raises(LoadError, match=r"a\.csv: column 'email' is missing; did you mean 'e-mail'"):
        mapped(loader, tmp_path, text, {"a.csv": "e-mail,n\na@example.org,A\n"})


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('name = "jobs.csv"', 'nam = "jobs.csv"', "line 2: file 1: name is missing"),
        ('type = "Role"', 'type = "Roll"', "line 6: file jobs.csv, node Roll: no type 'Roll' can be loaded; did you"),
        ('type = "Role"', 'type = "Load"', "no type 'Load' can be loaded"),
        ('type = "BROADER"', 'type = "BROAD"', "edge BROAD: no type 'BROAD' can be loaded; did you mean 'BROADER'?"),
        ("label = ", "labl = ", "line 9: file jobs.csv, node Role, fields: Role has no property 'labl'; did"),
        ('"label@de"', '"type@de"', "line 10: file jobs.csv, node Role, fields: type has no languages"),
        ('constant = "job"', 'constant = "jobb"', "line 11: file jobs.csv, node Role, fields, type: type: 'jobb' is"),
        ('M = "must"', 'M = "most"', "line 19: file jobs.csv, node Role, edge REQUIRES, fields, kind: kind:"),
        ('id = "job:{code}"', 'id = "job"', "line 7: file jobs.csv, node Role: id names no column"),
        ('id = "job:{code}"', 'id = "job-{code}"', "id has no prefix"),
        ('id = "job:{code}"', 'id = "a job:{code}"', "'a job' is no prefix"),
        ('id = "job:{code}"', 'id = { hash = "code" }', "line 7: file jobs.csv, node Role, id: prefix is missing"),
        ('decimal = ","', 'decimals = ","', "'decimals' is not known; did you mean 'decimal'?"),
        ('decimal = ","', 'date_format = "%Y"', "threshold is no date, so date_format means nothing"),
        ('decimal = ","', "minimum = 1", "minimum and maximum scale a decimal, and stand together"),
        ('column = "need", ', "", "give either a column or a constant"),
        ('to = "skill:{skills}"', "", "give `to` or `from`"),
        ('from = "skill:{name}"', "", "edge BROADER: from is missing"),
        ('when = { linked = ["yes"] }', 'when = { linked = [1] }', "linked must be a list of texts"),
        ('separator = ";"', "separator = 5", "line 18: file jobs.csv, node Role, edge REQUIRES: separator must be"),
        ('ignored = ["*"]', 'separator = "::"', "line 23: file skills.csv: separator must be one character"),
        ('ignored = ["*"]', '[[file.skip]]\nname = "No Good"\nwhy = "x"', "a skip rule has a name like test-accounts"),
        ('ignored = ["*"]', "[[file.node", "is no TOML"),
        ('[[file]]\nname = "jobs.csv"', '[file]\nname = "jobs.csv"', "is no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_map_is_told_with_its_line(
    model: Model, tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    assert right in ROLES
    (tmp_path / "map.toml").write_text(ROLES.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(MappingError) as found:
        read_map(tmp_path / "map.toml", model)
    assert message in str(found.value)
    assert str(found.value).startswith("map.toml: ")


def test_a_map_that_is_not_there_or_says_nothing_is_told(model: Model, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"map\.toml: can't be read: No such file"):
        read_map(tmp_path / "map.toml", model)
    (tmp_path / "map.toml").write_text("")
    with pytest.raises(MappingError, match=r"no .*file.* is in it"):
        read_map(tmp_path / "map.toml", model)
    (tmp_path / "map.toml").write_text('[[file]]\nname = "a.csv"\n')
    with pytest.raises(MappingError, match="says nothing of its rows"):
        read_map(tmp_path / "map.toml", model)
    (tmp_path / "map.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(MappingError, match="is not in UTF-8"):
        read_map(tmp_path / "map.toml", model)
