"""Neo4j's jars, fetched once by Maven into `.neo4j/` of the checkout."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
POM = Path(__file__).with_name("pom.xml")
KEPT = ROOT / ".neo4j"


class CannotRun(RuntimeError):
    """Neo4j cannot be run on this machine, or not as was asked; the text says why and what mends it."""


@cache
def lacking() -> str | None:
    """What this machine lacks to run a Neo4j, in a sentence with the fix; None when it lacks nothing.

    The jars are fetched if they are not here yet.
    """
    try:
        jars()
    except CannotRun as problem:
        return str(problem)
    return None


def jars() -> Path:
    """The folder of the jars that local/pom.xml names. Processes that ask at once wait for the one that fetches."""
    if shutil.which("java") is None:
        raise CannotRun("no Java: install a Java 17 runtime (Debian: apt-get install openjdk-17-jre-headless)")
    if shutil.which("mvn") is None and not _folder().is_dir():
        raise CannotRun("no Maven, and Neo4j's jars are not here yet: install it (Debian: apt-get install maven)")
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _folder().is_dir():
            _fetch(_folder())
    return _folder()


def _folder() -> Path:
    """Named after what is in it, so that another version is never taken for this one."""
    return KEPT / f"lib-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def _fetch(folder: Path) -> None:
    """From Maven's cache on this machine, and only then over the network."""
    with tempfile.TemporaryDirectory(dir=KEPT, prefix="fetching-") as work:
        made = Path(work) / "lib"
        if not _copied(made, "--offline"):
            sys.stderr.write("fetching Neo4j with Maven (120 MB, about a minute)\n")
            shutil.rmtree(made, ignore_errors=True)
            if problem := _problem(_maven(made)):
                raise CannotRun(f"Maven could not fetch Neo4j: {problem}")
        made.rename(folder)


def _copied(folder: Path, *options: str) -> bool:
    return _maven(folder, *options).returncode == 0


def _maven(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *("mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(POM), *options),
            *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _problem(run: subprocess.CompletedProcess[str]) -> str | None:
    """The first error that Maven tells, None if it did what was asked."""
    lines = [line.removeprefix("[ERROR]").strip() for line in (run.stdout + run.stderr).splitlines()]
    told = [line for line in lines if line]
    return None if run.returncode == 0 else told[0] if told else f"mvn ended with {run.returncode}"


if __name__ == "__main__":
    sys.stdout.write(f"{jars()}\n")
