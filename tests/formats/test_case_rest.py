"""`/ims/case`: the REST binding of CASE, and what of it a CASE host's loader makes of us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api.case_kept import Kept
from api.service import Service
from graph.open import open_store
from graph.settings import Settings
from graph.viewer import OPERATOR
from tests.api.conftest import Served, logged, problem, serving
from tests.formats.test_case import RUBRICS, SKILLS, errors
from tests.loads.tables import Loader
from tests.sources.test_case import PACKAGE, uuid
from tests.sources.test_case import case as load_case

__all__ = ["logged"]
V1P1, V1P0 = "/ims/case/v1p1", "/ims/case/v1p0"
UNKNOWN = "00000000-0000-4000-8000-00000000ffff"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two frameworks: one of our own, and one that came as CASE."""
    folder = tmp_path_factory.mktemp("case")
    store = open_store(f"sqlite:{folder / 'skillgraph.db'}")
    loader = Loader(store, folder)
    loader("house", Skill=SKILLS, BROADER="from,to\nskill:linux,skill:ops\n", **RUBRICS)
    load_case(loader, folder, PACKAGE, name="tiny")
    with serving(store) as made:
        yield made
    store.close()


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as made:
        yield made


def got(client: httpx.Client, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_every_address_answers_as_the_standard_has_it(client: httpx.Client) -> None:
    documents = got(client, f"{V1P1}/CFDocuments")
    assert errors("CFDocumentSet", documents) == []
    for document in documents["CFDocuments"]:
        assert got(client, f"{V1P1}/CFDocuments/{document['identifier']}") == document
        package = got(client, httpx.URL(document["CFPackageURI"]["uri"]).path)
        assert errors("CFPackage", package) == []
        for item in package["CFItems"]:
            alone = got(client, httpx.URL(item["uri"]).path)
            assert errors("CFItem", alone) == []
            assert alone["CFDocumentURI"]["identifier"] == document["identifier"]
            around = got(client, f"{V1P1}/CFItemAssociations/{item['identifier']}")
            assert errors("CFAssociationSet", around) == []
            assert around["CFItem"] == alone
        for association in package["CFAssociations"]:
            alone = got(client, httpx.URL(association["uri"]).path)
            assert errors("CFAssociation", alone) == []
            assert alone.items() >= association.items()
        for rubric in package["CFRubrics"]:
            assert got(client, httpx.URL(rubric["uri"]).path) == rubric
            assert errors("CFRubric", rubric) == []


def test_associations_of_an_item_are_all_that_lead_out_of_it_and_into_it(client: httpx.Client) -> None:
    around = got(client, f"{V1P1}/CFItemAssociations/{uuid(3)}")["CFAssociations"]
    assert sorted(each["associationType"] for each in around) == ["isChildOf", "isChildOf", "precedes", "replacedBy"]


def test_documents_are_told_of_page_by_page(client: httpx.Client) -> None:
    answer = client.get(f"{V1P1}/CFDocuments?limit=1&sort=title&orderBy=desc")
    assert [each["title"] for each in answer.json()["CFDocuments"]] == ["house"]
    assert answer.headers["x-total-count"] == "2"
    following = answer.links["next"]["url"]
    answer = client.get(following)
    assert [each["title"] for each in answer.json()["CFDocuments"]] == ["Running systems"]
    assert set(answer.links) == {"first", "last", "prev"}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("filter=title='house'", ["house"]),
        ("filter=title~'RUN'", ["Running systems"]),
        ("filter=title='house' OR creator='tiny'&sort=title", ["Running systems", "house"]),
        ("filter=title='house' AND creator='tiny'", []),
        ("offset=2", []),
    ],
)
def test_documents_are_filtered(client: httpx.Client, query: str, titles: list[str]) -> None:
    found = got(client, f"{V1P1}/CFDocuments?{query}")["CFDocuments"]
    assert [each["title"] for each in found] == titles


def test_documents_show_the_fields_that_are_asked_for(client: httpx.Client) -> None:
    found = got(client, f"{V1P1}/CFDocuments?fields=title,language")["CFDocuments"]
    assert all(set(each) == {"title", "language"} for each in found)


