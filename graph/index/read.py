"""What the index reads of the store: column batches, and the few tables of rules in front of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.derive import NONE, Codes, Marks, Rules
from graph.derive.rules import Assessed, CriterionLevels, Grants
from graph.scales import HOME, Crosswalk, Level, Scales, level_bound
from graph.store import Columns
from ontology.model import Model
from ontology.values import MILLION, OPEN, parse_cut_scores

Where = tuple[str, Sequence[int]] | None
Column = NDArray[Any]


class Scanned(Protocol):
    """What columns are read of: a store, or what stands for one."""

    @property
    def model(self) -> Model: ...

    def scan(self, type: str, columns: Sequence[str], where: Where = None) -> Iterator[Columns]: ...


def read(store: Scanned, type_name: str, columns: Sequence[str], where: Where = None) -> dict[str, Column]:
    """Whole columns of a type, or of the rows that `where` names; without any row they are all of integers."""
    batches = list(store.scan(type_name, columns, where))
    if not batches:
        return {name: np.zeros(0, np.int64) for name in columns}
    return {name: np.concatenate([batch.arrays[name] for batch in batches]) for name in columns}


def numbers(column: Column, absent: int) -> NDArray[np.int64]:
    """An object column of numbers or None as integers."""
    return np.array([absent if value is None else value for value in column.tolist()], np.int64)


def begun(instants: Column) -> NDArray[np.int64]:
    """Beginnings; absent is always."""
    return np.maximum(instants, 0)


def ended(instants: Column) -> NDArray[np.int64]:
    """Ends; absent is never."""
    return np.where(instants < 0, OPEN, instants)


def read_scales(store: Scanned) -> Scales:
    """All Scales, Levels and CORRESPONDS_TO."""
    keys = scale_keys(store)
    levels = read(store, "Level", ["key", "id", "scale", "rank", "lower_bound"])
    rows = zip(*(levels[name].tolist() for name in ("key", "id", "scale", "rank", "lower_bound")), strict=True)
    found = [
        Level(key, id, keys[scale], rank, level_bound(rank, bound))
        for key, id, scale, rank, bound in rows
        if scale in keys
    ]
    walks = read(store, "CORRESPONDS_TO", ["from", "to", "since", "until"])
    times = begun(walks["since"]).tolist(), ended(walks["until"]).tolist()
    crosswalks = map(Crosswalk, walks["from"].tolist(), walks["to"].tolist(), *times)
    return Scales(keys.get(HOME, 0), tuple(sorted(found)), tuple(sorted(crosswalks)))


def scale_keys(store: Scanned) -> dict[str, int]:
    """The key of each Scale by its id."""
    scales = read(store, "Scale", ["key", "id"])
    return dict(zip(scales["id"].tolist(), scales["key"].tolist(), strict=True))


def read_rules(store: Scanned) -> Rules:
    """Everything but evidence that held skills depend on."""
    codes, keys = Codes.of(store.model), scale_keys(store)
    parts = [
        _level_grants(store, "TEACHES", codes.completion),
        _level_grants(store, "ATTESTS", codes.credential),
        _cut_grants(store, codes.assessment),
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in Grants.__dataclass_fields__}
    order = np.lexsort([columns[name] for name in reversed(Grants.__dataclass_fields__)])
    grants = Grants(**{name: column[order] for name, column in columns.items()})
    return Rules(read_scales(store), grants, _marks(store, keys), *_lasting(store))


def _level_grants(store: Scanned, edge: str, kind: int) -> dict[str, Column]:
    found = read(store, edge, ["from", "to", "level", "scale", "since", "until"])
    return {
        "about": found["from"],
        "kind": np.full(len(found["from"]), kind, np.int64),
        "skill": found["to"],
        "level": found["level"],
        "scale": found["scale"],
        "cut": np.full(len(found["from"]), NONE, np.int64),
        "since": begun(found["since"]),
        "until": ended(found["until"]),
    }


def _cut_grants(store: Scanned, kind: int) -> dict[str, Column]:
    """A row for each cut score of each MEASURES."""
    found = read(store, "MEASURES", ["from", "to", "cut_scores", "since", "until"])
    cuts = [() if text is None else parse_cut_scores(text) for text in found["cut_scores"].tolist()]
    edge = np.repeat(np.arange(len(cuts)), [len(each) for each in cuts])
    flat = np.array([pair for each in cuts for pair in each], np.int64).reshape(-1, 2)
    return {
        "about": found["from"][edge],
        "kind": np.full(len(edge), kind, np.int64),
        "skill": found["to"][edge],
        "level": flat[:, 0] * MILLION,
        "scale": np.zeros(len(edge), np.int64),
        "cut": flat[:, 1],
        "since": begun(found["since"])[edge],
        "until": ended(found["until"])[edge],
    }


def _marks(store: Scanned, keys: Mapping[str, int]) -> Marks:
    assesses = read(store, "ASSESSES", ["from", "to"])
    order = np.lexsort((assesses["to"], assesses["from"]))
    assessed = Assessed(assesses["from"][order], assesses["to"][order])
    return Marks(assessed, _criterion_levels(store, keys))


def _criterion_levels(store: Scanned, keys: Mapping[str, int]) -> CriterionLevels:
    """HAS_LEVEL with what its CriterionLevels say; those without points can't be reached."""
    has_level = read(store, "HAS_LEVEL", ["from", "to"])
    levels = read(store, "CriterionLevel", ["key", "points", "level", "scale"])
    place = {key: row for row, key in enumerate(levels["key"].tolist())}
    edges = zip(has_level["from"].tolist(), has_level["to"].tolist(), strict=True)
    found = sorted((criterion, place[level]) for criterion, level in edges if level in place)
    criterion, row = np.array(found, np.int64).reshape(-1, 2).T
    points = numbers(levels["points"], NONE)[row]
    level, scale = numbers(levels["level"], NONE)[row], _scaled(levels["scale"], keys)[row]
    pointed = points != NONE
    return CriterionLevels(criterion[pointed], points[pointed], level[pointed], scale[pointed])


def _scaled(column: Column, keys: Mapping[str, int]) -> NDArray[np.int64]:
    """Scale ids as keys; a scale that is not there becomes -1, which no level resolves on."""
    return np.array([0 if scale is None else keys.get(scale, -1) for scale in column.tolist()], np.int64)


def _lasting(store: Scanned) -> tuple[dict[int, str], frozenset[int]]:
    """How long what comes from each thing is valid, and the assessments of which the latest attempt counts."""
    validity: dict[int, str] = {}
    latest: set[int] = set()
    for name in store.model.nodes["Evidence"].properties["about"].targets:
        stated = [each for each in ("validity", "attempts") if each in store.model.nodes[name].properties]
        found = read(store, name, ["key", *stated]) if stated else {}
        if "validity" in stated:
            pairs = zip(found["key"].tolist(), found["validity"].tolist(), strict=True)
            validity.update((key, text) for key, text in pairs if text)
        if "attempts" in stated:
            attempts = zip(found["key"].tolist(), found["attempts"].tolist(), strict=True)
            latest.update(key for key, text in attempts if text == "latest")
    return validity, frozenset(latest)
