"""Files for `neo4j-admin database import full`: a first load of a Neo4j store at bulk speed.

The files hold all that `graph.contents` tells, laid out as `graph.neo4j.schema` says: the database that is made of them
opens as a store that goes on where this one stands.
"""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.store import Store


def write_store(store: Store, out: Path, _: Wanted) -> dict[str, int]:
    """One file for each type, and `import.sh` with the command; returns rows per file."""
    from graph.exports.neo4j_import.write import write_store

    return write_store(store, out)


def script_text(out: Path) -> str:
    """The script with the command."""
    from graph.exports.neo4j_import.command import SCRIPT

    return (out / SCRIPT).read_text(encoding="utf-8")


EXPORT = Export(
    "neo4j-import",
    "CSV files, and the `neo4j-admin` command that makes a Neo4j store of them at bulk speed.",
    write_store,
    then=script_text,
)