@pytest.mark.parametrize(
    ("path", "status", "minor"),
    [
        (f"/CFItems/{UNKNOWN}", 404, "unknownobject"),
        (f"/CFPackages/{uuid(3)}", 404, "unknownobject"),  # an item is no package
        ("/CFItems/skill:linux", 404, "invalid_uuid"),
        ("/CFDocuments?limit=some", 400, "invalid_selection_field"),
        ("/CFDocuments?fields=colour", 400, "invalid_selection_field"),
        ("/CFDocuments?filter=title", 400, "invalid_selection_field"),
        ("/CFDocuments?sort=colour", 400, "invalid_sort_field"),
        (f"/CFItems/{UNKNOWN}?limit=1", 400, "invalid_selection_field"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_the_standard(
    client: httpx.Client, path: str, status: int, minor: str
) -> None:
    told = got(client, V1P1 + path, status)
    assert errors("imsx_StatusInfo", told) == []
    assert told["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor


def test_1_0_has_what_1_0_knows(client: httpx.Client) -> None:
    package = got(client, f"{V1P0}/CFPackages/{uuid(1)}")
    assert "caseVersion" not in package["CFDocument"]
    assert package["CFItems"][0]["uri"].startswith(f"http://localhost:8000{V1P0}/")
    house = next(each for each in got(client, f"{V1P0}/CFDocuments")["CFDocuments"] if each["title"] == "house")
    kinds = {
        each["associationType"] for each in got(client, f"{V1P0}/CFPackages/{house['identifier']}")["CFAssociations"]
    }
    assert "isTranslationOf" not in kinds
    (german,) = [
        item["identifier"]
        for item in got(client, f"{V1P1}/CFPackages/{house['identifier']}")["CFItems"]
        if item["language"] == "de"
    ]
    for kind in ("CFItems", "CFItemAssociations"):
        got(client, f"{V1P1}/{kind}/{german}")
        got(client, f"{V1P0}/{kind}/{german}", 404)


def test_what_the_caller_has_is_not_sent_again(client: httpx.Client) -> None:
    for path in (f"{V1P1}/CFDocuments", f"{V1P1}/CFPackages/{uuid(1)}", f"{V1P1}/CFItems/{uuid(3)}"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_is_seen_at_once_and_what_is_no_part_of_it_changes_nothing(served: Served, tmp_path: Path) -> None:
    with served.client() as client:
        before = client.get(f"{V1P1}/CFDocuments").headers["etag"]
        loader = Loader(served.store, tmp_path)
        loader("people", Learner="id,label\nperson:x,X\n")
        assert client.get(f"{V1P1}/CFDocuments").headers["etag"] == before
        loader("later", Skill="id,label\nskill:late,Late\n")
        assert "later" in {each["title"] for each in client.get(f"{V1P1}/CFDocuments").json()["CFDocuments"]}


def test_what_was_put_back_and_changed_otherwise_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a store on a server, which may come back at the same change number with other content."""
    monkeypatch.setattr("api.case_kept.Distant", object)
    kept = Kept()
    for name in ("before", "after"):
        with closing(open_store(f"sqlite:{tmp_path / name}.db")) as store:
            Loader(store, tmp_path / name)(name, Skill=f"id,label\nskill:{name},Skill\n")
            service = cast(Service, SimpleNamespace(store=store, settings=Settings()))
            assert list(kept.of(service, OPERATOR).found.skills) == [f"skill:{name}"]


def test_it_needs_a_key_unless_the_deployment_publishes(served: Served) -> None:
    with served.client("") as client:
        problem(client.get(f"{V1P1}/CFDocuments"), 401)
    with served.client(served.key("match")) as client:
        problem(client.get(f"{V1P1}/CFDocuments"), 403)
    with served.client(served.key("publish")) as client:
        everything = client.get(f"{V1P1}/CFPackages/{uuid(1)}").json()
    with serving(served.store, Settings(publish=True)) as open_to_all, open_to_all.client("") as client:
        assert client.get(f"{V1P1}/CFPackages/{uuid(1)}").json() == everything
