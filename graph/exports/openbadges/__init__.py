"""Open Badges 3.0: a signed credential for every skill and credential that somebody holds now.

A file holds a token a line; a folder has a file for each person, named after their id. It is all about people, so it is
for whoever owns the store; one person's are given at `/v1/credentials/{id}` to keys that may see them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from graph.exports import Export, Wanted
from graph.exports.coverage import lacking
from graph.exports.openbadges.held import held_by_all
from graph.exports.openbadges.issue import Issuing, signer
from graph.index import IndexKeeper
from graph.signing import key_to_sign
from graph.store import Store
from ontology.ids import escape_local

SUFFIX = ".jwt"
_LONGEST, _READABLE = 200, 100  # characters of a file's name, and of a longer one that stay
CARRIED = {
    "Credential": ("label", "description", "type"),
    "ATTESTS": ("level", "scale", "since", "until"),
    "Skill": ("label", "description", "code"),
    "Level": ("label", "rank", "scale"),
    "Learner": ("email",),
    "Identity": ("learner", "system", "value", "verified"),
    "Evidence": ("learner", "kind", "about", "skill", "level", "scale", "shown_at", "expires_at", "url", "score"),
}
REASONS = {
    "people": "a credential tells what somebody holds, not how they live",
    "Evidence.outcome": "what supports nothing is not held, so it is not attested",
    "Evidence.withdrawn_at": "what supports nothing is not held, so it is not attested",
    "Evidence.verification": "what is unverified is not attested: nobody signs what they did not see",
}
MORE = (
    "revocation: what is withdrawn is not issued again; what was issued has no status, and stands until it ends",
    "Evidence.kind: is the genre of the evidence; read back, what was taught is shown",
    "Skill: a word is not attested; of languages the deployment's alone",
    "Evidence: of interviews and of ratings by managers nothing but that and when, which would tell of others",
    "Learner: who has no e-mail address, or is not to be named, is known by their id",
)


def now() -> int:
    """The instant as of which everything is attested, seconds UTC."""
    return int(time.time())


def write_credentials(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One file, or one for each person where `out` is a folder; returns how many credentials and people."""
    chosen, at = wanted or Wanted(), now()
    index = IndexKeeper(store, chosen.settings).current()
    issuing = Issuing(store, index, chosen)
    sign = signer(key_to_sign(store.url, chosen.settings), issuing.issuer)
    people = (
        (index.people.id_of(person), [sign(each) for each in credentials])
        for person, credentials in issuing.credentials(held_by_all(store, index, at))
        if credentials
    )
    return _into_folder(out, people) if out.is_dir() else _into_file(out, people)


Tokens = Iterator[tuple[str, list[str]]]
"""A person's id, and their credentials."""


def _into_file(out: Path, people: Tokens) -> dict[str, int]:
    count = tokens = 0
    with out.open("w", encoding="ascii") as file:
        for _, credentials in people:
            file.writelines(f"{token}\n" for token in credentials)
            count, tokens = count + 1, tokens + len(credentials)
    return {"credentials": tokens, "people": count}


def _into_folder(out: Path, people: Tokens) -> dict[str, int]:
    count = tokens = 0
    for id, credentials in people:
        text = "".join(f"{token}\n" for token in credentials)
        (out / _file_name(id)).write_text(text, encoding="ascii")
        count, tokens = count + 1, tokens + len(credentials)
    return {"credentials": tokens, "people": count}


def _file_name(id: str) -> str:
    """The id, of which a long one is cut and told apart by its hash: a file system takes 255 bytes."""
    name = escape_local(id)
    short = name if len(name) <= _LONGEST else f"{name[:_READABLE]}-{sha256(id.encode()).hexdigest()}"
    return f"{short}{SUFFIX}"


EXPORT = Export(
    "openbadges",
    "Open Badges: a signed credential for every skill and credential that somebody holds.",
    write_credentials,
    suffix=SUFFIX,
    each="person",
    standard="Open Badges 3.0 (1EdTech), as VC-JWT signed with RS256 or EdDSA",
    read_by="openbadges",
    lacks=[*lacking(CARRIED, REASONS), *MORE],
)
