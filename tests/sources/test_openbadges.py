"""Open Badges: a badge in Kubernetes, given to Ada by an academy, in its forms and with its signatures."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from graph.contradictions import people
from graph.digest import digest
from graph.index import IndexKeeper
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.secret import Secret
from graph.settings import Settings
from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.signatures import canonical
from ontology.ids import make_curie
from ontology.values import parse_instant
from queries.ask import ask
from tests.conftest import SHARED_DATA
from tests.loads.tables import Loader, counts

ISSUER = "https://academy.example.org"
BADGE = f"{ISSUER}/badges/k8s"
BADGE_ID = "iri:https~3a~2f~2facademy.example.org~2fbadges~2fk8s"
KEY = f"{ISSUER}/issued/1"
SECRET = "a secret of the tests that is long enough"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
SKILL = "http://data.europa.eu/esco/skill/k8s"
ALIGNMENT = {"type": ["Alignment"], "targetUrl": SKILL, "targetName": "container orchestration"}

Json = dict[str, Any]


def holder(value: str = "did:example:ada", system: str = "openbadges-subject") -> str:
    """The local id of the learner of an identity."""
    return Secret(SECRET.encode()).pseudonym("openbadges", "learner", system, value)


def evidence(key: str = KEY, of: str | None = None) -> str:
    return make_curie("openbadges", f"{key}.{of or holder()}")


EVIDENCE = evidence()
BY_MAIL = holder("ada@example.org", "email")


@pytest.fixture(autouse=True)
def one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyed hashes are the same in every store."""
    monkeypatch.setenv("SKILLGRAPH_SECRET", SECRET)


def achievement(**other: Any) -> Json:
    return {"id": BADGE, "type": ["Achievement"], "name": "Kubernetes", "achievementType": "Certification", **other}


def credential(subject: Json | None = None, **other: Any) -> Json:
    """A credential of 3.0; what is given as None is left out."""
    inside = {"id": "did:example:ada", "type": ["AchievementSubject"], "achievement": achievement(), **(subject or {})}
    fields = {
        "@context": CONTEXT,
        "id": KEY,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "Academy"},
        "validFrom": "2025-03-01T10:00:00Z",
        "credentialSubject": {name: value for name, value in inside.items() if value is not None},
        **other,
    }
    return {name: value for name, value in fields.items() if value is not None}


def assertion(**other: Any) -> Json:
    """The same in 2.0."""
    badge = {
        "id": BADGE, "type": "BadgeClass", "name": "Kubernetes", "issuer": ISSUER, "alignment": [ALIGNMENT],
    }  # fmt: skip
    recipient = {"type": "email", "hashed": False, "identity": "ada@example.org"}
    fields = {
        "@context": "https://w3id.org/openbadges/v2",
        "id": KEY,
        "type": "Assertion",
        "recipient": recipient,
        "badge": badge,
        "issuedOn": "2025-03-01T10:00:00Z",
        "verification": {"type": "HostedBadge"},
        **other,
    }
    return {name: value for name, value in fields.items() if value is not None}


def badges(loader: Loader, folder: Path, *values: Any, name: str = "badges.json") -> LoadRecord:
    text = "\n".join(values) if name.endswith(".jwt") else json.dumps(values)
    (folder / name).write_text(text, encoding="utf-8")
    return loader.folder(folder / name, source="openbadges")


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def state(loader: Loader, id: str = EVIDENCE) -> Any:
    return node(loader.store, id).properties["verification"]


def aligned(store: Store) -> list[dict[str, Any]]:
    """The evidence that unsigned badges are of what they are aligned to."""
    ids = [row[0] for batch in store.owned("openbadges", "Evidence") for row in batch]
    return [dict(node(store, id).properties) for id in sorted(ids) if id.startswith("openbadges-aligned:")]


def attested(store: Store) -> list[str]:
    return [edge.end for edge in store.expand([BADGE_ID], OPERATOR, ["ATTESTS"])]


def identities(store: Store) -> set[tuple[Any, Any]]:
    nodes = [node(store, row[0]).properties for batch in store.owned("openbadges", "Identity") for row in batch]
    return {(each["system"], each["value"]) for each in nodes}


# What a credential says


def test_a_credential_is_evidence_about_its_achievement(loader: Loader, tmp_path: Path) -> None:
    record = badges(loader, tmp_path, credential(validUntil="2027-03-01T10:00:00Z"))
    assert counts(record) == {"read": 3, "written": 3}
    assert node(loader.store, BADGE_ID).properties == {"label": "Kubernetes", "type": "certificate"}
    found = dict(node(loader.store, EVIDENCE).properties)
    assert str(found.pop("learner")).startswith("openbadges-learner:")
    assert found == {
        "kind": "credential",
        "about": BADGE_ID,
        "shown_at": parse_instant("2025-03-01T10:00:00Z")[0],
        "expires_at": parse_instant("2027-03-01T10:00:00Z")[0],
        "verification": "unverified",
        "url": KEY,
    }


def test_an_assertion_of_2_0_is_the_same_evidence(loader: Loader, tmp_path: Path) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    badges(loader, tmp_path, assertion(expires="2027-03-01T10:00:00Z"))
    assert node(loader.store, evidence(of=BY_MAIL)).properties["about"] == BADGE_ID
    assert node(loader.store, BADGE_ID).properties["type"] == "badge"
    [found] = aligned(loader.store)
    assert found["skill"] == "esco-skill:k8s"


