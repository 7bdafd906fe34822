"""A CASE package as rows: the document, items, associations, and rubrics with their criteria and levels.

An identifier is the key of everything, in whatever case its hex digits are. What an association leads to may lie
outside of the package: an item of another one, by its identifier, or a thing of another vocabulary, by its URI.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.errors import LoadError, nearest
from loaders.rows import shown
from loaders.source import BadRecord, Config, Record, Rows
from loaders.sources.case_rubrics import Cells, Rubrics
from loaders.sources.case_shapes import (
    ASSOCIATION,
    CHANGED,
    DOCUMENT,
    ENDS,
    ITEM,
    PREFIX,
    REPLACED,
    RUBRIC,
    SHAPES,
    TRANSLATES,
    TYPES,
    Links,
    key,
)
from loaders.sources.objects import Object, Shape, objects
from loaders.sources.signs import looks_like, not_this
from loaders.strict import Unreadable

FORMAT = "a CASE package"
VERSIONS = ("1.0", "1.1")
_STATEMENTS = ("fullStatement", "abbreviatedStatement")


def rows(value: Any, file: str, config: Config) -> Iterator[Rows]:
    """The rows of one package, of every table at least that there is none; raises `LoadError`."""
    if not isinstance(value, Mapping) or not isinstance(value.get("CFDocument"), Mapping):
        otherwise = "it has no CFDocument; give a whole CFPackage, as /CFPackages/{id} answers it"
        raise not_this(looks_like(value), FORMAT, file, otherwise)
    version = value["CFDocument"].get("caseVersion")
    if version is not None and version not in VERSIONS:
        fix = f"is no version of CASE that is read here: {', '.join(VERSIONS)}"
        raise LoadError(f"caseVersion {shown(version)!r} {fix}", file=file, value=str(version))
    try:
        yield from _Package(value, file, config).rows()
    except Unreadable as error:
        raise LoadError(f"{error.field} {error}", file=file, value=error.value) from error


def _objects(values: Sequence[Any]) -> Iterator[Object]:
    return (value for value in values if isinstance(value, Mapping))


class _Package:
    """What associations say of items, known before the items' rows are made."""

    def __init__(self, value: Object, file: str, config: Config) -> None:
        self._file = file
        self._document: Object = value["CFDocument"]
        self._items, self._associations = objects(value, "CFItems"), objects(value, "CFAssociations")
        self._rubrics = objects(value, "CFRubrics")
        self._links = Links([self._document, *_objects(self._items)], config)
        self._ends = [self._ends_of(each) for each in self._associations]
        self._originals: dict[str, str] = {}  # id of a translation -> of what it translates
        self._successors: dict[str, list[str]] = {}
        self._changed: dict[str, str] = {}  # id of an item -> when something that its row tells was last changed
        self._learn()
        self._translations = self._texts()

    def _ends_of(self, value: Any) -> tuple[str, str] | Unreadable:
        try:
            if not isinstance(value, Mapping):
                raise Unreadable("", "is no object: every association is one", shown(value))
            return self._links.node(value, ENDS[0]), self._links.node(value, ENDS[1])
        except Unreadable as error:
            return error

    def _learn(self) -> None:
        """Note which items translate or replace others of this package."""
        for value, ends in zip(self._associations, self._ends, strict=True):
            if isinstance(ends, Unreadable) or ends[0] == ends[1] or not self._links.are_here(*ends):
                continue
            origin, destination = ends
            if value.get("associationType") == REPLACED:
                self._successors.setdefault(origin, []).append(destination)
                self._touch(origin, value.get(CHANGED))
            elif value.get("associationType") == TRANSLATES:
                self._originals.setdefault(origin, destination)
                self._touch(destination, value.get(CHANGED))

    def _texts(self) -> dict[str, dict[str, str]]:
        """The statements of translations, as columns of what they translate.

        One in no language that is told, or of what is a translation itself, is an item like any other.
        """
        found: dict[str, dict[str, str]] = {}
        taken = set()
        for item in _objects(self._items):
            mine = f"{PREFIX}:{key(str(item.get('identifier')))}"
            original, language = self._originals.get(mine), item.get("language")
            if original and original not in self._originals and language and isinstance(language, str):
                texts = {f"{name}@{language}": item.get(name) for name in _STATEMENTS}
                found.setdefault(original, {}).update({name: t for name, t in texts.items() if isinstance(t, str)})
                self._touch(original, item.get(CHANGED))
                taken.add(mine)
        self._originals = {mine: original for mine, original in self._originals.items() if mine in taken}
        return found

    def _touch(self, item: str, changed: Any) -> None:
        if isinstance(changed, str):
            self._changed[item] = max(changed, self._changed.get(item, ""))

    def rows(self) -> Iterator[Rows]:
        """Every row; a table without any says so."""
        counted = Counter[str]()
        for row in self._every():
            assert isinstance(row, Record | BadRecord)
            counted[row.table] += 1
            yield row
        yield from (shape.nothing(f"{self._file}/{shape.table}") for shape in SHAPES if not counted[shape.table])

    def _every(self) -> Iterator[Rows]:
        yield from self._table(DOCUMENT, [self._document], self._cells)
        yield from self._table(ITEM, self._items, self._cells_of_item)
        pairs = list(zip(self._associations, self._ends, strict=True))
        yield from self._table(ASSOCIATION, pairs, self._cells_of_association)
        yield from self._table(RUBRIC, self._rubrics, self._cells)
        inside = Rubrics(self._file, self._links, self._cells, self._row)
        for rubric in _objects(self._rubrics):
            yield from inside.criteria(rubric)

    def _table(self, shape: Shape, values: Sequence[Any], cells: Cells) -> Iterator[Rows]:
        return (self._row(shape, value, row, cells) for row, value in enumerate(values, start=1))

    def _row(self, shape: Shape, value: Any, row: int, cells: Cells) -> Rows:
        flags: list[str] = []
        file = f"{self._file}/{shape.table}"
        try:
            return Record(shape.table, file, row, cells(shape, value, flags), flags)
        except Unreadable as error:
            value, ends = value if isinstance(value, tuple) else (value, error)
            known = {} if isinstance(ends, Unreadable) else dict(zip(ENDS, ends, strict=True))
            return shape.bad(file, row, value, error, known)

    def _cells(self, shape: Shape, value: Any, _: list[str]) -> dict[str, Any]:
        """The columns that all have: the key spelled one way, the language of the document where there is none."""
        cells = shape.cells(value)
        if isinstance(cells["identifier"], str):
            cells["identifier"] = key(cells["identifier"])
        if "language" in cells and not cells["language"]:
            cells["language"] = self._document.get("language")
        return cells

    def _cells_of_item(self, shape: Shape, value: Any, flags: list[str]) -> dict[str, Any]:
        cells = self._cells(shape, value, flags)
        if not any(cells[name] for name in _STATEMENTS):
            raise Unreadable("fullStatement", "is empty: every item says what it is")
        flags += [] if cells["fullStatement"] else ["no-statement"]
        flags += ["education-level-key"] if "educationalLevel" in value else []
        mine = f"{PREFIX}:{cells['identifier']}"
        cells["adoptionStatus"] = "Deprecated" if self._is_over(cells) else self._document.get("adoptionStatus")
        cells["replacedBy"] = self._successors.get(mine)
        cells["_skip"] = "translation" if mine in self._originals else None
        cells[CHANGED] = max(str(cells[CHANGED] or ""), self._changed.get(mine, "")) or None
        return cells | self._translations.get(mine, {})

    def _is_over(self, cells: Object) -> bool:
        """Whether the item's last day was before its document's last change: not by the clock, so that the same file
        always says the same.
        """
        end, changed = str(cells["statusEndDate"] or ""), str(self._document.get(CHANGED) or "")
        return bool(end) and end[:10] < changed[:10]

    def _cells_of_association(self, shape: Shape, pair: Any, flags: list[str]) -> dict[str, Any]:
        value, ends = pair
        cells = self._cells(shape, value, flags)
        if isinstance(ends, Unreadable):
            raise ends
        kind = str(cells["associationType"] or "")
        if kind not in TYPES and not kind.startswith("ext:"):
            reason = f"{shown(kind)!r} is not one of {', '.join(TYPES)}, ext:…{nearest(kind, TYPES)}"
            raise Unreadable("associationType", reason, shown(kind))
        flags += ["bare-link" for name in ENDS if isinstance(value[name], str)]
        cells |= dict(zip(ENDS, ends, strict=True))
        cells["_skip"] = self._why_not(kind, *ends)
        return cells

    def _why_not(self, kind: str, origin: str, destination: str) -> str | None:
        """The rule by which an association makes no edge of its own."""
        if kind.startswith("ext:"):
            return "extension"
        if kind == REPLACED:
            return "told-with-item" if destination in self._successors.get(origin, ()) else "replaced-outside"
        return "translation" if {origin, destination} & self._originals.keys() else None
