"""Rows about others that name an erased person: the row stays, the name goes.

A reference is taken out. A text that `names_person` becomes a keyed pseudonym, so that one rater stays one rater. Such
rows keep their content hash: the same row loaded again is unchanged and does not bring the name back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from graph.kinds import Kind
from graph.secret import Secret
from graph.store import Value
from ontology.model import Model, Property

PSEUDONYM = "erased:"  # an id space of its own, so that nobody takes a pseudonym for a person


def may_name(each: Property, model: Model) -> bool:
    """Whether the property may name a person: by a reference to what is about people, or as a text."""
    if each.targets:
        return any(model.nodes[target].person is not None for target in each.targets)
    return each.names_person


def naming_properties(kind: Kind, model: Model) -> list[Property]:
    """The properties of a type that may name a person."""
    return [each for each in kind.properties.values() if may_name(each, model)]


class Blanking:
    """Takes one person out of what rows state: `names` are texts that stand for it, `gone` the ids of what goes."""

    def __init__(self, model: Model, secret: Secret, names: Sequence[str], gone: Collection[str]) -> None:
        self._model = model
        self.pseudonyms = {name: PSEUDONYM + secret.pseudonym(name) for name in names}
        self.gone = frozenset(id for id in gone if id)

    @property
    def texts(self) -> list[str]:
        """Every text to look for."""
        return list(dict.fromkeys([*self.pseudonyms, *sorted(self.gone)]))

    def without(self, kind: Kind, properties: Mapping[str, Value]) -> dict[str, Value]:
        """What a row states, without the person."""
        cleaned = {name: self.value(described(kind, name), value) for name, value in properties.items()}
        return {name: value for name, value in cleaned.items() if value is not None}

    def value(self, each: Property, value: Value) -> Value | None:
        """One value without the person; None where nothing is left."""
        if not may_name(each, self._model):
            return value
        one: Callable[[str], str | None] = self._kept if each.targets else self._renamed
        if isinstance(value, tuple):
            return tuple(kept for text in value if (kept := one(text)) is not None) or None
        return one(str(value))

    def _kept(self, id: str) -> str | None:
        return None if id in self.gone else id

    def _renamed(self, text: str) -> str:
        return self.pseudonyms.get(text, text)


def described(kind: Kind, column: str) -> Property:
    """The property of a column: `label@de` is `label`."""
    return kind.properties[column.partition("@")[0]]
