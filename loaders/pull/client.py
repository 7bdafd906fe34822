"""One request to an API, asked again as long as that may help. Decision 015."""

from __future__ import annotations

import logging
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, NameResolutionError, SSLError
from urllib3.util import Retry, Timeout

from loaders.errors import LoadError
from loaders.pull import Api
from loaders.pull.address import Base, shown
from loaders.pull.token import Token
from loaders.readers.documents import Document, json_of

log = logging.getLogger(__name__)

AGAIN = (429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed."""
OUTDATED = (400, 404, 410, 422)
"""Statuses by which APIs say that a cursor, or a page's token, is not known any more."""

_PIECE = 1 << 16
_REDIRECTS = 3
_SAID = 200  # letters of what an API says of a refusal that are repeated


class PullError(LoadError):
    """An API that could not be read."""


class Refused(PullError):
    """It refused a request."""

    def __init__(self, reason: str, status: int | str, *, file: str) -> None:
        super().__init__(reason, file=file, value=str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; `fields` are of the query, or of the form that is posted."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came; numbers in `value` are text. `url` is whose answer it is; None of an absent one's value."""

    url: str
    status: int
    headers: Mapping[str, str]
    value: Any


class _CutShort(HTTPError):
    """An answer that may not be whole."""


class Client:
    """Speaks to one API. `sleep` is given seconds, and only tests have another."""

    def __init__(self, base: Base, api: Api, token: Token, variable: str, sleep: Callable[[float], None]) -> None:
        self._base, self._api, self._token, self._variable, self._sleep = base, api, token, variable, sleep
        headers = {"Accept": "application/json", "User-Agent": "skillgraph", "Accept-Encoding": "gzip"}
        self._headers = headers | dict(api.headers) | dict(token.headers())
        self._pool = urllib3.PoolManager(ssl_context=ssl.create_default_context(), retries=False)
        self._reached = False

    def close(self) -> None:
        self._pool.clear()

    def ask(self, request: Request) -> Answer:
        """The answer; raises `PullError` when there is none, or not within the API's `patience`."""
        patience = self._api.patience
        left = Retry(patience.tries - 1, status_forcelist=AGAIN, allowed_methods=None, raise_on_status=True)
        while True:
            response: urllib3.BaseHTTPResponse | None = None
            try:
                response = self._send(request)
                self._reached = True
                if response.status not in AGAIN:
                    return self._answer(request, response)
                problem: Exception | None = None
            except SSLError as error:
                raise self._error(request, f"its certificate is not to be trusted ({error}): mend that") from error
            except HTTPError as error:
                if isinstance(error, NameResolutionError) and not self._reached:
                    raise self._error(request, "no such host is known: look at the address") from error
                problem = error
            finally:
                if response is not None:
                    response.close()
            left = self._once_less(left, request, response, problem)

    def _send(self, request: Request) -> urllib3.BaseHTTPResponse:
        """The first answer that leads nowhere else; its body is still to be read."""
        url, fields = request.url, dict(request.fields)
        for _ in range(_REDIRECTS + 1):
            response = self._sent(url, request.method, fields)
            place = response.headers.get("Location") if 300 <= response.status < 400 else None
            if place is None:
                return response
            response.close()
            url, fields = self._base.same(place, url), {} if request.method == "GET" else fields
        raise self._error(request, "its answers lead from one to the next and to no end: give the last one's address")

    def _sent(self, url: str, method: str, fields: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        body: str | None = None
        headers = self._headers
        if method == "POST":
            body = urlencode({**fields, **self._token.fields()})
            headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        elif fields:
            url += ("&" if urlsplit(url).query else "?") + urlencode(fields)
        timeout = Timeout(connect=self._api.patience.timeout, read=self._api.patience.timeout)
        return self._pool.request(
            method, url, body=body, headers=headers, redirect=False, timeout=timeout, preload_content=False
        )

    def _answer(self, request: Request, response: urllib3.BaseHTTPResponse) -> Answer:
        status = response.status
        if not 200 <= status < 300:
            fix = self._about_token(status) if status in (401, 403) else "look at the address"
            raise Refused(f"it answered {status}: {fix}", status, file=shown(request.url))
        value = self._value(request, response)
        said = value.get(self._api.error) if self._api.error and isinstance(value, dict) else None
        if said is not None:
            code = self._token.hidden(str(said))[:_SAID]
            raise Refused(f"it refused: {code}", code, file=shown(request.url))
        return Answer(request.url, status, dict(response.headers), value)

    def _value(self, request: Request, response: urllib3.BaseHTTPResponse) -> Any:
        """The body as strict JSON; one that may have been cut short is told from one that is no JSON at all."""
        pieces: list[bytes] = []
        size = 0
        while piece := response.read(_PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._api.most_bytes:
                reason = f"an answer is longer than {self._api.most_bytes:,} bytes: it is not what was asked for"
                raise self._error(request, reason)
        whole = "Content-Length" in response.headers or "chunked" in response.headers.get("Transfer-Encoding", "")
        try:
            return json_of(Document(shown(request.url), b"".join(pieces)))
        except LoadError as error:
            if not whole:
                raise _CutShort("an answer without a length that is no JSON") from error
            raise PullError(f"an answer can't be read: it {error.reason}", file=error.file) from error

    def _about_token(self, status: int) -> str:
        if not self._token.given:
            return f"it asks for a token: set {self._variable}, or {self._variable}_FILE"
        what = "is not valid" if status == 401 else "may not see this"
        return f"the token in {self._variable} {what}: set another one, or give it the right"

    def _once_less(
        self, left: Retry, request: Request, response: urllib3.BaseHTTPResponse | None, problem: Exception | None
    ) -> Retry:
        """Wait for the next try; raises `PullError` when there is none."""
        what = f"it answered {response.status}" if response is not None and problem is None else _told(problem)
        try:
            left = left.increment(request.method, request.url, response if problem is None else None, problem)
        except (MaxRetryError, HTTPError) as error:
            again = "nothing of this pull was written; the same command, later, goes on from the last one"
            raise self._error(request, f"{what}, {self._api.patience.tries} times: {again}") from error
        seconds = self._wait(left, request, response, len(left.history))
        log.warning("%s: %s; asking again in %.1f s", shown(request.url), what, seconds)
        self._sleep(seconds)
        return left

    def _wait(self, left: Retry, request: Request, response: urllib3.BaseHTTPResponse | None, tried: int) -> float:
        """Seconds: what the API asks for, in either form, else twice the last wait, of which half is by chance."""
        patience = self._api.patience
        asked: float | None = None
        if response is not None:
            try:
                asked = left.new(retry_after_max=10**9).get_retry_after(response)
            except (InvalidHeader, ValueError, OverflowError):
                asked = None
        if asked is None:
            most = min(patience.longest, patience.backoff * 2 ** (tried - 1))
            return random.uniform(most / 2, most)  # noqa: S311
        if asked > patience.longest_asked:
            raise self._error(request, f"it asks to be left alone for {asked:,.0f} s: run the same command after that")
        return asked

    def _error(self, request: Request, reason: str) -> PullError:
        return PullError(reason, file=shown(request.url))


def _told(problem: Exception | None) -> str:
    """What went wrong with the connection; urllib3's own words name objects and addresses in memory."""
    return {
        "NewConnectionError": "nobody is there",
        "ConnectTimeoutError": "nobody answered",
        "ReadTimeoutError": "its answer stopped",
        "ProtocolError": "its answer was cut short",
        "IncompleteRead": "its answer was cut short",
        "_CutShort": "its answer was cut short, or is no JSON",
        "DecodeError": "its answer is damaged",
        "NameResolutionError": "its host is not known now",
    }.get(type(problem).__name__, f"the connection failed ({type(problem).__name__})")
