"""No route without a scope: the route table is walked with no key, a wrong one, a wrong scope and the right one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.auth import Needs
from graph.viewer import SCOPES
from tests.api.conftest import ALL, Served, problem

PUBLIC = {
    "/.well-known/jwks.json",
    "/.well-known/void",
    "/context.jsonld",
    "/docs",
    "/healthz",
    "/issuer",
    "/issuer/keys/skill:linux",
    "/ontology",
    "/openapi.json",
    "/readyz",
    "/robots.txt",
    "/shapes",
    "/sitemap-{part}.xml",
    "/sitemap.xml",
    "/xapi/about",
}


def routes() -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Method, path and declared scope of every route, with every scope that is enough for it."""
    for route in create_app("sqlite:never-opened.db").routes:
        assert isinstance(route, APIRoute), f"{route} was not added by api.operations.add"
        needs = [each.dependency for each in route.dependencies if isinstance(each.dependency, Needs)]
        assert len(needs) == 1, f"{route.path} declares {len(needs)} scopes"
        for method in route.methods or ():
            yield method, route.path_format.replace("{id}", "skill:linux"), needs[0].scope, needs[0].enough


ROUTES = sorted(routes(), key=lambda route: route[:3])
KEYED = [route for route in ROUTES if route[2] != "public"]


def test_the_open_routes_are_these_and_no_others() -> None:
    assert {path for _, path, scope, _ in ROUTES if scope == "public"} == PUBLIC
    assert {scope for _, _, _, enough in ROUTES for scope in enough} <= set(SCOPES)


@pytest.mark.parametrize(("method", "path", "scope", "enough"), KEYED)
def test_no_key_a_wrong_key_and_a_wrong_scope_are_refused(
    shared: Served, method: str, path: str, scope: str, enough: frozenset[str]
) -> None:
    with shared.client("") as client:
        answer = client.request(method, path)
        problem(answer, 401)
        assert answer.headers["www-authenticate"] == 'Bearer realm="skillgraph"'
        answer = client.request(method, path, headers={"Authorization": "Bearer sg_0123456789_" + "A" * 43})
        problem(answer, 401)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    with shared.client(shared.key(*(ALL - enough), source="lms")) as client:
        answer = client.request(method, path)
        problem(answer, 403)
        assert f'scope="{scope}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("method", "path", "scope", "enough"), ROUTES)
def test_the_right_scope_is_let_in(shared: Served, method: str, path: str, scope: str, enough: frozenset[str]) -> None:
    for one in enough:
        secret = "" if scope == "public" else shared.key(one, source="lms")
        with shared.client(secret) as client:
            assert client.request(method, path).status_code in {200, 302, 400, 404, 415, 422}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Basic YTpi",
        "Bearer sg_",
        "Bearer sg__",
        "Bearer sg_x_\xff",
        "Bearer " + "x" * 4_000,
        "Bearer ' OR 1=1 --",
        "Bearer a b",
        "bearer\tsg_x_y",
    ],
)
def test_malformed_authorization_is_401(shared: Served, header: str) -> None:
    with shared.client("") as client:
        problem(client.get("/v1/search?q=linux", headers=[(b"Authorization", header.encode("latin-1"))]), 401)


def test_two_authorization_headers_are_401(shared: Served) -> None:
    value = f"Bearer {shared.secrets['all']}".encode()
    with shared.client("") as client:
        problem(client.get("/v1/search?q=linux", headers=[(b"Authorization", value), (b"authorization", value)]), 401)


def test_the_scheme_is_read_in_any_case(shared: Served) -> None:
    with shared.client("") as client:
        secret = shared.secrets["all"]
        assert client.get("/v1/search?q=linux", headers={"Authorization": f"bEARER {secret}"}).status_code == 200


def test_a_revoked_key_is_refused_at_once(shared: Served) -> None:
    key, secret = shared.store.keyring.create(frozenset({"graph"}))
    with shared.client(secret) as client:
        assert client.get("/v1/search?q=linux").status_code == 200
        shared.store.keyring.revoke(key.id)
        problem(client.get("/v1/search?q=linux"), 401)


def test_a_key_in_the_address_is_no_key(shared: Served) -> None:
    with shared.client("") as client:
        problem(client.get(f"/v1/search?q=linux&access_token={shared.secrets['all']}"), 401)
