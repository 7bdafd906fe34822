"""The reference page of a model: every type, property and constraint in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ontology.model import Datatype, EdgeType, Model, NodeType, Personal, Property
from ontology.values import format_decimal

_KINDS = {
    Datatype.STRING: "string",
    Datatype.TEXT: "text in a language",
    Datatype.ENUM: "one of",
    Datatype.INTEGER: "whole number",
    Datatype.DECIMAL: "decimal",
    Datatype.BOOLEAN: "true or false",
    Datatype.INSTANT: "instant",
    Datatype.DURATION: "ISO 8601 duration",
    Datatype.IRI: "web address",
    Datatype.CUT_SCORES: "cut scores",
    Datatype.REFERENCE: "id of a",
}

_HEAD = """# The model

<!-- Generated from the ontology by `python -m ontology.generate`; change ontology/*.ttl, not this page. -->

Every class, property and edge that Skillgraph keeps, read from `ontology/skillgraph.ttl` and `ontology/shapes.ttl`.
Property names are the same in tables, JSON, Cypher and RDF. A column in another language than the deployment's is
`label@de`; lists are separated by `|`; any table may have `version`. Ids are CURIEs, `prefix:local`.
"""


def reference_page(model: Model) -> str:
    """docs/model.md."""
    return "\n".join([_HEAD, *_overview(model), *_nodes(model), *_edges(model), *_laws(model), *_prefixes(model)])


def _overview(model: Model) -> Iterator[str]:
    kept = {
        "Nodes": [name for name, node in model.nodes.items() if node.storage == "nodes" and not node.system],
        "Facts": [name for name, node in model.nodes.items() if node.storage == "columns"],
        "Edges": [name for name, edge in model.edges.items() if not edge.derived],
        "Derived edges": [name for name, edge in model.edges.items() if edge.derived],
        "Kept by Skillgraph itself": [name for name, node in model.nodes.items() if node.system],
    }
    for title, names in kept.items():
        yield f"- {title}: {', '.join(f'[{name}](#{name.lower()})' for name in names)}"
    yield ""


def _nodes(model: Model) -> Iterator[str]:
    yield "## Nodes and facts\n"
    for node in model.nodes.values():
        yield f"### {node.name}\n\n{node.definition}\n"
        yield from _said(_node_notes(node))
        yield from _table(node.properties.values())


def _node_notes(node: NodeType) -> Iterator[str]:
    if node.system:
        yield "Kept by Skillgraph itself; it can't be loaded."
    if node.log:
        yield "A log: no sweep removes it, it is only withdrawn or erased."
    if node.personal:
        yield _personal(node.personal)
    if node.person not in (None, "id"):
        yield f"The person it is about is found by `{node.person}`."
    if not node.history and not node.system:
        yield "Superseded versions are not kept."
    if node.public:
        yield "May be published without a key."


def _edges(model: Model) -> Iterator[str]:
    yield "## Edges\n"
    yield "A table of edges has the columns `from` and `to` beside those listed here.\n"
    for edge in model.edges.values():
        yield f"### {edge.name}\n\n{edge.definition}\n"
        yield from _said(_edge_notes(edge))
        yield from _table(edge.properties.values())


def _edge_notes(edge: EdgeType) -> Iterator[str]:
    yield "From and to: " + "; ".join(f"{start} to {end}" for start, end in edge.ends) + "."
    if edge.derived:
        yield "Derived by Skillgraph; it can't be loaded."
    if edge.rule:
        yield "A rule: a change with dates counts from then on, one without works backwards."
    if edge.symmetric:
        yield "Read both ways."
    if edge.acyclic:
        yield "It never leads back to where it began."
    if edge.personal:
        yield _personal(edge.personal)


def _personal(personal: Personal) -> str:
    return f"Personal: kept {personal.purpose}; {personal.retention}; seen with scope `{personal.visible_to}`."


def _said(notes: Iterable[str]) -> Iterator[str]:
    lines = [f"- {note}" for note in notes]
    if lines:
        yield "\n".join(lines) + "\n"


def _table(properties: Iterable[Property]) -> Iterator[str]:
    rows = [_row(each) for each in properties]
    if rows:
        yield "| property | value | absent | meaning |\n|---|---|---|---|"
        yield from rows
        yield ""


def _row(prop: Property) -> str:
    cells = (f"`{prop.name}`", value_in_words(prop), absence_in_words(prop), _meaning(prop))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def value_in_words(prop: Property) -> str:
    """What a value may be, with every constraint."""
    said = _KINDS[prop.datatype]
    if prop.datatype is Datatype.ENUM:
        said += " " + ", ".join(f"`{value}`" for value in prop.values)
    if prop.targets:
        said += " " + " or ".join(f"[{target}](#{target.lower()})" for target in prop.targets)
    if prop.datatype is Datatype.INSTANT:
        said += ", a plain date includes that day" if prop.ends else ", a plain date is its first moment"
    return ", ".join([said, *_limits(prop)])


def _limits(prop: Property) -> Iterator[str]:
    if prop.minimum is not None:
        yield f"from {_number(prop, prop.minimum)}"
    if prop.maximum is not None:
        yield f"to {_number(prop, prop.maximum)}"
    if prop.datatype is Datatype.DECIMAL and prop.places != 6:
        yield f"at most {prop.places} decimal places"
    if prop.max_length:
        yield f"at most {prop.max_length:,} characters"
    if prop.pattern and prop.datatype is not Datatype.CUT_SCORES:
        yield f"like `{prop.pattern}`"
    if prop.not_after:
        yield f"not after `{prop.not_after}`"
    if prop.acyclic:
        yield "never leading back"
    if prop.many:
        yield "several"


def _number(prop: Property, held: int) -> str:
    return format_decimal(held) if prop.datatype is Datatype.DECIMAL else str(held)


def absence_in_words(prop: Property) -> str:
    """What it means when nothing is stated."""
    if prop.required:
        return "required"
    return f"`{prop.default}`" if prop.default is not None else ""


def _meaning(prop: Property) -> str:
    said = [prop.definition]
    if prop.protected:
        said.append("Protected attribute: read by audits only.")
    if prop.personal:
        said.append(_personal(prop.personal))
    return " ".join(said)


def _laws(model: Model) -> Iterator[str]:
    yield "## Laws of the whole graph\n"
    yield "| law | on | what it refuses |\n|---|---|---|"
    for law in model.laws.values():
        yield f"| `{law.name}` | {', '.join(law.types)} | {law.message} |"
    yield ""


def _prefixes(model: Model) -> Iterator[str]:
    yield "## Id spaces\n"
    yield "A prefix that is not listed stands for `<base>id/<curie>`.\n"
    yield "| prefix | namespace |\n|---|---|"
    for prefix, namespace in model.prefixes.namespaces.items():
        yield f"| `{prefix}:` | {namespace or 'any other IRI as a whole'} |"
    yield ""
