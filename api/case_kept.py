"""What is answered as CASE, kept while nothing that it is made of changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final

import orjson

from api.caching import viewer_facts
from api.service import Service
from graph.exports import Wanted
from graph.exports.case.frameworks import TYPES, Frameworks, Link, read_frameworks, translated
from graph.exports.case.terms import V1P1, Names, Version
from graph.exports.case.things import Things
from graph.steady import steady
from graph.store import Change, Distant, Store
from graph.viewer import Viewer

_MOST_CHANGES: Final = 200  # that are looked through for one that matters
_MOST_VIEWERS: Final = 4  # sorts of viewers for whom frameworks are kept


@dataclass(frozen=True)
class Published:
    """All frameworks of one state, and what is in them by its identifier."""

    found: Frameworks
    names: Names

    @cached_property
    def mark(self) -> str:
        """What is the same in two states of which the same is told."""
        found = self.found
        links = [each.links for each in found.by_id.values()]
        told = (found.skills, found.nodes, list(found.parts.items()), list(found.by_id), links)
        return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """Identifier -> framework."""
        return {self.names.identifier(id): id for id in self.found.by_id}

    @cached_property
    def items(self) -> Mapping[str, tuple[str, str]]:
        """Identifier -> skill, and its language where it is a translation."""
        return dict(self._items())

    @cached_property
    def associations(self) -> Mapping[str, Link]:
        """Identifier -> association."""
        links = (link for each in self.found.by_id.values() for link in each.links)
        return {self.names.of_edge(*link.edge): link for link in links}

    @cached_property
    def around(self) -> Mapping[str, list[Link]]:
        """Skill, or document -> its associations, those into it too."""
        around: dict[str, list[Link]] = {}
        for each in self.found.by_id.values():
            for link in each.links:
                for id in dict.fromkeys((link.origin, link.destination)):
                    around.setdefault(id, []).append(link)
        return around

    @cached_property
    def rubrics(self) -> Mapping[str, str]:
        """Identifier -> rubric."""
        return {self.names.identifier(id): id for each in self.found.by_id.values() for id in each.rubrics}

    def _items(self) -> Iterator[tuple[str, tuple[str, str]]]:
        things = Things(self.found, self.names)
        for each in self.found.by_id.values():
            for id in each.items:
                for language in ("", *translated(self.found.skills[id])):
                    yield things.item_identifier(id, language), (id, language)


class Kept:
    """The frameworks of each sort of viewer, as they are at the store's change number."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, Change | None, Published]] = {}
        self._turn = threading.Lock()

    def of(self, service: Service, viewer: Viewer) -> Published:
        """What the viewer may see now."""
        store, sort = service.store, repr(viewer_facts(viewer))
        with self._turn:  # of several who ask at once, one reads
            number, last, published = self._kept.pop(sort, (0, None, None))
            now = store.number()
            if published is None or not _still(store, number, last, now):
                wanted = Wanted(viewer, service.settings)
                number, found = steady(store, lambda number: (number, read_frameworks(store, wanted)))
                published, now = Published(found, Names(store.model)), number
            if now != number or last is None:
                last = _change(store, now)
            self._kept[sort] = (now, last, published)
            for oldest in list(self._kept)[:-_MOST_VIEWERS]:
                del self._kept[oldest]
            return published


def _still(store: Store, number: int, last: Change | None, now: int) -> bool:
    """Whether what was read at a change number stands; not in a store that was put back meanwhile."""
    if number == now and not isinstance(store, Distant):  # others are not put back while they are open
        return True
    if number > now or now - number > _MOST_CHANGES or _change(store, number) != last:
        return False
    since = store.changes(number, _MOST_CHANGES)
    return not any(item.type in TYPES for change in since for item in change.items)


def _change(store: Store, number: int) -> Change | None:
    return next(iter(store.changes(number - 1, 1)), None) if number else None


def things(published: Published, service: Service, version: Version = V1P1) -> Things:
    """What makes the JSON of it in a version of the standard."""
    names, settings = Names(published.names.model, version), service.settings
    return Things(published.found, names, settings.language, settings.issuer_name)
