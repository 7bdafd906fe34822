"""The flat package names are ours alone, and the wheel holds exactly these packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"ontology", "loaders", "graph", "queries", "alerts", "api", "cli"}


def test_no_installed_distribution_provides_one_of_our_names() -> None:
    provided = packages_distributions()
    others = {name: set(provided.get(name, ())) - {"skillgraph"} for name in PACKAGES}
    assert {name: found for name, found in others.items() if found} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of what git would ship, so that no leftover of the checkout gets in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in files:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_exactly_our_packages_with_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if not name.startswith("skillgraph-")}
    assert tops == PACKAGES
    assert {"ontology/skillgraph.ttl", "ontology/shapes.ttl", "ontology/crosswalks.ttl"} <= set(names)


def test_the_command_runs_from_the_wheel_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(tmp_path / "lib"),
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    command = [
        sys.executable,
        "-c",
        "from cli.main import app; import cli; print(cli.__file__); app()",
        "sources",
        "--json",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "lib"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "lib") in done.stdout.splitlines()[0]
    assert '"esco"' in done.stdout
