"""The parts of docs/sources.md that are made from the declarations: `python -m loaders.page` writes them anew."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loaders.convert import NO_RANGE, NO_ZONE
from loaders.duplicates import OLDER
from loaders.intake import UNMAPPED
from loaders.outcomes import ERASED
from loaders.readers import FORMATS
from loaders.registry import sources
from loaders.source import AnyMapping, EdgeMapping, NodeMapping, Source
from loaders.sources.esco_files import NOT_READ
from ontology.made import filled, keep, markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "sources.md"

EVERYWHERE = {
    UNMAPPED: "no mapping of its table applies to the row",
    ERASED: "the row names a person who was erased",
    OLDER: "the store, or another row of the load, has a newer version, or a later removal",
}
FLAGS = {
    NO_ZONE: "a time of day without a zone was read as UTC",
    NO_RANGE: "a score was left out, since its highest value is its least",
    "arrived": "rows of earlier loads were written, since what they waited for is there now",
    "started-over:ENDPOINT": "the API knew no more where a pull was to go on: the endpoint was read from its beginning",
    "not-swept:TYPE": "rows of the type were rejected without a key, so nothing of the type was taken for gone",
}


def page(text: str) -> str:
    """The page with its made parts as the declarations say."""
    return filled(text, made())


def made() -> Mapping[str, str]:
    """Every made part by its name."""
    return {
        "sources": markdown_table(("source", "what it is", "versions", "ways", "reads"), _sources()),
        "lacks": markdown_table(("source", "not carried over, and why"), _lacks()),
        "formats": markdown_table(("file", "format"), ((f"`{suffix}`", text) for suffix, text in FORMATS.items())),
        "esco-tables": markdown_table(("file", "becomes", "columns that are not loaded"), _tables(sources()["esco"])),
        "esco-files": markdown_table(("file", "why"), ((f"`{name}`", why) for name, why in NOT_READ.items())),
        "skip-rules": markdown_table(("source", "file", "rule", "why"), _skips()),
        "flags": markdown_table(("source", "flag", "what it counts"), _flags()),
    }


def _sources() -> Iterable[Sequence[str]]:
    return [
        (f"`{source.name}`", source.description, source.versions, ", ".join(source.ways), source.reads)
        for source in sources().values()
    ]


def _flags() -> Iterable[Sequence[str]]:
    yield from (("all", f"`{flag}`", what) for flag, what in FLAGS.items())
    for source in sources().values():
        yield from ((f"`{source.name}`", f"`{flag}`", what) for flag, what in source.flags.items())


def _lacks() -> Iterable[Sequence[str]]:
    return [(f"`{source.name}`", lack) for source in sources().values() for lack in source.lacks]


def _skips() -> Iterable[Sequence[str]]:
    for name, why in EVERYWHERE.items():
        yield "all", "all", f"`{name}`", why
    for source in sources().values():
        for table in () if callable(source.tables) else source.tables:
            for skip in table.skips:
                yield f"`{source.name}`", f"`{table.name}`", f"`{skip.name}`", skip.why


def _tables(source: Source) -> Iterable[Sequence[str]]:
    assert not callable(source.mappings)
    assert not callable(source.tables)
    for table in source.tables:
        becomes = [_becomes(mapping) for mapping in source.mappings if mapping.table == table.name]
        yield f"`{table.name}`", "; ".join(dict.fromkeys(becomes)), ", ".join(table.ignored)


def _becomes(mapping: AnyMapping) -> str:
    if isinstance(mapping, EdgeMapping):
        return mapping.type
    edges = dict.fromkeys(edge.type for edge in mapping.edges)
    return " with ".join([_node(mapping), ", ".join(edges)] if edges else [_node(mapping)])


def _node(mapping: NodeMapping) -> str:
    kind = mapping.fields.get("type")
    constant = None if kind is None or isinstance(kind, str) else kind.constant
    return f"{mapping.type} of type {constant}" if constant else mapping.type


def main(arguments: Sequence[str]) -> int:
    """Write the page; with `--check` only tell whether it is stale."""
    return keep(PAGE, made(), "loaders.page", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
