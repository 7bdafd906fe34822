"""Say what this machine cannot test, and compile the loops, before the tests run: `python -m tests.machine`.

REQUIRE_BROWSER=1 and REQUIRE_NEO4J=1 turn what is missing into a failure.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

from local.jars import lacking

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """The path of a Chromium that tests may drive, None without one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing() -> dict[str, str]:
    """What cannot be tested here -> how to get it; the key is the REQUIRE_ variable's last word."""
    found = {}
    if browser() is None:
        found["BROWSER"] = "no Chromium: the tests of pages are skipped (Debian: apt-get install chromium)"
    if (lack := lacking()) is not None:
        found["NEO4J"] = f"nothing against a real Neo4j: {lack}"
    if not SHARED_DATA.is_dir():
        found["DATA"] = (
            "no ../shared/data: the tests on full ESCO are skipped (put a download into ../shared/data/esco-1.2.0)"
        )
    return found


def warm_up() -> None:
    """Compile the loops before many processes begin at once, each of which would compile them."""
    sys.stderr.write("compiling the loops, unless they are\n")
    import_module("graph.loops.compiled")


def main() -> int:
    found = missing()
    warm_up()
    for sentence in found.values():
        sys.stderr.write(f"not tested here: {sentence}\n")
    return int(any(os.environ.get(f"REQUIRE_{what}") == "1" for what in found))


if __name__ == "__main__":
    sys.exit(main())
