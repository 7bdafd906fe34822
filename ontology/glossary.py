"""The glossary: domain words by hand, and below them every class, edge and property of the ontology."""

from __future__ import annotations

from collections.abc import Iterator

from ontology.model import Model

MARK = "<!-- Below this line everything is generated from the ontology by `python -m ontology.generate`. -->"


def glossary_page(model: Model, text: str) -> str:
    """The page: what stands above the mark stays, what is below is made anew."""
    by_hand = text.partition(MARK)[0].rstrip() or "# Glossary"
    return "\n".join([by_hand, "", MARK, "", *_generated(model)])


def _generated(model: Model) -> Iterator[str]:
    yield "## Classes\n"
    yield from _entries({name: node.definition for name, node in model.nodes.items()})
    yield "## Edges\n"
    yield from _entries({name: edge.definition for name, edge in model.edges.items()})
    yield "## Properties\n"
    yield from _entries(_properties(model))


def _entries(definitions: dict[str, str]) -> Iterator[str]:
    for name in sorted(definitions):
        yield f"- **{name}**: {definitions[name]}"
    yield ""


def _properties(model: Model) -> dict[str, str]:
    """Each name once; where types use it differently, each says how."""
    meanings: dict[str, dict[str, list[str]]] = {}
    for kept in model.types():
        for name, prop in kept.properties.items():
            meanings.setdefault(name, {}).setdefault(prop.definition, []).append(kept.name)
    return {name: _told(said) for name, said in meanings.items()}


def _told(said: dict[str, list[str]]) -> str:
    """The commonest meaning first, then what is said of single types."""
    meanings = sorted(said, key=lambda meaning: -len(said[meaning]))
    return " ".join([meanings[0], *(f"Of {', '.join(said[each])}: {each}" for each in meanings[1:])])
