"""The files of an O*NET text release: found by name, read, and joined where one row alone does not tell."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import polars as pl

from loaders.errors import LoadError, nearest
from loaders.readers import read_table
from loaders.readers.reading import Reading
from loaders.readers.whole import NUMBER, apart, need, together
from loaders.source import BadRow, Chunk, Config
from loaders.sources.onet_ratings import ELEMENT, MISSING, OCCUPATION, RELEVANT, SCALE, SUPPRESS, VALUE, judged

OCCUPATIONS, ELEMENTS, TECHNOLOGIES = "Occupation Data", "Content Model Reference", "Technology Skills"
TITLES, ZONES, RELATED = "Alternate Titles", "Job Zones", "Related Occupations"
RATINGS = ("Skills", "Knowledge")

NEEDED: Mapping[str, Sequence[str]] = {
    OCCUPATIONS: (OCCUPATION, "Title", "Description"),
    TITLES: (OCCUPATION, "Alternate Title", "Short Title"),
    ZONES: (OCCUPATION, "Job Zone"),
    ELEMENTS: (ELEMENT, "Element Name", "Description"),
    **dict.fromkeys(RATINGS, (OCCUPATION, ELEMENT, SCALE, VALUE, SUPPRESS, RELEVANT)),
    RELATED: (OCCUPATION, "Related O*NET-SOC Code"),
    TECHNOLOGIES: (OCCUPATION, "Example", "Commodity Code", "Commodity Title"),
}
"""The files that are read, with the columns that make them what they are."""

KINDS = {"2.A": "skill", "2.B": "skill", "2.C": "knowledge"}
"""Branches of the content model whose elements are skills, with the type of their leaves."""

OTHERS = (
    *("Read Me", "Scales Reference", "Level Scale Anchors", "Job Zone Reference"),
    *("Abilities", "Abilities to Work Activities", "Abilities to Work Context", "Basic Interests to RIASEC"),
    *("DWA Reference", "Education, Training, and Experience", "Education, Training, and Experience Categories"),
    *("Emerging Tasks", "IWA Reference", "Interests", "Interests Illustrative Activities"),
    *(
        "Interests Illustrative Occupations",
        "Occupation Level Metadata",
        "RIASEC Keywords",
        "Sample of Reported Titles",
    ),
    *("Skills to Work Activities", "Skills to Work Context", "Survey Booklet Locations", "Task Categories"),
    *("Task Ratings", "Task Statements", "Tasks to DWAs", "Tools Used", "UNSPSC Reference", "Work Activities"),
    *("Work Context", "Work Context Categories", "Work Styles", "Work Values"),
)
"""Files of a release that are not read."""

_TEXTS = ("Title", "Description", "Element Name", "Example", "Commodity Title", TITLES)

_log = logging.getLogger(__name__)


def find(paths: Sequence[Path]) -> Mapping[str, Path]:
    """The files that are read, by table; the log lists every other one at or in the paths."""
    for path in paths:
        if not path.exists():
            raise LoadError("nothing is there: look for a misspelt path", file=str(path))
    given = chain.from_iterable(sorted(path.iterdir()) if path.is_dir() else [path] for path in paths)
    found: dict[str, Path] = {}
    for path in given:
        if path.suffix.lower() == ".txt" and path.stem in NEEDED:
            found[path.stem] = path
        elif path.suffix.lower() == ".txt" and path.stem not in OTHERS and (hint := nearest(path.stem, NEEDED)):
            raise LoadError(f"is no file of an O*NET text release{hint}", file=path.name)
        _log.info("%s is %s", path.name, "read" if path.stem in found else "not read")
    if not set(found) & {OCCUPATIONS, ELEMENTS, TECHNOLOGIES, *RATINGS}:
        fix = "give the folder of the text release, which has Occupation Data.txt and others"
        raise LoadError(f"no file of an O*NET text release is there: {fix}", file=paths[0].name)
    return found


@dataclass(frozen=True)
class Release:
    """What is read of a release for one deployment."""

    files: Mapping[str, Path]
    config: Config

    def occupations(self) -> Iterator[Chunk]:
        """Occupations with their other titles, as a list, and their job zone."""
        if OCCUPATIONS not in self.files:
            return
        frame, bad = self._whole(OCCUPATIONS)
        for table, join in ((TITLES, _titles), (ZONES, _zones)):
            if table in self.files:
                beside, wrong = self._whole(table)
                yield from self._strays(table, beside, frame, wrong)
                frame = frame.join(join(beside), on=OCCUPATION, how="left", maintain_order="left")
        yield from self._out(OCCUPATIONS, frame, bad)

    def elements(self) -> Iterator[Chunk]:
        """Elements of the content model with `_kind`: what has others below it is a group."""
        if ELEMENTS not in self.files:
            return
        frame, bad = self._whole(ELEMENTS)
        above = frame[ELEMENT].str.replace(r"\.[^.]*$", "").unique()
        branch = pl.col(ELEMENT).str.head(3).replace_strict(KINDS, default=None, return_dtype=pl.String)
        is_group = pl.col(ELEMENT).is_in(above.implode())
        kind = pl.when(branch.is_not_null() & is_group).then(pl.lit("group")).otherwise(branch)
        yield from self._out(ELEMENTS, frame.with_columns(_kind=kind), bad)

    def ratings(self, table: str) -> Iterator[Chunk]:
        """Ratings, each importance with the level beside it."""
        if table not in self.files:
            return
        frame, bad = self._whole(table)
        frame, wrong = judged(frame)
        yield from apart(table, self.files[table].name, frame, [*bad, *wrong])

    def plain(self, table: str) -> Iterator[Chunk]:
        """A table whose rows tell everything."""
        if table in self.files:
            yield from self._out(table, *self._whole(table))

    def _whole(self, table: str) -> tuple[pl.DataFrame, list[BadRow]]:
        path = self.files[table]
        reading = Reading(table, path.name, self.config.max_field, separator="\t", quote="")
        frame, bad = together(read_table(path, reading, ".tsv"))
        need(NEEDED[table], frame, path.name)
        return frame, bad

    def _out(self, table: str, frame: pl.DataFrame, bad: Sequence[BadRow]) -> Iterator[Chunk]:
        """Text columns named by their language, English, unless it is the deployment's."""
        if self.config.language != "en":
            frame = frame.rename({name: f"{name}@en" for name in _TEXTS if name in frame.columns})
        return apart(table, self.files[table].name, frame, bad)

    def _strays(
        self, table: str, frame: pl.DataFrame, occupations: pl.DataFrame, bad: Sequence[BadRow]
    ) -> Iterator[Chunk]:
        """The rows of a file beside the occupations that belong to none; the others count with their occupations."""
        lost = frame.join(occupations, on=OCCUPATION, how="anti", nulls_equal=True)
        told = [*bad, *(_stray(row) for row in lost.iter_rows(named=True))]
        if told:
            yield Chunk(OCCUPATIONS, self.files[table].name, occupations.clear().drop(NUMBER), bad=told)


