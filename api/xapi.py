"""`/xapi`: xAPI statements taken in and given back as an LRS does; xAPI 1.0.3 Communication 2.1, xAPI 2.0 4.1.6.

Only statements: an LRS's documents of states and profiles are not kept here. Errors are problem details, with the
statuses of the standard: 400 for what is no statement, 409 for another one with the same id.
"""

from __future__ import annotations

import base64
import re
import time
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4
from weakref import WeakKeyDictionary

from fastapi import FastAPI, Request, Response

from api import xapi_docs as docs
from api.auth import Needs, key_of, viewer_of
from api.formats import json_bytes
from api.operations import add
from api.problems import Problem, fault, not_found, unreadable
from api.reading import JSON, body_of, media_type, only, query_of
from api.service import Service, service_of
from api.strict_json import parse_json
from api.xapi_docs import THROUGH_HEADER, VERSION_HEADER
from api.xapi_reading import MOST, Page, Place, Query, given_back, one, page, voided_among
from graph.keyring import Key
from graph.viewer import Viewer
from graph.words.state import WORDS
from loaders.sources.xapi_agents import Agents
from loaders.sources.xapi_check import check, iri
from loaders.sources.xapi_files import value_of
from loaders.sources.xapi_intake import Clash, Erased, Intake
from loaders.sources.xapi_statement import seconds
from loaders.strict import Unreadable

