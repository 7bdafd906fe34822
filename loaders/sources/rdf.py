"""RDF in the ontology's own terms, as the exports write it and partners may: records become rows of native tables.

A row is one record: a subject with its class, or one triple for an edge without properties; its number is that of the
first statement of it in its file. The statements of a record may stand anywhere, in any of the files and graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from loaders.errors import LoadError
from loaders.source import AnyMapping, Config, Rows, Source, Table, loadable, native, native_table
from loaders.sources.rdf_records import FLAGS, UNCLASSED, Records
from loaders.sources.rdf_staged import Staged
from loaders.sources.rdf_statements import Statements
from loaders.sources.rdf_terms import Terms
from loaders.stage import staging_directory
from ontology.rdf import FORMATS

_FOLDER = "rdf"


def mappings(config: Config) -> Sequence[AnyMapping]:
    return [native(config.model, name) for name in loadable(config.model)]


def tables(config: Config) -> Sequence[Table]:
    return [*(native_table(config.model, name) for name in loadable(config.model)), Table(UNCLASSED)]


def read(config: Config) -> Iterator[Rows]:
    """The records of all files together."""
    terms = Terms(config.model, config.language)
    files = list(_files(config.paths))
    with _folder(config) as folder:
        staged = Staged(folder)
        statements = Statements(files, config.model)
        staged.take(statements.frames(), config.gathered)
        records = Records(terms, statements, config)
        for group in staged.groups():
            yield from records.taken(group)
        yield from records.rest()
    if records.last is None:
        raise LoadError(
            "holds no record of a class of the ontology: is it Skillgraph's RDF?",
            file=", ".join(file.name for file in files),
        )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise LoadError("there is no such file", file=path.name)
        if not path.is_dir():
            yield path
            continue
        found = [each for each in sorted(path.iterdir()) if not each.name.startswith(".")]
        if not found:
            raise LoadError(f"no file is in the folder: put RDF there ({', '.join(FORMATS)})", file=path.name)
        yield from found


@contextmanager
def _folder(config: Config) -> Iterator[Path]:
    """Where statements are staged: below what the load stages, so that what a dead one left goes with it."""
    if config.store is None:
        with TemporaryDirectory(prefix="skillgraph-rdf-") as made:
            yield Path(made)
        return
    folder = staging_directory(config.store.url, config.name) / _FOLDER
    rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


SOURCE = Source(
    "rdf",
    read=read,
    mappings=mappings,
    tables=tables,
    description="RDF in the ontology's own terms, as `skillgraph export` writes it",
    reads=f"files, or folders of them: {', '.join(FORMATS)}; .gz too",
    versions="RDF 1.1: Turtle, TriG, N-Triples, N-Quads, RDF/XML; JSON-LD 1.1",
    flags=FLAGS,
    lacks=[
        "the graphs that statements stand in: all are taken together, and what they say is stated by the load's name",
    ],
)
