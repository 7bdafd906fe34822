"""A pristine snapshot as named arrays and a little JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from graph.derive import Marks, Rules
from graph.derive.rules import Assessed, CriterionLevels, Grants
from graph.index.people import BasePeople
from graph.index.snapshot import LAYERS, Base, Snapshot
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
        "people.ids.data": base.people.ids.data,
        "people.ids.offsets": base.people.ids.offsets,
        "vocabulary.keys": vocabulary.keys,
        "vocabulary.ids.data": vocabulary.ids.data,
        "vocabulary.ids.offsets": vocabulary.ids.offsets,
    }
    columnar: dict[str, Any] = {
        "grants": rules.grants,
        "assessed": rules.marks.assessed,
        "criterion_levels": rules.marks.levels,
        "equal": vocabulary.equal,
        "narrower": vocabulary.narrower,
        "sub_units": snapshot.sub_units,
    }
    for name, table in columnar.items():
        arrays.update({f"{name}.{column}": getattr(table, column) for column in table.__dataclass_fields__})
    for name, layer in base.tables.items():
        arrays.update({f"layer.{name}.keys": layer.keys, f"layer.{name}.starts": layer.starts})
        arrays.update({f"layer.{name}.column.{column}": array for column, array in layer.columns.items()})
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
        "owners": list(snapshot.base.owners),
        "places": list(snapshot.places),
        "contradictions": [[each.system, each.values, each.members] for each in snapshot.contradictions],
    }


def restored(arrays: Mapping[str, NDArray[Any]], rest: Mapping[str, Any], number: int) -> Snapshot:
    """The snapshot again; raises KeyError, TypeError or ValueError where something is amiss."""
    ids = Texts(arrays["people.ids.data"], arrays["people.ids.offsets"])
    people = BasePeople(ids, arrays["people.keys"], arrays["people.person"], arrays["people.primary"])
    tables = {name: _table(arrays, f"layer.{name}.") for name in LAYERS}
    owners = {name: (arrays[f"owners.{name}.handles"], arrays[f"owners.{name}.persons"]) for name in rest["owners"]}
    vocabulary = Vocabulary(
        arrays["vocabulary.keys"],
        Texts(arrays["vocabulary.ids.data"], arrays["vocabulary.ids.offsets"]),
        Relation(**_columns(arrays, "equal.")),
        Relation(**_columns(arrays, "narrower.")),
    )
    contradictions = tuple(
        Contradiction(system, tuple(values), tuple(members)) for system, values, members in rest["contradictions"]
    )
    return Snapshot.over(
        Base(people, tables, owners),
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
    return Table(arrays[f"{prefix}keys"], arrays[f"{prefix}starts"], _columns(arrays, f"{prefix}column."))


def _columns(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
