"""QTI results reports (assessmentResult) out of XML, one candidate at a time.

Element and attribute names are those of IMS QTI 2.1, 2.2 and 3.0 Results Reporting, which differ in their namespaces
only. A document may hold one report, as the standard has it, or many within an element of any name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from loaders.errors import LoadError, nearest
from loaders.readers.documents import DEEPEST, Document

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_XSD = "http://www.imsglobal.org/xsd/"
VERSIONS: Mapping[str, str] = {
    f"{_XSD}imsqti_result_v2p1": "2.1",
    f"{_XSD}imsqti_v2p1": "2.1",  # tools write results in the namespace of items, too
    f"{_XSD}imsqti_result_v2p2": "2.2",
    f"{_XSD}imsqti_v2p2": "2.2",
    f"{_XSD}imsqti_result_v3p0": "3.0",
}
REPORT = "assessmentResult"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcomeVariable: its first value and the range it is in, as they are written."""

    value: str | None
    minimum: str | None = None
    maximum: str | None = None
    mastery: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A testResult or itemResult."""

    of: str  # "test" or "item"
    identifier: str | None
    datestamp: str | None
    status: str | None
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Report:
    """What one candidate got in one session."""

    candidate: str | None
    session: Sequence[tuple[str, str]] = ()  # (sourceID, identifier)
    results: Sequence[Result] = field(default_factory=list)


def reports(document: Document) -> Iterator[Report]:
    """Every report of a document; raises `LoadError` for a DOCTYPE, what is no XML, or another version or format."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    try:
        yield from _reports(iterparse(BytesIO(document.data), ("start", "end"), forbid_dtd=True), document.file)
    except LoadError:
        raise
    except DefusedXmlException as error:
        raise LoadError("has a DOCTYPE, which may lead anywhere: remove it", file=document.file) from error
    except ParseError as error:
        raise LoadError(f"is no whole XML ({error}): get it again", file=document.file) from error
    except (LookupError, ValueError) as error:
        raise LoadError(f"can't be read ({error}): save it as UTF-8", file=document.file) from error


def _reports(events: Iterator[tuple[str, Element]], file: str) -> Iterator[Report]:
    """What is read is dropped at once, so that memory stays flat however many reports there are."""
    open_: list[Element] = []
    inside = found = 0
    for event, element in events:
        if event == "start":
            open_.append(element)
            if len(open_) > DEEPEST:
                raise LoadError(f"is nested more than {DEEPEST} deep: this is no results report", file=file)
            if local(element.tag) == REPORT:
                _check_version(element.tag, file)
                inside += 1
            continue
        open_.pop()
        if local(element.tag) == REPORT:
            yield _report(element)
            inside, found = inside - 1, found + 1
        if not inside:
            element.clear()
            if open_:
                open_[-1].remove(element)
    if not found:
        root = local(element.tag)
        raise LoadError(f"holds no {REPORT}, its root is {root!r}{_seems(root)}: give QTI results reports", file=file)


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _check_version(tag: str, file: str) -> None:
    namespace = tag.rpartition("}")[0].removeprefix("{")
    if namespace not in VERSIONS:
        known = ", ".join(f"{name} ({version})" for name, version in VERSIONS.items())
        reason = f"namespace {namespace!r} is no version of QTI results that is known{nearest(namespace, VERSIONS)}"
        raise LoadError(f"{reason}; known are {known}", file=file, value=namespace)


def _seems(root: str) -> str:
    """What a document of QTI without results is."""
    plain = root.removeprefix("qti-").replace("-", "").casefold()
    kinds = {"assessmenttest": "a test", "assessmentitem": "a question", "manifest": "a package's manifest"}
    return f", which is {kinds[plain]}" if plain in kinds else ""


def _report(element: Element) -> Report:
    context = _first(element, "context")
    named = [each.attrib for each in context if local(each.tag) == "sessionIdentifier"] if context is not None else ()
    session = [(each.get("sourceID", ""), each.get("identifier", "")) for each in named]
    results = [_result(each) for each in element if local(each.tag) in ("testResult", "itemResult")]
    return Report(_attribute(context, "sourcedId"), session, results)


def _result(element: Element) -> Result:
    outcomes = {}
    for each in element:
        if local(each.tag) == "outcomeVariable":  # an identifier that repeats: the last stands
            outcomes[each.get("identifier", "")] = Outcome(
                _value(each), *(_attribute(each, name) for name in ("normalMinimum", "normalMaximum", "masteryValue"))
            )
    identifier, datestamp, status = (_attribute(element, name) for name in ("identifier", "datestamp", "sessionStatus"))
    return Result(local(element.tag).removesuffix("Result"), identifier, datestamp, status, outcomes)


def _value(element: Element) -> str | None:
    found = _first(element, "value")
    return (found.text or "").strip() or None if found is not None else None


def _first(element: Element, name: str) -> Any:
    return next((each for each in element if local(each.tag) == name), None)


def _attribute(element: Element | None, name: str) -> str | None:
    return (element.get(name) or "").strip() or None if element is not None else None
