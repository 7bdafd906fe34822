"""The command as a user types it, on a store of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

ROOT = Path(__file__).parents[2]
COMPANY = ROOT / "tests" / "company"


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Skillgraph = Callable[..., Done]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def skillgraph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Skillgraph:
    """Runs `skillgraph WORDS…` in a folder of its own with `skillgraph.db` as its store."""
    for name in [name for name in os.environ if name.startswith("SKILLGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SKILLGRAPH_STORE", "sqlite:skillgraph.db")
    monkeypatch.chdir(tmp_path)

    def run(*words: str | Path, check: bool = True) -> Done:
        done = CliRunner().invoke(app, [str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if check:
            assert done.exit_code == 0, done.stderr
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def loaded(skillgraph: Skillgraph, company_folder: Path, tmp_path: Path) -> Skillgraph:
    """The command with the tiny company in its store."""
    shutil.copytree(company_folder, tmp_path, dirs_exist_ok=True)
    return skillgraph


@pytest.fixture
def process(loaded: Skillgraph, tmp_path: Path) -> Process:
    """Runs `skillgraph WORDS…` as a process of its own beside that store."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli.main", *words]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    return run
