"""Pages of nodes in a real browser: found, whole on a phone, and nothing fetched or run beside what they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from graph.settings import Settings
from graph.store import Store
from tests.api.conftest import serving

PATHS = ("/id/", "/id/?type=Skill", "/id/skill:linux", "/id/role:cloud-engineer", "/dataset", "/ontology")
PUBLISHED = Settings(publish=True)


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_pages_are_whole_and_fetch_nothing(chromium: Browser, company: Store, width: int, scheme: str) -> None:
    with serving(company, PUBLISHED) as served:
        page = chromium.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for path in PATHS:
            page.goto(served.url + path)
            assert page.locator("h1").is_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px", "its own style is let in"
        assert {url for url in asked if not url.startswith(served.url)} == set()
        assert [text for text in said if "favicon" not in text] == []
        page.close()


def test_one_walks_from_the_list_to_what_a_role_requires(chromium: Browser, company: Store) -> None:
    with serving(company, replace(PUBLISHED, title="Tiny skills")) as served:
        page = chromium.new_page()
        page.goto(f"{served.url}/id/")
        page.get_by_role("link", name="Role", exact=True).click()
        page.get_by_role("link", name="cloud engineer", exact=True).click()
        assert page.get_by_role("heading", name="requires", exact=True).is_visible()
        page.get_by_role("link", name="Linux administration").click()
        assert page.locator("h1").inner_text() == "Linux administration"
        crumbs = page.get_by_role("navigation", name="Breadcrumb")
        crumbs.get_by_role("link", name="All").click()
        assert page.locator("h1").inner_text() == "Tiny skills"
        page.close()
