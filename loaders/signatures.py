"""Signatures of credentials: who may have signed, and whether they did. Nothing is fetched.

Who is believed stands in SKILLGRAPH_ISSUER_KEYS, a folder of JSON files `{"issuer": "https://…", "keys": [JWK, …]}`;
of an issuer whose name is a key, did:key (Ed25519, P-256) and did:jwk, the name is enough. Anybody can make such a
name, so of one that is not in the folder a wrong signature is told, and a right one says nothing. A key that comes with
what it signs tells nothing. Algorithms are pinned by the kind of key: RS256, ES256, EdDSA.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from loaders.errors import LoadError

VARIABLE = "SKILLGRAPH_ISSUER_KEYS"
State = Literal["verified", "unverified", "broken"]
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # of base58btc
_LONGEST = 200  # characters of a number in base58, which is read slowly
_ED25519, _P256 = b"\xed\x01", b"\x80\x24"  # multicodec, in front of the key in a did:key
_SUITES = {"eddsa-jcs-2022": "EdDSA", "ecdsa-jcs-2019": "ES256"}
"""The suites that sign canonical JSON, which needs no contexts -> the algorithm of their keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, the one algorithm that it is for, and what its issuer calls it."""

    key: PublicKey
    algorithm: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """Issuers that are believed -> keys."""

    known: Mapping[str, Sequence[Key]] = field(default_factory=dict)

    def believes(self, issuer: str) -> bool:
        """Whether the deployment takes the issuer's word, when it is theirs."""
        return issuer in self.known

    def of(self, issuer: str) -> list[Key]:
        """The keys that may have signed for an issuer, that of its name among them."""
        return [*self.known.get(issuer, ()), *_own(issuer)]


def keys_at_hand(environment: Mapping[str, str] = os.environ) -> Keys:
    """The deployment's keys; raises `LoadError` for a folder or file that holds none."""
    given = environment.get(VARIABLE)
    if not given:
        return Keys()
    folder = Path(given)
    if not folder.is_dir():
        raise LoadError(f"{VARIABLE} is no folder: name one with a JSON file for each issuer", file=folder.name)
    known: dict[str, list[Key]] = {}
    for path in sorted(folder.glob("*.json")):
        issuer, keys = _file(path)
        known.setdefault(issuer, []).extend(keys)
    return Keys(known)


def _file(path: Path) -> tuple[str, list[Key]]:
    from jwt.exceptions import PyJWTError

    try:
        found = json.loads(path.read_text("utf-8"))
        return str(found["issuer"]), [key for each in found.get("keys", ()) for key in _jwk(each)]
    except (KeyError, TypeError, ValueError, PyJWTError) as error:
        form = '{"issuer": "https://…", "keys": [a JWK, …]}'
        raise LoadError(f"holds no keys of an issuer ({error!r}): write {form}", file=path.name) from error


def _jwk(given: Any) -> Iterator[Key]:
    """The key of a JWK, where it is one of ours; of a private one the public half."""
    from jwt import PyJWK

    key: Any = PyJWK(given).key
    yield from _key(key.public_key() if hasattr(key, "public_key") else key, given.get("kid"))


def _key(key: Any, name: str | None = None) -> Iterator[Key]:
    if isinstance(key, Ed25519PublicKey):
        yield Key(key, "EdDSA", name)
    elif isinstance(key, RSAPublicKey):
        yield Key(key, "RS256", name)
    elif isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        yield Key(key, "ES256", name)


def _own(issuer: str) -> Iterator[Key]:
    """The key that an issuer's name is; none where it is no such name."""
    from jwt.exceptions import PyJWTError

    try:
        if issuer.startswith("did:key:"):
            yield from _multikey(issuer.removeprefix("did:key:"))
        elif issuer.startswith("did:jwk:"):
            yield from _jwk(json.loads(base64.urlsafe_b64decode(issuer.removeprefix("did:jwk:") + "==")))
    except (ValueError, TypeError, AttributeError, PyJWTError):
        return  # a name that looks like a key and is none is the key of nobody


