"""Finding what parameters name: ids in either form, persons that may be seen, labels.

What is not there and what may not be seen raise the same `UnknownId`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.store import Edge, Node, Value
from ontology.values import OPEN, decimal_number
from queries.memory import Sort
from queries.question import Asking
from queries.refusals import unknown

NOT_OFFERED = ("draft", "archived", "retired")

_LABELS: Final[Sort[str, str | None]] = Sort("labels", most=20_000)


def curie(asking: Asking, field: str, text: str) -> str:
    """The id in its canonical form, from a CURIE or an IRI."""
    id = _canonical(asking, text)
    if id is None:
        raise unknown(field, text)
    return id


def nodes_of(asking: Asking, texts: Sequence[tuple[str, str]], types: Sequence[str]) -> list[Node]:
    """The nodes of ids, each (field, id) in turn one of these types."""
    wanted = [id for _, text in texts if (id := _canonical(asking, text)) is not None]
    found = asking.store.many(wanted, asking.viewer)
    nodes = []
    for field, text in texts:
        node = found.get(curie(asking, field, text))
        if node is None or node.type not in types:
            raise unknown(field, text)
        nodes.append(node)
    return nodes


def node_of(asking: Asking, field: str, text: str, types: Sequence[str]) -> Node:
    """The one node of that id."""
    return nodes_of(asking, [(field, text)], types)[0]


def visible(asking: Asking) -> NDArray[np.bool_]:
    """Which persons the viewer may see, among all numbers of the index."""
    people = asking.index.people
    seen = asking.index.visible(asking.viewer, asking.now)
    return people.alive if seen is None else people.alive & seen


def persons_of(asking: Asking, field: str, texts: Sequence[str], seen: NDArray[np.bool_] | None = None) -> list[int]:
    """The numbers of persons; any of their member records' ids will do."""
    chosen = visible(asking) if seen is None else seen
    numbers = []
    for text in texts:
        number = asking.index.people.number_of(curie(asking, field, text))
        if number is None or not chosen[number]:
            raise unknown(field, text)
        numbers.append(number)
    return numbers


def person_of(asking: Asking, field: str, text: str) -> int:
    """The number of one person."""
    return persons_of(asking, field, [text])[0]


def label_of(asking: Asking, node: Node | None) -> str | None:
    """A node's label in the language asked for, else in the deployment's; None when it has none."""
    if node is None:
        return None
    own = node.properties.get(f"label@{asking.language}") if asking.language else None
    label = own or node.properties.get("label")
    return label if isinstance(label, str) else None


def labels(asking: Asking, ids: Iterable[str]) -> dict[str, str | None]:
    """Labels of what is not personal, by id; in one store call."""

    def read(missing: Sequence[str]) -> list[str | None]:
        found = asking.store.many(missing, asking.viewer)
        return [label_of(asking, found.get(id)) for id in missing]

    wanted = list(dict.fromkeys(ids))
    return dict(zip(wanted, asking.memory.all(_LABELS, wanted, read), strict=True))


def person_labels(asking: Asking, numbers: Iterable[int]) -> dict[int, str | None]:
    """Names of persons, their own record's first; all None for viewers who may not see names."""
    wanted = list(numbers)
    if not asking.viewer.names or not wanted:
        return dict.fromkeys(wanted)
    people = asking.index.people
    records = {number: [people.id_of(number), *people.members(number)] for number in wanted}
    found = asking.store.many([id for ids in records.values() for id in ids], asking.viewer)
    names = {number: (label_of(asking, found.get(id)) for id in ids) for number, ids in records.items()}
    return {number: next((name for name in given if name), None) for number, given in names.items()}


def in_force(edge: Edge, at: int) -> bool:
    """Whether a rule edge counts at an instant; an undated one always does."""
    since, until = edge.properties.get("since"), edge.properties.get("until")
    return whole(since, 0) <= at < whole(until, OPEN)


def text_of(properties: Mapping[str, Value], name: str, default: str) -> str:
    """A text property, or what its absence means."""
    value = properties.get(name)
    return value if isinstance(value, str) else default


def number(value: Value | None) -> int | float | None:
    """A held decimal as a JSON number."""
    return None if value is None else decimal_number(whole(value, 0))


def home_level(asking: Asking, edge: Edge, at: int) -> int:
    """The home rank of an edge's level in its scale, 0 below the lowest."""
    scale = edge.properties.get("scale")
    stated = (whole(edge.properties.get("level"), 0), scale if isinstance(scale, str) else None, at)
    if stated not in asking.ranks:
        asking.ranks[stated] = int(asking.index.rank(*stated))
    return asking.ranks[stated]


def offered(node: Node | None) -> bool:
    """Whether a node can be recommended now: not a draft, put away, or kept only for what refers to it."""
    return node is not None and node.properties.get("status") not in NOT_OFFERED


def whole(value: Value | None, default: int) -> int:
    """A numeric property as it is held, or what its absence means."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _canonical(asking: Asking, text: str) -> str | None:
    try:
        return asking.store.model.prefixes.curie(text.strip())
    except ValueError:
        return None