def test_a_badge_class_may_stand_beside(loader: Loader, tmp_path: Path) -> None:
    given = assertion()
    badge, given["badge"] = given["badge"], BADGE
    badges(loader, tmp_path, given, badge)
    assert node(loader.store, BADGE_ID).properties["label"] == "Kubernetes"


def test_a_credential_of_a_badge_that_is_nowhere_waits(loader: Loader, tmp_path: Path) -> None:
    assert badges(loader, tmp_path, assertion(badge=BADGE)).waiting == 2
    badges(loader, tmp_path, {"id": BADGE, "type": "BadgeClass", "name": "Kubernetes", "issuer": ISSUER})
    assert all(loader.there(evidence(of=BY_MAIL)))


def test_an_alignment_attests_the_skill_at_the_least_level_and_waits_for_it(loader: Loader, tmp_path: Path) -> None:
    given = credential({"achievement": achievement(alignment=[ALIGNMENT])})
    badges(loader, tmp_path, by_did(given))
    [waiting] = loader.held("waiting")
    assert waiting.refers_to == "esco-skill:k8s"
    assert all(loader.there(EVIDENCE))
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    [edge] = loader.store.expand([BADGE_ID], OPERATOR, ["ATTESTS"])
    assert (edge.end, edge.properties) == ("esco-skill:k8s", {"level": 1_000_000})


def test_an_alignment_by_name_only_is_a_word(loader: Loader, tmp_path: Path) -> None:
    given = credential({"achievement": achievement(alignment={"targetName": "Kubernetes "})})
    badges(loader, tmp_path, by_did(given))
    [edge] = loader.store.expand([BADGE_ID], OPERATOR, ["ATTESTS"])
    assert edge.end == "openbadges-word:kubernetes"
    assert node(loader.store, edge.end).properties == {"label": "Kubernetes", "type": "word"}


def test_an_alignment_to_a_rubric_is_left_out_by_rule(loader: Loader, tmp_path: Path) -> None:
    given = [{**ALIGNMENT, "targetType": "CFRubric"}, {"type": "Alignment", "targetName": "\u200b"}]
    unsigned = credential({"achievement": achievement(alignment=given)})
    for each in (unsigned, by_did(unsigned)):
        assert badges(loader, tmp_path, each).skips == {"not-a-skill": 1, "no-target": 1}


def test_the_achievement_of_the_newest_credential_is_stated(loader: Loader, tmp_path: Path) -> None:
    newer = {"id": f"{KEY}0", "validFrom": "2026-01-01"}
    badges(loader, tmp_path, credential({"achievement": achievement(name="K8s")}, **newer), credential())
    assert node(loader.store, BADGE_ID).properties["label"] == "K8s"
    assert badges(loader, tmp_path, credential()).skips == {"older-version": 1}
    assert node(loader.store, BADGE_ID).properties["label"] == "K8s"


def test_what_was_achieved_may_be_missing_and_is_flagged(loader: Loader, tmp_path: Path) -> None:
    assert badges(loader, tmp_path, credential({"achievement": None})).flags == {"no-achievement": 1}
    assert "about" not in node(loader.store, EVIDENCE).properties


def test_an_unsigned_badge_is_evidence_of_what_it_is_aligned_to_and_attests_nothing(
    loader: Loader, tmp_path: Path
) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    badges(loader, tmp_path, credential({"achievement": achievement(alignment=[ALIGNMENT])}))
    assert attested(loader.store) == []
    [found] = aligned(loader.store)
    assert found == {
        "learner": f"openbadges-learner:{holder()}",
        "kind": "credential",
        "about": BADGE_ID,
        "skill": "esco-skill:k8s",
        "level": 1_000_000,
        "shown_at": parse_instant("2025-03-01T10:00:00Z")[0],
        "verification": "unverified",
    }


def test_an_unsigned_badge_changes_nothing_that_a_verified_one_says_in_any_order(
    loader: Loader, tmp_path: Path
) -> None:
    loader(Skill="id,label\nesco-skill:k8s,K\nesco-skill:surgery,S\n")
    surgery = {**ALIGNMENT, "targetUrl": SKILL.replace("k8s", "surgery")}
    mine = results({"resultDescription": "urn:uuid:project", "achievedLevel": "urn:uuid:able"}, described=[RUBRIC])
    mine["credentialSubject"]["achievement"]["alignment"] = [ALIGNMENT]
    upside_down = [{**each, "points": None} for each in RUBRIC["rubricCriterionLevel"]]
    forged = achievement(
        name="Surgery", alignment=[surgery], resultDescription=[{**RUBRIC, "rubricCriterionLevel": upside_down}]
    )
    eve = credential({"id": "did:example:eve", "achievement": forged}, id=f"{KEY}9", validFrom="2026-04-01")
    other = Loader(open_store(f"sqlite:{tmp_path / 'other.db'}"), tmp_path)
    other(Skill="id,label\nesco-skill:k8s,K\nesco-skill:surgery,S\n")
    token = by_did(mine)
    for one, order in ((loader, (token, eve)), (other, (eve, token))):
        for each in order:
            badges(one, tmp_path, each)
        assert attested(one.store) == ["esco-skill:k8s"]
        assert [each["skill"] for each in aligned(one.store)] == ["esco-skill:surgery"]
        assert node(one.store, BADGE_ID).properties["label"] == "Kubernetes"
        assert node(one.store, "openbadges-level:urn~3auuid~3aable").properties["rank"] == 2
    assert digest(loader.store) == digest(other.store)
    other.store.close()


