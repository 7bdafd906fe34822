"""`/v1/credentials`, `/issuer` and the keys: who gets whose credentials, and how anybody checks them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import jwt
import pytest

from graph.open import open_store
from graph.settings import Settings
from graph.signing import rotate
from tests.api.conftest import Served, logged, problem, serving

__all__ = ["logged"]
DAY = "as_of=2025-01-01"
ADA = f"/v1/credentials/person:ada?{DAY}"
SETTINGS = Settings(base_iri="https://skills.tiny.example/", issuer_name="Tiny", publish=True)


@pytest.fixture(scope="module")
def served(company_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("badges")
    copytree(company_folder, folder, dirs_exist_ok=True)
    store = open_store(f"sqlite:{folder / 'skillgraph.db'}", SETTINGS)
    with serving(store, SETTINGS) as made:
        yield made
    store.close()


def tokens(client: httpx.Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["compactJwsString"]
    return found


def opened(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def path_of(address: str) -> str:
    return "/" + address.removeprefix(SETTINGS.base_iri)


def test_anybody_can_check_a_credential_by_what_is_published(served: Served) -> None:
    with served.client() as client, served.client("") as anybody:
        assert anybody.get("/.well-known/jwks.json").status_code == 200
        for token in tokens(client, ADA):
            kid, claims = jwt.get_unverified_header(token)["kid"], opened(token)
            key = anybody.get(path_of(kid)).json()
            assert key in anybody.get("/.well-known/jwks.json").json()["keys"]
            assert "d" not in key
            jwt.decode(token, jwt.PyJWK(key), [key["alg"]], options={"verify_exp": False})
            issuer = anybody.get(path_of(claims["iss"])).json()
            assert (issuer["id"], issuer["name"], issuer["type"]) == (claims["iss"], "Tiny", ["Profile"])
            assert kid in issuer["assertionMethod"]
            assert {"id": kid, "type": "JsonWebKey", "controller": claims["iss"], "publicKeyJwk": key} in issuer[
                "verificationMethod"
            ]


def test_old_keys_stay_published_after_they_are_rotated(served: Served) -> None:
    with served.client() as client:
        (old,) = tokens(client, f"{ADA}&achievement=skill:k8s")
        rotate(served.store.url, SETTINGS)
        (new,) = tokens(client, f"{ADA}&achievement=skill:k8s")
        kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
        assert kids[0] != kids[1]
        keys = {key["kid"]: key for key in client.get("/.well-known/jwks.json").json()["keys"]}
        assert len(keys) == 4
        for token, kid in zip((old, new), kids, strict=True):
            jwt.decode(token, jwt.PyJWK(keys[kid]), ["RS256"])


def test_one_achievement_can_be_asked_for_and_its_address_answers(served: Served) -> None:
    with served.client() as client, served.client("") as anybody:
        (token,) = tokens(client, f"{ADA}&achievement=skill:k8s")
        achievement = opened(token)["credentialSubject"]["achievement"]
        shown = anybody.get(path_of(achievement["id"])).json()
        assert {name: shown[name] for name in ("id", "name", "criteria")} == {
            name: achievement[name] for name in ("id", "name", "criteria")
        }
        problem(client.get(f"{ADA}&achievement=skill:shell"), 404)  # which is not held
        for other in ("credential:permit", "role:cloud-engineer", "person:ada", "skill:none", "no id"):
            problem(anybody.get(f"/achievements/{other}"), 404)
            problem(client.get(f"/achievements/{other}"), 404)


def test_whoever_is_not_seen_looks_like_one_not_there(served: Served) -> None:
    everyone, platform = frozenset({"publish", "match", "people"}), frozenset({"unit:platform"})

    def told(key: str, person: str) -> str:
        with served.client(key) as client:
            body = problem(client.get(f"/v1/credentials/{person}"), 404)
            return json.dumps({name: text for name, text in body.items() if name != "instance"}).replace(person, "…")

    not_there = told(served.secrets["all"], "person:nobody")
    assert told(served.key(*everyone, units=platform), "person:ben") == not_there
    assert told(served.key("publish", "graph"), "person:ada") == not_there
    with served.client(served.key(*everyone, units=platform)) as client:
        assert tokens(client, ADA)
    with served.client(served.key("match", "people")) as client:
        problem(client.get(ADA), 403)
    with served.client("") as client:
        problem(client.get(ADA), 401)


def test_only_who_may_see_names_gets_the_address_into_it(served: Served) -> None:
    def identifier(client: httpx.Client, more: str = "") -> Any:
        return opened(tokens(client, ADA + more)[0])["credentialSubject"].get("identifier")

    with served.client(served.key("publish", "match")) as client:
        assert identifier(client) is None
        assert identifier(client, "&naming=plain") is None
    with served.client() as client:
        assert identifier(client)[0]["identityHash"].startswith("sha256$")
        assert identifier(client, "&naming=plain")[0]["identityHash"] == "ada@example.org"
        assert identifier(client, "&naming=none") is None


def test_any_of_a_persons_records_will_do(served: Served) -> None:
    with served.client() as client:
        by_one = tokens(client, f"/v1/credentials/person:cleo?{DAY}")
        assert by_one == tokens(client, f"/v1/credentials/recruit:cleo?{DAY}")
        assert client.get("/v1/credentials/person:eve").json() == {"compactJwsString": []}


@pytest.mark.parametrize("query", ["as_of=2999-01-01", "as_of=soon", "naming=loud", "colour=red", "achievement="])
def test_what_can_not_be_answered_is_refused(served: Served, query: str) -> None:
    with served.client() as client:
        assert client.get(f"/v1/credentials/person:ada?{query}").status_code in (404, 422)


def test_what_the_caller_has_is_not_sent_again(served: Served) -> None:
    with served.client() as client:
        for path in (ADA, "/issuer", "/.well-known/jwks.json", "/achievements/skill:k8s"):
            tag = client.get(path).headers["etag"]
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_before_anything_is_signed_there_are_no_keys(company_folder: Path, tmp_path: Path) -> None:
    copytree(company_folder, tmp_path, dirs_exist_ok=True)
    store = open_store(f"sqlite:{tmp_path / 'skillgraph.db'}")
    with serving(store, replace(SETTINGS, publish=False)) as quiet, quiet.client("") as anybody:
        assert anybody.get("/.well-known/jwks.json").json() == {"keys": []}
        assert not (tmp_path / "skillgraph.db.signing").exists()
        problem(anybody.get("/issuer/keys/none"), 404)
        problem(anybody.get("/achievements/skill:k8s"), 401)
    store.close()
