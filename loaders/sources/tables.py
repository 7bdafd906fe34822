"""Native tables: a file a type, named after it, whose columns are the model's properties; and, with --map, other
people's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from loaders import mapfile
from loaders.errors import LoadError, nearest
from loaders.readers import FORMATS, read_table, suffix_of
from loaders.readers.reading import Reading
from loaders.source import AnyMapping, Chunk, Config, Source, Table, loadable, native, native_table
from ontology.model import EdgeType, Model

BESIDE = (".md", ".txt", ".toml", ".json", ".license", "")
"""Files that may lie beside tables and are not read, by the end of their names; hidden files too."""


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every table, files in the order of their names."""
    if config.map is not None:
        yield from mapfile.read(config)
        return
    for path, shown in files(config):
        yield from read_table(path, reading(config, table_of(path, shown, config.model), shown))


def mappings(config: Config) -> Sequence[AnyMapping]:
    """The native mapping of every type, or what the map file says."""
    if config.map is not None:
        return mapfile.mappings(config)
    return [native(config.model, name) for name in loadable(config.model)]


def tables(config: Config) -> Sequence[Table]:
    if config.map is not None:
        return mapfile.tables(config)
    return [native_table(config.model, name) for name in loadable(config.model)]


def prepare(chunk: Chunk, config: Config) -> Chunk:
    return chunk if config.map is None else mapfile.prepare(chunk, config)


def files(config: Config) -> Iterator[tuple[Path, str]]:
    """Every table file that was given, by itself or in a folder, with its name as it is shown."""
    for path in config.paths:
        if not path.exists():
            raise LoadError("nothing is there: look for a misspelt path", file=str(path))
        found = sorted(each for each in path.iterdir() if _is_table(each, config.model)) if path.is_dir() else [path]
        if not found:
            reason = f"no table is in the folder: put files like Skill.csv there ({', '.join(FORMATS)})"
            raise LoadError(reason, file=path.name)
        for file in found:
            yield file, file.name


def table_of(path: Path, shown: str, model: Model) -> str:
    """The type that a file is named after."""
    known = loadable(model)
    if path.stem in known:
        return path.stem
    if path.stem in model.nodes or path.stem in model.edges:
        raise LoadError(f"{path.stem} is kept by Skillgraph itself and can't be loaded: remove the file", file=shown)
    hint = nearest(path.stem, known) or ": name the file after a type (docs/model.md), or use --map"
    raise LoadError(f"no type is named {path.stem!r}{hint}", file=shown, value=path.stem)


def reading(config: Config, type_name: str, shown: str) -> Reading:
    """How a native table is read: which of its columns may hold lists."""
    kind = config.model.type(type_name)
    keys = ("from", "to") if isinstance(kind, EdgeType) else ("id",)
    singles = {name for name, prop in kind.properties.items() if not prop.many}
    return Reading(type_name, shown, config.max_field, singles=frozenset({*keys, "version", *singles}))


def _is_table(path: Path, model: Model) -> bool:
    """Whether a file of a folder is read; what is neither a table nor likely to lie beside one is refused."""
    suffix, is_named = suffix_of(path), path.stem in model.nodes or path.stem in model.edges
    if path.name.startswith(".") or (suffix in BESIDE and path.is_file() and not is_named):
        return False
    if path.is_dir() or suffix not in FORMATS:
        what = "is a folder" if path.is_dir() else f"is no table{nearest(suffix, FORMATS)}"
        raise LoadError(f"{what}: only tables ({', '.join(FORMATS)}) may be in the folder", file=path.name)
    return True


SOURCE = Source(
    "tables",
    read=read,
    mappings=mappings,
    tables=tables,
    description="native tables, one a type; other people's tables with --map",
    reads="a folder, or files: <Type>.csv, .tsv, .xlsx, .parquet, .jsonl",
    takes_map=True,
    prepare=prepare,
)