def test_a_badge_class_that_nobody_signed_attests_nothing_however_the_assertion_is_signed(
    loader: Loader, tmp_path: Path, keys: Path
) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    key = secret_key("RS256")
    believe(keys, jwk(key, "RS256"))
    badges(loader, tmp_path, assertion()["badge"], jwt.encode(assertion(badge=BADGE), key, "RS256"))
    assert state(loader, evidence(of=BY_MAIL)) == "verified"
    assert attested(loader.store) == []
    assert [each["verification"] for each in aligned(loader.store)] == ["unverified"]


def test_the_id_of_anothers_credential_takes_nothing_from_them(loader: Loader, tmp_path: Path) -> None:
    said = {"resultDescription": "urn:uuid:exam", "value": "92.5"}
    eve = results({**said, "value": "1"})
    eve["credentialSubject"]["id"] = "did:example:eve"
    badges(loader, tmp_path, by_did(results(said)))
    badges(loader, tmp_path, eve)
    assert (state(loader), state(loader, evidence(of=holder("did:example:eve")))) == ("verified", "unverified")
    assert node(loader.store, RESULT).properties["score"] == 925_000


# Whose it is


def persons(store: Store) -> int:
    return people(store, Settings()).persons


CEO = [{"identityType": "emailAddress", "hashed": False, "identityHash": "ceo@example.org"}]


def test_an_unsigned_badge_joins_people_by_its_subject_alone_a_verified_one_by_all(
    loader: Loader, tmp_path: Path
) -> None:
    loader(
        Learner="id,label\nhr:ceo,Ceo\nhr:eve,Eve\n",
        Identity="id,learner,system,value\ni:1,hr:ceo,email,ceo@example.org\ni:2,hr:eve,email,eve@example.org\n",
    )
    given = credential({"id": "mailto:eve@example.org", "identifier": CEO})
    badges(loader, tmp_path, given)
    assert persons(loader.store) == 2
    badges(loader, tmp_path, by_did(given))
    assert persons(loader.store) == 1
    badges(loader, tmp_path, given)
    assert persons(loader.store) == 1  # what was signed was said


def test_accounts_of_several_kinds_at_one_issuer_are_several(loader: Loader, tmp_path: Path) -> None:
    kinds = ("userName", "accountId", "systemId", "productId", "identifier")
    for kind in kinds:
        known = [{"identityType": kind, "hashed": False, "identityHash": "17"}]
        badges(loader, tmp_path, credential({"id": f"did:example:{kind}", "identifier": known}, id=f"urn:{kind}"))
    accounts = {value for system, value in identities(loader.store) if system == "account"}
    assert accounts == {f"{ISSUER} 17", f"{ISSUER} accountid:17", f"{ISSUER} systemid:17"}


def test_rejects_of_files_of_one_name_are_told_apart(loader: Loader, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "badges.jsonl" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"{json.dumps({'type': 'Course'})}\n{{\n", encoding="utf-8")
    loader.folder(tmp_path, source="openbadges", paths=tuple(paths))
    places = {(row.file, row.row) for row in loader.held()}
    assert places == {(f"{folder}/badges.jsonl", row) for folder in ("a", "b") for row in (1, 2)}


def test_a_person_is_known_by_every_identity_and_by_none_in_an_id(loader: Loader, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"ada@example.orgsalt").hexdigest()
    known = [
        {"identityType": "emailAddress", "hashed": True, "identityHash": f"sha256${digest.upper()}", "salt": "salt"},
        {"identityType": "emailAddress", "hashed": False, "identityHash": "ada@example.com", "salt": "not-used"},
        {"identityType": "userName", "hashed": False, "identityHash": "ada"},
        {"identityType": "nationalIdentityNumber", "hashed": False, "identityHash": "123"},
        {"identityType": "emailAddress", "hashed": True, "identityHash": digest},
    ]
    record = badges(loader, tmp_path, credential({"id": "mailto:ada@example.org", "identifier": known}))
    assert record.skips == {"joins-nobody": 2}
    assert identities(loader.store) == {
        ("email", "ada@example.org"),
        ("email", "ada@example.com"),
        ("hashed:sha256", f"{digest} salt"),
        ("account", f"{ISSUER} ada"),
    }
    ids = [row[0] for name in ("Learner", "Identity") for b in loader.store.owned("openbadges", name) for row in b]
    assert not any("example" in id or digest in id for id in ids)


def test_a_hashed_recipient_of_2_0_joins_by_its_hash(loader: Loader, tmp_path: Path) -> None:
    digest = hashlib.md5(b"ada@example.org").hexdigest()
    badges(loader, tmp_path, assertion(recipient={"type": "email", "hashed": True, "identity": f"md5${digest}"}))
    assert identities(loader.store) == {("hashed:md5", digest)}


