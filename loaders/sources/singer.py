"""Any Singer tap: `tap-x | skillgraph load singer - --map x.toml > state.jsonl`.

Each stream is a table that a `[[file]]` of the map reads by its name. Records are loaded in parts; the last STATE
before the end of a part is told when all of the part is in the store, for the tap to go on from there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from loaders import mapfile
from loaders.errors import LoadError
from loaders.source import AnyMapping, Chunk, Config, Part, Skip, Source, Table
from loaders.sources.singer_messages import NO_SCHEMA, SENT_AGAIN, Messages

INPUT = Path("-")
"""What stands for standard input."""

AGAIN = Skip("sent-again", "a later record of the same key stands for it", {SENT_AGAIN: ["yes"]})


def parts(config: Config) -> Iterator[Part]:
    """The messages of one file, or of standard input, part by part."""
    messages = Messages(_map(config), config)
    with _opened(config.paths) as lines:
        yield from messages.parts(lines)


def read(config: Config) -> Iterator[Chunk]:
    """The records of all parts."""
    for part in parts(config):
        yield from part.chunks


def mappings(config: Config) -> Sequence[AnyMapping]:
    return [mapping for file in _map(config).files for mapping in file.mappings]


def tables(config: Config) -> Sequence[Table]:
    """What the map declares; any field may be absent, of which the stream's schema speaks."""
    return [replace(file.table, optional="*", skips=[AGAIN, *file.table.skips]) for file in _map(config).files]


def _map(config: Config) -> mapfile.MapFile:
    if config.map is None:
        raise LoadError("a tap's streams have no meaning by themselves: say with --map what their records are")
    return mapfile.read_map(config.map, config.model)


def _opened(paths: Sequence[Path]) -> IO[bytes]:
    if len(paths) != 1:
        raise LoadError("one tap is loaded at a time: give - for standard input, or one file of messages")
    if paths[0] == INPUT:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return paths[0].open("rb")
    except OSError as error:
        raise LoadError(f"can't be read: {error.strerror or error}", file=paths[0].name) from error


SOURCE = Source(
    "singer",
    read=read,
    parts=parts,
    mappings=mappings,
    tables=tables,
    description="any tap that speaks Singer, with --map",
    reads="- (standard input), or a file of messages, one a line",
    versions="Singer 0.3.0",
    takes_map=True,
    prepare=mapfile.prepare,
    log=True,
    flags={NO_SCHEMA: "a record came before the schema of its stream, and was read all the same"},
    lacks=[
        "removals (ACTIVATE_VERSION): a tap that sends a table anew does not say what is gone since, so nothing goes; "
        "a record that says itself that it was deleted can be mapped",
        "BATCH messages: the records lie in files elsewhere; set up the tap to send RECORDs",
    ],
)
