"""From one page of an endpoint to the next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loaders.pull import Endpoint, LinkHeader, NextLink, NextToken, Offset, PageNumber, Whole
from loaders.pull.address import Base, at, shown
from loaders.pull.client import Answer, PullError, Request

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\",;]+))*)")
_NONE = (None, "", False)
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


def first_request(endpoint: Endpoint, request: Request) -> Request:
    """The request of the first page."""
    paging, fields = endpoint.paging, dict(request.fields)
    if not isinstance(paging, Whole) and paging.size:
        fields[paging.size] = str(paging.of)
    if isinstance(paging, PageNumber | Offset):
        fields[paging.parameter] = str(paging.first)
    return replace(request, fields=fields)


def items_of(endpoint: Endpoint, answer: Answer) -> Sequence[Any]:
    """The items of a page; raises `PullError` for an answer that has no list where there should be one."""
    found = at(answer.value, endpoint.items)
    if endpoint.one:
        return [] if found is None else [found]
    if isinstance(found, list):
        return found
    place = f"no list at {endpoint.items!r}" if endpoint.items else "no list"
    raise PullError(f"the answer has {place}: is this the API of that source?", file=shown(answer.url))


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read: it had `count` items, and with those before it `read`."""

    request: Request
    answer: Answer
    count: int
    read: int


def next_request(endpoint: Endpoint, base: Base, page: Page) -> Request | None:
    """The request of the page after this one; None: it was the last."""
    paging, body = endpoint.paging, page.answer.value
    if isinstance(paging, LinkHeader):
        return _linked(base, page, linked(page.answer.headers.get("Link", "")))
    if isinstance(paging, NextLink):
        return _linked(base, page, at(body, paging.at))
    if isinstance(paging, NextToken):
        token = at(body, paging.at)
        more = not paging.more or at(body, paging.more) is True
        return _with(page.request, paging.parameter, str(token)) if more and token not in _NONE else None
    if isinstance(paging, PageNumber | Offset):
        return _counted(paging, page)
    return None


def _counted(paging: PageNumber | Offset, page: Page) -> Request | None:
    total = at(page.answer.value, paging.total) if paging.total else None
    if not page.count or (isinstance(total, str) and total.isdecimal() and page.read >= int(total)):
        return None
    step = 1 if isinstance(paging, PageNumber) else page.count
    return _with(page.request, paging.parameter, str(int(page.request.fields[paging.parameter]) + step))


def linked(header: str) -> str | None:
    """The address of relation `next` in a Link header (RFC 8288).

    >>> linked('<https://h/v1/jobs?page=2>; rel="next", <https://h/v1/jobs?page=9>; rel="last"')
    'https://h/v1/jobs?page=2'
    """
    for found in _LINK.finditer(header):
        relations = _RELATION.search(found[2])
        if relations and "next" in (relations[1] or relations[2] or "").lower().split():
            return found[1]
    return None


def _linked(base: Base, page: Page, link: Any) -> Request | None:
    """What a link leads to: its address is whole, with all that is asked."""
    if not isinstance(link, str) or not link:
        return None
    return replace(page.request, url=base.same(link, page.answer.url).partition("#")[0], fields={})


def _with(request: Request, name: str, value: str) -> Request:
    fields: Mapping[str, str] = request.fields
    return replace(request, fields={**fields, name: value})
