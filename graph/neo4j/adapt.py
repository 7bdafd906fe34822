"""Making a store's node, constraints and indexes, and letting them grow with the model."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from graph.alike import MARK, MARK_AS_SAID, marks_by_row
from graph.errors import NotAStore, NotWritable, SchemaClash
from graph.kinds import IDENTITY
from graph.manifest import Manifest, check_holds, manifest_text
from graph.neo4j.cypher import quoted
from graph.neo4j.schema import VERSION, Rule, rules
from graph.neo4j.server import Server, Writer
from ontology.model import Model

_READ_META = "MATCH (s:_Store {name: 'store'}) RETURN properties(s)"
_FOREIGN = "MATCH (n:Resource) RETURN labels(n) LIMIT 1"
_MAKE = "MERGE (s:_Store {name: 'store'}) ON CREATE SET s.number = 0, s.writes = 0, s.last_key = 0"
_REMEMBER = "MATCH (s:_Store) SET s += $values"
_SHOW = (
    "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint, options "
    "WHERE type <> 'LOOKUP' RETURN name, type, entityType, labelsOrTypes, properties, owningConstraint, "
    "options.indexConfig['fulltext.analyzer']"
)
_UNMARKED = f"MATCH (i:{quoted(IDENTITY)}) WHERE i.{MARK} IS NULL RETURN i._key, i.system, i.value LIMIT $most"
_SET_MARKS = (
    "UNWIND $rows AS row MATCH (i:Resource {_key: row[0]}) "
    f"SET i.{MARK} = coalesce(row[1], ''), i.{MARK_AS_SAID} = row[2]"
)
_MARKED_AT_ONCE = 10_000
_AWAIT = "CALL db.awaitIndexes(600)"


def meta(server: Server) -> dict[str, Any] | None:
    """Everything of the store's node; None where no store was made, or was not made to the end."""
    rows = server.read(_READ_META)
    found: dict[str, Any] | None = rows[0][0] if rows else None
    return found if found and "schema_version" in found else None


def make(server: Server, model: Model) -> None:
    """A new store. Of two processes that make one, the second finds it made; one that is cut off is made again."""
    if server.read(_FOREIGN) and not server.read(_READ_META):
        fix = "Name another database, or an empty one."
        raise NotAStore(
            server.address.shown, "the database holds nodes with the label Resource of another program", fix
        )
    ensure_rules(server, rules(model))
    server.schema(_MAKE)
    server.write(lambda writer: _start(writer, model))


def _start(writer: Writer, model: Model) -> None:
    ((found,),) = writer.run(_READ_META)
    if "schema_version" not in found:
        values = {"schema_version": VERSION, "created_at": int(time.time()), **_remembered(model)}
        writer.run(_REMEMBER, values=values)


def adapt(server: Server, model: Model, known: Mapping[str, Any], read_only: bool = False) -> None:
    """Let constraints and indexes grow to the model.

    Raises `ModelMismatch` when the model lacks a part of what the store was written with.
    """
    if known["model_hash"] == model.hash and known["extension"] == (model.extension or ""):
        return
    stored: Manifest = json.loads(known["model"])
    check_holds(stored, model, server.address.shown)
    if read_only:
        if stored != json.loads(manifest_text(model)):
            fix = "Open it once for writing, so that it can grow."
            raise NotWritable(server.address.shown, "the ontology has grown since the store was written", fix)
        return
    ensure_rules(server, rules(model))
    while server.write(_mark_identities):
        pass
    server.write(lambda writer: writer.run(_REMEMBER, values=_remembered(model)))


def _mark_identities(writer: Writer) -> bool:
    """Give some identities of an older store what they are looked up by; whether there were any."""
    rows = writer.run(_UNMARKED, most=_MARKED_AT_ONCE)
    columns = {name: [row[place] for row in rows] for place, name in enumerate(("key", "system", "value"))}
    marks = marks_by_row(columns, len(rows))
    marked = zip(columns["key"], marks[MARK], marks[MARK_AS_SAID], strict=True)
    writer.run(_SET_MARKS, rows=[list(row) for row in marked])
    return bool(rows)


def _remembered(model: Model) -> dict[str, str]:
    return {"model": manifest_text(model), "model_hash": model.hash, "extension": model.extension or ""}


def ensure_rules(server: Server, wanted: Sequence[Rule]) -> None:
    """Make the constraints and indexes that are not there; raises `SchemaClash` for one that another stands in for."""
    lacking = lacking_rules(server, wanted)
    if lacking:
        server.schema(*(rule.statement for rule in lacking))
        server.schema(_AWAIT)
        for rule in lacking_rules(server, wanted):
            fix = f"Find out what else has the name {rule.name}, and drop it."
            raise SchemaClash(server.address.shown, f"{rule.described} could not be made", fix)


def lacking_rules(server: Server, wanted: Sequence[Rule]) -> list[Rule]:
    """Those that are not there, under whatever name."""
    there = [_There(row) for row in server.read(_SHOW)]
    found = []
    for rule in wanted:
        if any(each.serves(rule) for each in there):
            continue
        for each in there:
            if each.hinders(rule):
                raise each.refusal(server.address.shown, rule)
        found.append(rule)
    return found


class _There:
    """An index that the database has; a constraint is the index that it owns."""

    def __init__(self, row: Sequence[Any]) -> None:
        self.name, kind, entity, on, properties, owner, self.analyzer = row
        self.kind = "unique" if owner else kind.lower()
        self.place = (entity == "RELATIONSHIP", tuple(on), tuple(properties))

    def serves(self, rule: Rule) -> bool:
        """Whether it does what the rule asks for, whatever its name."""
        if self.place != (rule.relationship, (rule.on,), rule.properties):
            return False
        if rule.kind == "fulltext":  # queries name it
            return self.kind == "fulltext" and self.name == rule.name and self.analyzer == rule.analyzer
        return self.kind == rule.kind or (self.kind == "unique" and rule.kind == "range")

    def hinders(self, rule: Rule) -> bool:
        """Whether the rule cannot be made as long as this is there: it has its name, or its place."""
        same_place = self.place == (rule.relationship, (rule.on,), rule.properties)
        alike = rule.kind == "fulltext" if self.kind == "fulltext" else rule.kind != "fulltext"
        return self.name == rule.name or (same_place and alike and self.kind in ("range", "fulltext"))

    def refusal(self, place: str, rule: Rule) -> SchemaClash:
        problem = f"its {_WORDS[self.kind]} {self.name} stands where Skillgraph needs {rule.described}"
        drop = "DROP CONSTRAINT" if self.kind == "unique" else "DROP INDEX"
        return SchemaClash(place, problem, f"If nothing else needs it, run {drop} {quoted(self.name)}")


_WORDS = {"unique": "constraint", "range": "index", "fulltext": "full-text index"}
