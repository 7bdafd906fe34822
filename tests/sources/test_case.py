"""CASE: a tiny framework with a rubric, what of it becomes what, and how packages in the wild are read."""

from __future__ import annotations

import copy
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from graph.ledger import LoadRecord
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from tests.conftest import SHARED_DATA
from tests.loads.tables import Loader, counts
from tests.sources.server import Served, said

SCHEMA = SHARED_DATA / "samples" / "case" / "case-v1p0-cfpackage-schema.json"
HOST = "https://case.tiny.example/ims/case/v1p0"
CHANGED = "2025-03-01T08:00:00+00:00"
ELSEWHERE = "00000000-0000-4000-8000-0000000000ff"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def id_of(number: int) -> str:
    return f"case:{uuid(number)}"


DOCUMENT, CLOUD, LINUX, SHELL, KERNEL, OLD, GERMAN = range(1, 8)
RUBRIC, CRITERION, OTHER_CRITERION, LOW, HIGH = range(20, 25)


def own(number: int, kind: str) -> dict[str, Any]:
    return {"identifier": uuid(number), "uri": f"{HOST}/{kind}/{uuid(number)}", "lastChangeDateTime": CHANGED}


def item(number: int, statement: str, **more: Any) -> dict[str, Any]:
    return {**own(number, "CFItems"), "fullStatement": statement, **more}


def link(number: int) -> dict[str, str]:
    return {"title": "", "identifier": uuid(number), "uri": f"{HOST}/CFItems/{uuid(number)}"}


def association(number: int, kind: str, origin: int, destination: int | dict[str, str]) -> dict[str, Any]:
    end = link(destination) if isinstance(destination, int) else destination
    ends = {"originNodeURI": link(origin), "destinationNodeURI": end}
    return {**own(number, "CFAssociations"), "associationType": kind, **ends}


