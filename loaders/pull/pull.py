"""A pull: every endpoint of a source's API read to its end, as rows. Decision 015."""

from __future__ import annotations

import hashlib
import logging
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from loaders.errors import LoadError
from loaders.mapping import Mapper
from loaders.pull import Endpoint, Pulled
from loaders.pull.address import Base, at, base_of, filled, places_in, shown
from loaders.pull.client import OUTDATED, Client, PullError, Refused, Request
from loaders.pull.cursors import asked, latest
from loaders.pull.paging import Page, first_request, items_of, next_request
from loaders.pull.token import read_token, variable
from loaders.source import Chunk, Config, Rows, Source

if TYPE_CHECKING:
    from graph.ledger import Ledger
    from loaders.load import LoadRequest

log = logging.getLogger(__name__)

STARTED_OVER = "started-over"
"""The flag of endpoints that were read again from their beginning."""
_EMPTY = 100  # pages without items, one after the other
Told = Callable[[int], None]
"""Told how many items came so far."""


@dataclass(slots=True)
class _Read:
    """How far an endpoint is."""

    endpoint: Endpoint
    rows: int = 0
    pages: int = 0  # of the list that is read now
    seen: array[int] = field(default_factory=lambda: array("Q"))  # digests of items that were told
    again: frozenset[int] = frozenset()  # those of them that come again, since it was started over
    latest: int | None = None


