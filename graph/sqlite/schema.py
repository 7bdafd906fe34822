"""The tables of a store file, made from the model.

Layout (all names in one place; `type`, `source` and `load` columns are numbers):

- `meta(name, value)`: schema_version, created_at, writes (moved by every write that a plan may depend on), unsampled
  (records written since statistics were made), model (manifest of every type, property and enumeration the file was
  written with), model_hash, extension.
- `type(number, name)`: node and edge types. `source(number, name, last_complete, cursors)`, the last as JSON.
  `space(name, last)`: the last key given out in a key space ("nodes" or a columns type); keys are never reused.
  `prefix(space, prefix)`: id prefixes.
- `node(key, id, type, source, version, hash, change, props)`: types kept as JSON; references in `props` are ids.
- `fact_<Type>(_key, _id, _source, _version, _hash, _change, _other, <property> ...)`: types of their own columns.
  References are keys of the target's space, enumerations position + 1, decimals millionths, booleans 0 or 1, lists
  JSON; `_other` is JSON of what has no column (`label@de`).
  Identities have `_mark` and `_mark_as_said` too, by which those that say the same are found: see `graph.alike`.
- `edge(type, start, end, source, version, hash, change, props)`: ends are keys of the ends' spaces; `source` stated it
  first, further sources stand in `statement`. `reference(target, type, property, start, end)`: references inside
  JSON `props` of nodes (end 0) and edges, to find who refers to a node.
- A live row with hash `graph.merge.REMOVED` was removed but is still referred to (retired); it goes with the last
  reference.
- `tombstone(space, id, source, key, type, version, change)`: removed nodes, by the source that said so; a node that
  comes back gets its key again.
  `edge_tombstone(type, start, end, source, version, change)`: removed edge statements, ends as id text.
- `change(number, at, source, load)`; `change_item(change, type, operation, keys)`: see `changes.py` for the blobs.
- `history(type, start, end, since, until, source, version, hash, props, person)`: superseded versions (start is the
  key, end 0 for nodes; props JSON with references as ids; `since` the change that wrote it, `until` the one that
  replaced or removed it; `person` the Learner key it is about, 0 if none).
- `label(key, node, kind, language, text, folded)` with FTS5 `label_words` (its content is `label.folded`) and its
  vocabulary `label_terms`; `person_label` … the same for personal labels, apart so that erasure can purge them.
- `load`, `held_row`, `api_key`, `erased`: the ledger's, the keyring's and erasure's own (bottom of this file).
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.alike import MARK, MARK_AS_SAID, SALTED
from graph.kinds import IDENTITY, NODES, target_space
from graph.merge import REMOVED
from ontology.model import Datatype, Model, NodeType, Property

VERSION = 2
HASHED = f"system IN ({', '.join(repr(system) for system in sorted(SALTED))})"
"""The condition of the index of identities that were hashed with a salt."""
_FORM = f"substr({MARK}, instr({MARK}, ' ') + 1)"
SALT = f"substr({_FORM}, instr({_FORM}, ' ') + 1)"
"""The salt of these, as that index has it."""
PAGE_BYTES = 8192  # random index pages cost half as much as with 4096

_CORE = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE type (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_complete INTEGER, cursors TEXT);
CREATE TABLE space (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE prefix (space TEXT NOT NULL, prefix TEXT NOT NULL, PRIMARY KEY (space, prefix)) WITHOUT ROWID;
CREATE TABLE node (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type INTEGER NOT NULL, source INTEGER NOT NULL,
    version INTEGER NOT NULL, hash INTEGER NOT NULL, change INTEGER NOT NULL, props TEXT NOT NULL);
CREATE INDEX node_type ON node (type, id);
CREATE INDEX node_leaving ON node (key) WHERE hash = -9223372036854775808;
CREATE TABLE edge (
    type INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, source INTEGER NOT NULL,
    version INTEGER NOT NULL, hash INTEGER NOT NULL, change INTEGER NOT NULL, props TEXT,
    PRIMARY KEY (type, start, end)) WITHOUT ROWID;
CREATE INDEX edge_end ON edge (end, type);
CREATE TABLE statement (
    type INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, source INTEGER NOT NULL,
    version INTEGER NOT NULL, hash INTEGER NOT NULL, change INTEGER NOT NULL,
    PRIMARY KEY (type, start, end, source)) WITHOUT ROWID;
CREATE TABLE reference (
    target INTEGER NOT NULL, type INTEGER NOT NULL, property TEXT NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, PRIMARY KEY (target, type, property, start, end)) WITHOUT ROWID;
CREATE TABLE tombstone (
    space TEXT NOT NULL, id TEXT NOT NULL, source INTEGER NOT NULL, key INTEGER NOT NULL, type INTEGER NOT NULL,
    version INTEGER NOT NULL, change INTEGER NOT NULL, PRIMARY KEY (space, id, source)) WITHOUT ROWID;
CREATE INDEX tombstone_key ON tombstone (space, key);
CREATE TABLE edge_tombstone (
    type INTEGER NOT NULL, start TEXT NOT NULL, end TEXT NOT NULL, source INTEGER NOT NULL, version INTEGER NOT NULL,
    change INTEGER NOT NULL, PRIMARY KEY (type, start, end, source)) WITHOUT ROWID;
CREATE TABLE change (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source INTEGER NOT NULL, load INTEGER);
CREATE TABLE change_item (
    change INTEGER NOT NULL, type INTEGER NOT NULL, operation INTEGER NOT NULL, keys BLOB NOT NULL);
CREATE INDEX change_item_change ON change_item (change);
CREATE TABLE history (
    type INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
    source INTEGER NOT NULL, version INTEGER NOT NULL, hash INTEGER NOT NULL, props TEXT, person INTEGER NOT NULL,
    PRIMARY KEY (type, start, end, until)) WITHOUT ROWID;
CREATE INDEX history_person ON history (person) WHERE person;
"""