PACKAGE: dict[str, Any] = {
    "CFDocument": {
        **own(DOCUMENT, "CFDocuments"),
        "creator": "Tiny",
        "title": "Running systems",
        "description": "What Tiny's operators can do.",
        "language": "en",
        "adoptionStatus": "Adopted",
    },
    "CFItems": [
        item(CLOUD, "Operating systems", CFItemType="Domain"),
        item(
            LINUX,
            "Administers a Linux host alone",
            abbreviatedStatement="Linux",
            humanCodingScheme="OS.1",
            alternativeLabel="GNU/Linux",
            conceptKeywords=["penguin", "hosts"],
            CFItemType="Competency",
        ),
        item(SHELL, "Writes shell scripts"),
        item(KERNEL, "Knows what a kernel does", CFItemType="Knowledge"),
        item(OLD, "Administers Unix", statusEndDate="2020-01-01"),
        item(GERMAN, "Verwaltet einen Linux-Rechner", abbreviatedStatement="Linux verwalten", language="de"),
    ],
    "CFAssociations": [
        association(101, "isChildOf", CLOUD, DOCUMENT),
        association(102, "isChildOf", LINUX, CLOUD),
        association(103, "isPartOf", SHELL, LINUX),
        association(104, "isRelatedTo", SHELL, KERNEL),
        association(105, "precedes", SHELL, LINUX),
        association(106, "replacedBy", OLD, LINUX),
        association(
            107, "exemplar", LINUX, {"title": "A page", "identifier": "page", "uri": "https://tiny.example/page"}
        ),
        association(108, "hasSkillLevel", LINUX, KERNEL),
    ],
    "CFDefinitions": {"CFSubjects": [], "CFItemTypes": []},
    "CFRubrics": [
        {
            **own(RUBRIC, "CFRubrics"),
            "title": "Host exercise",
            "CFRubricCriteria": [
                {
                    **own(CRITERION, "CFRubricCriteria"),
                    "category": "Safety",
                    "weight": 0.75,
                    "position": 1,
                    "CFItemURI": link(LINUX),
                    "CFRubricCriterionLevels": [
                        {**own(LOW, "CFRubricCriterionLevels"), "quality": "Unsafe", "score": 0, "position": 1},
                        {
                            **own(HIGH, "CFRubricCriterionLevels"),
                            "quality": "Safe",
                            "description": "Nothing is lost.",
                            "feedback": "Well kept.",
                            "score": 2.5,
                            "position": 2,
                        },
                    ],
                },
                {**own(OTHER_CRITERION, "CFRubricCriteria"), "category": "Speed", "weight": 0.25, "position": 2},
            ],
        }
    ],
}
TRANSLATED = association(110, "isTranslationOf", GERMAN, LINUX)


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The package with a change."""
    package = copy.deepcopy(PACKAGE)
    change(package)
    return package


def skips(record: LoadRecord) -> dict[str, int]:
    return dict(record.skips or {})


def case(loader: Loader, folder: Path, *packages: Any, **options: Any) -> LoadRecord:
    for number, package in enumerate(packages):
        (folder / f"package-{number}.json").write_text(json.dumps(package), encoding="utf-8")
    paths = tuple(folder / f"package-{number}.json" for number in range(len(packages)))
    return loader.folder(folder, source="case", paths=paths, **options)


def node(store: Store, number: int) -> Node:
    found = store.get(id_of(number), OPERATOR)
    assert found is not None
    return found


def edges(store: Store, number: int, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([id_of(number)], OPERATOR, [type]) if edge.start == id_of(number)}


# What becomes what


@pytest.mark.skipif(not SCHEMA.exists(), reason="../shared/data/samples/case is not here")
def test_the_package_of_these_tests_is_good_case() -> None:
    checker = FormatChecker(["date"])
    checker.checks("date-time")(lambda text: "T" in str(text))  # a date is not one too
    Draft7Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=checker).validate(PACKAGE)


def test_every_row_is_accounted_for(loader: Loader, tmp_path: Path) -> None:
    record = case(loader, tmp_path, PACKAGE)
    assert counts(record) == {"read": 21, "written": 18, "skipped": 3}
    assert record.skips == {"exemplar": 1, "skill-level": 1, "told-with-item": 1}
    assert record.flags == {}


def test_the_same_package_again_changes_nothing(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    number = loader.store.number()
    assert counts(case(loader, tmp_path, PACKAGE)) == {"read": 21, "unchanged": 18, "skipped": 3}
    assert loader.store.number() == number


def test_an_item_is_a_skill_named_by_its_short_statement(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    assert node(loader.store, LINUX).properties == {
        "label": "Linux",
        "description": "Administers a Linux host alone",
        "code": "OS.1",
        "type": "skill",
        "alt_labels": ("GNU/Linux",),
        "hidden_labels": ("hosts", "penguin"),
        "status": "released",
    }
    assert node(loader.store, SHELL).properties == {
        "label": "Writes shell scripts",
        "type": "skill",
        "status": "released",
    }


def test_types_are_told_by_the_words_of_the_framework(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    types = {number: node(loader.store, number).properties["type"] for number in (DOCUMENT, CLOUD, KERNEL)}
    assert types == {DOCUMENT: "group", CLOUD: "group", KERNEL: "knowledge"}


def test_an_item_that_ended_before_its_document_changed_is_retired_and_says_what_replaces_it(
    loader: Loader, tmp_path: Path
) -> None:
    case(loader, tmp_path, PACKAGE)
    old = node(loader.store, OLD).properties
    assert (old["status"], old["replaced_by"]) == ("retired", (id_of(LINUX),))


def test_associations_are_edges_in_the_direction_of_the_model(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    assert set(edges(loader.store, CLOUD, "BROADER")) == {id_of(DOCUMENT)}
    assert set(edges(loader.store, LINUX, "BROADER")) == {id_of(CLOUD)}
    assert set(edges(loader.store, SHELL, "BROADER")) == {id_of(LINUX)}
    assert set(edges(loader.store, SHELL, "RELATED")) == {id_of(KERNEL)}
    needed = edges(loader.store, LINUX, "DEPENDS_ON")
    assert {end: edge.properties for end, edge in needed.items()} == {id_of(SHELL): {"kind": "optional"}}


def test_a_rubric_has_its_criteria_and_their_levels(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    assert node(loader.store, RUBRIC).properties == {"label": "Host exercise"}
    assert set(edges(loader.store, RUBRIC, "HAS_CRITERION")) == {id_of(CRITERION), id_of(OTHER_CRITERION)}
    assert set(edges(loader.store, CRITERION, "ASSESSES")) == {id_of(LINUX)}
    assert set(edges(loader.store, CRITERION, "HAS_LEVEL")) == {id_of(LOW), id_of(HIGH)}
    assert node(loader.store, HIGH).properties == {
        "label": "Safe",
        "description": "Nothing is lost.\n\nWell kept.",
        "points": 2_500_000,
        "position": 2,
    }


def test_weights_are_whole_numbers_in_the_same_proportion(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    weights = [node(loader.store, number).properties["weight"] for number in (CRITERION, OTHER_CRITERION)]
    assert weights == [75, 25]


def test_what_a_later_package_no_longer_has_is_gone(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    smaller = changed(lambda package: package.update(CFRubrics=[], CFAssociations=[]))
    case(loader, tmp_path, smaller, allow_shrink=True)
    assert loader.there(id_of(RUBRIC), id_of(CRITERION), id_of(LINUX)) == [False, False, True]
    assert edges(loader.store, LINUX, "BROADER") == {}


# Languages


def test_a_translation_is_a_label_of_what_it_translates(loader: Loader, tmp_path: Path) -> None:
    record = case(loader, tmp_path, changed(lambda package: package["CFAssociations"].append(TRANSLATED)))
    assert skips(record)["translation"] == 2
    linux = node(loader.store, LINUX).properties
    assert (linux["label"], linux["label@de"]) == ("Linux", "Linux verwalten")
    assert linux["description@de"] == "Verwaltet einen Linux-Rechner"
    assert loader.there(id_of(GERMAN)) == [False]


def test_an_item_in_another_language_has_its_label_there(loader: Loader, tmp_path: Path) -> None:
    case(loader, tmp_path, PACKAGE)
    assert node(loader.store, GERMAN).properties["label@de"] == "Linux verwalten"
    assert "label" not in node(loader.store, GERMAN).properties


# What is not in the package


def test_an_item_of_another_package_is_waited_for(loader: Loader, tmp_path: Path) -> None:
    there = {"title": "", "identifier": ELSEWHERE, "uri": f"{HOST}/CFItems/{ELSEWHERE}"}
    first = changed(lambda package: package["CFAssociations"].append(association(111, "exactMatchOf", LINUX, there)))
    assert case(loader, tmp_path, first).waiting == 1
    second = {
        "CFDocument": {**own(50, "CFDocuments"), "creator": "Other", "title": "Other"},
        "CFItems": [{**own(51, "CFItems"), "identifier": ELSEWHERE.upper(), "fullStatement": "Linux"}],
    }
    case(loader, tmp_path, second, name="other")
    assert set(edges(loader.store, LINUX, "EXACT_MATCH")) == {f"case:{ELSEWHERE}"}


def test_a_skill_of_another_vocabulary_is_known_by_its_address(loader: Loader, tmp_path: Path) -> None:
    esco = {"title": "", "identifier": "S1", "uri": "http://data.europa.eu/esco/skill/S1"}
    package = changed(lambda package: package["CFAssociations"].append(association(111, "exactMatchOf", LINUX, esco)))
    loader(name="esco", Skill="id,label\nesco-skill:S1,Linux\n")
    case(loader, tmp_path, package)
    assert set(edges(loader.store, LINUX, "EXACT_MATCH")) == {"esco-skill:S1"}


def test_a_criterion_stands_though_the_item_it_judges_is_not_there(loader: Loader, tmp_path: Path) -> None:
    def elsewhere(package: dict[str, Any]) -> None:
        package["CFRubrics"][0]["CFRubricCriteria"][0]["CFItemURI"]["identifier"] = ELSEWHERE

    assert case(loader, tmp_path, changed(elsewhere)).waiting == 1
    assert loader.there(id_of(CRITERION)) == [True]


def test_what_replaces_an_item_elsewhere_is_left_out_by_rule(loader: Loader, tmp_path: Path) -> None:
    there = {"title": "", "identifier": ELSEWHERE, "uri": f"{HOST}/CFItems/{ELSEWHERE}"}
    package = changed(lambda package: package["CFAssociations"].append(association(111, "replacedBy", SHELL, there)))
    assert skips(case(loader, tmp_path, package))["replaced-outside"] == 1


# How packages are in the wild


def test_bent_packages_are_read_and_flagged(loader: Loader, tmp_path: Path) -> None:
    def bend(package: dict[str, Any]) -> None:
        first, second = package["CFAssociations"][1:3]
        first["destinationNodeURI"] = first["destinationNodeURI"]["uri"]
        second["originNodeURI"] = f"https://mirror.example/uri/{uuid(SHELL)}"
        package["CFItems"][1]["educationalLevel"] = ["09"]
        package["CFItems"][1]["lastChangeDateTime"] = "2025-03-01T08:00:00"
        package["CFItems"][2]["abbreviatedStatement"] = package["CFItems"][2].pop("fullStatement")

    record = case(loader, tmp_path, changed(bend))
    assert record.rejected == 0
    assert record.flags == {"bare-link": 2, "education-level-key": 1, "no-zone": 1, "no-statement": 1}
    assert set(edges(loader.store, LINUX, "BROADER")) == {id_of(CLOUD)}
    assert set(edges(loader.store, SHELL, "BROADER")) == {id_of(LINUX)}


def test_identifiers_are_the_same_in_either_case(loader: Loader, tmp_path: Path) -> None:
    letters = "ABCDEF00-0000-4000-8000-00000000000A"

    def shout(package: dict[str, Any]) -> None:
        package["CFItems"].append({**item(99, "Shouts"), "identifier": letters})
        package["CFAssociations"].append(
            association(111, "isChildOf", LINUX, {**link(1), "identifier": letters.lower()})
        )

    case(loader, tmp_path, changed(shout))
    assert f"case:{letters.lower()}" in edges(loader.store, LINUX, "BROADER")


def test_a_statement_longer_than_a_label_is_cut_and_kept_as_description(loader: Loader, tmp_path: Path) -> None:
    long = "Explains. " * 300
    case(loader, tmp_path, changed(lambda package: package["CFItems"][2].update(fullStatement=long)))
    shell = node(loader.store, SHELL).properties
    assert len(str(shell["label"])) == 2000
    assert shell["description"] == long.strip()


def test_version_1_1_is_read_with_its_own_types(loader: Loader, tmp_path: Path) -> None:
    def newer(package: dict[str, Any]) -> None:
        package["CFDocument"].update(caseVersion="1.1", frameworkType="Standards")
        package["CFAssociations"].append(association(111, "ext:helps", SHELL, KERNEL))
        package["CFItems"][0]["extensions"] = {"theirs": [1]}

    assert skips(case(loader, tmp_path, changed(newer)))["extension"] == 1


def test_the_newer_of_two_versions_stands_whichever_comes_first(loader: Loader, tmp_path: Path) -> None:
    newer = changed(
        lambda package: package["CFItems"][2].update(fullStatement="Scripts", lastChangeDateTime="2025-06-01T00:00:00Z")
    )
    case(loader, tmp_path, newer)
    assert skips(case(loader, tmp_path, PACKAGE))["older-version"] == 1
    assert node(loader.store, SHELL).properties["label"] == "Scripts"


# Bad input

BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], tuple[str, int, str], str]] = {
    "a missing key": (
        lambda package: package["CFItems"][2].pop("identifier"),
        ("items", 3, "identifier"),
        "identifier is empty",
    ),
    "no statement": (
        lambda package: package["CFItems"][2].pop("fullStatement"),
        ("items", 3, "fullStatement"),
        "every item says what it is",
    ),
    "an object for a text": (
        lambda package: package["CFItems"][2].update(fullStatement={"en": "Scripts"}),
        ("items", 3, "fullStatement"),
        "is an object",
    ),
    "an item that is none": (
        lambda package: package["CFItems"].__setitem__(2, "Scripts"),
        ("items", 3, ""),
        "is no object",
    ),
    "a misspelt type": (
        lambda package: package["CFAssociations"][1].update(associationType="isChildof"),
        ("associations", 2, "associationType"),
        "did you mean 'isChildOf'?",
    ),
    "no end": (
        lambda package: package["CFAssociations"][1].pop("destinationNodeURI"),
        ("associations", 2, "destinationNodeURI"),
        "give its identifier and uri",
    ),
    "an end that leads nowhere": (
        lambda package: package["CFAssociations"][1]["destinationNodeURI"].update(identifier="x", uri="y"),
        ("associations", 2, "destinationNodeURI"),
        "neither a UUID",
    ),
    "a time that is none": (
        lambda package: package["CFAssociations"][1].update(lastChangeDateTime="yesterday"),
        ("associations", 2, "lastChangeDateTime"),
        "is no version",
    ),
    "a negative score": (
        lambda package: package["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"][0].update(score=-1),
        ("levels", 1, "score"),
        "-1",
    ),
    "a weight of nothing": (
        lambda package: package["CFRubrics"][0]["CFRubricCriteria"][1].update(weight=0),
        ("criteria", 2, "weight"),
        "no number above 0",
    ),
    "levels that are no list": (
        lambda package: package["CFRubrics"][0]["CFRubricCriteria"][1].update(CFRubricCriterionLevels="high"),
        ("levels", 3, "CFRubricCriterionLevels"),
        "a list belongs there",
    ),
}


@pytest.mark.parametrize(("change", "place", "told"), BAD.values(), ids=BAD)
def test_a_bad_row_is_rejected_and_the_good_rows_go_in(
    loader: Loader, tmp_path: Path, change: Any, place: tuple[str, int, str], told: str
) -> None:
    case(loader, tmp_path, changed(change))
    [row] = loader.held()
    assert (row.file, row.row, row.field) == (f"package-0.json/{place[0]}", place[1], place[2])
    assert told in row.reason
    assert loader.there(id_of(DOCUMENT), id_of(KERNEL), id_of(RUBRIC)) == [True, True, True]


def test_a_bad_row_is_mended_and_replayed(loader: Loader, tmp_path: Path) -> None:
    def spoil(package: dict[str, Any]) -> None:
        package["CFAssociations"][1].update(associationType="isChildof")
        package["CFRubrics"][0]["CFRubricCriteria"][1].update(weight="much")

    case(loader, tmp_path, changed(spoil))
    out = io.StringIO()
    write_csv(loader.held(), out)
    mended = tmp_path / "mended.csv"
    mended.write_text(out.getvalue().replace("isChildof", "isChildOf").replace("much", "25"), encoding="utf-8")

    assert counts(loader.folder(tmp_path, source="case", paths=(), replay=mended)) == {"read": 2, "written": 2}

    assert set(edges(loader.store, LINUX, "BROADER")) == {id_of(CLOUD)}
    assert set(edges(loader.store, RUBRIC, "HAS_CRITERION")) == {id_of(CRITERION), id_of(OTHER_CRITERION)}
    assert loader.held() == []


def test_two_items_of_one_identifier_are_both_rejected(loader: Loader, tmp_path: Path) -> None:
    twice = changed(lambda package: package["CFItems"].append(item(SHELL, "Something else")))
    case(loader, tmp_path, twice)
    assert [row.row for row in loader.held() if row.file.endswith("/items")] == [3, 7]


def test_a_hierarchy_that_leads_back_is_rejected(loader: Loader, tmp_path: Path) -> None:
    circle = changed(lambda package: package["CFAssociations"].append(association(111, "isChildOf", CLOUD, SHELL)))
    assert case(loader, tmp_path, circle).rejected > 0
    assert loader.there(id_of(CLOUD)) == [True]


WRONG: dict[str, tuple[Any, str]] = {
    "another format": ({"outcome_results": []}, "this looks like Canvas outcome results, not a CASE package"),
    "only items": (PACKAGE["CFItems"], "this looks like CASE items, not a CASE package"),
    "nothing known": ({"a": 1}, "it has no CFDocument; give a whole CFPackage"),
    "an unknown version": (
        changed(lambda package: package["CFDocument"].update(caseVersion="2.0")),
        "caseVersion '2.0' is no version of CASE that is read here: 1.0, 1.1",
    ),
    "items that are no list": (changed(lambda package: package.update(CFItems={})), "CFItems is an object, but a list"),
}


@pytest.mark.parametrize(("value", "told"), WRONG.values(), ids=WRONG)
def test_a_document_that_is_no_package_is_refused(loader: Loader, tmp_path: Path, value: Any, told: str) -> None:
    with pytest.raises(LoadError) as caught:
        case(loader, tmp_path, value)
    assert told in str(caught.value)
    assert "package-0.json" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (json.dumps(PACKAGE)[:400].encode(), "is no JSON"),
        (b"[" * 600 + b"]" * 600, "nested"),
        (b'{"CFDocument": {}, "CFDocument": {}}', "stands twice"),
        (gzip.compress(json.dumps(PACKAGE).encode())[:60], "cut off"),
    ],
    ids=["truncated", "deep", "a key twice", "a gzip cut short"],
)
def test_a_file_that_cannot_be_read_is_one_message(loader: Loader, tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / ("package.json.gz" if data[:2] == b"\x1f\x8b" else "package.json")
    path.write_bytes(data)
    with pytest.raises(LoadError, match=told):
        loader.folder(path, source="case")


# Pulled


@pytest.mark.parametrize("version", ["v1p0", "v1p1"])
def test_every_package_of_a_host_is_pulled(loader: Loader, tmp_path: Path, version: str) -> None:
    other = {"CFDocument": {**own(50, "CFDocuments"), "creator": "Other", "title": "Other"}}
    with Served() as host:
        base = f"/ims/case/{version}"
        host.serve(f"{base}/CFDocuments", lambda _: said({"CFDocuments": [PACKAGE["CFDocument"], other["CFDocument"]]}))
        host.serve(f"{base}/CFPackages/{uuid(DOCUMENT)}", lambda _: said(PACKAGE))
        host.serve(f"{base}/CFPackages/{uuid(50)}", lambda _: said(other))
        record = load(loader.store, LoadRequest("case", address=host.origin + base, max_rejects=0))
    assert record.written == 19
    assert loader.there(id_of(LINUX), id_of(50)) == [True, True]
    assert case(loader, tmp_path, PACKAGE, other).written == 0


def test_a_link_by_address_alone_leads_to_the_item_of_the_package_that_has_it(loader: Loader, tmp_path: Path) -> None:
    package = copy.deepcopy(PACKAGE)
    package["CFItems"][1]["uri"] = "https://tiny.example/things/linux"
    package["CFAssociations"][1]["originNodeURI"] = {"title": "Linux", "uri": "https://tiny.example/things/linux"}
    (tmp_path / "p.json").write_text(json.dumps(package), encoding="utf-8")
    assert loader.folder(tmp_path / "p.json", source="case").waiting == 0
    [edge] = [each for each in loader.store.expand([id_of(LINUX)], OPERATOR, ["BROADER"]) if each.start == id_of(LINUX)]
    assert edge.end == id_of(CLOUD)