def test_credentials_of_one_subject_are_of_one_learner(loader: Loader, tmp_path: Path) -> None:
    badges(loader, tmp_path, credential(), credential(id=f"{KEY}0"))
    assert len([row for batch in loader.store.owned("openbadges", "Learner") for row in batch]) == 1


# Results

RUBRIC: Json = {
    "id": "urn:uuid:project",
    "type": ["ResultDescription"],
    "name": "Project",
    "resultType": "RubricCriterionLevel",
    "alignment": [ALIGNMENT],
    "rubricCriterionLevel": [
        {"id": "urn:uuid:able", "type": ["RubricCriterionLevel"], "name": "Able", "points": "4"},
        {"id": "urn:uuid:learning", "type": ["RubricCriterionLevel"], "name": "Learning", "points": "1.5"},
    ],
}
PERCENT = {"id": "urn:uuid:exam", "type": ["ResultDescription"], "name": "Exam", "resultType": "Percent"}
GRADE = {"id": "urn:uuid:grade", "name": "Grade", "resultType": "LetterGrade", "allowedValue": ["C", "B", "A"]}
LONG = {"id": f"urn:{'x' * 600}", "allowedValue": ["B"], "resultType": "LetterGrade", "name": "x"}
RESULT = make_curie("openbadges-result", f"{KEY}.{holder()}.1")


def results(*given: Json, described: list[Json] | None = None) -> Json:
    inside = achievement(resultDescription=[RUBRIC, PERCENT, GRADE] if described is None else described)
    return credential({"achievement": inside, "result": list(given)})


def test_a_rubric_has_its_levels_in_the_order_of_their_points(loader: Loader, tmp_path: Path) -> None:
    badges(loader, tmp_path, results(described=[RUBRIC]))
    levels = {
        name: node(loader.store, f"openbadges-level:urn~3auuid~3a{name}").properties for name in ("learning", "able")
    }
    assert [each["rank"] for each in levels.values()] == [1, 2]
    store, rubric = loader.store, "openbadges-rubric:urn~3auuid~3aproject"
    [criterion] = store.expand([rubric], OPERATOR, ["HAS_CRITERION"])
    below = {edge.end for edge in store.expand([criterion.end], OPERATOR, ["HAS_LEVEL"])}
    assert {node(store, each).properties["points"] for each in below} == {4_000_000, 1_500_000}
    [scored] = store.expand([rubric], OPERATOR, ["SCORED_WITH"], incoming=True)
    assert node(store, scored.start).properties["label"] == "Project"


def test_an_achieved_level_is_shown_once_its_scale_has_a_crosswalk(loader: Loader, tmp_path: Path) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    given = results({"resultDescription": "urn:uuid:project", "achievedLevel": "urn:uuid:able"})
    assert badges(loader, tmp_path, given).skips == {"no-crosswalk": 1}
    assert loader.there(RESULT, f"{RESULT}.1") == [True, False]
    loader(CORRESPONDS_TO="from,to\nopenbadges-level:urn~3auuid~3aable,level:advanced\n")
    badges(loader, tmp_path, given)
    found = node(loader.store, f"{RESULT}.1").properties
    assert (found["skill"], found["level"], found["kind"]) == ("esco-skill:k8s", 2_000_000, "assessment")
    assert found["scale"] == "openbadges-scale:urn~3auuid~3aproject"


def test_a_percentage_is_a_score_and_a_level_on_the_scale_of_percentages(loader: Loader, tmp_path: Path) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    badges(
        loader, tmp_path, results({"resultDescription": "urn:uuid:exam", "value": "92.5%", "alignment": [ALIGNMENT]})
    )
    assert node(loader.store, RESULT).properties["score"] == 925_000
    found = node(loader.store, f"{RESULT}.1").properties
    assert (found["level"], found["scale"]) == (92_500_000, "scale:percent")


def test_a_listed_value_is_a_level_of_the_list(loader: Loader, tmp_path: Path) -> None:
    given = results({"resultDescription": "urn:uuid:grade", "value": "B", "alignment": [ALIGNMENT]})
    badges(loader, tmp_path, given)
    assert node(loader.store, "openbadges-level:urn~3auuid~3agrade~2fA").properties["rank"] == 3
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    loader(CORRESPONDS_TO="from,to\nopenbadges-level:urn~3auuid~3agrade~2fA,level:advanced\n")
    badges(loader, tmp_path, given)
    assert node(loader.store, f"{RESULT}.1").properties["level"] == 2_000_000


def test_what_is_odd_about_results_is_flagged_and_kept(loader: Loader, tmp_path: Path) -> None:
    odd = [
        {"resultDescription": "urn:uuid:exam", "achievedLevel": "urn:uuid:able"},
        {"resultDescription": "urn:uuid:nowhere", "value": "5"},
        {"resultDescription": "urn:uuid:exam", "value": "very good"},
        {"resultDescription": "urn:uuid:exam", "value": "110"},
    ]
    record = badges(loader, tmp_path, results(*odd))
    assert record.flags == {
        "level-of-another-description": 1,
        "unknown-result-description": 1,
        "unscaled-result": 1,
        "above-maximum": 1,
    }
    assert all(loader.there(*(f"{RESULT[:-1]}{number}" for number in (1, 2, 3, 4))))


