"""The keys that the deployment signs credentials with: Ed25519 (EdDSA) and RSA (RS256), as JSON Web Keys (RFC 7517).

They lie beside the store in a file of their own, never in it, made when something is first signed; or the deployment
names a file (SKILLGRAPH_SIGNING_KEY_FILE) with a JWK Set, a JWK, or keys in PEM. A key is called by its thumbprint (RFC
7638), so the same key is called the same everywhere. The first key of an algorithm signs. Rotating puts new keys first
and keeps of the old ones the public halves: what they signed can still be checked, and nothing more can be signed.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from graph.errors import BadSigningKey
from graph.history import name_of_original
from graph.place import made_place
from graph.secret import make_private_file, replace_private_file
from graph.settings import ALGORITHMS, Settings

Private = Ed25519PrivateKey | RSAPrivateKey
Public = Ed25519PublicKey | RSAPublicKey

VARIABLE = "SKILLGRAPH_SIGNING_KEY_FILE"
_FEWEST_BITS, _EXPONENT = 2048, 65537  # of RSA keys: RFC 7518, section 3.3
_FORMS = "a JWK Set, a JWK, or unencrypted keys in PEM"
_FIX = f"Put {_FORMS} there, Ed25519, or RSA of {_FEWEST_BITS} bits or more."
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.S)
_NAMED_BY = {"OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
"""The members of a public key that its thumbprint is made of, by its type (RFC 7638, section 3.2; RFC 8037)."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key; an old one without its private half."""

    name: str
    algorithm: str
    public: Mapping[str, str]  # as a JWK
    private: Private | None

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {self.algorithm!r})"  # the private half is in no log

    def sign(self, claims: Mapping[str, Any], kid: str) -> str:
        """A compact token (RFC 7519) whose header says by which key it is signed; only with the private half."""
        from jwt import encode

        assert self.private is not None, "the key that signs has its private half"
        return encode(dict(claims), self.private, algorithm=self.algorithm, headers={"kid": kid})

    def jwk(self, kid: str) -> dict[str, str]:
        """The public half, as it is published."""
        return {**self.public, "use": "sig", "alg": self.algorithm, "kid": kid}


def signing_keys(url: str, settings: Settings) -> list[SigningKey]:
    """The keys of the deployment with a store at this address, those that sign first; none while nothing was signed.

    Raises `BadSigningKey`.
    """
    path = _place(url, settings)
    return [] if settings.signing_key_file is None and not path.exists() else _read(path)


def key_to_sign(url: str, settings: Settings) -> SigningKey:
    """The key that signs now; the first time, keys are made. Raises `BadSigningKey`."""
    algorithm = settings.signing_algorithm
    if algorithm not in ALGORITHMS:
        fix = f"Set it to {' or '.join(ALGORITHMS)}."
        raise BadSigningKey("SKILLGRAPH_SIGNING_ALGORITHM", "is no algorithm that is signed with here", fix, algorithm)
    keys = signing_keys(url, settings)
    if not keys and settings.signing_key_file is None:
        made_place(url)
        make_private_file(_own_place(url), _written(_new_keys()))
        keys = signing_keys(url, settings)
    for key in keys:
        if key.algorithm == algorithm and key.private is not None:
            return key
    fix = f"Add a private key for {algorithm}, or set SKILLGRAPH_SIGNING_ALGORITHM to that of a key that is in it."
    raise BadSigningKey(str(_place(url, settings)), f"holds no private key that signs with {algorithm}", fix)


def rotate(url: str, settings: Settings) -> list[SigningKey]:
    """New keys, which sign from now on, before the public halves of all that there were; raises `BadSigningKey`.

    One at a time: whoever calls holds a lock, since of two at once one would put its keys over those of the other.
    """
    if settings.signing_key_file is not None:
        fix = "Put the new key first in the file, and leave the old one, or its public half, behind it."
        raise BadSigningKey(
            str(settings.signing_key_file), f"the keys of {VARIABLE} are the deployment's to change", fix
        )
    made_place(url)
    place = _own_place(url)
    put = replace_private_file if place.exists() else make_private_file  # whoever signs first meanwhile makes new ones
    old = [SigningKey(key.name, key.algorithm, key.public, None) for key in signing_keys(url, settings)]
    put(place, _written([*_new_keys(), *old]))
    return signing_keys(url, settings)


