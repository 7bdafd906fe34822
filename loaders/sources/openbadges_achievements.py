"""What achievements say, as rows: the credential, what it is aligned to, and how its results are judged.

Every credential brings its achievement along, as it was when it was issued. That of the newest credential is stated,
once; one whose signature is good goes before others, in whichever load it comes. What others are aligned to is no fact
about the achievement: it is stated of their holders only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.records import Parts
from loaders.source import Record
from loaders.sources.openbadges_award import objects
from loaders.sources.openbadges_results import Description, described, own_key, plain, points_of
from loaders.words import word_id
from ontology.ids import Prefixes, make_curie
from ontology.values import parse_instant

WORD = "openbadges-word"
CALLED = ("id", "@id", "name", "description", "achievementType")
EVER = 0
"""The instant of what comes without a readable date."""
_BELIEVED = 1 << 33
"""Added to the versions of what is believed: more than the seconds of any instant (1970 to 2105)."""
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+""")
NO_SKILLS = ("CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "ceterms:Credential")
"""Target types of alignments that are no skills (Open Badges 3.0, AlignmentTargetType)."""


@dataclass(slots=True)
class _Newest:
    file: str
    version: str
    content: Mapping[str, Any]
    order: tuple[int, int, str]  # how far it is believed, its instant, its text


@dataclass(slots=True)
class Achievements:
    """Gathers achievements, to state the newest of each at the end."""

    prefixes: Prefixes
    parts: Parts
    _words: set[str] = field(default_factory=set)
    _newest: dict[str, _Newest] = field(default_factory=dict)

    def take(
        self, file: str, issuer: str, content: Mapping[str, Any], moment: str | None, trust: int = 0
    ) -> str | None:
        """The id of an achievement; raises `ValueError` for one that makes none."""
        if not content:
            return None
        key = self.key(issuer, content)
        if set(content) - {"id", "@id"}:
            seconds = _seconds(moment)
            version = str(seconds + trust * _BELIEVED)
            order = (trust, seconds, json.dumps(content, sort_keys=True))
            known = self._newest.get(key)
            if known is None or order > known.order:
                self._newest[key] = _Newest(file, version, content, order)
        return key

    def key(self, issuer: str, content: Mapping[str, Any]) -> str:
        """An id as it is published, else one made of the issuer and what the achievement is called."""
        given = str(content.get("id") or content.get("@id") or "").strip()
        found = self.curie(given)
        name = given or str(content.get("name") or "").strip()
        return found or make_curie("openbadges-achievement", f"{issuer} {name}".strip() if name else "")

    def curie(self, given: str) -> str | None:
        """The id of an IRI; None for what is none. Credentials know nothing of our prefixes: x:y is an IRI, too."""
        try:
            return self.prefixes.compact(given) if _IRI.fullmatch(given) else None
        except ValueError:
            return None

    def rows(self) -> Iterator[Record]:
        """All that was gathered."""
        for key, newest in sorted(self._newest.items()):
            content, file = newest.content, newest.file
            cells = {
                "achievement": key,
                "name": plain(content.get("name")),
                "description": plain(content.get("description")),
                "achievementType": plain(content.get("achievementType")) or "Badge",
                "stated_at": newest.version,
            }
            yield self.parts.record("achievements", file, cells)
            if newest.order[0]:
                yield from self.alignments(file, "alignments", {"achievement": key}, content)
            for each, found in self._described(key, content):
                yield from self._description(newest, each, found)

    def target(self, alignment: Mapping[str, Any]) -> str | None:
        """What is aligned to: by its address, its code where that is one, else by its name, as a word."""
        for name in ("targetUrl", "targetUri", "targetCode"):
            given = str(alignment.get(name) or "").strip()
            if found := self.curie(given):
                return found
        try:
            return word_id(WORD, plain(alignment.get("targetName")) or "")
        except ValueError:
            return None

    def skills(self, content: Mapping[str, Any]) -> list[str]:
        """The skills that something is aligned to."""
        found = (self.target(each) for each in objects(content.get("alignment")) if is_skill(each))
        return list(dict.fromkeys(filter(None, found)))

    def descriptions(self, issuer: str, content: Mapping[str, Any]) -> dict[str, Description]:
        """How results are judged, by the ids that results give."""
        if not content:
            return {}
        return {str(each.get("id") or ""): found for each, found in self._described(self.key(issuer, content), content)}

    def _described(
        self, achievement: str, content: Mapping[str, Any]
    ) -> Iterator[tuple[Mapping[str, Any], Description]]:
        for place, each in enumerate(objects(content.get("resultDescription")), start=1):
            yield each, described(each, own_key(each, achievement, place), self.skills(each))

    def alignments(
        self, file: str, table: str, start: Mapping[str, Any], content: Mapping[str, Any]
    ) -> Iterator[Record]:
        """A row of the table for each target, and before it the word that it is, where that is new."""
        seen: set[str | None] = set()
        for each in objects(content.get("alignment")):
            target, name = self.target(each), plain(each.get("targetName"))
            if target in seen:
                continue
            seen.add(target)
            if target and target.startswith(f"{WORD}:") and target not in self._words:
                self._words.add(target)
                yield self.parts.record("words", file, {"word": target, "targetName": name})
            cells = {"target": target, "targetType": plain(each.get("targetType"))}
            yield self.parts.record(table, file, {**start, **cells})

    def _description(self, newest: _Newest, content: Mapping[str, Any], found: Description) -> Iterator[Record]:
        file, version = newest.file, newest.version
        levels = {str(each.get("id") or ""): each for each in objects(content.get("rubricCriterionLevel"))}
        steps = () if found.scale else found.steps  # levels of ours are not stated again
        levels = levels if steps else {}
        cells = {
            "description": found.key,
            "stated_at": version,
            "name": plain(content.get("name")),
            "has_levels": "yes" if steps else "no",
            "has_rubric": "yes" if levels else "no",
        }
        yield self.parts.record("descriptions", file, cells, found.flags)
        for step in steps:
            level = levels.get(step.name, {})
            points, flags = points_of(level)
            cells = {
                "description": found.key,
                "stated_at": version,
                "level": step.key,
                "rank": str(step.rank),
                "name": plain(level.get("name")) or plain(level.get("level")) or (None if level else step.name),
                "text": plain(level.get("description")),
                "points": points,
                "has_rubric": "yes" if level else "no",
            }
            yield self.parts.record("levels", file, cells, flags)
        if levels:
            yield from self.alignments(file, "assessed", {"description": found.key}, content)


def is_skill(alignment: Mapping[str, Any]) -> bool:
    """Whether an alignment may be to a skill."""
    return alignment.get("targetType") not in NO_SKILLS


def _seconds(moment: str | None) -> int:
    try:
        return parse_instant(moment or "")[0]
    except ValueError:
        return EVER
