"""Who asks: the bearer key of a request becomes a Viewer; every route names the one scope it needs."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from api.problems import Problem
from api.service import service_of
from graph.keyring import Key
from graph.viewer import PUBLIC, SCOPES, Viewer

REALM: Final = 'Bearer realm="skillgraph"'
MAX_KEY = 256  # characters of a key that are looked at


class Needs:
    """A route's dependency: lets a key with the scope pass; a route of scope `public` asks for no key."""

    def __init__(self, scope: str) -> None:
        if scope not in SCOPES:
            raise ValueError(f"{scope!r} is no scope; known are {', '.join(SCOPES)}")
        self.scope = scope
        self.enough = frozenset({scope})  # a key with any of these is let in

    async def __call__(self, request: Request) -> None:
        if self.scope == "public":
            request.scope["viewer"] = PUBLIC
            return
        secret = _secret(request)
        await service_of(request).work(lambda: self.let_in(request, secret))

    def let_in(self, request: Request, secret: str) -> None:
        """Look the key up, which may block, and note whose request it is; raises what is wrong with the key."""
        key = service_of(request).store.keyring.find(secret)
        if key is None:
            raise _unknown()
        if not self.enough & key.scopes:
            challenge = f'{REALM}, error="insufficient_scope", scope="{self.scope}"'
            raise Problem(
                "wrong-scope",
                f"this needs a key with the scope {' or '.join(sorted(self.enough))}; ask whoever made the key for one",
                headers={"WWW-Authenticate": challenge},
            )
        request.scope["key"] = key
        request.scope["viewer"] = Viewer(key.scopes, key.org_units, key.id)


class NeedsAtWork(Needs):
    """The same for an endpoint that begins its work, in a thread of its own, with `let_in`: the key is looked up there.

    To another thread and back takes longer than to look up a key.
    """

    async def __call__(self, request: Request) -> None:
        secret = _secret(request)
        request.scope["let_in"] = lambda: self.let_in(request, secret)


class NeedsUnlessPublished(NeedsAtWork):
    """The same for what a deployment may publish: then no key is needed, though one that is shown must be good."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.enough |= {"graph"}

    async def __call__(self, request: Request) -> None:
        if service_of(request).settings.publish and "authorization" not in request.headers:
            request.scope["let_in"] = lambda: None
            request.scope["viewer"] = PUBLIC
            return
        await super().__call__(request)


def let_in(request: Request) -> Viewer:
    """The viewer, where the route has `NeedsAtWork`; raises what is wrong with the key. It may block."""
    request.scope["let_in"]()
    return viewer_of(request)


def viewer_of(request: Request) -> Viewer:
    """The viewer that the route's `Needs` let pass."""
    viewer: Viewer = request.scope["viewer"]
    return viewer


def key_of(request: Request) -> Key:
    """The key of a request whose route needs one."""
    key: Key = request.scope["key"]
    return key


def _secret(request: Request) -> str:
    """What the request shows as its key; raises where that can be none."""
    secret = _bearer(request)
    if len(secret) > MAX_KEY:
        raise _unknown()
    return secret


def _unknown() -> Problem:
    challenge = f'{REALM}, error="invalid_token"'
    return Problem("no-key", "the key is not known, or was revoked", headers={"WWW-Authenticate": challenge})


def _bearer(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    scheme, _, secret = headers[0].strip().partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem("no-key", "send the header Authorization: Bearer KEY, once", headers={"WWW-Authenticate": REALM})
    return secret.strip()