def prepare(chunk: Chunk, config: Config) -> Chunk:  # noqa: ARG001
    """What a row tells by itself: `_broader` what a code is below; `_first`, `_second` a pair that is read both ways;
    `_example` a technology's name in small letters, its key."""
    frame = chunk.frame
    if chunk.table == OCCUPATIONS and OCCUPATION in frame.columns:
        broader = pl.col(OCCUPATION).str.replace(r"\.\d\d$", ".00")
        frame = frame.with_columns(_broader=pl.when(broader != pl.col(OCCUPATION)).then(broader))
    elif chunk.table == ELEMENTS and ELEMENT in frame.columns:
        broader = pl.col(ELEMENT).str.replace(r"\.[^.]*$", "")
        frame = frame.with_columns(_broader=pl.when(broader.str.len_chars() > 1).then(broader))
    elif chunk.table == RELATED:
        ends = [pl.col(name) for name in NEEDED[RELATED]]
        frame = frame.with_columns(_first=pl.min_horizontal(ends), _second=pl.max_horizontal(ends))
    elif chunk.table == TECHNOLOGIES:
        name = next(column for column in frame.columns if column.partition("@")[0] == "Example")
        frame = frame.with_columns(_example=pl.col(name).str.to_lowercase())
    return replace(chunk, frame=frame)


def _titles(frame: pl.DataFrame) -> pl.DataFrame:
    """Other titles of each occupation, long and short."""
    short = frame.select(OCCUPATION, title=pl.col("Short Title")).filter(pl.col("title") != MISSING)
    every = pl.concat([frame.select(OCCUPATION, title=pl.col("Alternate Title")), short]).drop_nulls()
    return every.group_by(OCCUPATION).agg(pl.col("title").unique().sort().alias(TITLES))


def _zones(frame: pl.DataFrame) -> pl.DataFrame:
    """The job zone of each occupation; two that contradict each other stand side by side, which is no number."""
    known = frame.filter(pl.col("Job Zone") != MISSING)
    return known.group_by(OCCUPATION).agg(pl.col("Job Zone").unique(maintain_order=True).str.join(" and "))


def _stray(row: Mapping[str, object]) -> BadRow:
    number = row[NUMBER]
    assert isinstance(number, int)
    raw = {name: cell for name, cell in row.items() if not name.startswith("_")}
    reason = f"is no occupation of {OCCUPATIONS}.txt: get both files from one release"
    return BadRow(number, OCCUPATION, str(row[OCCUPATION] or ""), reason, raw)
