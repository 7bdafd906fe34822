"""Writes the files of an import from a store's contents."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from graph.contents import BOOKS, HELD_ROW, LOAD, Contents, movable
from graph.digest import record_types
from graph.exports.neo4j_import.command import write_script
from graph.exports.neo4j_import.derived import Deriving
from graph.exports.neo4j_import.files import FROM, NODE_KEY, TO, columns_of
from graph.exports.neo4j_import.folder import Folder
from graph.exports.tables import make_folder
from graph.kinds import EdgeKind, Kinds, NodeKind, numbered
from graph.neo4j import shape
from graph.store import Store

Layout = Kinds[NodeKind, EdgeKind]


def write_store(store: Store, out: Path) -> dict[str, int]:
    """The files and the script; returns rows per file."""
    make_folder(out)
    folder, layout = Folder(out), Kinds(store.model, numbered(store.model), NodeKind, EdgeKind)
    with (whole := movable(store)).contents() as contents:
        deriving = Deriving(store, whole.settings, contents, int(time.time()))
        deriving.write(folder)
        for kind in (layout.kind(each.name) for each in record_types(store.model)):
            if isinstance(kind, NodeKind):
                write_nodes(folder, contents, kind, deriving)
            else:
                write_edges(folder, contents, kind)
        write_languages(folder, contents, layout)
        last = write_books(folder, contents)
        node = shape.store_node(store.model, contents.head, last) | shape.derived(contents.head.number, whole.settings)
        with folder.nodes("_Store", "_Store", columns_of(shape.STORE)) as file:
            file.write({name: [value] for name, value in node.items()})
    write_script(out, folder.parts)
    return {part.file.path.stem: part.file.rows for part in folder.parts}


def write_nodes(folder: Folder, contents: Contents, kind: NodeKind, deriving: Deriving) -> None:
    """The nodes of a type, and what they refer to."""
    stated, (forms, further) = contents.stated(kind.name), deriving.further(kind)
    columns = [NODE_KEY, *columns_of({**shape.node_forms(kind, stated), **forms})]
    with ExitStack() as files:
        nodes = files.enter_context(folder.nodes(f"{shape.RESOURCE}:{kind.name}", kind.name, columns))
        references = {
            name: files.enter_context(folder.relationships(name, f"{kind.name}.{name}", [FROM, TO]))
            for name in stated
            if name in kind.references
        }
        for rows in contents.nodes(kind.name):
            nodes.write(shape.node_rows(kind, rows) | further(rows))
            for name, pairs in shape.references(kind, rows).items():
                references[name].write(pairs)


def write_edges(folder: Folder, contents: Contents, kind: EdgeKind) -> None:
    """The edges of a type."""
    columns = [FROM, TO, *columns_of(shape.edge_forms(kind, contents.stated(kind.name)))]
    with folder.relationships(kind.name, kind.name, columns) as edges:
        for rows in contents.edges(kind.name):
            edges.write(shape.edge_rows(rows))


def write_languages(folder: Folder, contents: Contents, layout: Layout) -> None:
    """The columns in other languages that were ever stated of each type."""
    with folder.nodes("_Type", "_Type", columns_of(shape.TYPE)) as types:
        for kind in layout.kinds():
            further = [name for name in contents.stated(kind.name) if "@" in name]
            if further:
                types.write({"name": [kind.name], "columns": [further]})


def write_books(folder: Folder, contents: Contents) -> Mapping[str, int]:
    """What is kept beside the graph; returns the numbers given out last."""
    last = {"last_load": 0, "last_held": 0}
    counted = {LOAD.name: ("id", "last_load"), HELD_ROW.name: ("key", "last_held")}
    for book in BOOKS:
        with folder.nodes(shape.label_of(book), shape.label_of(book), columns_of(book.columns)) as file:
            for rows in contents.book(book):
                file.write(shape.book_rows(book, rows))
                if book.name in counted:
                    column, name = counted[book.name]
                    last[name] = max(last[name], *rows[column])
    return last