_LABELS = """
CREATE TABLE {0}label (
    key INTEGER PRIMARY KEY, node INTEGER NOT NULL, kind INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL,
    folded TEXT NOT NULL);
CREATE INDEX {0}label_node ON {0}label (node);
CREATE VIRTUAL TABLE {0}label_words USING fts5(
    folded, content='{0}label', content_rowid='key', tokenize='unicode61', prefix='2 3');
CREATE VIRTUAL TABLE {0}label_terms USING fts5vocab({0}label_words, 'row');
"""

_LEDGER = """
CREATE TABLE load (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished_at INTEGER, snapshot_at INTEGER NOT NULL, complete INTEGER NOT NULL,
    counts TEXT NOT NULL DEFAULT '{}');
CREATE INDEX load_name ON load (name, snapshot_at);
CREATE TABLE held_row (
    key INTEGER PRIMARY KEY, load INTEGER NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, row INTEGER NOT NULL,
    kind TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL, shape TEXT NOT NULL,
    raw TEXT NOT NULL, refers_to TEXT NOT NULL, people TEXT NOT NULL);
CREATE INDEX held_row_place ON held_row (load, file, row, kind);
CREATE INDEX held_row_name ON held_row (name);
CREATE INDEX held_row_awaited ON held_row (refers_to) WHERE refers_to <> '';
CREATE TABLE api_key (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, scopes TEXT NOT NULL, org_units TEXT, source TEXT, label TEXT NOT NULL,
    created_at INTEGER NOT NULL, revoked_at INTEGER) WITHOUT ROWID;
CREATE TABLE erased (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"""


def tables(model: Model) -> str:
    """The whole DDL of a new store."""
    facts = "".join(fact_ddl(kind, model) for kind in fact_types(model))
    return _CORE + _LABELS.format("") + _LABELS.format("person_") + _LEDGER + facts


def fact_types(model: Model) -> Iterator[NodeType]:
    """The node types that have a table of their own."""
    return (kind for kind in model.nodes.values() if kind.storage == "columns")


def quoted(name: str) -> str:
    """An SQL identifier; names come from the model, never from a user."""
    return '"' + name.replace('"', '""') + '"'


def fact_table(type_name: str) -> str:
    """The quoted name of a columns type's table."""
    return quoted(f"fact_{type_name}")


def has_column(kind: Property) -> bool:
    """Whether the property's plain values stand in a column of their own (its other languages are in `_other`)."""
    return kind.name != "id"


def is_integer(kind: Property) -> bool:
    """Whether its column holds integers: keys, positions, instants, millionths."""
    return not kind.many and kind.datatype in _INTEGERS


_INTEGERS = {
    Datatype.INTEGER,
    Datatype.DECIMAL,
    Datatype.BOOLEAN,
    Datatype.INSTANT,
    Datatype.REFERENCE,
    Datatype.ENUM,
}


def column_ddl(kind: Property) -> str:
    """One column's definition."""
    return f"{quoted(kind.name)} {'INTEGER' if is_integer(kind) else 'TEXT'}"


def fact_ddl(kind: NodeType, model: Model) -> str:
    """A columns type's table with its indexes."""
    columns = "".join(f", {column_ddl(each)}" for each in kind.properties.values() if has_column(each))
    if kind.name == IDENTITY:
        columns += f", {MARK} TEXT, {MARK_AS_SAID} TEXT"
    table, leaving = fact_table(kind.name), quoted(f"fact_{kind.name}_leaving")
    return (
        (
            f"CREATE TABLE {table} (_key INTEGER PRIMARY KEY, _id TEXT NOT NULL UNIQUE, _source INTEGER NOT NULL, "
            f"_version INTEGER NOT NULL, _hash INTEGER NOT NULL, _change INTEGER NOT NULL, _other TEXT{columns});\n"
            f"CREATE INDEX {leaving} ON {table} (_key) WHERE _hash = {REMOVED};\n"
        )
        + "".join(index_ddl(kind, each) for each in kind.properties.values() if is_indexed(kind, each, model))
        + (identity_ddl() if kind.name == IDENTITY else "")
    )


def identity_ddl() -> str:
    """The indexes by which identities that say the same are found."""
    table, hashed = fact_table(IDENTITY), quoted(f"fact_{IDENTITY}_hashed")
    each = (
        f"CREATE INDEX {quoted(f'fact_{IDENTITY}{name}')} ON {table} ({name}) WHERE {name} IS NOT NULL;\n"
        for name in (MARK, MARK_AS_SAID)
    )
    return "".join(each) + f"CREATE INDEX {hashed} ON {table} (system, {SALT}) WHERE {HASHED};\n"


def is_indexed(kind: NodeType, each: Property, model: Model) -> bool:
    """What is looked up row by row: the person a fact is about, the fact it belongs to."""
    if each.name == kind.person:
        return has_column(each)
    return each.datatype is Datatype.REFERENCE and not each.many and target_space(each, model) != NODES


def index_ddl(kind: NodeType, each: Property) -> str:
    """The index of one column; absent values take no room in it."""
    column = quoted(each.name)
    name = quoted(f"fact_{kind.name}_{each.name}")
    return f"CREATE INDEX {name} ON {fact_table(kind.name)} ({column}) WHERE {column} IS NOT NULL;\n"
