"""Each constraint component of SHACL Core: a shape, a graph, and what both engines find in it."""

from __future__ import annotations

import pytest

from tests.shacl.engines import Told, both

A, B, P, Q = (f"<https://example.org/{name}>" for name in "abpq")
INVERSE = f"^{P}"
XSD = "http://www.w3.org/2001/XMLSchema#"


def literal(text: str, datatype: str) -> str:
    return f'"{text}"^^<{XSD}{datatype}>'


def on_p(constraint: str) -> str:
    """A property shape on :p of :a."""
    return f":S a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:path :p ; {constraint} ] ."


def on_a(constraint: str) -> str:
    """A node shape on :a."""
    return f":S a sh:NodeShape ; sh:targetNode :a ; {constraint} ."


def at(component: str, value: str = "", path: str = P, focus: str = A) -> Told:
    return focus, path, value, component


CASES: dict[str, tuple[str, str, set[Told]]] = {
    "too few": (on_p("sh:minCount 2"), ":a :p 1 .", {at("MinCount")}),
    "none at all, and nowhere in the graph": (on_p("sh:minCount 1"), ":b :q 1 .", {at("MinCount")}),
    "too many": (on_p("sh:maxCount 1"), ":a :p 1, 2 .", {at("MaxCount")}),
    "one stated twice is one": (on_p("sh:maxCount 1"), ":a :p 1 . :a :p 1 .", set()),
    "of a class below": (on_p("sh:class :C"), ":a :p :b . :b a :D . :D rdfs:subClassOf :C .", set()),
    "of another class": (
        on_p("sh:class :C"),
        ":a :p :b, 1 . :b a :D .",
        {at("Class", B), at("Class", literal("1", "integer"))},
    ),
    "classes in a circle": (
        on_p("sh:class :C"),
        ":a :p :b . :b a :D . :D rdfs:subClassOf :E . :E rdfs:subClassOf :D, :C .",
        set(),
    ),
    "of another datatype": (
        on_p("sh:datatype xsd:integer"),
        ":a :p 1.0 .",
        {at("Datatype", literal("1.0", "decimal"))},
    ),
    "ill-formed": (
        on_p("sh:datatype xsd:date"),
        ':a :p "2025-02-30"^^xsd:date .',
        {at("Datatype", literal("2025-02-30", "date"))},
    ),
    "below its range of bits": (
        on_p("sh:datatype xsd:byte"),
        ':a :p "128"^^xsd:byte .',
        {at("Datatype", literal("128", "byte"))},
    ),
    "Python's underscores are none of XSD's": (
        on_p("sh:datatype xsd:integer"),
        ':a :p "1_000"^^xsd:integer .',
        {at("Datatype", literal("1_000", "integer"))},
    ),
    "the end of a day": (on_p("sh:datatype xsd:dateTime"), ':a :p "2025-01-01T24:00:00Z"^^xsd:dateTime .', set()),
    "text in a language": (on_p("sh:datatype xsd:string"), ':a :p "x"@en, "y" .', {at("Datatype", '"x"@en')}),
    "a text where a node should be": (
        on_p("sh:nodeKind sh:BlankNodeOrIRI"),
        ':a :p "x", :b, [] .',
        {at("NodeKind", '"x"')},
    ),
    "too small": (
        on_p("sh:minInclusive 2"),
        ":a :p 1.5, 2, 2.0, 3e0 .",
        {at("MinInclusive", literal("1.5", "decimal"))},
    ),
    "not small enough": (on_p("sh:maxExclusive 2"), ":a :p 1, 2.0 .", {at("MaxExclusive", literal("2.0", "decimal"))}),
    "a text has no place among numbers": (
        on_p("sh:maxInclusive 2"),
        ':a :p "1", :b .',
        {at("MaxInclusive", '"1"'), at("MaxInclusive", B)},
    ),
    "a time without a zone has no place among those with one": (
        on_p('sh:minExclusive "2025-01-01T00:00:00Z"^^xsd:dateTime'),
        ':a :p "2025-06-01T00:00:00"^^xsd:dateTime, "2025-06-01T00:00:00+02:00"^^xsd:dateTime .',
        {at("MinExclusive", literal("2025-06-01T00:00:00", "dateTime"))},
    ),
    "not a number": (
        on_p("sh:minInclusive 0"),
        ':a :p "NaN"^^xsd:double .',
        {at("MinInclusive", literal("NaN", "double"))},
    ),
    "too short": (on_p("sh:minLength 3"), ':a :p "ab", "äöü", :b .', {at("MinLength", '"ab"')}),
    "a blank node has no length": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :p ; sh:minLength 0 .",
        ":a :p _:x .",
        {("_:x", "", "_:x", "MinLength")},
    ),
    "too long": (
        on_p("sh:maxLength 2"),
        ':a :p "abc", 123, 12 .',
        {at("MaxLength", '"abc"'), at("MaxLength", literal("123", "integer"))},
    ),
    "not as the pattern": (on_p('sh:pattern "^b" ; sh:flags "i"'), ':a :p "Bc", "ab" .', {at("Pattern", '"ab"')}),
    "a dot for the end of a line": (
        on_p('sh:pattern "a.b" ; sh:flags "s"'),
        ':a :p "a\\nb", "ab" .',
        {at("Pattern", '"ab"')},
    ),
    "a pattern with blanks in between": (
        on_p('sh:pattern "a b" ; sh:flags "x"'),
        ':a :p "ab", "a b" .',
        {at("Pattern", '"a b"')},
    ),
    "a pattern that is a text": (
        on_p('sh:pattern "a.b" ; sh:flags "q"'),
        ':a :p "a.b", "acb" .',
        {at("Pattern", '"acb"')},
    ),
    "in no such language": (
        on_p('sh:languageIn ( "en" "de-at" )'),
        ':a :p "a"@en-gb, "b"@de, "c", "d"@de-at-1996 .',
        {at("LanguageIn", '"b"@de'), at("LanguageIn", '"c"')},
    ),
    "twice in one language": (
        on_p("sh:uniqueLang true"),
        ':a :p "a"@en, "b"@EN, "c"@de, "d", "e" .',
        {at("UniqueLang")},
    ),
    "not equal": (
        on_p("sh:equals :q"),
        ":a :p 1, 2 ; :q 2, 3 .",
        {at("Equals", literal("1", "integer")), at("Equals", literal("3", "integer"))},
    ),
    "not disjoint": (on_p("sh:disjoint :q"), ":a :p 1, 2 ; :q 2, 2.0 .", {at("Disjoint", literal("2", "integer"))}),
    "not less": (on_p("sh:lessThan :q"), ":a :p 1, 2 ; :q 2.0, 3 .", {at("LessThan", literal("2", "integer"))}),
    "more": (
        on_p("sh:lessThanOrEquals :q"),
        ":a :p 1, 3 ; :q 2, 3 .",
        {at("LessThanOrEquals", literal("3", "integer"))},
    ),
    "nodes have no order": (
        on_p("sh:lessThan :q"),
        ":a :p :b, _:x ; :q :c .",
        {at("LessThan", B), at("LessThan", "_:x")},
    ),
    "none of these": (
        on_p("sh:in ( 1 :b )"),
        ":a :p 1, 1.0, :b, :c .",
        {at("In", literal("1.0", "decimal")), at("In", "<https://example.org/c>")},
    ),
    "without the value": (on_p("sh:hasValue :b"), ":a :p :c .", {at("HasValue")}),
    "with more than it may have": (
        on_a("sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :p ]"),
        ":a a :C ; :p 1 ; :q 2 .",
        {at("Closed", literal("2", "integer"), Q)},
    ),
    "a value that does not fit a shape": (
        on_p("sh:node [ sh:property [ sh:path :q ; sh:minCount 1 ] ]"),
        ":a :p :b, :c . :c :q 1 .",
        {at("Node", B)},
    ),
    "a value's own property": (
        on_p("sh:property [ sh:path :q ; sh:minCount 1 ]"),
        ":a :p :b, :c . :c :q 1 .",
        {at("MinCount", "", Q, B)},
    ),
    "what it must not be": (on_p("sh:not [ sh:class :C ]"), ":a :p :b, :c . :b a :C .", {at("Not", B)}),
    "not all": (
        on_p("sh:and ( [ sh:minInclusive 1 ] [ sh:maxInclusive 2 ] )"),
        ":a :p 2, 3 .",
        {at("And", literal("3", "integer"))},
    ),
    "none": (
        on_p("sh:or ( [ sh:class :C ] [ sh:datatype xsd:string ] )"),
        ':a :p :b, "x", 1 . :b a :C .',
        {at("Or", literal("1", "integer"))},
    ),
    "two of one": (
        on_p("sh:xone ( [ sh:minInclusive 1 ] [ sh:maxInclusive 2 ] )"),
        ":a :p 0, 1, 3 .",
        {at("Xone", literal("1", "integer"))},
    ),
    "too few that fit": (
        on_p("sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMinCount 2"),
        ":a :p :b, :c . :b a :C .",
        {at("QualifiedMinCount")},
    ),
    "a thumb is no finger": (
        on_a(
            "sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :T ] ; sh:qualifiedMaxCount 1 ;"
            " sh:qualifiedValueShapesDisjoint true ] ,"
            " [ sh:path :p ; sh:qualifiedValueShape [ sh:class :F ] ; sh:qualifiedMinCount 1 ;"
            " sh:qualifiedValueShapesDisjoint true ]"
        ),
        ":a :p :b . :b a :T, :F .",
        {at("QualifiedMinCount")},
    ),
    "backwards": (
        ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path [ sh:inversePath :p ] ; sh:maxCount 1 ; sh:class :C .",
        ":b :p :a . :c :p :a ; a :C .",
        {at("MaxCount", "", INVERSE), at("Class", B, INVERSE)},
    ),
    "subjects of a property": (
        ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:class :C .",
        ":a :p 1 . :b a :C ; :p 2 .",
        {at("Class", A, "")},
    ),
    "literals as focus nodes": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :p ; sh:maxInclusive 1 .",
        ":a :p 1, 2 .",
        {(literal("2", "integer"), "", literal("2", "integer"), "MaxInclusive")},
    ),
    "a class that is its own target": (
        ":C a rdfs:Class, sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a a :D . :D rdfs:subClassOf :C .",
        {at("MinCount")},
    ),
    "a class of OWL's that is its own target": (
        ":C a <http://www.w3.org/2002/07/owl#Class>, sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a a :C .",
        {at("MinCount")},
    ),
    "a class of a class of classes that is its own target": (
        ":M rdfs:subClassOf rdfs:Class . :N rdfs:subClassOf :M ."
        " :C a :N, sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a a :C .",
        {at("MinCount")},
    ),
    "switched off": (on_p("sh:minCount 1 ; sh:deactivated true"), ":b :q 1 .", set()),
    "switched off within": (
        ":S a sh:NodeShape ; sh:targetNode :a ; sh:not :T . :T a sh:NodeShape ; sh:class :C ; sh:deactivated true .",
        ":a :p 1 .",
        {at("Not", A, "")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_both_engines_find_what_shacl_says(case: str) -> None:
    shapes, data, expected = CASES[case]
    assert both(shapes, data) == expected
