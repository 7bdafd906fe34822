"""What a format carries of the model, and what it lacks: said in one table each, the rest is worked out.

A new class or property of the ontology shows up under what is lacking by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from graph.digest import record_types
from graph.seen import is_of_people
from ontology.model import EdgeType, Model, NodeType, load_model

ALL = frozenset({"*"})
"""Every property of a type, whatever the ontology adds to it."""

PEOPLE = "people"
"""The reason's name for every type that is about a person and has no reason of its own."""

OTHER = "other"
"""The reason's name for everything else."""

Carried = Mapping[str, Collection[str]]
"""Node or edge type -> its properties that a format carries; a type that is not in it is not carried at all."""

_REASONS = {PEOPLE: "facts about people are not published", OTHER: "the format has no place for it"}


def lacking(carried: Carried, reasons: Mapping[str, str] | None = None, model: Model | None = None) -> list[str]:
    """One sentence a reason and what it is the reason for: first whole types, then properties.

    `reasons` are by `Type.property`, `Type` or `property`, the first that is there; then `PEOPLE` and `OTHER`. Raises
    `ValueError` where a table or a reason names what the model does not have, or a reason is never used.

    >>> lacking({"Level": ["label"]}, {"Level.rank": "it is its own order"})[-1]
    'Level.rank: it is its own order'
    """
    chosen, known = model or load_model(), dict(_REASONS) | dict(reasons or {})
    kinds = {kind.name: kind for kind in record_types(chosen)}
    _check(carried, kinds)
    used: dict[str, list[str]] = {}
    for kind in kinds.values():
        if kind.name not in carried:
            used.setdefault(_whole(chosen, kind, known), []).append(kind.name)
    for kind in kinds.values():
        for name in _left(kind, carried):
            used.setdefault(_part(kind, name, known), []).append(f"{kind.name}.{name}")
    _check_used(used, reasons or {})
    said: dict[str, list[str]] = {}
    for reason, names in used.items():
        said.setdefault(known[reason], []).extend(names)
    return [f"{', '.join(names)}: {why}" for why, names in said.items()]


def carried_by(parts: Iterable[str]) -> dict[str, set[str]]:
    """A table of what is carried, from names such as `Skill`, `Skill.label` and `TEACHES.level`."""
    found: dict[str, set[str]] = {}
    for part in parts:
        kind, _, name = part.partition(".")
        found.setdefault(kind, set()).update({name} if name else ())
    return found


def _left(kind: NodeType | EdgeType, carried: Carried) -> list[str]:
    taken = carried.get(kind.name)
    return [] if taken is None or "*" in taken else [name for name in kind.properties if name not in taken]


def _whole(model: Model, kind: NodeType | EdgeType, reasons: Mapping[str, str]) -> str:
    return kind.name if kind.name in reasons else PEOPLE if is_of_people(model, kind.name) else OTHER


def _part(kind: NodeType | EdgeType, name: str, reasons: Mapping[str, str]) -> str:
    return next((each for each in (f"{kind.name}.{name}", kind.name, name) if each in reasons), OTHER)


def _check(carried: Carried, kinds: Mapping[str, NodeType | EdgeType]) -> None:
    for name, taken in carried.items():
        if name not in kinds:
            raise ValueError(f"{name}: is no type of the model that sources state; mend the table of what is carried")
        unknown = set(taken) - kinds[name].properties.keys() - ALL
        if unknown:
            raise ValueError(f"{name}: has no {', '.join(sorted(unknown))}; mend the table of what is carried")


def _check_used(used: Collection[str], reasons: Mapping[str, str]) -> None:
    idle = [reason for reason in reasons if reason not in used and reason not in (PEOPLE, OTHER)]
    if idle:
        raise ValueError(f"{', '.join(idle)}: nothing is lacking for this reason; remove it")
