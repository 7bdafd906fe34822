"""Open Badges out of files: credentials one by one, out of tokens and bundles, and what lies beside them.

A credential stands by itself, in a list, in lines, as a compact token (JWT, or the JWS of Open Badges 2.0), in an
EnvelopedVerifiableCredential, in a CLR 2.0 or a VerifiablePresentation, or in what the Open Badges API answers
(`credential`, `compactJwsString`). Contexts are names here: they are never fetched.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from loaders.readers.bytes import lines_of
from loaders.readers.documents import LINES, Document, Unread, documents, items_of
from loaders.readers.places import Places
from loaders.rows import shown
from loaders.source import BadRow
from loaders.strict import Unreadable, half_letter, parsed, too_deep

TOKENS = (".jwt", ".jws")
ENDINGS = (".json", ".jsonld", *LINES, *TOKENS)
CLR, PRESENTATION, ENVELOPED = "ClrCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential"
LISTS = ("credential", "compactJwsString", "verifiableCredential")
"""Where several credentials stand in one object; in a CLR that is its subject."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_DEEPEST = 64  # objects and lists within each other, in a token
_MOST = 8  # bundles and tokens within each other


@dataclass(frozen=True)
class Written:
    """A text of JSON, with its numbers as numbers once they are asked for."""

    data: bytes

    @cached_property
    def value(self) -> Any:
        """What it says."""
        return json.loads(self.data)


@dataclass(frozen=True, slots=True)
class Found:
    """One credential, or what lies beside it.

    `text` is the JSON that it was read from and `path` its place there: numbers are texts in `value`, and a proof is of
    what was written.
    """

    file: str
    row: int
    value: Any
    text: Written = Written(b"null")
    path: tuple[str | int, ...] = ()
    token: str | None = None  # the compact token that it was in
    bundle: Found | None = None  # the CLR that it is a part of

    def written(self) -> Any:
        """The value with its numbers as numbers."""
        value = self.text.value
        for step in self.path:
            value = value[step]
        return value


def found(paths: Sequence[Path]) -> Iterator[Found | Unread]:
    """Everything in these files, credential by credential."""
    places = Places(paths)
    for path in paths:
        for document in documents((path,), ENDINGS):
            for each in _items(document):
                if isinstance(each, Unread):
                    file, row = places.of(path, each.bad.row)
                    yield Unread(file, replace(each.bad, row=row))
                    continue
                file, row = places.of(path, each.row)
                one = replace(each, file=file, row=row)
                try:
                    yield from _opened(one, places)
                except Unreadable as error:
                    yield Unread(file, BadRow(row, error.field, error.value, str(error), {"document": document.file}))


def _items(document: Document) -> Iterator[Found | Unread]:
    """Every value of a document, with the text that it was read from."""
    name = document.file.lower().removesuffix(".gz")
    if name.endswith(TOKENS):
        for row, line in enumerate(lines_of(document.data), start=1):
            if token := line.decode("utf-8", "replace").strip():
                yield Found(document.file, row, token)
        return
    lines = enumerate(lines_of(document.data), start=1) if name.endswith(LINES) else iter(())
    whole = Written(document.data)
    is_list = document.data.removeprefix(BOM_UTF8).lstrip().startswith(b"[")
    for item in items_of(document):
        if isinstance(item, Unread):
            yield item
        elif name.endswith(LINES):
            line = next(line for row, line in lines if row == item.row)
            yield Found(item.file, item.row, item.value, Written(line))
        else:
            yield Found(item.file, item.row, item.value, whole, (item.row - 1,) if is_list else ())


def _opened(one: Found, places: Places, depth: int = 0) -> Iterator[Found]:
    """The credentials in a value, whatever they are wrapped in."""
    if depth > _MOST:
        raise Unreadable("", f"holds more than {_MOST} bundles within each other: take them apart")
    if isinstance(one.value, str):
        yield from _opened(_out_of_token(one), places, depth + 1)
        return
    if not isinstance(one.value, Mapping):
        raise Unreadable("", "is no credential: give JSON objects or compact tokens", shown(one.value))
    if ENVELOPED in types(one.value):
        _, _, token = str(one.value.get("id", "")).partition(",")
        yield from _opened(replace(one, value=token), places, depth + 1)
        return
    is_bundle = False
    for place, value in _held(one.value):
        is_bundle = True
        at = places.next(f"{one.file}/{place[-1] if isinstance(place[-1], str) else place[-2]}")
        inner = Found(*at, value, one.text, (*one.path, *place), bundle=_bundle(one))
        yield from _opened(inner, places, depth + 1)
    if not is_bundle:
        yield one


def _held(value: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The credentials that a bundle holds, with their places; nothing for what is no bundle."""
    kinds, inside = types(value), value.get("credentialSubject")
    if CLR in kinds and isinstance(inside, Mapping):
        before: tuple[str | int, ...] = ("credentialSubject",)
    elif PRESENTATION in kinds or not kinds:
        before, inside = (), value
    else:
        return
    for name in LISTS:
        held = inside.get(name)
        if held is not None and not isinstance(held, list):
            yield (*before, name), held
        for place, each in enumerate(held if isinstance(held, list) else ()):
            yield (*before, name, place), each


def _bundle(one: Found) -> Found | None:
    """A CLR speaks for the credentials in it, a presentation and a list do not."""
    return one if CLR in types(one.value) else None


def _out_of_token(one: Found) -> Found:
    """What a compact token says; whether it is signed well is another question."""
    token = one.value.strip()
    if not _COMPACT.fullmatch(token):
        raise Unreadable("", "is no compact token of three parts: give a JWT, or JSON", shown(token))
    try:
        text = base64.urlsafe_b64decode(token.split(".")[1] + "==")
        payload = parsed(text.decode())
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unreadable("", f"is a token that can't be read ({error}): get it again", shown(token)) from error
    if not isinstance(payload, Mapping) or too_deep(payload, _DEEPEST):
        raise Unreadable("", "is a token without a credential in it", shown(token))
    if reason := half_letter(json.dumps(payload, ensure_ascii=False)):
        raise Unreadable("", reason, shown(token))
    inner = payload.get("vc")
    if not isinstance(inner, Mapping):
        return replace(one, value=_claimed(payload, payload), text=Written(text), path=(), token=token)
    return replace(one, value=_claimed(inner, payload), text=Written(text), path=("vc",), token=token)


def _claimed(value: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The credential with what the token's registered claims say where it says nothing itself (VC 1.1, 6.3.1)."""
    said: dict[str, Any] = {"id": claims.get("jti"), "issuer": claims.get("iss")}
    said |= {"validFrom": _moment(claims.get("nbf")), "validUntil": _moment(claims.get("exp"))}
    if "issuanceDate" in value or "issuedOn" in value:
        del said["validFrom"]
    return {name: text for name, text in said.items() if text is not None} | dict(value)


def _moment(seconds: Any) -> str | None:
    """A NumericDate as an instant; one that is none is left as it is, to be told of."""
    try:
        return datetime.fromtimestamp(int(float(seconds)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, TypeError, ValueError):
        return None if seconds is None else str(seconds)


def types(value: Any) -> tuple[str, ...]:
    """The types of an object; none for anything else."""
    given = value.get("type", value.get("@type")) if isinstance(value, Mapping) else None
    return tuple(each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str))
