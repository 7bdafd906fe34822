"""The deployment's secret and the keyed hashes made with it.

A keyed hash (HMAC-SHA256) tells that two values are the same without telling the value: of erased people nothing else
is left, and an id never holds an e-mail. Whoever has the secret can test guesses, so it is never in the store's file.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from graph.errors import BadSecret

VARIABLE = "SKILLGRAPH_SECRET"
_FEWEST_CHARACTERS = 32
_RANDOM_BYTES = 32
_PUT_BACK = f"Put the file back, or set {VARIABLE} to what it was."


class Secret:
    """Makes keyed hashes; its `repr` tells nothing."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hashed(self, *parts: str) -> bytes:
        """32 bytes; ("a", "bc") and ("ab", "c") differ."""
        message = b"".join(
            len(part).to_bytes(8, "big") + part for part in (p.encode(errors="surrogatepass") for p in parts)
        )
        return hmac.digest(self._key, message, "sha256")

    def pseudonym(self, *parts: str) -> str:
        """32 hex digits that stand for the parts in an id's local part."""
        return self.hashed("pseudonym", *parts)[:16].hex()

    def text(self) -> bytes:
        """The secret itself, for its file."""
        return self._key

    def check(self) -> str:
        """What a store may keep to notice that it is opened with another secret."""
        return self.hashed("check").hex()


def secret_file(store: Path) -> Path:
    return store.with_name(store.name + ".secret")


def deployment_secret(store: Path, environment: Mapping[str, str] = os.environ, check: str | None = None) -> Secret:
    """SKILLGRAPH_SECRET, else what stands in `<store>.secret`, made (mode 0600) when it is not there.

    `check` is what the store remembers of the secret that its keyed hashes were made with: another one, or a new one,
    would let erased people return, so it raises `BadSecret`.
    """
    given, path = environment.get(VARIABLE), secret_file(store)
    place = f"the variable {VARIABLE}" if given else str(path)
    if not given and not path.exists():
        if check:
            raise BadSecret(place, "the secret that the store's keyed hashes were made with is not there", _PUT_BACK)
        make_private_file(path, secrets.token_hex(_RANDOM_BYTES).encode() + b"\n")
    found = _secret(given or path.read_text("utf-8", "replace").strip(), place)
    if check and not hmac.compare_digest(found.check(), check):
        raise BadSecret(place, "this is not the secret that the store's keyed hashes were made with", _PUT_BACK)
    return found


def secret_check(store: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """What a store would remember of its secret; None for one that none was made for yet."""
    there = environment.get(VARIABLE) or secret_file(store).exists()
    return deployment_secret(store, environment).check() if there else None


def hand_over(secret: Secret, store: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Let a store that holds nothing yet have the same secret; raises `BadSecret` when it has another already."""
    path = secret_file(store)
    if not environment.get(VARIABLE) and not path.exists():
        make_private_file(path, secret.text() + b"\n")
    try:
        deployment_secret(store, environment, secret.check())
    except BadSecret as error:
        fix = "Take it away if nothing else was made with it, or name another place for the copy."
        raise BadSecret(error.place, "this is not the secret of the store that is copied", fix) from error


def _secret(text: str, place: str) -> Secret:
    if len(text) < _FEWEST_CHARACTERS:
        fix = f"Use at least {_FEWEST_CHARACTERS} random characters, or put back the secret this store was made with."
        raise BadSecret(place, f"the deployment's secret has only {len(text)} characters", fix)
    return Secret(text.encode())


def make_private_file(path: Path, data: bytes) -> None:
    """A file for this user alone, unless there is one: of two processes one wins, and none reads half of it."""
    with _drafted(path, data) as draft, suppress(FileExistsError):
        os.link(draft, path)


def replace_private_file(path: Path, data: bytes) -> None:
    """A file for this user alone, in the place of one that may be there; none reads half of it."""
    with _drafted(path, data) as draft:
        os.replace(draft, path)


@contextmanager
def _drafted(path: Path, data: bytes) -> Iterator[Path]:
    """The file whole, under another name, which goes when the block ends."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