def test_only_final_results_count_and_a_failed_one_shows_nothing(loader: Loader, tmp_path: Path) -> None:
    loader(Skill="id,label\nesco-skill:k8s,container orchestration\n")
    said = {"resultDescription": "urn:uuid:exam", "value": "40", "alignment": [ALIGNMENT]}
    record = badges(loader, tmp_path, results({**said, "status": "InProgress"}, {**said, "status": "Failed"}))
    assert record.skips == {"not-final": 2, "failed": 1}
    assert node(loader.store, f"{RESULT[:-1]}2").properties["outcome"] == "failed"


# Signatures


def secret_key(kind: str) -> Any:
    if kind == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ed25519.Ed25519PrivateKey.generate() if kind == "EdDSA" else ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kind: str, **other: Any) -> Json:
    return {**jwt.get_algorithm_by_name(kind).to_jwk(key.public_key(), as_dict=True), **other}


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the deployment's keys."""
    folder = tmp_path / "keys"
    folder.mkdir()
    monkeypatch.setenv("SKILLGRAPH_ISSUER_KEYS", str(folder))
    return folder


def believe(folder: Path, *known: Json, issuer: str = ISSUER) -> None:
    (folder / "academy.json").write_text(json.dumps({"issuer": issuer, "keys": known}))


def vouched(did: str) -> str:
    """An issuer whose name is a key, whom the deployment believes."""
    folder = Path(os.environ["SKILLGRAPH_ISSUER_KEYS"])
    (folder / f"{len(list(folder.iterdir()))}.json").write_text(json.dumps({"issuer": did}))
    return did


def signed(key: Any, kind: str, payload: Json | None = None, **header: Any) -> str:
    """A token as VC 1.1 has it, with the credential in `vc`."""
    inside = {"vc": credential(), "iss": ISSUER, "jti": KEY, "sub": "did:example:ada"}
    return jwt.encode(payload or inside, key, algorithm=kind, headers=header)


@pytest.mark.parametrize("kind", ["RS256", "ES256", "EdDSA"])
def test_a_token_is_verified_by_its_issuers_key(loader: Loader, tmp_path: Path, keys: Path, kind: str) -> None:
    key = secret_key(kind)
    believe(keys, jwk(key, kind, kid="k1"))
    badges(loader, tmp_path, signed(key, kind, kid=f"{ISSUER}#k1"), name="b.jwt")
    assert state(loader) == "verified"


def test_a_token_with_the_credential_as_its_payload_is_verified_too(loader: Loader, tmp_path: Path, keys: Path) -> None:
    key = secret_key("ES256")
    believe(keys, jwk(key, "ES256"))
    badges(loader, tmp_path, signed(key, "ES256", credential()), name="b.jwt")
    assert state(loader) == "verified"


def test_a_changed_token_is_broken_and_joins_nobody(loader: Loader, tmp_path: Path, keys: Path) -> None:
    key = secret_key("EdDSA")
    believe(keys, jwk(key, "EdDSA"))
    head, body, tail = signed(key, "EdDSA").split(".")
    forged = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged["vc"]["credentialSubject"]["id"] = "mailto:eve@example.org"
    body = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    assert badges(loader, tmp_path, f"{head}.{body}.{tail}", name="b.jwt").skips == {"broken-signature": 1}
    assert state(loader, evidence(of=holder("eve@example.org", "email"))) == "broken"
    assert identities(loader.store) == set()


def test_a_key_that_comes_with_what_it_signs_tells_nothing(loader: Loader, tmp_path: Path, keys: Path) -> None:
    eve = secret_key("EdDSA")
    badges(loader, tmp_path, signed(eve, "EdDSA", jwk=jwk(eve, "EdDSA")), name="b.jwt")
    assert state(loader) == "unverified"
    believe(keys, jwk(secret_key("EdDSA"), "EdDSA"))
    badges(loader, tmp_path, signed(eve, "EdDSA", jwk=jwk(eve, "EdDSA")), name="b.jwt")
    assert state(loader) == "broken"


def test_a_public_key_is_no_shared_secret_and_none_is_no_algorithm(loader: Loader, tmp_path: Path, keys: Path) -> None:
    key = secret_key("EdDSA")
    believe(keys, jwk(key, "EdDSA"))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    payload = {"vc": credential(), "iss": ISSUER}
    for number, token in enumerate((jwt.encode(payload, public, "HS256"), jwt.encode(payload, "", "none"))):
        badges(loader, tmp_path, token, name=f"{number}.jwt")
        assert state(loader) == "unverified"


def test_a_token_that_was_issued_by_another_is_broken(loader: Loader, tmp_path: Path, keys: Path) -> None:
    key = secret_key("EdDSA")
    believe(keys, jwk(key, "EdDSA"))
    payload = {"vc": credential(), "iss": "https://other.example.org"}
    badges(loader, tmp_path, signed(key, "EdDSA", payload), name="b.jwt")
    assert state(loader) == "broken"


