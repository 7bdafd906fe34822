"""Small graphs and shapes made up at random: every component, nested, on values that are well-formed, ill-formed, or
alike but not equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

NODES = (":a", ":b", ":c", "_:x")
PROPERTIES = (":p", ":q", ":r")
CLASSES = (":C", ":D", ":E")
LITERALS = (
    *("1", "2", "3", "1.0", "2.5", "1e0", "-1", "true"),
    *('"1"', '"2"', '"abc"', '"b"', '""', '"abc"@en', '"b"@en', '"c"@de', '"d"@de-at'),
    *('"x"^^xsd:integer', '"2024-01-01"^^xsd:date', '"2024-06-01"^^xsd:date', '"NaN"^^xsd:double', '"zz"^^:own'),
    *('"2024-01-01T00:00:00Z"^^xsd:dateTime', '"2024-01-02T00:00:00Z"^^xsd:dateTime'),
    *('"2024-01-01T00:00:00"^^xsd:dateTime', '"-5"^^xsd:nonNegativeInteger', '"5"^^xsd:nonNegativeInteger'),
    '"P1D"^^xsd:duration',
)
DATATYPES = (
    *("xsd:integer", "xsd:string", "rdf:langString", "xsd:decimal", "xsd:date", "xsd:dateTime", "xsd:boolean"),
    *("xsd:double", "xsd:nonNegativeInteger", ":own"),
)
KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
PATTERNS = ('"b"', '"^[0-9]+$"', '"^A" ; sh:flags "i"', '"example"')
TARGETS = (
    *("sh:targetClass :C", "sh:targetClass :E, :D", "sh:targetNode :a, :nowhere", "sh:targetSubjectsOf :p"),
    *("sh:targetObjectsOf :q", "sh:targetObjectsOf :p, :r"),
)
PATHS = (":p", ":p", ":q", "[ sh:inversePath :p ]")

Made = Callable[[Random], str]
_VALUES: Sequence[Made] = (
    lambda r: f"sh:class {r.choice(CLASSES)}",
    lambda r: f"sh:datatype {r.choice(DATATYPES)}",
    lambda r: f"sh:nodeKind sh:{r.choice(KINDS)}",
    lambda r: f"sh:{r.choice(('min', 'max'))}{r.choice(('Inclusive', 'Exclusive'))} {r.choice(LITERALS)}",
    lambda r: f"sh:minLength {r.randint(0, 3)}",
    lambda r: f"sh:maxLength {r.randint(0, 25)}",
    lambda r: f"sh:pattern {r.choice(PATTERNS)}",
    lambda r: "sh:languageIn ( {} )".format(r.choice(('"en"', '"de" "en"', '"de-at"', '"*"'))),
    lambda r: f"sh:{r.choice(('equals', 'disjoint'))} {r.choice(PROPERTIES)}",
    lambda r: f"sh:in ( {' '.join(r.sample((*LITERALS, *NODES[:2]), 4))} )",
    lambda r: f"sh:hasValue {r.choice((*LITERALS, *NODES[:2]))}",
    lambda r: f"sh:closed true ; sh:ignoredProperties ( {r.choice(PROPERTIES)} rdf:type )",
)
_PROPERTY: Sequence[Made] = (
    lambda r: f"sh:minCount {r.randint(0, 2)}",
    lambda r: f"sh:maxCount {r.randint(0, 2)}",
    lambda _: "sh:uniqueLang true",
    lambda r: f"sh:{r.choice(('lessThan', 'lessThanOrEquals'))} {r.choice(PROPERTIES)}",
)


def graph(r: Random) -> str:
    """Up to fourteen triples about four nodes."""
    lines = [":D rdfs:subClassOf :C ."]
    for _ in range(r.randint(1, 14)):
        kind = r.random()
        if kind < 0.3:
            lines.append(f"{r.choice(NODES)} a {r.choice(CLASSES)} .")
        else:
            lines.append(f"{r.choice(NODES)} {r.choice(PROPERTIES)} {r.choice(NODES if kind < 0.5 else LITERALS)} .")
    return "\n".join(lines)


def shapes(r: Random) -> str:
    """One or two shapes with targets."""
    found = []
    for number in range(r.randint(1, 2)):
        on_property = r.random() < 0.4
        kind = "Property" if on_property else "Node"
        found.append(f":S{number} a sh:{kind}Shape ; {r.choice(TARGETS)} ; {_body(r, on_property, 2)} .")
    return "\n".join(found)


def _shape(r: Random, on_property: bool, depth: int) -> str:
    return f"[ {_body(r, on_property, depth)} ]"


def _body(r: Random, on_property: bool, depth: int) -> str:
    chosen = [_constraint(r, on_property, depth) for _ in range(r.randint(1, 3))]
    once = {each.split()[0]: each for each in chosen}
    return " ; ".join([*([f"sh:path {r.choice(PATHS)}"] if on_property else []), *once.values()])


def _constraint(r: Random, on_property: bool, depth: int) -> str:
    flat = (*_VALUES, *_PROPERTY, *_PROPERTY) if on_property else _VALUES
    if depth == 0 or r.random() < 0.7:
        return r.choice(flat)(r)
    kind = r.choice(("property", "property", "node", "not", "and", "or", "xone", *(["count"] if on_property else [])))
    if kind in ("and", "or", "xone"):
        return f"sh:{kind} ( {_shape(r, r.random() < 0.3, depth - 1)} {_shape(r, False, depth - 1)} )"
    if kind == "count":
        bound = f"sh:qualified{r.choice(('Min', 'Max'))}Count {r.randint(0, 2)}"
        return f"sh:qualifiedValueShape {_shape(r, False, depth - 1)} ; {bound}"
    return f"sh:{kind} {_shape(r, kind == 'property' or (kind == 'not' and r.random() < 0.3), depth - 1)}"
