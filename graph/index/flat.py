"""A pristine snapshot as named arrays and a little JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive import Marks, Rules
from graph.derive.rules import Assessed, CriterionLevels, Grants
from graph.index.moments import Moments
from graph.index.packed import Columns, packed
from graph.index.people import BasePeople
from graph.index.snapshot import LAYERS, Base, Snapshot
from graph.index.sound import sound_lengths, sound_people, sound_table, sound_texts
from graph.index.tables import Table
from graph.index.texts import Texts
from graph.index.vocabulary import Relation, Vocabulary
from graph.persons import Contradiction
from graph.scales import Crosswalk, Level, Scales

Arrays = dict[str, NDArray[Any]]


def flattened(snapshot: Snapshot) -> tuple[Arrays, dict[str, Any]]:
    """Arrays by name, and the rest."""
    base, rules, vocabulary = snapshot.base, snapshot.rules, snapshot.vocabulary
    arrays: Arrays = {
        "people.keys": base.people.keys,
        "people.person": base.people.person,
        "people.primary": base.people.primary,
        "vocabulary.keys": vocabulary.keys,
    }
    columnar: dict[str, Any] = {
        "people.ids": base.people.ids,
        "vocabulary.ids": vocabulary.ids,
        "grants": rules.grants,
        "assessed": rules.marks.assessed,
        "criterion_levels": rules.marks.levels,
        "equal": vocabulary.equal,
        "narrower": vocabulary.narrower,
        "sub_units": snapshot.sub_units,
    }
    for name, table in columnar.items():
        arrays.update({f"{name}.{column}": getattr(table, column) for column in table.__dataclass_fields__})
    arrays.update({"moments.places": base.moments.places, "moments.words": base.moments.words})
    for name, layer in base.tables.items():
        arrays.update({f"layer.{name}.keys": layer.keys, f"layer.{name}.starts": layer.starts})
        for column, array in layer.columns.items():
            if array.dtype == np.bool_:
                arrays[f"layer.{name}.bits.{column}"] = packed(array)
            else:
                arrays[f"layer.{name}.column.{column}"] = array
    for name, (handles, persons) in base.owners.items():
        arrays.update({f"owners.{name}.handles": handles, f"owners.{name}.persons": persons})
    return arrays, _rest(snapshot)


def _rest(snapshot: Snapshot) -> dict[str, Any]:
    rules = snapshot.rules
    return {
        "home": rules.scales.home,
        "levels": [list(level) for level in rules.scales.levels],
        "crosswalks": [list(walk) for walk in rules.scales.crosswalks],
        "validity": sorted(rules.validity.items()),
        "latest": sorted(rules.latest),
        "owners": sorted(snapshot.base.owners),
        "seconds": snapshot.base.moments.seconds,
        "evidence_end": snapshot.base.evidence_end,
        "places": list(snapshot.places),
        "contradictions": [[each.system, each.values, each.members] for each in snapshot.contradictions],
    }


def restored(arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any], number: int) -> Snapshot:
    """The snapshot again; raises KeyError, TypeError or ValueError where something is amiss.

    What is checked makes sure that no row, text or member is looked for outside of its array.
    """
    people = BasePeople(
        Texts(**_columns(arrays, "people.ids.")),
        arrays["people.keys"],
        arrays["people.person"],
        arrays["people.primary"],
    )
    sound_people(people)
    tables = {name: _table(arrays, f"layer.{name}.") for name in LAYERS}
    owners = {name: (arrays[f"owners.{name}.handles"], arrays[f"owners.{name}.persons"]) for name in rest["owners"]}
    vocabulary = Vocabulary(
        arrays["vocabulary.keys"],
        Texts(**_columns(arrays, "vocabulary.ids.")),
        Relation(**_columns(arrays, "equal.")),
        Relation(**_columns(arrays, "narrower.")),
    )
    contradictions = tuple(
        Contradiction(system, tuple(values), tuple(members)) for system, values, members in rest["contradictions"]
    )
    sound_texts(vocabulary.ids, len(vocabulary.keys))
    for pairs in owners.values():
        sound_lengths(pairs)
    moments = Moments(rest["seconds"], arrays["moments.places"], arrays["moments.words"])
    sound_lengths((moments.places, moments.words))
    return Snapshot.over(
        Base(people, tables, owners, moments, rest["evidence_end"]),
        number=number,
        rules=_rules(arrays, rest),
        vocabulary=vocabulary,
        sub_units=Relation(**_columns(arrays, "sub_units.")),
        places={text: place for place, text in enumerate(rest["places"])},
        contradictions=contradictions,
    )


def _rules(arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> Rules:
    scales = Scales(
        rest["home"],
        tuple(Level(*level) for level in rest["levels"]),
        tuple(Crosswalk(*walk) for walk in rest["crosswalks"]),
    )
    levels = CriterionLevels(**_columns(arrays, "criterion_levels."))
    marks = Marks(Assessed(**_columns(arrays, "assessed.")), levels)
    grants = Grants(**_columns(arrays, "grants."))
    return Rules(scales, grants, marks, dict(rest["validity"]), frozenset(rest["latest"]))


def _table(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Table:
    keys, starts = arrays[f"{prefix}keys"], arrays[f"{prefix}starts"]
    columns, bits = _columns(arrays, f"{prefix}column."), _columns(arrays, f"{prefix}bits.")
    sound_table(keys, starts, columns, bits)
    return Table(keys, starts, Columns(columns, bits, int(starts[-1])) if bits else columns)


def _columns(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