VERSIONS: Final = ("2.0.0", "1.0.3", "1.0.2", "1.0.1", "1.0.0")
MOST_STATEMENTS: Final = 10_000  # of a batch
_SPOKEN = re.compile(r"(1\.0|2\.0)(\.\d{1,3})?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PATH: Final = "/xapi/statements"
_GIVEN: Final = (
    "agent", "verb", "activity", "registration", "related_agents", "related_activities", "since", "until", "limit",
    "format", "attachments", "ascending", "cursor",
)  # fmt: skip
_ALONE: Final = ("format", "attachments")  # beside the id of one statement


class NeedsStatements(Needs):
    """Lets a key in as the others do, and as the password of Basic too, which most activity providers speak."""

    async def __call__(self, request: Request) -> None:
        headers = request.headers.getlist("authorization")
        scheme, _, rest = headers[0].strip().partition(" ") if len(headers) == 1 else ("", "", "")
        if self.scope != "public" and scheme.lower() == "basic":
            secret = _password(rest)
            await service_of(request).work(lambda: self.let_in(request, secret))
            return
        await super().__call__(request)


def _password(text: str) -> str:
    """The password of Basic; one that can be none is no key."""
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        pair = ""
    return pair.partition(":")[2][:256]


def add_xapi(app: FastAPI) -> None:
    """The statements resource and `about`."""
    add(app, "POST", _PATH, post_statements, docs.POST, NeedsStatements)
    add(app, "PUT", _PATH, put_statement, docs.PUT, NeedsStatements)
    add(app, "GET", _PATH, get_statements, docs.GET, NeedsStatements)
    add(app, "GET", "/xapi/about", about, docs.ABOUT)


async def about(request: Request) -> Response:
    _only(request, ())
    answer = {"version": list(VERSIONS), "extensions": {}}
    return Response(json_bytes(answer), headers={VERSION_HEADER: VERSIONS[0]}, media_type=JSON)


async def post_statements(request: Request) -> Response:
    spoken, key = _version(request), _stating(request)
    _only(request, ())
    media_type(request, (JSON,))
    service = service_of(request)
    body = await body_of(request, service.limits.body)

    def call() -> bytes:
        value = _value(body)
        values = value if isinstance(value, list) else [value]
        return json_bytes(_taken(service, key, values, [_checked(each) for each in values]))

    done = await service.work(call, writing=True)
    return Response(done, headers={VERSION_HEADER: spoken}, media_type=JSON)


async def put_statement(request: Request) -> Response:
    spoken, key = _version(request), _stating(request)
    given = _only(request, ("statementId",))
    if "statementId" not in given:
        raise unreadable("statementId", "", "name the statement that you send")
    id = _uuid(given["statementId"], "statementId")
    media_type(request, (JSON,))
    service = service_of(request)
    body = await body_of(request, service.limits.body)

    def call() -> None:
        value = _checked(_value(body))
        if str(value.get("id", id)).lower() != id:
            raise unreadable("id", value["id"], "send the id that the address names, or none")
        _taken(service, key, [value], [{**value, "id": id}])

    await service.work(call, writing=True)
    return Response(status_code=204, headers={VERSION_HEADER: spoken})


def _only(request: Request, known: Sequence[str]) -> dict[str, str]:
    """Parameters that are known; others are 400, as the standard has it."""
    try:
        return only(query_of(request), known)
    except Problem as problem:
        raise Problem("unreadable", problem.detail, problem.faults) from None


def _stating(request: Request) -> Key:
    """The key, if statements can be stated by it."""
    key = key_of(request)
    if key.source is None:
        detail = "statements are stated by the key's source name, and this key has none; make one with --source NAME"
        raise Problem("wrong-scope", detail)
    if key.source == WORDS:
        detail = f"{WORDS!r} is the name that states what words mean: send statements by a key of another source name"
        raise Problem("wrong-scope", detail)
    if key.org_units is not None:
        detail = "a key limited to org units cannot send statements, which may be about anybody; send evidence"
        raise Problem("wrong-scope", detail)
    return key


def _version(request: Request) -> str:
    """The version to answer in; raises 400 for none, and for one that is not spoken here."""
    text = request.headers.get(VERSION_HEADER, "")
    found = _SPOKEN.fullmatch(text.strip())
    if found is None:
        problem = unreadable(VERSION_HEADER, text, f"send this header, with one of {', '.join(VERSIONS)}")
        problem.headers[VERSION_HEADER] = VERSIONS[0]
        raise problem
    return "2.0.0" if found[1] == "2.0" else "1.0.3"


def _value(body: bytes) -> Any:
    try:
        return value_of(body)
    except Unreadable as error:
        raise unreadable(error.field or "body", error.value, error.reason) from None


def _checked(value: Any) -> dict[str, Any]:
    try:
        check(value)
    except Unreadable as error:
        raise _misread(error) from None
    made: dict[str, Any] = value
    if made.get("attachments") and any("fileUrl" not in each for each in made["attachments"]):
        raise unreadable("attachments", "", "give each its fileUrl: contents of attachments are not kept here")
    return made


def _misread(error: Unreadable) -> Problem:
    return unreadable(error.field or "statement", error.value, error.reason)


def _taken(service: Service, key: Key, given: Sequence[Any], values: Sequence[dict[str, Any]]) -> Sequence[str]:
    """Take statements in, each under its id or a new one; the ids."""
    if len(given) > MOST_STATEMENTS:
        fix = f"send at most {MOST_STATEMENTS} statements at a time"
        raise Problem("too-large", f"a batch of {len(given)} statements is too large", [fault("body", len(given), fix)])
    named = [value if "id" in value else {**value, "id": str(uuid4())} for value in values]
    try:
        return _intake(service).take(str(key.source), named, int(time.time())).ids if named else ()
    except Unreadable as error:
        raise _misread(error) from None
    except Clash as error:
        raise Problem("conflict", error.reason, [fault("id", error.id, error.reason)]) from None
    except Erased as error:
        raise Problem("conflict", str(error), [fault("actor", "", "leave out what is said of them")]) from None


_INTAKES: Final[WeakKeyDictionary[Service, Intake]] = WeakKeyDictionary()


def _intake(service: Service) -> Intake:
    """The one of a service, which remembers whom it has seen."""
    return _INTAKES.setdefault(service, Intake(service.store, service.settings))


async def get_statements(request: Request) -> Response:
    spoken, viewer, service = _version(request), viewer_of(request), service_of(request)
    given = _only(request, ("statementId", "voidedStatementId", *_GIVEN))
    home = str(request.base_url)
    through = _through(time.time())
    if "statementId" in given or "voidedStatementId" in given:
        name, id, form = _single(given)

        def call() -> Response:
            return _one(service, viewer, id, home, voided=name == "voidedStatementId", form=form)
    else:
        form = _form(given)

        def call() -> Response:
            query, begin = _query(service, given), _cursor(given)
            found = page(service.store, viewer, query, begin)
            statements = given_back(service.store, viewer, found.found, home, form)
            answer = {"statements": statements, "more": _more(found, given)}
            modified = max((stored for _, stored in found.found), default=None)
            return Response(json_bytes(answer), headers=_modified(modified), media_type=JSON)

    response = await service.work(call)
    response.headers.update({VERSION_HEADER: spoken, THROUGH_HEADER: through})
    return response


def _through(now: float) -> str:
    """What was stored until then can be found: every answer reads what was written before it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"


def _single(given: Mapping[str, str]) -> tuple[str, str, str]:
    """Which id is asked for; raises for what can't stand beside it."""
    names = [name for name in given if name not in _ALONE]
    if len(names) > 1:
        raise unreadable(names[1], given[names[1]], f"leave it out: {names[0]} names one statement")
    return names[0], _uuid(given[names[0]], names[0]), _form(given)


def _one(service: Service, viewer: Viewer, id: str, home: str, *, voided: bool, form: str) -> Response:
    found = one(service.store, viewer, id)
    if found is None or bool(voided_among(service.store, [found[0]])) != voided:
        raise not_found("voidedStatementId" if voided else "statementId", id)
    (statement,) = given_back(service.store, viewer, [found], home, form)
    body = json_bytes(statement)
    etag = f'"{sha256(body).hexdigest()[:40]}"'
    return Response(body, headers={"ETag": etag, **_modified(found[1])}, media_type=JSON)


def _modified(stored: Place | None) -> dict[str, str]:
    if stored is None:
        return {}
    return {"Last-Modified": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(stored[0]))}


