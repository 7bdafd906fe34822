"""Personnel systems: their customers choose the columns, so a map says what each is; for some there is one ready-made.

`--map workday` and `--map bamboohr` stand for maps that come with Skillgraph, in `loaders/sources/maps`; a deployment
copies one and changes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loaders import mapfile
from loaders.errors import LoadError, nearest
from loaders.source import AnyMapping, Chunk, Config, Source, Table

MAPS = Path(__file__).parent / "maps"
READY = tuple(sorted(path.stem for path in MAPS.glob("*.toml")))


def with_map(config: Config) -> Config:
    """The config with the map file that its map names; raises `LoadError` where there is none."""
    if config.map is None:
        raise LoadError(f"says nothing of its columns: give --map FILE.toml, or a ready one: {', '.join(READY)}")
    if config.map.exists():
        return config
    ready = MAPS / f"{config.map.name}.toml"
    if not ready.exists():
        hint = nearest(config.map.name, READY) or f"; ready are {', '.join(READY)}"
        raise LoadError(f"there is no map {config.map.name!r}{hint}", file=config.map.name)
    return replace(config, map=ready)


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every file that the map names."""
    return mapfile.read(with_map(config))


def prepare(chunk: Chunk, config: Config) -> Chunk:
    """Keyed hashes, where the map asks for some."""
    return mapfile.prepare(chunk, with_map(config))


def mappings(config: Config) -> Sequence[AnyMapping]:
    return mapfile.mappings(with_map(config))


def tables(config: Config) -> Sequence[Table]:
    return mapfile.tables(with_map(config))


SOURCE = Source(
    "hris",
    read=read,
    mappings=mappings,
    tables=tables,
    description="people, org units, positions over time, leavers and reviews of a personnel system",
    reads=f".csv, .tsv, .xlsx, .parquet, .jsonl, .json with --map FILE.toml, or --map {' or '.join(READY)}",
    versions="Workday report-as-a-service (CSV, JSON), BambooHR reports and tables (CSV, JSON)",
    takes_map=True,
    prepare=prepare,
    lacks=[
        "pay, benefits, absence and home addresses: nothing here asks for them",
        "positions that are planned but not filled: they are requisitions of the hiring system",
    ],
)
