"""The README's commands do what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.neo4j import fresh_store

ROOT = Path(__file__).parents[2]
TIMES = re.compile(r"\([0-9.]+ s, [0-9,]+ rows/s\)")  # differ from run to run
README = (ROOT / "README.md").read_text(encoding="utf-8")
PUBLISHING = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")


NEO4J = "Run on Neo4j"
ADDRESS = "neo4j://localhost:7687"  # as the README has it


def commands(section: str) -> list[str]:
    """Every `skillgraph …` line of a section's console blocks, in order, continuation lines joined."""
    blocks = re.findall(r"```console\n(.*?)```", section, re.S)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ skillgraph ") and " serve" not in line]


def sections() -> dict[str, str]:
    """Heading -> what stands below it."""
    return {part.partition("\n")[0]: part for part in README.split("\n## ")[1:]}


def run(found: list[str], folder: Path, store: str) -> dict[str, str]:
    """What each command prints, run one after another where the README's reader stands."""
    (folder / "demo").symlink_to(ROOT / "demo")
    environment = os.environ | {"SKILLGRAPH_STORE": store, "SKILLGRAPH_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    outputs = {}
    for command in found:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *shlex.split(command)[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        outputs[command] = done.stdout
    return outputs


def test_every_command_of_the_readme_runs_in_order(tmp_path: Path) -> None:
    found = [command for title, text in sections().items() if title != NEO4J for command in commands(text)]
    assert len(found) >= 8
    outputs = run(found, tmp_path, f"sqlite:{tmp_path / 'readme.db'}")
    assert any("Mira Okafor" in output for output in outputs.values())


def test_every_command_of_publishing_runs_in_order_and_the_copy_says_the_same(tmp_path: Path) -> None:
    digests = ["skillgraph check --digest", "skillgraph check --digest --store sqlite:copy.db"]
    found = [*commands(sections()["Load your own data"]), *commands(PUBLISHING), *digests]
    outputs = run(found, tmp_path, f"sqlite:{tmp_path / 'publishing.db'}")
    assert outputs[digests[0]] == outputs[digests[1]]


def test_every_command_for_neo4j_runs_in_order(tmp_path: Path) -> None:
    url = fresh_store()
    found = [command.replace(ADDRESS, url) for command in commands(sections()[NEO4J])]
    assert any(url in command for command in found)
    outputs = run(found, tmp_path, url)

    plain = [output for command, output in outputs.items() if " ask " in command and "--engine" not in command]
    twins = [output for command, output in outputs.items() if "--engine cypher" in command]
    assert plain == twins


def test_the_printed_answer_is_the_real_one(tmp_path: Path) -> None:
    shown = re.search(r"```text\n(.*?)```", README, re.S)
    assert shown is not None
    done = subprocess.run(
        [sys.executable, "-m", "demo.run", "--no-serve"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = TIMES.sub("", done.stdout)
    assert TIMES.sub("", shown[1]).strip() in printed


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in README
        assert re.search(rf"^{target}:", makefile, re.M)