def test_a_broken_credential_says_nothing_of_what_its_achievement_attests(
    loader: Loader, tmp_path: Path, keys: Path
) -> None:
    believe(keys, jwk(secret_key("EdDSA"), "EdDSA"))
    eve = secret_key("EdDSA")
    forged = results({"resultDescription": "urn:uuid:exam", "value": "100"}, described=[PERCENT])
    forged["credentialSubject"]["achievement"] |= {"alignment": [ALIGNMENT], "name": "Everything"}
    forged["validFrom"] = "2026-01-01T00:00:00Z"
    record = badges(loader, tmp_path, credential(id=f"{KEY}0"), signed(eve, "EdDSA", {"vc": forged, "iss": ISSUER}))
    assert (state(loader), record.skips) == ("broken", {"broken-signature": 2})
    assert node(loader.store, BADGE_ID).properties["label"] == "Kubernetes"
    assert loader.held("waiting") == []


def test_a_verified_credential_says_what_its_achievement_is(loader: Loader, tmp_path: Path) -> None:
    key = secret_key("EdDSA")
    token = signed(key, "EdDSA", {"vc": credential(issuer=did_key(key))})
    newer = credential({"achievement": achievement(name="Everything")}, id=f"{KEY}0", validFrom="2026-01-01")
    badges(loader, tmp_path, newer, token)
    assert node(loader.store, BADGE_ID).properties["label"] == "Kubernetes"


def by_did(given: Json) -> str:
    """A token of the credential, of an issuer whose name is a key that is made for it, and who is believed."""
    key = secret_key("EdDSA")
    return signed(key, "EdDSA", {"vc": {**given, "issuer": did_key(key)}})


def did_key(key: Any) -> str:
    """The name that an Ed25519 or P-256 key is, of an issuer who is believed."""
    return vouched(stranger(key))


def stranger(key: Any) -> str:
    """The did:key of an Ed25519 or P-256 key (multicodec, base58btc)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = b"\xed\x01" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        raw = b"\x80\x24" + key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return f"did:key:{base58(raw)}"


def base58(raw: bytes) -> str:
    alphabet, whole, text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", int.from_bytes(raw), ""
    while whole:
        whole, digit = divmod(whole, 58)
        text = alphabet[digit] + text
    return f"z{text}"


@pytest.mark.parametrize("kind", ["RS256", "ES256"])
def test_an_issuer_may_be_named_by_its_jwk(loader: Loader, tmp_path: Path, kind: str) -> None:
    key = secret_key(kind)
    did = "did:jwk:" + base64.urlsafe_b64encode(json.dumps(jwk(key, kind)).encode()).decode().rstrip("=")
    vouched(did)
    badges(loader, tmp_path, signed(key, kind, {"vc": credential(issuer=did)}), name="b.jwt")
    assert state(loader) == "verified"


def test_a_signature_by_a_key_of_another_name_is_unverified(loader: Loader, tmp_path: Path, keys: Path) -> None:
    """The issuer may have got new keys since."""
    believe(keys, jwk(secret_key("EdDSA"), "EdDSA", kid="new"))
    badges(loader, tmp_path, signed(secret_key("EdDSA"), "EdDSA", kid="old"), name="b.jwt")
    assert state(loader) == "unverified"


@pytest.mark.parametrize("kind", ["ES256", "EdDSA"])
def test_an_issuer_whose_name_is_its_key_needs_no_other(loader: Loader, tmp_path: Path, kind: str) -> None:
    key = secret_key(kind)
    payload = {"vc": credential(issuer=did_key(key)), "iss": did_key(key)}
    badges(loader, tmp_path, signed(key, kind, payload), name="b.jwt")
    assert state(loader) == "verified"
    badges(loader, tmp_path, signed(secret_key(kind), kind, payload), name="b.jwt")
    assert state(loader) == "broken"


def test_a_stranger_who_signs_is_not_believed_and_can_still_be_found_wrong(loader: Loader, tmp_path: Path) -> None:
    """Anybody can make a did:key: `verified_only` would let through whatever they say."""
    key = secret_key("EdDSA")
    payload = {"vc": credential(issuer=stranger(key))}
    badges(loader, tmp_path, signed(key, "EdDSA", payload), name="b.jwt")
    assert state(loader) == "unverified"
    badges(loader, tmp_path, signed(secret_key("EdDSA"), "EdDSA", payload), name="b.jwt")
    assert state(loader) == "broken"


def proved(given: Json, key: Any, issuer: str) -> Json:
    """The credential with a proof of eddsa-jcs-2022."""
    given = {**given, "issuer": issuer}
    options = {
        "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": "2025-03-01T10:00:00Z",
        "verificationMethod": f"{issuer}#{issuer.rpartition(':')[2]}", "proofPurpose": "assertionMethod",
        "@context": given["@context"],
    }  # fmt: skip
    data = hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(given)).digest()
    return {**given, "proof": {**options, "proofValue": base58(key.sign(data))}}


def test_a_proof_over_canonical_json_is_verified_and_a_change_breaks_it(loader: Loader, tmp_path: Path) -> None:
    key = secret_key("EdDSA")
    given = proved(credential({"creditsEarned": 4.50}), key, did_key(key))
    badges(loader, tmp_path, given, name="list.json")
    assert state(loader) == "verified"
    (tmp_path / "lines.jsonl").write_text(f"\n{json.dumps(given, indent=None)}\n")
    loader.folder(tmp_path / "lines.jsonl", source="openbadges")
    assert state(loader) == "verified"
    badges(loader, tmp_path, {**given, "validUntil": "2030-01-01T00:00:00Z"})
    assert state(loader) == "broken"


def test_a_proof_that_needs_contexts_is_unverified(loader: Loader, tmp_path: Path) -> None:
    key = secret_key("EdDSA")
    given = proved(credential(), key, did_key(key))
    given["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    badges(loader, tmp_path, given)
    assert state(loader) == "unverified"


def test_a_signed_assertion_of_2_0_needs_a_key_at_hand(loader: Loader, tmp_path: Path, keys: Path) -> None:
    key = secret_key("RS256")
    given = assertion(verification={"type": "SignedBadge", "creator": f"{ISSUER}/key"})
    badges(loader, tmp_path, jwt.encode(given, key, "RS256"), name="b.jwt")
    assert state(loader, evidence(of=BY_MAIL)) == "unverified"
    believe(keys, jwk(key, "RS256"))
    badges(loader, tmp_path, jwt.encode(given, key, "RS256"), name="b.jwt")
    assert state(loader, evidence(of=BY_MAIL)) == "verified"


def test_in_2_0_the_name_of_an_issuer_is_no_key(loader: Loader, tmp_path: Path) -> None:
    """Its badge class may be anybody's."""
    eve = secret_key("EdDSA")
    fake = {"id": BADGE, "type": "BadgeClass", "name": "Kubernetes", "issuer": did_key(eve)}
    badges(loader, tmp_path, fake, jwt.encode(assertion(badge=BADGE), eve, "EdDSA"))
    assert state(loader, evidence(of=BY_MAIL)) == "unverified"


