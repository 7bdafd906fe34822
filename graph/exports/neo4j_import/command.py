"""The command that makes a database of the files."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.exports.neo4j_import.files import DELIMITER, ImportFile

SCRIPT = "import.sh"
_BUFFER = 4 << 20  # bytes that the tool takes for a field unless it is told otherwise
_ROOM = 4  # characters of a field may take more bytes in the tool than in the file

_HEAD = """\
#!/bin/sh
# Makes a Neo4j database of these files: sh import.sh [DATABASE]
# Run it where Neo4j is installed, as the user that Neo4j runs as, while Neo4j is stopped. What the database held before
# is gone. Then start Neo4j and open the store for writing, with `skillgraph check` for instance: that makes its
# constraints and indexes. The deployment's secret goes with you: set SKILLGRAPH_SECRET to what it is for the store that
# was exported (beside a file it stands in PATH.secret). NEO4J_ADMIN names the tool where it is not on the path.
set -eu
cd "$(dirname "$0")"
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A file and what its rows are: `Resource:Skill` nodes, `BROADER` relationships."""

    option: str  # "nodes" or "relationships"
    kind: str
    file: ImportFile

    @property
    def argument(self) -> str:
        return f"--{self.option}={self.kind}={self.file.path.name}"


def options(parts: Sequence[Part]) -> list[str]:
    """The tool's options."""
    return [
        "--overwrite-destination=true",
        "--id-type=integer",
        "--bad-tolerance=0",
        "--strict=true",
        f"--array-delimiter=U+{ord(DELIMITER):04X}",
        *_multiline(parts),
        *_buffer(parts),
        *sorted(part.argument for part in parts),
    ]


def write_script(folder: Path, parts: Sequence[Part]) -> Path:
    """The command as a script beside the files."""
    lines = ['"${NEO4J_ADMIN:-neo4j-admin}" database import full "${1:-neo4j}"', *map(shlex.quote, options(parts))]
    script = folder / SCRIPT
    script.write_text(_HEAD + " \\\n  ".join(lines) + "\n", encoding="utf-8")
    script.chmod(0o755)
    return script


def _multiline(parts: Sequence[Part]) -> list[str]:
    spanning = [part.file.path.name for part in parts if part.file.spans_lines]
    return ["--multiline-fields=true"] if spanning else []


def _buffer(parts: Sequence[Part]) -> list[str]:
    longest = max((part.file.longest for part in parts), default=0) * _ROOM
    return [f"--read-buffer-size={longest}"] if longest > _BUFFER else []
