"""The parts of docs/formats.md that are made from the formats: `python -m graph.exports.page` writes them anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from graph.exports import Export, exports
from ontology.made import filled, keep, markdown_table

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def page(text: str) -> str:
    """The page with its made parts as the declarations say."""
    return filled(text, made())


def made() -> Mapping[str, str]:
    """Every made part by its name."""
    found = exports().values()
    return {
        "formats": markdown_table(
            ("format", "what it is", "conforms to", "media type", "read back by"), map(_row, found)
        ),
        "lacks": "\n\n".join(map(_lacks, found)),
    }


def _row(export: Export) -> Sequence[str]:
    reader = f"`load {export.read_by}`" if export.read_by else ""
    kind = f"`{export.media_type}`" if export.media_type else f"{_place(export)}, by the command only"
    return f"`{export.name}`", export.description, export.standard, kind, reader


def _place(export: Export) -> str:
    return f"a `{export.suffix}` file" if export.suffix else "a folder"


def _lacks(export: Export) -> str:
    lines = [f"- {_marked(lack)}" for lack in export.lacks] or ["Nothing: it carries the whole graph."]
    return "\n".join([f"### {export.name}", "", *lines])


def _marked(lack: str) -> str:
    """The sentence with the names that it begins with as code, if it begins with names."""
    names, colon, why = lack.partition(": ")
    parts = names.split(", ")
    is_list = bool(colon) and all(re.fullmatch(r"[A-Za-z_]+(\.[a-z_]+)?", part) for part in parts)
    return f"{', '.join(f'`{part}`' for part in parts)}: {why}" if is_list else lack


def main(arguments: Sequence[str]) -> int:
    """Write the page; with `--check` only tell whether it is stale."""
    return keep(PAGE, made(), "graph.exports.page", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
