"""Schemathesis over the whole OpenAPI, all checks: what the API says of itself holds, whatever comes in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.examples import DEMO, load_demo
from graph.store import Store
from tests.api.conftest import LIMITS, Served, serving

HOOKS = "tests.api.schemathesis_hooks"
ROOT = Path(__file__).parents[2]
PHASES = "examples,coverage,fuzzing,stateful"
EXAMPLES = 12  # of each operation; a longer run: pytest tests/api/test_schemathesis.py with SCHEMATHESIS_EXAMPLES=500


@pytest.fixture
def demo(store: Store) -> Iterator[Served]:
    """The demo company, whose ids the worked examples name."""
    if not (DEMO / "company").is_dir():
        pytest.skip("the demo company is not here: python -m demo.generate makes it")
    load_demo(store)
    with serving(store, limits=replace(LIMITS, queued_loads=1_000)) as served:
        yield served


def test_the_api_is_what_its_openapi_says(demo: Served, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{demo.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {demo.secrets['all']}"),
        *("--checks", "all", "--phases", PHASES, "--seed", "1", "--no-color", "--request-timeout", "30"),
        *("--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", str(EXAMPLES))),
        *("--generation-database", "none"),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