def _multikey(text: str) -> Iterator[Key]:
    raw = base58(text)
    if raw.startswith(_ED25519):
        yield from _key(Ed25519PublicKey.from_public_bytes(raw.removeprefix(_ED25519)))
    elif raw.startswith(_P256):
        yield from _key(EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw.removeprefix(_P256)))


def base58(text: str) -> bytes:
    """The bytes of a multibase text in base58btc (it begins with z); raises `ValueError`.

    >>> base58("z2g")
    b'a'
    """
    digits = text.removeprefix("z")
    if digits == text or len(text) > _LONGEST or not set(digits) <= set(_ALPHABET):
        raise ValueError("no multibase text in base58btc")
    whole = 0
    for digit in digits:
        whole = whole * 58 + _ALPHABET.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + whole.to_bytes((whole.bit_length() + 7) // 8, "big")


def _named(keys: Sequence[Key], name: str | None) -> list[Key]:
    """Those that a signature may be of; where keys have names, only that of its name."""
    return [key for key in keys if key.name is None or name is None or key.name in (name, name.rpartition("#")[2])]


def token_state(token: str, keys: Sequence[Key]) -> State:
    """Whether a compact token was signed by one of these keys; unverified where it may be of a key not at hand."""
    from jwt import get_unverified_header
    from jwt.api_jws import decode
    from jwt.exceptions import InvalidTokenError, PyJWTError

    try:
        header = get_unverified_header(token)
    except InvalidTokenError:
        return "broken"
    fitting = [key for key in _named(keys, header.get("kid")) if key.algorithm == header.get("alg")]
    for each in fitting:
        try:
            decode(token, each.key, algorithms=[each.algorithm])
            return "verified"
        except PyJWTError:
            continue
    return "broken" if fitting else "unverified"


def proof_state(written: Any, issuer: str, keys: Sequence[Key]) -> State:
    """Whether a Data Integrity proof over canonical JSON holds; of other suites that is not known."""
    proofs = written.get("proof")
    states = [_proved(written, each, issuer, keys) for each in (proofs if isinstance(proofs, list) else [proofs])]
    return "verified" if "verified" in states else "broken" if "broken" in states else "unverified"


def _proved(written: Mapping[str, Any], proof: Any, issuer: str, keys: Sequence[Key]) -> State:
    """VC Data Integrity EdDSA and ECDSA Cryptosuites 1.0: the hashes of the proof's options and of the document."""
    algorithm = _SUITES.get(str(proof.get("cryptosuite"))) if isinstance(proof, Mapping) else None
    if algorithm is None:
        return "unverified"
    method = str(proof.get("verificationMethod", ""))
    is_theirs = method.partition("#")[0] == issuer or method in {key.name for key in keys}
    fitting = [key.key for key in _named(keys, method) if key.algorithm == algorithm]
    if not fitting or not is_theirs:
        return "unverified"
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    plain = {name: value for name, value in written.items() if name != "proof"}
    if "@context" in options:
        plain["@context"] = options["@context"]
    hashes = hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(plain)).digest()
    if options.get("proofPurpose") != "assertionMethod":
        return "broken"
    return "verified" if any(_signs(key, proof.get("proofValue"), hashes) for key in fitting) else "broken"


def _signs(key: PublicKey, signature: Any, data: bytes) -> bool:
    try:
        raw = base58(str(signature))
        if isinstance(key, Ed25519PublicKey):
            key.verify(raw, data)
        elif isinstance(key, EllipticCurvePublicKey):
            half = len(raw) // 2
            pair = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
            key.verify(pair, data, ECDSA(SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def canonical(value: Any) -> bytes:
    """JSON in its one form (RFC 8785).

    >>> canonical({"b": [1.0, 1e-7, True], "a": "é"})
    b'{"a":"\\xc3\\xa9","b":[1,1e-7,true]}'
    """
    return _canonical(value).encode("utf-8", "surrogatepass")


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_canonical(name)}:{_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """A number as ECMAScript writes it."""
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        return f"{Decimal(repr(value)).normalize():f}"
    mantissa, _, power = repr(value).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(power):+d}"
