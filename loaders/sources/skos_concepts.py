"""What an RDF graph says of concepts, schemes and collections, as rows: texts by language, relations one way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Record
from loaders.sources.skos_graph import Graph, Text
from ontology.languages import canonical_tag
from ontology.turtle import SG, SKOS

CONCEPTS, RELATIONS = "concepts", "relations"
SEVERAL_LABELS, SEVERAL_CODES = "several-labels", "several-notations"
ODD_TAG, NO_TAG = "odd-language-tag", "no-language-tag"

LABELS = ("prefLabel", "altLabel", "hiddenLabel")
NAMES = ("prefLabel", "title", "label")
"""Where a name is looked for, in this order; the first that there is."""
NOTES = ("definition", "scopeNote", "description")

_KINDS = {
    f"{SKOS}Concept": "concept",
    f"{SKOS}ConceptScheme": "scheme",
    f"{SKOS}Collection": "collection",
    f"{SKOS}OrderedCollection": "collection",
}
_OTHERS = frozenset(f"{SG}{name}" for name in ("Scale", "Level", "Source"))
"""Classes of our own that our own export is typed with beside SKOS's: what is no skill."""

_OF_CONCEPTS = ("prefLabel", "xl:prefLabel", "broader", "inScheme", "topConceptOf")
"""Terms whose subject is a concept, though nothing says so."""

_BROADER = {"broader": False, "broadMatch": False, "topConceptOf": False, "narrower": True, "narrowMatch": True}
_BROADER |= {"hasTopConcept": True}
_TRANSITIVE = {"broaderTransitive": False, "narrowerTransitive": True}
_SYMMETRIC = {
    "related": "related",
    "sg:RELATED": "related",
    "relatedMatch": "related",
    "exactMatch": "exactMatch",
    "closeMatch": "closeMatch",
}

_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")


def language_tag(text: str) -> tuple[str, bool]:
    """A tag as BCP 47 writes it, and whether it was written otherwise than in case; raises `ValueError`.

    >>> language_tag("EN_us"), language_tag("zh-hant")
    (('en-US', True), ('zh-Hant', False))
    """
    tag = text.replace("_", "-").lower()
    if _TAG.fullmatch(tag) is None:
        raise ValueError(f"{shown(text)!r} is no language tag: write one like en or pt-BR")
    return canonical_tag(tag), tag != text.lower()


_tag = lru_cache(maxsize=1_000)(language_tag)


