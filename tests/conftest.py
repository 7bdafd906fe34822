"""The tiny company and the stores that most tests are written on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import settings as hypothesis_settings

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.sqlite import connection
from graph.store import Store
from loaders.load import LoadRequest, load
from ontology.model import Model, load_model

COMPANY = Path(__file__).parent / "company"
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


LONG = (
    "faults", "twins", "moving", "derived", "house", "local", "kept", "store", "writing", "reading", "benchmarks",
    "index",
)  # fmt: skip
"""Folders whose files take long: begun first, so that no worker is left alone with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole folders, in this order and then as they come."""
    order = {folder: place for place, folder in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.relative_to(Path(__file__).parent).parts[0], len(LONG)))


hypothesis_settings.register_profile("explore", deadline=None)
hypothesis_settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis_settings.load_profile("repeatable" if os.environ.get("CI") else "explore")


@pytest.fixture(scope="session", autouse=True)
def unhurried_disk() -> Iterator[None]:
    """Thousands of small batches need not each wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="session")
def esco_folder() -> Path:
    """Full ESCO as published; tests that need it are skipped where it is not."""
    folder = SHARED_DATA / "esco-1.2.0"
    if not folder.is_dir():
        pytest.skip("full ESCO is not here: put an ESCO 1.2.0 download into ../shared/data/esco-1.2.0")
    return folder


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'skillgraph.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store: only the seeded home scale and crosswalks are in it."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def company_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that the tiny company was loaded into; tests copy it, which is quicker than loading."""
    folder = tmp_path_factory.mktemp("company")
    opened = open_store(f"sqlite:{folder / 'skillgraph.db'}")
    record = load(opened, LoadRequest(source="tables", paths=(COMPANY,)))
    opened.close()
    assert (record.rejected, record.waiting) == (0, 0)
    return folder


@pytest.fixture
def company(company_folder: Path, tmp_path: Path) -> Iterator[Store]:
    """The store with the tiny company of tests/company in it, for the test to change as it likes."""
    copytree(company_folder, tmp_path, dirs_exist_ok=True)
    opened = open_store(f"sqlite:{tmp_path / 'skillgraph.db'}")
    yield opened
    opened.close()


@pytest.fixture
def keeper(company: Store) -> IndexKeeper:
    return IndexKeeper(company, Settings())
