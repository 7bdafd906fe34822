"""The files of an ESCO download: found by name and language, read, and completed by what lies across rows or files."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import polars as pl

from loaders.errors import LoadError, nearest
from loaders.readers import read_table
from loaders.readers.reading import Reading
from loaders.readers.whole import NUMBER, apart, need, together
from loaders.source import Chunk, Config

ESCO = "http://data.europa.eu/esco/"
SCHEME = f"{ESCO}concept-scheme/"
WHOLE = ("skills", "member-skills", "skills-hierarchy", "occupations", "member-occupations", "isco", "isced-f")
"""Schemes of everything in a pillar or classification."""
TECHNICAL = (
    *("label-role", "regulated-professions", "relationship-types"),
    *("skill-competence-type", "skill-reuse-level"),
)
"""Schemes of words that ESCO's files use."""

CONCEPTS = ("skills", "skillGroups", "occupations", "ISCOGroups", "conceptSchemes")
"""Tables that hold texts, so that a file in each language is read."""
RELATIONS = {
    "occupationSkillRelations": ("occupationUri", "skillUri"),
    "skillSkillRelations": ("originalSkillUri", "relatedSkillUri"),
}
"""Tables of what is essential or optional, with the columns of their ends."""
HIERARCHIES = ("broaderRelationsSkillPillar", "broaderRelationsOccPillar")
COLLECTIONS = {
    "digitalSkillsCollection": f"{SCHEME}6c930acd-c104-4ece-acf7-f44fd7333036",
    "digCompSkillsCollection": f"{SCHEME}digcomp",
    "greenSkillsCollection": f"{SCHEME}green",
    "languageSkillsCollection": f"{SCHEME}skill-language-groups",
    "researchSkillsCollection": f"{SCHEME}research",
    "transversalSkillsCollection": f"{SCHEME}skill-transversal-groups",
}
"""Tables of a collection's members, with the collection's URI, which only conceptSchemes has."""
READ = (*CONCEPTS, *HIERARCHIES, *RELATIONS, *COLLECTIONS)
NOT_READ = {
    "skillsHierarchy": "repeats broaderRelationsSkillPillar and skillGroups",
    "researchOccupationsCollection": "repeats the column inScheme of occupations",
    "greenShareOcc": "holds statistics that can be made from the relations",
    "dictionary": "explains the columns",
}

TEXTS = ("preferredLabel", "altLabels", "hiddenLabels", "description")
_NAME = re.compile(r"(?P<table>[A-Za-z]+)(?:_(?P<language>[a-z]{2}(?:-[A-Za-z]{2,4})?))?\.csv")
_URI = r"https?://[^\s,|]+"  # inScheme separates by commas, by new lines, or by both
_OCCUPATIONS = f"^{ESCO}(occupation|isco)/"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EscoFile:
    """One file of the download; `table` is empty where it is not read, and `why` says why."""

    path: Path
    table: str
    language: str
    why: str = ""


def find(paths: Sequence[Path]) -> list[EscoFile]:
    """Every file at or in the paths, those that are not read as well; the log lists them."""
    given = chain.from_iterable(sorted(path.iterdir()) if path.is_dir() else [path] for path in paths)
    files = [_known(path) for path in given if not path.name.startswith(".")]
    if not any(file.table for file in files):
        raise LoadError("no file of an ESCO download is there, like skills_en.csv", file=paths[0].name)
    for file in files:
        _log.info("%s is %s", file.path.name, f"not read: it {file.why}" if file.why else "read")
    return files


def _known(path: Path) -> EscoFile:
    name = _NAME.fullmatch(path.name)
    table, language = (name["table"], name["language"] or "") if name else (path.stem, "")
    if name and table in READ:
        return EscoFile(path, table, language)
    if name and table in NOT_READ:
        return EscoFile(path, "", language, NOT_READ[table])
    if path.suffix.lower() == ".csv":
        hint = nearest(table.partition("_")[0], READ)
        raise LoadError(f"is no file of an ESCO download, whose names are like skills_en.csv{hint}", file=path.name)
    return EscoFile(path, "", language, "is no CSV file")


