"""The command answers in a second because reading the ontology takes a few milliseconds and no heavy library."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("rdflib", "pyshacl", "polars", "numpy", "re2", "pydantic", "pyparsing")


def test_the_model_is_read_without_heavy_libraries() -> None:
    script = (
        "import sys; from ontology.model import load_model; from ontology.crosswalks import crosswalk_rows;"
        f"load_model(); crosswalk_rows(); print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
