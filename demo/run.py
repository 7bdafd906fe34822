"""`make demo`: load the demo company, ask who meets a role's profile, then serve."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from os.path import relpath
from pathlib import Path

from demo.company import DEMO_DAY
from demo.generate import COMPANY, ESCO

STORE = Path(__file__).parent / "store" / "skillgraph.db"
ROLE = "demo-role:customer-success-manager"
PORT = 8000


def main() -> None:
    """Each step is a command that a reader can type."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--esco", type=Path, help="a full ESCO download instead of the extract")
    parser.add_argument("--no-serve", action="store_true", help="stop before serving")
    options = parser.parse_args()
    shutil.rmtree(STORE.parent, ignore_errors=True)
    STORE.parent.mkdir()
    run("load", "esco", relpath(options.esco or ESCO))
    run("load", "tables", relpath(COMPANY), "--name", "demo")
    run("ask", "role-matches", f"role={ROLE}", f"as_of={DEMO_DAY}", "limit=6")
    if not options.no_serve:
        serve()


def run(*arguments: str) -> None:
    """Show a command and run it on the demo store; its failure is ours."""
    show(*arguments)
    if code := subprocess.run([*command(), *arguments], env=environment(), check=False).returncode:
        sys.exit(code)


def serve() -> None:
    """Make a key, print the address, serve until Ctrl-C."""
    scopes = [word for scope in ("match", "graph", "people") for word in ("--scope", scope)]
    made = subprocess.run(
        [*command(), "keys", "create", *scopes], env=environment(), check=True, capture_output=True, text=True
    )
    key = made.stdout.strip()
    address = f"http://127.0.0.1:{PORT}"
    sys.stdout.write(
        f"\nThe API and its pages: {address}/docs\nThe key of this run:   {key}\n\n"
        f"  curl -H 'Authorization: Bearer {key}' '{address}/v1/role-matches?role={ROLE}&as_of={DEMO_DAY}'\n\n"
        "Ctrl-C stops it.\n"
    )
    sys.stdout.flush()
    run("serve", "--port", str(PORT))


def show(*arguments: str) -> None:
    sys.stdout.write(f"\n$ skillgraph {' '.join(arguments)}\n")
    sys.stdout.flush()


def command() -> list[str]:
    return [sys.executable, "-m", "cli.main"]


def environment() -> dict[str, str]:
    return os.environ | {"SKILLGRAPH_STORE": f"sqlite:{STORE}"}


if __name__ == "__main__":
    main()