def _place(url: str, settings: Settings) -> Path:
    return settings.signing_key_file or _own_place(url)


def _own_place(url: str) -> Path:
    name = name_of_original(url) or made_place(url)
    return name.with_name(f"{name.name}.signing")


def _new_keys() -> list[SigningKey]:
    return [_key(Ed25519PrivateKey.generate()), _key(generate_private_key(_EXPONENT, _FEWEST_BITS))]


def _key(key: Private | Public) -> SigningKey:
    """A key as it is kept; raises `ValueError` for an RSA key that is too short."""
    private = key if isinstance(key, Ed25519PrivateKey | RSAPrivateKey) else None
    public = key if private is None else private.public_key()
    if isinstance(public, RSAPublicKey) and public.key_size < _FEWEST_BITS:
        raise ValueError("a key that is too short")
    made = _members(public)
    own = {name: str(made[name]) for name in _NAMED_BY[made["kty"]]}
    thumbprint = sha256(json.dumps(own, sort_keys=True, separators=(",", ":")).encode()).digest()
    algorithm = "EdDSA" if isinstance(public, Ed25519PublicKey) else "RS256"
    return SigningKey(urlsafe_b64encode(thumbprint).rstrip(b"=").decode(), algorithm, own, private)


def _written(keys: Iterable[SigningKey]) -> bytes:
    whole = [{**_members(key.private or key.public), **key.jwk(key.name)} for key in keys]
    return json.dumps({"keys": whole}, indent=1).encode() + b"\n"


def _members(key: Private | Public | Mapping[str, str]) -> dict[str, Any]:
    """The members of a key's JWK, those of a private one among them."""
    from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

    if isinstance(key, Mapping):
        return dict(key)
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return OKPAlgorithm.to_jwk(key, True)
    return {name: part for name, part in RSAAlgorithm.to_jwk(key, True).items() if name != "key_ops"}


def _read(path: Path) -> list[SigningKey]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "is no text"
        raise BadSigningKey(
            str(path), f"the signing keys can't be read: {problem}", f"Put a file with {_FORMS} there."
        ) from error
    try:
        return list(_keys_in(text))
    except (AttributeError, KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        # not told in its own words, which may quote a key
        raise BadSigningKey(str(path), "holds what is no signing key", _FIX) from None


@lru_cache(maxsize=4)  # to read a private RSA key takes 60 ms
def _keys_in(text: str) -> tuple[SigningKey, ...]:
    """The keys of a file, each once."""
    found = [_key(each) for each in (_from_pem(text) if "-----BEGIN" in text else _from_json(text))]
    return tuple(reversed({key.name: key for key in reversed(found)}.values()))


def _from_json(text: str) -> Iterator[Private | Public]:
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    given = json.loads(text)
    for each in given.get("keys", [given]):
        try:
            key = PyJWK(each, algorithm="EdDSA" if each.get("kty") == "OKP" else "RS256").key
        except PyJWTError as error:
            raise ValueError("no key") from error
        yield _known(key)


def _from_pem(text: str) -> Iterator[Private | Public]:
    for block in _PEM.finditer(text):
        is_public = block[1] == "PUBLIC KEY"
        data = block[0].encode()
        yield _known(load_pem_public_key(data) if is_public else load_pem_private_key(data, password=None))


def _known(key: object) -> Private | Public:
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey | RSAPrivateKey | RSAPublicKey):
        return key
    raise ValueError("a key of another kind")


def key_set(keys: Sequence[SigningKey], kid: Mapping[str, str]) -> dict[str, Any]:
    """The public halves as a JWK Set (RFC 7517, section 5), called as tokens call them; `kid` by the keys' names."""
    return {"keys": [key.jwk(kid[key.name]) for key in keys]}
