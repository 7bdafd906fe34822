"""The token that an API asks for: read from the environment or a file, and told to nobody but that API."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from loaders.errors import LoadError
from loaders.pull import Auth, Basic, InForm, InHeader


class Token:
    """Its `repr` tells nothing."""

    __slots__ = ("_auth", "_text")

    def __init__(self, auth: Auth | None, text: str = "") -> None:
        self._auth, self._text = auth, text

    @property
    def given(self) -> bool:
        """Whether there is one."""
        return bool(self._text)

    def headers(self) -> Mapping[str, str]:
        """Those that a request needs."""
        if self.given and isinstance(self._auth, InHeader):
            return {self._auth.header: self._auth.before + self._text}
        if self.given and isinstance(self._auth, Basic):
            return {"Authorization": "Basic " + b64encode(f"{self._text}:".encode()).decode()}
        return {}

    def fields(self) -> Mapping[str, str]:
        """Fields of the form that a request posts."""
        return {self._auth.name: self._text} if self.given and isinstance(self._auth, InForm) else {}

    def hidden(self, text: str) -> str:
        """The text, which others wrote, without the token."""
        return text.replace(self._text, "…") if self.given else text


def variable(name: str) -> str:
    """The variable that holds the token of a load.

    >>> variable("ats-berlin").removeprefix("SKILLGRAPH_")
    'ATS_BERLIN_TOKEN'
    """
    return f"SKILLGRAPH_{re.sub('[^A-Z0-9]', '_', name.upper())}_TOKEN"


def read_token(auth: Auth | None, name: str, environment: Mapping[str, str] = os.environ) -> Token:
    """The token of the load of that name; raises `LoadError`, naming the variable, when it must be there and is not."""
    if auth is None:
        return Token(None)
    own = variable(name)
    text, file = environment.get(own, "").strip(), environment.get(f"{own}_FILE", "")
    if text and file:
        raise LoadError(f"both {own} and {own}_FILE are set: leave one out")
    if file:
        text = _of_file(file, own)
    if not text and not auth.optional:
        raise LoadError(f"the API asks for a token: set {own}, or {own}_FILE to the path of a file that holds it")
    if not text.isascii() or not text.isprintable():
        raise LoadError(f"the token in {own} holds letters that no header can: give it as the system printed it")
    return Token(auth, text)


def _of_file(path: str, own: str) -> str:
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise LoadError(f"the file that {own}_FILE names can't be read ({reason}): mend it, or set {own}") from error
    if not text:
        raise LoadError(f"the file that {own}_FILE names is empty: write the token into it")
    return text
