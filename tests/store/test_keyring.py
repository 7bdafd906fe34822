"""Keys are random, kept as hashes, and end at once when revoked."""

from __future__ import annotations

import base64

import pytest

from graph.store import Store
from tests.store.engines import Engine

MATCH = frozenset({"match"})


def test_a_key_is_found_by_its_secret_and_by_nothing_else(store: Store) -> None:
    key, secret = store.keyring.create(MATCH, frozenset({"unit:a"}), "ats", "for the portal")

    assert store.keyring.find(secret) == key
    for wrong in (
        secret[:-1],
        secret + "x",
        secret.swapcase(),
        "",
        "sg",
        "sg__",
        f"sg_{key.id}_",
        "sg_nobody_secret",
        "sg_\ud800_x",
    ):
        assert store.keyring.find(wrong) is None


def test_a_key_carries_at_least_32_random_bytes_and_no_two_are_alike(store: Store) -> None:
    secrets = [store.keyring.create(MATCH)[1] for _ in range(20)]

    random = [secret.split("_", 2)[2] for secret in secrets]
    assert all(len(base64.urlsafe_b64decode(text + "=")) >= 32 for text in random)
    assert len(set(random)) == 20


def test_the_secret_stands_nowhere_in_the_store(store: Store, engine: Engine) -> None:
    _, secret = store.keyring.create(MATCH, label="for the portal")

    assert engine.traces(store, ["for the portal"])
    assert engine.traces(store, [secret, secret.split("_", 2)[2]]) == {}


def test_a_revoked_key_is_dead_and_still_listed(store: Store) -> None:
    key, secret = store.keyring.create(MATCH)

    assert store.keyring.revoke(key.id) is True
    assert store.keyring.find(secret) is None
    assert [listed.revoked_at is not None for listed in store.keyring.list()] == [True]
    assert store.keyring.revoke(key.id) is False
    assert store.keyring.revoke("nobody") is False


def test_scopes_units_and_source_are_kept_as_they_were_given(store: Store) -> None:
    key, _ = store.keyring.create(frozenset({"load", "people"}), None, "hr")

    assert store.keyring.list() == [key]
    assert (key.scopes, key.org_units, key.source) == (frozenset({"load", "people"}), None, "hr")


@pytest.mark.parametrize(
    ("scopes", "units", "message"),
    [
        (frozenset[str](), None, "a key needs a scope"),
        (frozenset({"everything"}), None, "no such scope: everything"),
        (MATCH, frozenset[str](), "limited to no org unit"),
    ],
)
def test_a_key_that_could_do_nothing_is_refused(
    store: Store, scopes: frozenset[str], units: frozenset[str] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        store.keyring.create(scopes, units)
