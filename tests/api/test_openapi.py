"""The OpenAPI says all there is: every route, parameter, status and scope; the page made from it fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.openapi import document
from ontology.model import load_model
from queries.question import catalogue

APP = create_app("sqlite:never-opened.db")
DOCUMENT = document(APP, load_model())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_is_in_it_and_nothing_else() -> None:
    routed = {
        (route.path_format, method.lower())
        for route in APP.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert routed == {(path, method) for path, method, _ in operations()}


def test_every_operation_is_named_once_and_described() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    for path, _, operation in operations():
        assert operation["summary"].endswith("."), path
        assert operation["description"], path
        assert operation["tags"], path
        for parameter in operation.get("parameters", ()):
            assert parameter["description"].endswith((".", "…")), (path, parameter["name"])


def test_every_operation_declares_its_scope_and_its_problems() -> None:
    for path, method, operation in operations():
        statuses = set(operation["responses"])
        assert {"400", "422", "503"} <= statuses
        if operation["x-scope"] == "public":
            assert operation["security"] == []
        else:
            assert operation["security"] == [{"key": [operation["x-scope"]]}]
            assert {"401", "403"} <= statuses
        if method == "post":
            assert {"408", "413", "415"} <= statuses, path
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                own = ["application/json"] if path.startswith("/ims/case/") and status in {"400", "404"} else []
                page = (
                    ["text/html"] if status == "404" and "text/html" in operation["responses"]["200"]["content"] else []
                )
                assert list(answer["content"]) == [*own, *page, "application/problem+json"]


def test_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, each in value.items():
                if name == "$ref":
                    yield each
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    assert {each.removeprefix("#/components/schemas/") for each in references(DOCUMENT)} <= set(schemas)


def test_questions_have_the_parameters_of_their_models() -> None:
    for name, question in catalogue().items():
        stated = {
            each["name"] for each in DOCUMENT["paths"][f"/v1/{name}"]["get"]["parameters"] if each["in"] == "query"
        }
        assert stated <= set(question.parameters.model_fields)
        body = DOCUMENT["paths"][f"/v1/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = DOCUMENT["components"]["schemas"][body.rpartition("/")[2]]
        assert set(schema["properties"]) == set(question.parameters.model_fields)


def test_the_page_is_static_and_fetches_nothing(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<(script|link|img|iframe|object|embed)\b|@import|url\(|\bon\w+=", page.text)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page.text)
    for path, _, operation in operations():
        assert f"{path}</code>" in page.text
        assert f'id="{operation["operationId"]}"' in page.text


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/v1/search?q=linux", "/v1/nothing"])
def test_every_answer_has_safe_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"]
    assert "server" not in headers or headers["server"] != "uvicorn"


def test_the_document_is_valid_openapi(client: httpx.Client) -> None:
    import schemathesis

    schemathesis.openapi.from_dict(client.get("/openapi.json").json()).validate()
