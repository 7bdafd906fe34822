"""Older stores are brought up to date under the store's lock; newer ones are refused.

A step changes the data from one schema version to the next; all steps and the new version are committed together, so
a migration that is cut off leaves the old store as it was. The model's hash is forgotten with them: `adapt` then makes
the constraints and indexes of the new version. A backup is made with Neo4j's own tools before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph.errors import NewerStore, NotMigrated, StoreError
from graph.neo4j import schema
from graph.neo4j.server import Server, Writer
from ontology.model import Model

Step = Callable[[Writer, Model], None]

STEPS: dict[int, Step] = {}
"""Schema version -> what makes the next version of it. Version 1 is the first there was."""

_VERSION = "MATCH (s:_Store) RETURN s.schema_version"
_SET_VERSION = "MATCH (s:_Store) SET s.schema_version = $version, s.model_hash = ''"


def migrate(
    server: Server,
    model: Model,
    found: int,
    read_only: bool = False,
    *,
    to: int = schema.VERSION,
    steps: Mapping[int, Step] = STEPS,
) -> bool:
    """Bring a store that was found to have a schema version to version `to`; whether anything was to be done."""
    if found == to:
        return False
    _check(server.address.shown, found, to, read_only, steps)

    def work(writer: Writer) -> None:
        ((begin,),) = writer.run(_VERSION)  # another process may have been faster
        for version in range(begin, to):
            steps[version](writer, model)
        writer.run(_SET_VERSION, version=max(begin, to))

    server.write(work)
    return True


def _check(place: str, found: int, target: int, read_only: bool, steps: Mapping[int, Step]) -> None:
    versions = f"its schema version is {found}, this Skillgraph's is {target}"
    if found > target:
        fix = "Upgrade Skillgraph, or restore the backup that was made before the upgrade."
        raise NewerStore(place, "the store was written by a newer Skillgraph", fix, versions)
    if read_only:
        fix = "Back it up and open it once for writing, for instance with `skillgraph check`: then it is migrated."
        raise NotMigrated(place, "the store was written by an older Skillgraph", fix, versions)
    if any(version not in steps for version in range(found, target)):
        fix = "Use a Skillgraph that can, or load the sources into a new store."
        raise StoreError(place, "this Skillgraph cannot migrate a store so old", fix, versions)
