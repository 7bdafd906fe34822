"""The keys that are signed with: where they lie, what may be given instead, and how they change."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from typer.testing import CliRunner

from cli.main import app
from graph import signing
from graph.errors import BadSigningKey
from graph.open import open_store
from graph.settings import Settings
from graph.signing import SigningKey, key_to_sign, rotate, signing_keys

SETTINGS = Settings()
EDWARDS = replace(SETTINGS, signing_algorithm="EdDSA")


def pem(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_keys_are_made_when_something_is_first_signed_for_this_user_alone(store_url: str, tmp_path: Path) -> None:
    assert signing_keys(store_url, SETTINGS) == []
    key = key_to_sign(store_url, SETTINGS)
    place = tmp_path / "skillgraph.db.signing"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert key_to_sign(store_url, SETTINGS).name == key.name
    assert key_to_sign(store_url, EDWARDS).algorithm == "EdDSA"


def test_of_several_who_sign_first_all_sign_with_the_same_key(store_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = {key.name for key in pool.map(lambda _: key_to_sign(store_url, EDWARDS), range(8))}
    assert len(names) == 1


def test_a_key_is_called_by_its_thumbprint(tmp_path: Path) -> None:
    """The example of RFC 8037, appendix A."""
    place = tmp_path / "key.json"
    own = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    place.write_text(json.dumps({**own, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}))
    (key,) = signing_keys("sqlite:x.db", replace(SETTINGS, signing_key_file=place))
    assert key.name == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key.public == own


def test_rotating_keeps_what_is_needed_to_check_and_nothing_to_sign_with(store_url: str, tmp_path: Path) -> None:
    old = key_to_sign(store_url, EDWARDS)
    token = old.sign({"iss": "x"}, old.name)
    rotate(store_url, SETTINGS)
    new = key_to_sign(store_url, EDWARDS)
    assert new.name != old.name
    kept = {key.name: key for key in signing_keys(store_url, SETTINGS)}
    assert (len(kept), kept[old.name].private) == (4, None)
    assert jwt.decode(token, jwt.PyJWK(kept[old.name].jwk(old.name)), ["EdDSA"]) == {"iss": "x"}
    place = tmp_path / "skillgraph.db.signing"
    assert sum("d" in key for key in json.loads(place.read_text())["keys"]) == 2
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_who_signs_first_while_others_rotate_has_its_key_published(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, signed = signing._new_keys, list[str]()

    def meanwhile() -> list[SigningKey]:
        keys = made()
        if not signed:
            signed.append("")  # once
            signed[0] = key_to_sign(store_url, EDWARDS).name
        return keys

    monkeypatch.setattr(signing, "_new_keys", meanwhile)
    told = rotate(store_url, EDWARDS)
    assert told == signing_keys(store_url, EDWARDS)
    assert signed[0] in {key.name for key in told}


def test_of_two_who_rotate_at_once_one_is_refused(store_url: str) -> None:
    with closing(open_store(store_url)) as store, store.hold("signing keys"):
        name = key_to_sign(store_url, EDWARDS).name
        refused = CliRunner().invoke(app, ["signing", "rotate", "--store", store_url])
        assert refused.exit_code != 0
        assert key_to_sign(store_url, EDWARDS).name == name


def test_the_deployment_may_bring_keys_of_its_own_in_pem(tmp_path: Path) -> None:
    new, old, rsa = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate(), generate_private_key(65537, 2048)
    public = old.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    place = tmp_path / "keys.pem"
    place.write_text(pem(new) + public + pem(rsa))
    settings = replace(EDWARDS, signing_key_file=place)
    keys = signing_keys("sqlite:x.db", settings)
    assert [(key.algorithm, key.private is not None) for key in keys] == [
        ("EdDSA", True),
        ("EdDSA", False),
        ("RS256", True),
    ]
    assert key_to_sign("sqlite:x.db", settings).name == keys[0].name
    with pytest.raises(BadSigningKey, match="Put the new key first"):
        rotate("sqlite:x.db", settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no signing key"),
        ("[]", "no signing key"),
        ('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "no signing key"),
        ("-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----", "no signing key"),
        ('{"keys": []}', "no private key that signs with RS256"),
        (pem(Ed25519PrivateKey.generate()), "no private key that signs with RS256"),
        (pem(generate_private_key(65537, 1024)), "no signing key.*2048 bits"),
    ],
)
def test_a_file_that_holds_no_such_key_is_refused_without_its_text(tmp_path: Path, text: str, told: str) -> None:
    place = tmp_path / "keys"
    place.write_text(text)
    with pytest.raises(BadSigningKey, match=told) as refused:
        key_to_sign("sqlite:x.db", replace(SETTINGS, signing_key_file=place))
    assert refused.value.place == str(place)
    assert "secret" not in str(refused.value)


def test_keys_of_another_kind_and_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(elliptic(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for place in (other, tmp_path / "missing", tmp_path):
        with pytest.raises(BadSigningKey):
            signing_keys("sqlite:x.db", replace(SETTINGS, signing_key_file=place))
    with pytest.raises(BadSigningKey, match="RS256 or EdDSA"):
        key_to_sign("sqlite:x.db", replace(SETTINGS, signing_algorithm="none"))


def test_the_command_lists_and_rotates_and_never_shows_a_private_key(store_url: str, tmp_path: Path) -> None:
    open_store(store_url).close()
    runner = CliRunner()
    assert json.loads(runner.invoke(app, ["signing", "list", "--store", store_url, "--json"]).stdout) == []
    key_to_sign(store_url, SETTINGS)
    rotated = runner.invoke(app, ["signing", "rotate", "--store", store_url, "--json"]).stdout
    assert [(row["algorithm"], row["signs"]) for row in json.loads(rotated)] == [
        *(("EdDSA", True), ("RS256", True), ("EdDSA", False), ("RS256", False))
    ]
    shown = runner.invoke(app, ["signing", "list", "--store", store_url]).stdout
    private = [key["d"] for key in json.loads((tmp_path / "skillgraph.db.signing").read_text())["keys"] if "d" in key]
    assert not [secret for secret in private if secret in rotated + shown]
