"""Things of CASE as JSON: documents, items, associations and rubrics, as a package has them, and links between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.exports.case.frameworks import Framework, Frameworks, Link, Row, own_language, status_of, translated
from graph.exports.case.terms import (
    ADOPTION,
    ASSOCIATIONS,
    CRITERIA,
    DOCUMENTS,
    ITEM_TYPES,
    ITEMS,
    LEVELS,
    PACKAGES,
    RUBRICS,
    TRANSLATES,
    Names,
)
from ontology.values import OPEN, decimal_number, format_instant

Thing = dict[str, Any]
DAY = 86_400  # seconds


@dataclass(frozen=True)
class Things:
    """Makes the JSON of what is in the frameworks of one state, in one version of the standard."""

    found: Frameworks
    names: Names
    language: str = ""  # of labels without a language tag
    publisher: str = ""

    def document(self, each: Framework) -> Thing:
        """CFPckgDocument."""
        row, absent = each.document or {}, self.names.version.absent
        made = {
            **self._head(DOCUMENTS, self.names.identifier(each.id), each.changed),
            "caseVersion": self.names.version.name,
            "creator": each.source,
            "title": _title(each),
            "description": _text(row, "description"),
            "publisher": self.publisher,
            "language": self.language,
            "adoptionStatus": ADOPTION.get(status_of(self.found, each)),
        }
        return _said({name: value for name, value in made.items() if name not in absent})

    def package(self, each: Framework) -> Thing:
        """CFPackage: the whole framework."""
        return {
            "CFDocument": self.document(each),
            ITEMS: list(self.items(each)),
            ASSOCIATIONS: list(self.associations(each)),
            RUBRICS: [self.rubric(id) for id in each.rubrics],
        }

    def items(self, each: Framework) -> Iterator[Thing]:
        """Its items, each before its translations."""
        for id in each.items:
            yield self.item(id)
            if TRANSLATES not in self.names.version.absent:
                yield from (self.item(id, language) for language in translated(self.found.skills[id]))

    def item(self, id: str, language: str = "") -> Thing:
        """CFPckgItem; of another language, the item that translates it."""
        row = self.found.skills[id]
        head = self._head(ITEMS, self.item_identifier(id, language), row["version"])
        language = language or own_language(row)
        label, description = _label(row, language) or id, _text(row, "description", language)
        made = {
            **head,
            "fullStatement": description or label,
            "abbreviatedStatement": label if description else None,
            "alternativeLabel": "\n".join(sorted(_texts(row, "alt_labels", language))),
            "humanCodingScheme": row.get("code"),
            "CFItemType": ITEM_TYPES[row.get("type", "skill")],
            "conceptKeywords": sorted(_texts(row, "hidden_labels", language)),
            "language": language or self.language,
            "statusEndDate": self._last_day(row),
            "extensions": {"iri": self.names.model.prefixes.expand(id)},
        }
        return _said({name: value for name, value in made.items() if name not in self.names.version.absent})

    def associations(self, each: Framework) -> Iterator[Thing]:
        """Its associations."""
        return (self.association(link) for link in each.links if link.type not in self.names.version.absent)

    def association(self, link: Link) -> Thing:
        """CFPckgAssociation."""
        language = link.edge[2] if link.type == TRANSLATES else ""
        made = {
            **self._head(ASSOCIATIONS, self.association_identifier(link), link.version),
            "associationType": link.type,
            "originNodeURI": self.node_link(link.origin, language),
            "destinationNodeURI": self.node_link(link.destination),
            "notes": link.note,
        }
        return _said({name: value for name, value in made.items() if name not in self.names.version.absent})

    def rubric(self, id: str) -> Thing:
        """CFRubric, with its criteria and their levels."""
        row, identifier = self.found.nodes[id], self.names.identifier(id)
        criteria = [self._criterion(part, identifier) for part in self._inside("HAS_CRITERION", id)]
        texts = {"title": _label(row), "description": _text(row, "description")}
        return _said({**self._head(RUBRICS, identifier, row["version"]), **texts, CRITERIA: criteria})

    def _criterion(self, id: str, rubric: str) -> Thing:
        row, identifier = self.found.nodes[id], self.names.identifier(id)
        judged = [skill for skill in self.found.parts.get(("ASSESSES", id), ()) if skill in self.found.skills]
        return _said(
            {
                **self._head(CRITERIA, identifier, row["version"]),
                "category": _label(row),
                "description": _text(row, "description"),
                "CFItemURI": self.node_link(judged[0]) if judged else None,
                "weight": row.get("weight"),
                "position": row.get("position"),
                "rubricId": rubric,
                LEVELS: [self._level(level, identifier) for level in self._inside("HAS_LEVEL", id)],
            }
        )

    def _level(self, id: str, criterion: str) -> Thing:
        row = self.found.nodes[id]
        return _said(
            {
                **self._head(LEVELS, self.names.identifier(id), row["version"]),
                "quality": _label(row),
                "description": _text(row, "description"),
                "score": decimal_number(row["points"]) if "points" in row else None,
                "position": row.get("position"),
                "rubricCriterionId": criterion,
            }
        )

    def _inside(self, type: str, id: str) -> list[str]:
        return [part for part in self.found.parts.get((type, id), ()) if part in self.found.nodes]

    def document_link(self, each: Framework) -> Thing:
        """LinkURI to the document, as an item or association that stands alone has it."""
        identifier = self.names.identifier(each.id)
        return {"title": _title(each), "identifier": identifier, "uri": self.names.uri(DOCUMENTS, identifier)}

    def package_link(self, each: Framework) -> Thing:
        """LinkURI to the package, as a document that stands alone has it."""
        return {**self.document_link(each), "uri": self.names.uri(PACKAGES, self.names.identifier(each.id))}

    def node_link(self, id: str, language: str = "") -> Thing:
        """LinkGenURI to an item or a document."""
        row = self.found.skills.get(id, {})
        title = _label(row, language or own_language(row)) or id if row else _title(self.found.by_id[id])
        identifier = self.item_identifier(id, language)
        kind = DOCUMENTS if id in self.found.by_id else ITEMS
        return {"title": title, "identifier": identifier, "uri": self.names.uri(kind, identifier)}

    def item_identifier(self, id: str, language: str = "") -> str:
        """That of a skill, or of the item that translates it."""
        return self.names.of_edge(TRANSLATES, id, f"@{language}") if language else self.names.identifier(id)

    def association_identifier(self, link: Link) -> str:
        return self.names.of_edge(*link.edge)

    def _head(self, kind: str, identifier: str, version: int) -> Thing:
        changed = format_instant(max(0, min(version, OPEN - 1)))
        return {"identifier": identifier, "uri": self.names.uri(kind, identifier), "lastChangeDateTime": changed}

    def _last_day(self, row: Row) -> str | None:
        """Of a retired skill, the day before the change that it was told by: the last on which it was one."""
        if row.get("status") != "retired":
            return None
        return format_instant(max(0, min(row["version"], OPEN - 1) - DAY))[:10]


def _said(made: Mapping[str, Any]) -> Thing:
    return {name: value for name, value in made.items() if value not in (None, "", [])}


def _text(row: Row, name: str, language: str = "") -> str:
    return str(row.get(f"{name}@{language}" if language else name, ""))


def _label(row: Row, language: str = "") -> str:
    return _text(row, "label", language)


def _title(each: Framework) -> str:
    return _label(each.document or {}) or each.source


def _texts(row: Row, name: str, language: str) -> tuple[str, ...]:
    found: tuple[str, ...] = row.get(f"{name}@{language}" if language else name, ())
    return found
