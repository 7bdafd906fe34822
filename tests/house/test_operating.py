"""docs/operating.md: every setting is on it as the code has it, and its backups bring a store back."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from graph.digest import digest
from graph.neo4j.limits import PREFIX, Limits
from graph.open import open_store
from graph.settings import Settings
from local.server import Neo4j
from tests.house.test_packages import PACKAGES
from tests.neo4j import need_neo4j
from tests.store.tiny import nodes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
INTERNAL = {"SKILLGRAPH_SERVED"}  # what a server hands to its own workers
FAMILIES = {"SKILLGRAPH_", PREFIX}  # beginnings of names that the code puts together


def section(title: str) -> str:
    """What stands below a heading, up to the next."""
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#+ |\Z)", PAGE, re.S | re.M)
    assert found is not None, title
    return found[1]


def settings_told() -> dict[str, str]:
    """Variable -> what the page says it is when it is not set."""
    rows = re.findall(r"^\| `(SKILLGRAPH_\w+)` \|.*\| (.*) \|$", section("Settings"), re.M)
    return dict(rows)


def settings_read() -> Iterator[str]:
    """Every variable that the code names, or puts together."""
    yield from (f"SKILLGRAPH_{field.name.upper()}" for field in fields(Settings))
    yield from (f"{PREFIX}{field.name.upper()}" for field in fields(Limits))
    yield "SKILLGRAPH_STORE_PASSWORD_FILE"
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            yield from re.findall(r"SKILLGRAPH_[A-Z0-9_]*", module.read_text(encoding="utf-8"))


def test_every_setting_is_on_the_page_and_no_other() -> None:
    assert set(settings_told()) == set(settings_read()) - INTERNAL - FAMILIES


@pytest.mark.parametrize("name", ["store", "base_iri", "language", "unique_identities", "title"])
def test_settings_are_what_the_page_says(name: str) -> None:
    value = getattr(Settings(), name)
    shown = ", ".join(value) if isinstance(value, tuple) else value
    assert settings_told()[f"SKILLGRAPH_{name.upper()}"] == f"`{shown}`"


def test_limits_are_what_the_page_says() -> None:
    told = settings_told()
    assert {name: float(told[name]) for name in told if name.startswith(PREFIX)} == {
        f"{PREFIX}{field.name.upper()}": float(getattr(Limits(), field.name)) for field in fields(Limits)
    }


def shell(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """In which `skillgraph` and `python3` are ours."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, command in {"skillgraph": f"{sys.executable} -m cli.main", "python3": sys.executable}.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (tools / name).chmod(0o755)
    given = {name: value for name, value in os.environ.items() if not name.startswith("SKILLGRAPH_")}
    return given | {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_an_embedded_store_is_backed_up_while_it_is_used_and_restored(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    backup, restore = (re.findall(r"^\$ (.*)$", block, re.M) for block in blocks("The embedded store", "console"))
    store = open_store(f"sqlite:{tmp_path / 'skillgraph.db'}")
    nodes(store, "Skill", {"id": "skill:a", "label": "A"})
    then = digest(store)

    told = [shell(command, tmp_path, environment) for command in backup]
    assert told[0].strip() == then
    nodes(store, "Skill", {"id": "skill:late"})
    store.close()

    told = [shell(command, tmp_path, environment) for command in restore]
    assert told[-1].strip() == then
    shell("skillgraph check", tmp_path, environment)


def test_a_database_is_dumped_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_neo4j()
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path / "home"))
    dump, load = (shlex.split(block) for block in blocks("Neo4j", "sh"))
    (tmp_path / "backup").mkdir()

    with Neo4j() as server:
        store = open_store(server.url)
        nodes(store, "Skill", {"id": "skill:a", "label": "A"})
        then, number = digest(store), store.number()
        server.stop()
        admin(server, dump, tmp_path)
        server.start()
        nodes(store, "Skill", {"id": "skill:late"})
        server.stop()
        admin(server, load, tmp_path)
        server.start()
        assert (digest(store), store.number()) == (then, number)
        assert [finding for finding in store.health() if not finding.well] == []
        store.close()


def admin(server: Neo4j, command: list[str], folder: Path) -> None:
    """A line of the page, where its folder is."""
    assert command[0] == "neo4j-admin"
    server.admin(*(part.replace("path=backup", f"path={folder / 'backup'}") for part in command[1:]))


def blocks(title: str, language: str) -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", section(title), re.S)
    assert len(found) == 2, "one that backs up, one that restores"
    return found