def test_a_verified_credential_that_is_over_is_expired_another_stays_unverified(loader: Loader, tmp_path: Path) -> None:
    key = secret_key("EdDSA")
    over = credential(validUntil="2025-06-01", issuer=did_key(key))
    badges(loader, tmp_path, signed(key, "EdDSA", {"vc": over}), name="b.jwt")
    assert state(loader) == "expired"
    badges(loader, tmp_path, over)
    assert state(loader) == "unverified"


# Revocation


def test_a_list_of_ids_revokes_what_its_issuer_issued(loader: Loader, tmp_path: Path) -> None:
    other = {"type": "RevocationList", "id": "https://x.example.org/r", "issuer": "https://x.example.org"}
    badges(loader, tmp_path, assertion(), {**other, "revokedAssertions": [KEY]})
    assert state(loader, evidence(of=BY_MAIL)) == "unverified"
    mine = {"type": "RevocationList", "id": f"{ISSUER}/r", "issuer": ISSUER, "revokedAssertions": [{"id": KEY}]}
    assert badges(loader, tmp_path, assertion(), mine).skips == {"no-credential": 1}
    assert state(loader, evidence(of=BY_MAIL)) == "revoked"


def test_a_bit_of_a_status_list_revokes(loader: Loader, tmp_path: Path) -> None:
    bits = bytearray(16)
    bits[1] = 0b0100_0000  # the tenth bit
    packed = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits))).decode().rstrip("=")
    listed = {
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "id": f"{ISSUER}/status/1",
        "issuer": {"id": ISSUER},
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": packed},
    }
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    entry["statusListCredential"] = f"{ISSUER}/status/1"
    for index, expected in (("8", "unverified"), ("9", "revoked"), ("4000", "unverified")):
        badges(loader, tmp_path, credential(credentialStatus={**entry, "statusListIndex": index}), listed)
        assert state(loader) == expected


# Who counts


def ready(loader: Loader, **parameters: Any) -> list[Any]:
    """Who has points for the role, with the reader's own trust."""
    keeper = IndexKeeper(loader.store, Settings())
    given = {"role": "role:sre", **parameters}
    return [row["ready"] for row in ask(loader.store, keeper, OPERATOR, "role-matches", given, NOW).rows]


NOW = parse_instant("2026-01-01")[0]
PROFILE = {
    "Skill": "id,label\nesco-skill:k8s,container orchestration\n",
    "Role": "id,label\nrole:sre,SRE\n",
    "REQUIRES": "from,to,level\nrole:sre,esco-skill:k8s,1\n",
}


def test_unverified_credentials_can_be_left_out_broken_and_revoked_ones_support_nothing(
    loader: Loader, tmp_path: Path, keys: Path
) -> None:
    loader(**PROFILE)
    key = secret_key("EdDSA")
    given = credential({"achievement": achievement(alignment=[ALIGNMENT])})
    token = signed(key, "EdDSA", {"vc": given, "iss": ISSUER})
    badges(loader, tmp_path, token, name="b.jwt")
    assert (ready(loader), ready(loader, verified_only=True)) == ([True], [])
    believe(keys, jwk(key, "EdDSA"))
    badges(loader, tmp_path, token, name="b.jwt")
    assert (ready(loader), ready(loader, verified_only=True)) == ([True], [True])
    believe(keys, jwk(secret_key("EdDSA"), "EdDSA"))
    badges(loader, tmp_path, token, name="b.jwt")
    assert ready(loader) == []
    revoked = {"type": "1EdTechRevocationList", "id": f"{ISSUER}/r", "issuer": ISSUER, "revokedCredential": [KEY]}
    believe(keys, jwk(key, "EdDSA"))
    badges(loader, tmp_path, token, revoked)
    assert (state(loader), ready(loader)) == ("revoked", [])


# Files


