"""The README's commands do what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMES = re.compile(r"\([0-9.]+ s, [0-9,]+ rows/s\)")  # differ from run to run
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every `skillgraph …` line of the README's console blocks, in order, continuation lines joined."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.S)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ skillgraph ")]


def test_every_command_of_the_readme_runs_in_order(tmp_path: Path) -> None:
    found = [command for command in commands() if "serve" not in command and "neo4j" not in command]
    assert len(found) >= 8
    (tmp_path / "demo").symlink_to(ROOT / "demo")  # the README's reader stands in the checkout
    environment = os.environ | {"SKILLGRAPH_STORE": f"sqlite:{tmp_path / 'readme.db'}", "PYTHONPATH": str(ROOT)}
    outputs = {}
    for command in found:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *shlex.split(command)[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        outputs[command] = done.stdout
    assert any("Mira Okafor" in output for output in outputs.values())


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