@dataclass(frozen=True)
class Vocabulary:
    """A graph as rows; `types` says of what type in the model concepts, schemes and collections are."""

    graph: Graph
    language: str  # the deployment's: its texts, and those without a tag, have no language in their column's name
    types: Mapping[str, str]

    def rows(self) -> Iterator[Record | BadRecord]:
        """Concepts, schemes and collections, then what relates them; numbered by file in the order of the graph."""
        numbers: dict[str, int] = {}
        for subject, kind in self.kinds.items():
            file = self.graph.file[subject]
            numbers[file] = numbers.get(file, 0) + 1
            yield self._concept(subject, kind, file, numbers[file])
        for file, relations in self._relations().items():
            for number, (start, relation, end) in enumerate(relations, start=1):
                yield _relation(f"{file}/{RELATIONS}", number, start, relation, end)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """What each subject is; of what is several, a scheme or collection counts."""
        found: dict[str, str] = {}
        for subject, said in self.graph.said.items():
            if subject in self._others:
                continue
            typed = {_KINDS[each] for each in self.graph.nodes(subject, "type") if each in _KINDS}
            if not typed and not _is_label(said) and any(term in said for term in _OF_CONCEPTS):
                typed = {"concept"}
            if typed:
                found[subject] = next(kind for kind in ("collection", "scheme", "concept") if kind in typed)
        return found

    @cached_property
    def _others(self) -> frozenset[str]:
        """Subjects that our own export says to be no skill."""
        return frozenset(each for each in self.graph.said if not _OTHERS.isdisjoint(self.graph.nodes(each, "type")))

    def _concept(self, subject: str, kind: str, file: str, row: int) -> Record | BadRecord:
        if (wrong := _no_iri(subject)) is not None:
            return BadRecord(CONCEPTS, file, BadRow(row, "iri", subject, wrong, {"iri": subject}))
        flags: list[str] = []
        try:
            cells = self._texts(subject, flags)
        except ValueError as error:
            return BadRecord(CONCEPTS, file, BadRow(row, "language", "", str(error), {"iri": subject}))
        codes = sorted(text.text for text in self.graph.texts(subject, "notation"))
        flags += [SEVERAL_CODES] * (len(codes) > 1)
        deprecated = any(text.text in ("true", "1") for text in self.graph.texts(subject, "deprecated"))
        cells |= {
            "iri": subject,
            "type": next((text.text for text in self.graph.texts(subject, "sg:type")), self.types[kind]),
            "notation": codes[0] if codes else None,
            "deprecated": "true" if deprecated else None,
            "isReplacedBy": self.graph.nodes(subject, "isReplacedBy") or None,
        }
        return Record(CONCEPTS, file, row, cells, tuple(dict.fromkeys(flags)))

    def _texts(self, subject: str, flags: list[str]) -> dict[str, str | list[str] | None]:
        """Labels and description by language: `prefLabel`, `altLabel@de`; the second of two names is another label.

        Raises `ValueError` where every name is in what is no language.
        """
        given = self._first(subject, NAMES)
        names = self._by_language(given, flags)
        if not names:
            _refuse_tags(given)
        others = self._by_language(self._labels(subject, "altLabel"), flags)
        hidden = self._by_language(self._labels(subject, "hiddenLabel"), flags)
        notes = self._by_language(self._notes(subject), flags)
        cells: dict[str, str | list[str] | None] = {}
        for language, (name, *more) in names.items():
            flags += [SEVERAL_LABELS] * bool(more)
            cells[_column("prefLabel", language)] = name
            others.setdefault(language, []).extend(more)
        for column, found in (("altLabel", others), ("hiddenLabel", hidden)):
            cells |= {_column(column, language): sorted(set(texts)) for language, texts in found.items() if texts}
        return cells | {_column("description", language): "\n\n".join(texts) for language, texts in notes.items()}

    def _first(self, subject: str, terms: Sequence[str]) -> list[Text]:
        return next((found for term in terms if (found := self._labels(subject, term))), [])

    def _labels(self, subject: str, term: str) -> list[Text]:
        """Labels in plain and as resources of their own (SKOS-XL)."""
        forms = (self.graph.texts(label, "xl:literalForm") for label in self.graph.nodes(subject, f"xl:{term}"))
        return [*self.graph.texts(subject, term), *(text for some in forms for text in some)]

    def _notes(self, subject: str) -> list[Text]:
        """The first sort of notes that there is; one may be a resource with a value."""
        for term in NOTES:
            values = (self.graph.texts(note, "value") for note in self.graph.nodes(subject, term))
            found = [*self.graph.texts(subject, term), *(text for some in values for text in some)]
            if found:
                return found
        return []

    def _by_language(self, texts: Iterable[Text], flags: list[str]) -> dict[str, list[str]]:
        """Texts in order by their language, "" the deployment's; those with its tag stand before those without any.

        Those in what is no language are left out, and flagged.
        """
        found: dict[str, list[tuple[bool, str]]] = {}
        for each in texts:
            try:
                tag, is_odd = _tag(each.language) if each.language else ("", False)
            except ValueError:
                flags.append(NO_TAG)
                continue
            flags += [ODD_TAG] * is_odd
            language = "" if tag == self.language else tag
            if each.text.strip():
                found.setdefault(language, []).append((not tag, each.text))
        return {language: list(dict.fromkeys(text for _, text in sorted(some))) for language, some in found.items()}

    def _relations(self) -> Mapping[str, list[tuple[str, str, str]]]:
        """File -> the relations that it states, each once; what is read both ways from the lesser IRI."""
        found: dict[tuple[str, str, str], str] = {}
        for subject in self.graph.said:
            for relation in self._relations_of(subject):
                found.setdefault(relation, self.graph.file[subject])
        direct = {start for start, relation, _ in found if relation == "broader"}
        for subject in self.graph.said:
            for pair in self._pairs(subject, _TRANSITIVE, "broader"):
                if pair[0] not in direct:
                    found.setdefault(pair, self.graph.file[subject])
        files: dict[str, list[tuple[str, str, str]]] = {}
        for relation, file in found.items():
            if relation[0] in self._others or relation[2] in self._others:
                continue
            files.setdefault(file, []).append(relation)
        return files

    def _relations_of(self, subject: str) -> Iterator[tuple[str, str, str]]:
        """Each as (from, relation, to)."""
        yield from self._pairs(subject, _BROADER, "broader")
        for term, name in _SYMMETRIC.items():
            for other in self.graph.nodes(subject, term):
                first, second = sorted((subject, other))
                yield first, name, second
        for member in self._members(subject):
            yield member, "member", subject

    def _pairs(self, subject: str, terms: Mapping[str, bool], name: str) -> Iterator[tuple[str, str, str]]:
        for term, is_turned in terms.items():
            for other in self.graph.nodes(subject, term):
                yield (other, name, subject) if is_turned else (subject, name, other)

    def _members(self, subject: str) -> Iterator[str]:
        """The members of a collection, in a list too."""
        yield from self.graph.nodes(subject, "member")
        seen: set[str] = set()
        for head in self.graph.nodes(subject, "memberList"):
            rest = [head]
            while rest and rest[0] not in seen:
                seen.add(rest[0])
                yield from self.graph.nodes(rest[0], "first")
                rest = self.graph.nodes(rest[0], "rest")


def _relation(file: str, row: int, start: str, relation: str, end: str) -> Record | BadRecord:
    cells = {"from": start, "relation": relation, "to": end, "_self": "yes" if start == end else None}
    for field, iri in (("from", start), ("to", end)):
        if (wrong := _no_iri(iri)) is not None:
            raw = {"from": start, "relation": relation, "to": end}
            return BadRecord(RELATIONS, file, BadRow(row, field, iri, wrong, raw))
    return Record(RELATIONS, file, row, cells)


def _no_iri(text: str) -> str | None:
    """Why it can't be the IRI of a concept."""
    if text.startswith("_:"):
        return "is a blank node, which another file can't name: give it an IRI"
    if ":" not in text:
        return "is a relative IRI, and the file says no base: write full IRIs, or a base (@base, xml:base)"
    return None


def _refuse_tags(texts: Iterable[Text]) -> None:
    """Raise `ValueError` for the first text in what is no language."""
    for each in texts:
        if each.language:
            _tag(each.language)


def _is_label(said: Mapping[str, object]) -> bool:
    return "xl:literalForm" in said


def _column(name: str, language: str) -> str:
    return f"{name}@{language}" if language else name
