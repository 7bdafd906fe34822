"""CASE packages: by the standard's schemas, and read back by our own source to the same skills."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from graph.digest import digest
from graph.exports import Wanted
from graph.exports.case import EXPORT
from graph.exports.case.frameworks import read_frameworks
from graph.exports.case.terms import V1P0, Names
from graph.exports.case.things import Things
from graph.open import open_store
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load
from tests.formats.case_schema import schema
from tests.loads.tables import Loader
from tests.sources.test_case import PACKAGE, SCHEMA, TRANSLATED, changed, id_of, uuid
from tests.sources.test_case import case as load_case

SKILLS = """id,label,label@de,description,code,type,alt_labels,hidden_labels,status,replaced_by
skill:ops,Operations,,,,group,,,released,
skill:linux,Linux,Linux verwalten,Administers a host,OS.1,skill,GNU/Linux|Tux,pinguin,released,
skill:shell,Shell,,,,knowledge,,,released,
skill:talk,Talking,,,,transversal,,,released,
skill:unix,Unix,,,,skill,,,retired,skill:linux
"""
RUBRICS = {
    "Rubric": "id,label,description\nrubric:host,Host exercise,How hosts are kept\n",
    "Criterion": "id,label,weight,position\ncriterion:safe,Safety,3,1\n",
    "CriterionLevel": "id,label,description,points,position\n"
    "mark:low,Unsafe,,0,1\nmark:high,Safe,Nothing is lost,2.5,2\n",
    "HAS_CRITERION": "from,to\nrubric:host,criterion:safe\n",
    "HAS_LEVEL": "from,to\ncriterion:safe,mark:low\ncriterion:safe,mark:high\n",
    "ASSESSES": "from,to\ncriterion:safe,skill:linux\n",
}


_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Store:
    """One framework with every relation, and a rubric."""
    Loader(store, tmp_path)(
        "house",
        Skill=SKILLS,
        BROADER="from,to\nskill:linux,skill:ops\nskill:shell,skill:linux\n",
        RELATED="from,to\nskill:shell,skill:talk\n",
        EXACT_MATCH="from,to\nskill:linux,skill:unix\n",
        DEPENDS_ON="from,to,kind\nskill:linux,skill:shell,optional\n",
        **RUBRICS,
    )
    return store


@contextmanager
def read_back(packages: Path, folder: Path) -> Iterator[Store]:
    """An empty store that the file was loaded into."""
    store = open_store(f"sqlite:{folder / 'back.db'}")
    record = load(store, LoadRequest(source="case", paths=(packages,), name="back"))
    assert (record.rejected, record.waiting, record.flags or {}) == (0, 0, {})
    yield store
    store.close()


def written(store: Store, folder: Path) -> Any:
    out = folder / "out.json"
    EXPORT.write(store, out)
    return json.loads(out.read_text("utf-8"))


def errors(name: str, value: Any) -> list[str]:
    found = Draft202012Validator(schema(name), format_checker=formats()).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def formats() -> FormatChecker:
    """Checks addresses and times too, which jsonschema passes over without further packages."""
    checker = FormatChecker()
    checker.checks("uri")(lambda text: _URI.fullmatch(text) is not None)
    checker.checks("date-time")(lambda text: _TIME.fullmatch(text) is not None)
    return checker


def edges(store: Store, type: str, names: Names) -> set[tuple[str, str]]:
    ids = [node.id for node in store.page("Skill", OPERATOR, limit=100)]
    return {(names.identifier(e.start), names.identifier(e.end)) for e in store.expand(ids, OPERATOR, [type])}


def test_a_package_conforms_to_the_standard(house: Store, tmp_path: Path) -> None:
    package = written(house, tmp_path)
    assert errors("CFPackage", package) == []
    assert package["CFDocument"]["title"] == "house"
    assert package["CFDocument"]["adoptionStatus"] == "Adopted"
    assert {each["associationType"] for each in package["CFAssociations"]} == {
        *("isChildOf", "isRelatedTo", "exactMatchOf", "precedes", "replacedBy", "isTranslationOf")
    }


def test_the_schema_of_the_tests_refuses_what_is_none() -> None:
    package = {"CFDocument": {"identifier": "x"}, "Items": []}
    assert len(errors("CFPackage", package)) > 3
    link = {"title": "x", "identifier": uuid(1), "uri": "no address"}
    assert errors("LinkURI", link) == ["$.uri: 'no address' is not a 'uri'"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema of CASE 1.0 is not in ../shared/data")
def test_a_package_of_1_0_conforms_to_its_published_schema(house: Store) -> None:
    found = read_frameworks(house, Wanted())
    things = Things(found, Names(house.model, V1P0), "en", "Tiny")
    for each in found.by_id.values():
        package = things.package(each)
        checker = FormatChecker(["date"])
        checker.checks("date-time")(lambda text: "T" in str(text))  # a date is not one too
        Draft7Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=checker).validate(package)
        assert "isTranslationOf" not in {link["associationType"] for link in package["CFAssociations"]}
        assert "caseVersion" not in package["CFDocument"]


def test_every_link_within_a_package_leads_somewhere(house: Store, tmp_path: Path) -> None:
    package = written(house, tmp_path)
    known = {package["CFDocument"]["identifier"], *(item["identifier"] for item in package["CFItems"])}
    assert len(known) == 1 + len(package["CFItems"])
    for link in package["CFAssociations"]:
        assert {link["originNodeURI"]["identifier"], link["destinationNodeURI"]["identifier"]} <= known


def test_what_is_read_back_is_the_same(house: Store, tmp_path: Path) -> None:
    written(house, tmp_path)
    names = Names(house.model)
    with read_back(tmp_path / "out.json", tmp_path) as back:
        for node in house.page("Skill", OPERATOR, limit=100):
            again = back.get(f"case:{names.identifier(node.id)}", OPERATOR)
            assert again is not None
            successors = [f"case:{names.identifier(id)}" for id in node.properties.get("replaced_by", ())]  # type: ignore[union-attr]
            own = dict(node.properties) | ({"replaced_by": tuple(successors)} if successors else {})
            assert again.properties == own
        for type in ("RELATED", "EXACT_MATCH", "DEPENDS_ON"):
            assert edges(back, type, names) == edges(house, type, names)
        assert edges(back, "BROADER", names) > edges(house, "BROADER", names)  # and of top ones to the document
        (rubric,) = back.page("Rubric", OPERATOR)
        (criterion,) = back.page("Criterion", OPERATOR)
        assert rubric.properties == {"label": "Host exercise", "description": "How hosts are kept"}
        assert criterion.properties == {"label": "Safety", "weight": 3, "position": 1}
        levels = [level.properties for level in back.page("CriterionLevel", OPERATOR)]
        assert sorted((int(level["position"]), level["label"], level["points"]) for level in levels) == [  # type: ignore[arg-type]
            (1, "Unsafe", 0),
            (2, "Safe", 2_500_000),
        ]
        (assessed,) = back.expand([criterion.id], OPERATOR, ["ASSESSES"])
        assert assessed.end == f"case:{names.identifier('skill:linux')}"


@pytest.mark.parametrize("package", [PACKAGE, changed(lambda package: package["CFAssociations"].append(TRANSLATED))])
def test_what_came_as_case_keeps_its_identifiers_and_its_digest(
    store: Store, tmp_path: Path, package: dict[str, Any]
) -> None:
    load_case(Loader(store, tmp_path), tmp_path, package, name="tiny")
    again = written(store, tmp_path)
    assert again["CFDocument"]["identifier"] == uuid(1)
    assert {uuid(2), uuid(3), uuid(4)} < {item["identifier"] for item in again["CFItems"]}
    with read_back(tmp_path / "out.json", tmp_path) as back:
        assert back.get(id_of(3), OPERATOR) is not None
        assert digest(back) == digest(store)


def test_several_frameworks_are_a_list_or_a_folder_of_packages(house: Store, tmp_path: Path) -> None:
    load_case(Loader(house, tmp_path), tmp_path, PACKAGE, name="tiny")
    packages = written(house, tmp_path)
    assert sorted(each["CFDocument"]["title"] for each in packages) == ["Running systems", "house"]
    assert [errors("CFPackage", each) for each in packages] == [[], []]
    folder = tmp_path / "packages"
    folder.mkdir()
    EXPORT.write(house, folder)
    assert sorted(path.stem for path in folder.iterdir()) == sorted(
        each["CFDocument"]["identifier"] for each in packages
    )
    with read_back(tmp_path / "out.json", tmp_path) as back:
        assert len(back.page("Skill", OPERATOR, limit=100)) == (1 + 5) + (1 + 6)


def test_words_are_left_out_and_drafts_of_what_is_no_draft(store: Store, tmp_path: Path) -> None:
    loader = Loader(store, tmp_path)
    loader(Skill="id,label,type,status\nskill:old,Old,,active\nskill:new,New,,draft\nword:k8s,K8s,word,\n")
    assert [item["fullStatement"] for item in written(store, tmp_path)["CFItems"]] == ["Old"]
    loader("other", Skill="id,label,status\nskill:only,Only,draft\n")
    drafts = [each for each in written(store, tmp_path) if each["CFDocument"].get("adoptionStatus") == "Draft"]
    assert [item["fullStatement"] for each in drafts for item in each["CFItems"]] == ["Only"]


def test_the_same_store_is_written_the_same(house: Store, tmp_path: Path) -> None:
    assert written(house, tmp_path) == written(house, tmp_path)


def test_an_empty_store_is_an_empty_list(store: Store, tmp_path: Path) -> None:
    assert written(store, tmp_path) == []