@dataclass(frozen=True)
class Download:
    """What is read of a download for one deployment."""

    files: Sequence[EscoFile]
    config: Config

    def read(self, table: str) -> Iterator[Chunk]:
        """The rows of a table, with the columns that the mappings read and that a row alone does not tell.

        Concepts are read in all languages, the rest in one: it is the same in each.
        """
        files = sorted((file for file in self.files if file.table == table), key=self._place)
        if not files:
            return
        if table in RELATIONS:
            yield from _settled(list(self._rows(files[0])), RELATIONS[table])
        elif table in CONCEPTS:
            for chunk in self._concepts(table, files):
                yield replace(chunk, frame=self._with_collections(chunk.frame))
        else:
            yield from self._rows(files[0])

    def _place(self, file: EscoFile) -> tuple[bool, bool, str]:
        """The deployment's language first, then English."""
        language = file.language or self.config.language
        return language != self.config.language, language != "en", language

    def _rows(self, file: EscoFile) -> Iterator[Chunk]:
        return read_table(file.path, Reading(file.table, file.path.name, self.config.max_field))

    def _concepts(self, table: str, files: Sequence[EscoFile]) -> Iterator[Chunk]:
        if len(files) == 1:
            for chunk in self._rows(files[0]):
                yield replace(chunk, frame=self._tagged(chunk.frame, files[0].language))
        else:
            yield from self._in_languages(table, files)

    def _tagged(self, frame: pl.DataFrame, language: str) -> pl.DataFrame:
        """Text columns named by their language, unless it is the deployment's."""
        if language in ("", self.config.language):
            return frame
        return frame.rename({name: f"{name}@{language}" for name in TEXTS if name in frame.columns})

    def _in_languages(self, table: str, files: Sequence[EscoFile]) -> Iterator[Chunk]:
        """One row a concept, with its texts in every language; rows are numbered as in the first file."""
        key = "conceptSchemeUri" if table == "conceptSchemes" else "conceptUri"
        frames = []
        for file in files:
            chunks = list(self._rows(file))
            need([key], chunks[0].frame, file.path.name)
            yield from (replace(chunk, frame=chunk.frame.clear(), rows=None) for chunk in chunks if chunk.bad)
            frames.append(self._tagged(together(chunks)[0], file.language))
        whole = frames[0]
        for frame in frames[1:]:
            whole = _beside(whole, frame, key)
        yield from apart(table, files[0].path.name, whole)

    def _with_collections(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`_collections`: the schemes that a concept is in, of those that this download has."""
        if "inScheme" not in frame.columns:
            return frame.with_columns(_collections=pl.lit(None, dtype=pl.List(pl.String)))
        known = pl.lit(pl.Series([self.collections], dtype=pl.List(pl.String)))
        return frame.with_columns(_collections=pl.col("inScheme").str.extract_all(_URI).list.set_intersection(known))

    @cached_property
    def collections(self) -> list[str]:
        """The URIs of this download's collections: its schemes but those of everything and of words."""
        apart = {SCHEME + name for name in (*WHOLE, *TECHNICAL)}
        chunks = chain.from_iterable(self._rows(file) for file in self.files if file.table == "conceptSchemes")
        frames = [chunk.frame for chunk in chunks if "conceptSchemeUri" in chunk.frame.columns]
        return sorted({uri for frame in frames for uri in frame["conceptSchemeUri"].drop_nulls()} - apart)


def _beside(whole: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
    """The texts of another language beside each concept; one that only this language has is a row of its own."""
    texts = other.select(key, *(name for name in other.columns if "@" in name)).unique(key, keep="first")
    joined = whole.join(texts, on=key, how="left", maintain_order="left")
    last = int(str(whole[NUMBER].max() or 0))
    alone = other.join(whole.select(key), on=key, how="anti").with_columns(pl.col(NUMBER) + last)
    return pl.concat([joined, alone], how="diagonal")


def prepare(chunk: Chunk, config: Config) -> Chunk:  # noqa: ARG001
    """`_collection`: what a table lists the members of; `_pillar`: what a scheme is of; `_self`: both ends are one."""
    frame = chunk.frame
    if chunk.table in COLLECTIONS:
        frame = frame.with_columns(_collection=pl.lit(COLLECTIONS[chunk.table]))
    elif chunk.table == "conceptSchemes":
        frame = _with_pillar(frame)
    elif chunk.table in RELATIONS and set(RELATIONS[chunk.table]) <= set(frame.columns):
        start, end = RELATIONS[chunk.table]
        frame = frame.with_columns(_self=pl.when(pl.col(start) == pl.col(end)).then(pl.lit("yes")))
    return replace(chunk, frame=frame)


def _with_pillar(frame: pl.DataFrame) -> pl.DataFrame:
    """`_pillar`: whether a scheme lists skills or occupations, as its first top concept tells."""
    if "hasTopConcept" not in frame.columns:
        return frame.with_columns(_pillar=pl.lit("skills"))
    of_occupations = pl.col("hasTopConcept").str.contains(_OCCUPATIONS).fill_null(False)
    return frame.with_columns(_pillar=pl.when(of_occupations).then(pl.lit("occupations")).otherwise(pl.lit("skills")))


def _settled(chunks: Sequence[Chunk], ends: tuple[str, str]) -> Iterator[Chunk]:
    """`_also_essential`: an optional relation whose pair is essential too."""
    keys = [*ends, "relationType"]
    if not set(keys) <= set(chunks[0].frame.columns):
        absent = pl.lit(None, dtype=pl.String)
        yield from (replace(chunk, frame=chunk.frame.with_columns(_also_essential=absent)) for chunk in chunks)
        return
    every = pl.concat([chunk.frame.select(keys) for chunk in chunks])
    essential = every.filter(relationType="essential").select(ends)
    pairs = every.filter(relationType="optional").join(essential, on=ends, how="semi").unique()
    marked = pairs.with_columns(_also_essential=pl.lit("yes"))
    for chunk in chunks:
        yield replace(chunk, frame=chunk.frame.join(marked, on=keys, how="left", maintain_order="left"))