class Pull:
    """One pull; `cursors` are those kept of the name, and after `rows` came to its end those to keep.

    It `goes_on` when at least one endpoint is asked for what changed: then what it reads is not all there is.
    """

    def __init__(
        self, source: Source, config: Config, name: str, *, address: str, cursors: Mapping[str, str], told: Told,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        assert source.pull is not None
        self._source, self._config, self._api, self._told = source, config, source.pull, told
        token = read_token(self._api.auth, name)
        self._base: Base = base_of(address, secret=token.given)
        self._client = Client(self._base, self._api, token, variable(name), sleep)
        own = {self._key(each): each for each in self._api.endpoints if each.changed}
        self._since = {key: int(cursors[key]) for key in own if key in cursors}
        self._kept = dict(self._since)
        self._begun = int(time.time())
        self._places: dict[str, list[Mapping[str, str]]] = {}
        self._items = 0
        self.notes: Counter[str] = Counter()

    @property
    def goes_on(self) -> bool:
        return bool(self._since)

    def cursors(self) -> Mapping[str, str]:
        """What to keep, once all rows are in the store."""
        return {key: str(value) for key, value in self._kept.items()}

    def rows(self) -> Iterator[Rows]:
        """The rows of all endpoints, one after the other; raises `PullError`."""
        read = self._api.reader(self._config)
        try:
            for endpoint in self._api.endpoints:
                for item in self._endpoint(endpoint):
                    yield from read(item)
                yield from nothing(endpoint, self._source, self._config)
        finally:
            self._client.close()

    def _key(self, endpoint: Endpoint) -> str:
        """The name of an endpoint's cursor: another address has others."""
        return self._base.under(endpoint.path)

    def _endpoint(self, endpoint: Endpoint) -> Iterator[Pulled]:
        state = _Read(endpoint)
        for places in self._places.get(endpoint.each, ()) if endpoint.each else ({},):
            yield from self._patiently(state, places)
        if endpoint.changed and state.latest is not None:
            key = self._key(endpoint)
            self._kept[key] = max(state.latest, self._kept.get(key, 0))
        log.info("%s: %d items", self._key(endpoint), state.rows)

    def _patiently(self, state: _Read, places: Mapping[str, str]) -> Iterator[Pulled]:
        """The items of one list; one whose token or cursor the API no longer knows is read from its beginning, first
        from the same cursor, then whole. What came already is not told again."""
        endpoint = state.endpoint
        since = self._since.get(self._key(endpoint))
        starts = [since, since, None] if since is not None else [None, None]
        while True:
            start = starts.pop(0)
            try:
                yield from self._pages(state, places, start)
                return
            except Refused as error:
                first = not state.pages
                if first and error.status in endpoint.absent:
                    return
                if error.status not in OUTDATED or not starts or (first and start is None):
                    raise
                self._start_over(state, error)
                starts = starts[-1:] if first else starts

    def _start_over(self, state: _Read, error: PullError) -> None:
        name = state.endpoint.name
        self.notes[f"{STARTED_OVER}:{name}"] += 1
        log.warning("%s; %s is read again from its beginning", error, name)
        state.again = frozenset(state.seen)

    def _pages(self, state: _Read, places: Mapping[str, str], since: int | None) -> Iterator[Pulled]:
        endpoint = state.endpoint
        request: Request | None = first_request(endpoint, self._request(endpoint, places, since))
        guard, read, state.pages = _Guard(), 0, 0
        while request is not None:
            guard.asked(request)
            answer = self._client.ask(request)
            items = items_of(endpoint, answer)
            guard.got(request, items)
            read += len(items)
            state.pages += 1
            yield from self._taken(state, items, places)
            self._items += len(items)
            self._told(self._items)
            request = next_request(endpoint, self._base, Page(request, answer, len(items), read))

    def _request(self, endpoint: Endpoint, places: Mapping[str, str], since: int | None) -> Request:
        fields = {name: filled(text, places, path=False) for name, text in endpoint.parameters.items()}
        if endpoint.changed and since is not None:
            fields[endpoint.changed.parameter] = asked(endpoint.changed, since)
        return Request(self._base.under(filled(endpoint.path, places, path=True)), endpoint.method, fields)

    def _taken(self, state: _Read, items: Sequence[Any], places: Mapping[str, str]) -> Iterator[Pulled]:
        endpoint = state.endpoint
        if endpoint.changed:
            state.latest = latest(endpoint.changed, items, state.latest, self._begun)
        for item in items:
            digest = int.from_bytes(_digest(item)[:8], "big")
            if digest in state.again:
                continue
            state.seen.append(digest)
            state.rows += 1
            self._remember(endpoint, item, places)
            yield Pulled(endpoint.name, endpoint.name, state.rows, item, places)

    def _remember(self, endpoint: Endpoint, item: Any, places: Mapping[str, str]) -> None:
        """Keep what the endpoints below this one ask with."""
        below = [each for each in self._api.endpoints if each.each == endpoint.name]
        names = places_in(*(text for each in below for text in (each.path, *each.parameters.values())))
        if not below:
            return
        own = {name: value for name in names if isinstance(value := at(item, name), str) and value}
        found = {**places, **own}
        if all(name in found for name in names):
            self._places.setdefault(endpoint.name, []).append(found)


def begun(source: Source, config: Config, name: str, *, request: LoadRequest, ledger: Ledger, told: Told) -> Pull:
    """The pull that a load asks for; raises `LoadError` when the source, the address or the token do not allow it."""
    if request.paths:
        raise LoadError("an address and paths are given: load them one after the other", file=str(request.paths[0]))
    if source.pull is None:
        raise LoadError(f"{source.name} is not pulled from an API: give files ({source.reads})")
    cursors = {} if request.full else ledger.cursors(name)
    return Pull(source, config, name, address=request.address, cursors=cursors, told=told)


class _Guard:
    """Notices paging that goes in a circle, or nowhere."""

    def __init__(self) -> None:
        self._requests: set[bytes] = set()
        self._pages: set[bytes] = set()
        self._empty = 0

    def asked(self, request: Request) -> None:
        """A request that is made."""
        self._new(self._requests, _digest([request.url, dict(request.fields)]), request)

    def got(self, request: Request, items: Sequence[Any]) -> None:
        """The items of its answer."""
        self._empty = 0 if items else self._empty + 1
        if self._empty > _EMPTY:
            reason = f"{_EMPTY} pages, one after the other, are empty: tell the API's owner"
            raise PullError(reason, file=shown(request.url))
        if items:
            self._new(self._pages, _digest(items), request)

    def _new(self, known: set[bytes], digest: bytes, request: Request) -> None:
        if digest in known:
            reason = "a page came a second time: the API's paging goes in a circle; tell its owner, or load a file"
            raise PullError(reason, file=shown(request.url))
        known.add(digest)


def nothing(endpoint: Endpoint, source: Source, config: Config) -> Iterator[Chunk]:
    """An empty chunk of each of its tables: the endpoint was read to its end, and states what it gave and no more."""
    tables = source.tables_for(config)
    mapper = Mapper(source.mappings_for(config), config, tables.values())
    for name in endpoint.tables:
        skips = [column for skip in tables[name].skips for column in skip.where]
        columns = dict.fromkeys([*mapper.columns(name), *skips], pl.String)
        yield Chunk(name, f"{endpoint.name}/{name}", pl.DataFrame(schema=columns))


def _digest(value: Any) -> bytes:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
