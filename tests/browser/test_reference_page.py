"""The reference page in a real browser: it shows every route, and fetches nothing from anywhere."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from graph.store import Store
from tests.api.conftest import serving


def test_the_reference_page_shows_every_route_and_fetches_nothing(
    chromium: Browser, company: Store, tmp_path: Path
) -> None:
    with serving(company) as served:
        page = chromium.new_page(viewport={"width": 1200, "height": 900})
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{served.url}/docs")
        routes = page.locator("nav a").all_inner_texts()
        assert any("/v1/role-matches" in route for route in routes)
        assert {url for url in asked if not url.startswith(served.url)} == set()
        assert asked[0] == f"{served.url}/docs"
        page.locator("nav a", has_text="GET /v1/role-matches").first.click()
        heading = page.locator(page.url.partition("/docs")[2])
        assert heading.is_visible()
        box = heading.bounding_box()
        assert box is not None
        assert box["y"] < 900, "the link leads to its place"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing hangs out sideways"
        assert [text for text in said if "favicon" not in text] == []
        page.close()
