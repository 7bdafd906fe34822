"""Worked examples of the OpenAPI: each question's own examples, asked of the demo company, and kept as JSON.

python -m api.examples --store sqlite:PATH          writes api/examples.json
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import Viewer
from loaders.load import LoadRequest, load
from queries.ask import ask
from queries.question import QuestionError, catalogue

DEMO: Final = Path(__file__).parents[1] / "demo"  # in the checkout; not in the wheel
KEPT: Final = Path(__file__).with_name("examples.json")
READER: Final = Viewer(frozenset({"match", "graph"}), key="examples")  # sees no names
MAX_ROWS: Final = 2
MAX_ITEMS: Final = 3

Examples = Mapping[str, Mapping[str, Any]]
"""Question -> name of the example -> the answer, cut to a few rows."""


@cache
def kept_examples() -> Examples:
    """The committed examples; none when the file is not there."""
    if not KEPT.exists():
        return {}
    found: Examples = orjson.loads(KEPT.read_bytes())
    return found


def make_examples(store: Store, settings: Settings) -> Examples:
    """Ask every example of every question; raises `QuestionError` for one the store cannot answer.

    Examples name their instant, so that they are the same whenever they are asked.
    """
    keeper = IndexKeeper(store, settings)
    return {
        name: {
            label: _cut(ask(store, keeper, READER, name, given, 0, text=False).document(name, given))
            for label, given in question.examples.items()
        }
        for name, question in catalogue().items()
    }


def _cut(document: dict[str, Any]) -> dict[str, Any]:
    """An answer short enough to read; the store's change number is left at 0, it differs from load to load."""
    rows = [
        {name: value[:MAX_ITEMS] if isinstance(value, list) else value for name, value in row.items()}
        for row in document["rows"][:MAX_ROWS]
    ]
    return document | {"rows": rows, "version": 0, "next": "…" if document["next"] else None}


def write_examples(store: Store, settings: Settings, target: Path = KEPT) -> None:
    """Keep the examples."""
    made = make_examples(store, settings)
    target.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def load_demo(store: Store) -> None:
    """Load the demo company of the checkout into an empty store."""
    for request in (
        LoadRequest(source="esco", paths=(DEMO / "esco",)),
        LoadRequest(source="tables", paths=(DEMO / "company",), name="demo"),
    ):
        load(store, request)


def main() -> int:
    """Write the committed file; answers 1 when an example does not fit the demo company."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{folder}/skillgraph.db")
        try:
            load_demo(store)
            write_examples(store, Settings())
        except QuestionError as error:
            sys.stderr.write(f"an example does not fit the demo company: {error}\n")
            return 1
        finally:
            store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