def _uuid(text: str, name: str) -> str:
    if _UUID.fullmatch(text) is None:
        raise unreadable(name, text, "give a UUID, 36 characters")
    return text.lower()


def _form(given: Mapping[str, str]) -> str:
    form = given.get("format", "exact")
    if form not in ("ids", "exact", "canonical"):
        raise unreadable("format", form, "give ids, exact or canonical")
    if _truth(given, "attachments"):
        raise unreadable("attachments", "true", "leave it out: contents of attachments are not kept here")
    return form


def _truth(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise unreadable(name, text, "give true or false")
    return text == "true"


def _query(service: Service, given: Mapping[str, str]) -> Query:
    registration = given.get("registration")
    return Query(
        learner=_learner(service, given["agent"]) if "agent" in given else "",
        related_agents=_truth(given, "related_agents"),
        verb=_iri(given, "verb"),
        activity=_iri(given, "activity"),
        related_activities=_truth(given, "related_activities"),
        registration="" if registration is None else _uuid(registration, "registration"),
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        ascending=_truth(given, "ascending"),
        limit=_limit(given),
    )


def _iri(given: Mapping[str, str], name: str) -> str:
    text = given.get(name)
    try:
        if text is not None:
            iri(text, name)
    except Unreadable as error:
        raise _misread(error) from None
    return text or ""


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > docs.MOST_ASKED:
        raise unreadable("limit", text, f"give a whole number from 0 to {docs.MOST_ASKED}")
    return min(int(text) or MOST, MOST)


def _learner(service: Service, text: str) -> str | None:
    """The learner of an agent; None for a group, who is nobody in particular."""
    try:
        agent = parse_json(text.encode("utf-8", "surrogatepass"), "agent")
        return Agents(service.store.ledger.secret).actor(agent, "agent").id
    except Unreadable as error:
        raise _misread(error) from None


def _moment(given: Mapping[str, str], name: str) -> Place | None:
    """An instant to the nanosecond."""
    text = given.get(name)
    if text is None:
        return None
    try:
        whole = seconds(_FRACTION.sub("", text))
    except ValueError as error:
        raise unreadable(name, text, str(error)) from None
    fraction = _FRACTION.search(text)
    return whole, int(fraction[1][:9].ljust(9, "0")) if fraction else 0


_FRACTION = re.compile(r"[.,]([0-9]+)")


def _cursor(given: Mapping[str, str]) -> Place | None:
    text = given.get("cursor")
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", text)
    if found is None:
        fix = "take `more` as it was answered"
        raise Problem("bad-cursor", "this is no cursor of ours", [fault("cursor", text, fix)])
    return int(found[1]), int(found[2])


def _more(found: Page, given: Mapping[str, str]) -> str:
    if found.more is None:
        return ""
    return f"{_PATH}?{urlencode({**given, 'cursor': f'{found.more[0]}-{found.more[1]}'})}"
