"""Property paths (SHACL section 2.3.1) as values: what a shape looks at, and what a report names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ontology.turtle import SH, local_name

Kind = Literal["sequence", "alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One property, forwards or backwards."""

    iri: str
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Compound:
    """A path made of others: pySHACL walks it, columns do not."""

    kind: Kind
    parts: tuple[Path, ...]


Path = Predicate | Compound

_SIGNS: Mapping[Kind, str] = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


def path_name(path: Path | None) -> str:
    """A path in local names, "" for none; as SPARQL writes it.

    >>> path_name(Predicate("https://w3id.org/skillgraph#level")), path_name(Predicate("https://example.org/of", True))
    ('level', '^of')
    """
    return _written(path, local_name) if path else ""


def path_text(path: Path) -> str:
    """A path as SPARQL writes it, in full IRIs.

    >>> path_text(Compound("sequence", (Predicate("a:b"), Compound("zeroOrMorePath", (Predicate("c:d", True),)))))
    '<a:b>/(^<c:d>)*'
    """
    return _written(path, "<{}>".format)


def _written(path: Path, name: Callable[[str], str]) -> str:
    if isinstance(path, Predicate):
        return f"^{name(path.iri)}" if path.inverse else name(path.iri)
    parts = [_written(each, name) for each in path.parts]
    if path.kind in _SIGNS:
        only = path.parts[0]
        inner = parts[0] if isinstance(only, Predicate) and not only.inverse else f"({parts[0]})"
        return f"{inner}{_SIGNS[path.kind]}"
    if path.kind == "inversePath":
        return f"^({parts[0]})"
    return "/".join(parts) if path.kind == "sequence" else f"({'|'.join(parts)})"


def path_turtle(path: Path) -> str:
    """A path as a term of a report in Turtle, with the prefix `sh:`.

    >>> path_turtle(Predicate("https://example.org/of", True))
    '[ sh:inversePath <https://example.org/of> ]'
    """
    if isinstance(path, Predicate):
        return f"[ sh:inversePath <{path.iri}> ]" if path.inverse else f"<{path.iri}>"
    parts = " ".join(map(path_turtle, path.parts))
    if path.kind == "sequence":
        return f"( {parts} )"
    return f"[ sh:{path.kind} ( {parts} ) ]" if path.kind == "alternativePath" else f"[ sh:{path.kind} {parts} ]"


_OTHERS: tuple[Kind, ...] = ("alternativePath", "inversePath")
COMPOUNDS: Mapping[str, Kind] = {f"{SH}{kind}": kind for kind in (*_SIGNS, *_OTHERS)}
"""The predicate that makes each kind of path but a sequence."""
