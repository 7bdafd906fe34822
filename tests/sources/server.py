"""A server on this machine that speaks an API over real HTTP, with its bad days.

api = Served()                                      # `with` ends it
api.serve("/v1/jobs", by_link(JOBS, size=2))        # what an address answers
api.befalls("/v1/jobs", Reply(429, headers={"Retry-After": "0"}), CUT)   # and what first, one a request
api.asked                                           # what came, in order
"""

from __future__ import annotations

import json
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the fields of its query, or of its form."""

    method: str
    path: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    origin: str  # of the server


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `cut` bytes of its body are kept back, and with `silent` it does not say how long it is."""

    status: int = 200
    body: bytes = b"[]"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    silent: bool = False


Answers = Callable[[Asked], Reply]


def said(value: Any, **headers: str) -> Reply:
    """A JSON answer; `Link` and the like are given by name."""
    return Reply(body=json.dumps(value).encode(), headers=headers)


def by_link(items: Sequence[Any], size: int = 100) -> Answers:
    """Pages that name the next one in a Link header."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.fields.get("page", "1"))
        found = items[(page - 1) * size : page * size]
        if page * size >= len(items):
            return said(found)
        query = urlencode({**asked.fields, "page": str(page + 1)})
        return said(found, Link=f'<{asked.origin}{asked.path}?{query}>; rel="next"')

    return answer


def by_token(items: Sequence[Any], size: int = 100, at: str = "data") -> Answers:
    """Pages that give a token for the next one in the body."""

    def answer(asked: Asked) -> Reply:
        start = int(asked.fields.get("offset", "page-0").removeprefix("page-")) * size
        body = {at: items[start : start + size], "hasNext": start + size < len(items)}
        return said(body | ({"next": f"page-{start // size + 1}"} if body["hasNext"] else {}))

    return answer


def by_offset(items: Sequence[Any], size: int = 2) -> Answers:
    """Pages that begin at an item, counted from 1, and say how many there are in all."""

    def answer(asked: Asked) -> Reply:
        start = int(asked.fields["startIndex"]) - 1
        return said({"Resources": items[start : start + size], "totalResults": len(items)})

    return answer


def by_number(items: Sequence[Any], size: int = 2) -> Answers:
    """Numbered pages; one behind the last is empty."""

    def answer(asked: Asked) -> Reply:
        start = (int(asked.fields["page"]) - 1) * size
        return said(items[start : start + size])

    return answer


def changed(items: Sequence[Mapping[str, Any]], parameter: str, field: str, paged: Callable[..., Answers]) -> Answers:
    """Only what was changed since, where that is asked; whatever `items` hold at that moment."""

    def answer(asked: Asked) -> Reply:
        since = asked.fields.get(parameter, "")
        return paged([each for each in items if str(each[field]) >= since])(asked)

    return answer


class Served:
    """The server. `tls` are a certificate's and its key's files."""

    def __init__(self, tls: tuple[str, str] | None = None) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, Answers] = {}
        self._days: dict[str, deque[Reply]] = defaultdict(deque)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.origin = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, path: str, answers: Answers) -> None:
        """What the path answers from now on."""
        self._answers[path] = answers

    def befalls(self, path: str, *replies: Reply) -> None:
        """What the path answers first, one a request."""
        self._days[path].extend(replies)

    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [asked.path for asked in self.asked]

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        days = self._days[asked.path]
        if days:
            return days.popleft()
        answers = self._answers.get(asked.path)
        return answers(asked) if answers else Reply(404, b'{"message": "not here"}')


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, fields: str) -> None:
            path = urlsplit(self.path).path
            asked = Asked(self.command, path, dict(parse_qsl(fields)), dict(self.headers), served.origin)
            reply = served.reply(asked)
            self.send_response(reply.status)
            headers = {"Content-Type": "application/json", **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            if reply.silent:
                self.send_header("Connection", "close")
            else:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            self.close_connection = reply.silent or reply.cut > 0

        def log_message(self, format: str, *args: object) -> None:
            """Quietly."""

    return Handler