def test_bundles_are_taken_apart_and_speak_for_what_their_issuer_did_not_sign(loader: Loader, tmp_path: Path) -> None:
    key = secret_key("EdDSA")
    mine, other = credential(issuer=did_key(key)), credential(id=f"{KEY}0")
    clr = {
        "type": ["VerifiableCredential", "ClrCredential"],
        "issuer": {"id": did_key(key)},
        "credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": [mine, other], "association": []},
    }
    badges(loader, tmp_path, signed(key, "EdDSA", {"vc": clr}), name="clr.jwt")
    assert (state(loader), state(loader, evidence(f"{KEY}0"))) == ("verified", "unverified")


def test_a_credential_may_come_in_an_envelope_a_presentation_or_an_answer_of_the_api(
    loader: Loader, tmp_path: Path
) -> None:
    key = secret_key("EdDSA")
    token = signed(key, "EdDSA", {"vc": credential(issuer=did_key(key))})
    wrapped = (
        {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"},
        {"type": ["VerifiablePresentation"], "verifiableCredential": [credential(id=f"{KEY}2")]},
        {"credential": [credential(id=f"{KEY}3")], "compactJwsString": []},
    )
    badges(loader, tmp_path, *wrapped)
    assert all(loader.there(*(evidence(f"{KEY}{each}") for each in ("", 2, 3))))


BAD: tuple[tuple[Any, str, str], ...] = (
    ({**credential(), "@context": "https://purl.imsglobal.org/spec/ob/v4p0/context.json"}, "@context", "known are"),
    ({**assertion(), "@context": "https://w3id.org/openbadges/v1"}, "@context", "names the version v1"),
    ({"uid": "1", "recipient": {}, "badge": BADGE, "verify": {}}, "type", "as in Open Badges 1.0 and 1.1"),
    ({"type": "Course"}, "type", "is no type of Open Badges"),
    ({"outcome_results": []}, "type", "this looks like Canvas outcome results, not Open Badges"),
    (credential({"id": None}), "credentialSubject", "names nobody"),
    (credential(credentialSubject=None), "credentialSubject", "is missing"),
    (credential(credentialSubject="ada"), "credentialSubject", "is no object"),
    (credential(validFrom=None), "validFrom", "is empty"),
    (credential(validFrom=5), "validFrom", "is no instant"),
    (credential(validFrom="2025-03-01", validUntil="2024-03-01"), "expires_at", "is before"),
    (credential({"achievement": True}), "credentialSubject.achievement", "is no object"),
    (credential(id="x" * 600), "credential, holder", "more than 512 characters"),
    ("no.token", "", "is no compact token"),
    ("bm8.bm8.bm8", "", "no JSON"),
    ("e30.eyJhIjoiXHVkODAwIn0.", "", "half a character"),
    (
        results({"value": "B", "resultDescription": LONG["id"], "alignment": [ALIGNMENT]}, described=[LONG]),
        "",
        "at most 512",
    ),
    (17, "", "is no compact token"),
    ([credential()], "", "is no credential"),
)


def test_bad_credentials_are_rejected_with_their_fields_and_the_others_go_in(loader: Loader, tmp_path: Path) -> None:
    badges(loader, tmp_path, *(value for value, _, _ in BAD), credential(id=f"{KEY}0"))
    held = {row.row: row for row in loader.held() if row.file == "badges.json"}
    for number, (_, field, reason) in enumerate(BAD, start=1):
        assert (number, held[number].field) == (number, field)
        assert reason in held[number].reason
    assert all(loader.there(evidence(f"{KEY}0")))


@pytest.mark.parametrize(("text", "reason"), [("[{", "no JSON"), ("[" * 600 + "]" * 600, "nested"), ("", "empty")])
def test_a_file_that_cannot_be_read_is_one_error(loader: Loader, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "badges.json").write_text(text)
    with pytest.raises(LoadError, match=reason):
        loader.folder(tmp_path / "badges.json", source="openbadges")


def test_a_folder_of_keys_that_holds_none_is_told(loader: Loader, tmp_path: Path, keys: Path) -> None:
    (keys / "bad.json").write_text('{"keys": []}')
    with pytest.raises(LoadError, match=r"bad\.json: holds no keys of an issuer"):
        badges(loader, tmp_path, credential())


def test_the_same_file_again_changes_nothing(loader: Loader, tmp_path: Path) -> None:
    given = results({"resultDescription": "urn:uuid:exam", "value": "92"})
    badges(loader, tmp_path, given)
    number = loader.store.number()
    badges(loader, tmp_path, given)
    assert loader.store.number() == number


def test_the_published_examples_are_read(loader: Loader) -> None:
    folder = SHARED_DATA / "samples" / "openbadges-3.0"
    if not folder.is_dir():
        pytest.skip("the examples of 1EdTech are not here: put them into ../shared/data/samples/openbadges-3.0")
    record = loader.folder(folder, source="openbadges")
    assert record.rejected == 0
    assert record.flags == {"level-of-another-description": 1, "levels-without-order": 1, "no-achievement": 1}
    ids = [row[0] for batch in loader.store.owned("openbadges", "Evidence") for row in batch]
    [kept] = [id for id in ids if "1edtech.edu~2fcredentials~2f3732." in id and id.endswith(".2")]
    assert node(loader.store, kept).properties["verification"] == "unverified"
