"""Open Badges 3.0: what somebody holds, signed, by the standard's schema, and read back by our own source."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from cli.main import app
from graph.exports import Wanted
from graph.exports.openbadges import EXPORT
from graph.exports.openbadges.terms import Issuer
from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import ALGORITHMS, Settings
from graph.signing import SigningKey, key_to_sign, signing_keys
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load
from loaders.signatures import keys_at_hand, token_state
from ontology.values import parse_instant
from queries.ask import ask
from tests.formats.openbadges_schema import schema
from tests.formats.test_case import formats
from tests.loads.tables import Loader

ISSUER = Issuer("http://localhost:8000/", "Tiny")
SETTINGS = Settings(issuer_name="Tiny")
DAY = parse_instant("2025-01-01")[0]
ADA, CLEO = "http://localhost:8000/id/person:ada", "http://localhost:8000/id/person:cleo"
LEVEL = "https://w3id.org/skillgraph/level/"

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def new_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 2025-01-01: Ada's permit holds, Dan's does not."""
    monkeypatch.setattr("graph.exports.openbadges.now", lambda: DAY)


def issued(store: Store, out: Path, settings: Settings = SETTINGS) -> list[str]:
    EXPORT.write(store, out, Wanted(settings=settings))
    return out.read_text("ascii").split()


def opened(token: str) -> Json:
    claims: Json = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def credential(claims: Json) -> Json:
    """The credential without the registered claims."""
    return {name: value for name, value in claims.items() if name not in ("iss", "jti", "sub", "nbf", "exp")}


def of(tokens: list[str], holder: str) -> dict[str, Json]:
    """One holder's credentials by the name of what was achieved."""
    every = map(opened, tokens)
    return {each["name"]: each for each in every if each["sub"] == holder}


def public(store: Store, settings: Settings = SETTINGS) -> Mapping[str, Any]:
    """kid -> public key."""
    document = ISSUER.key_set(signing_keys(store.url, settings))
    return {key["kid"]: jwt.PyJWK(key) for key in document["keys"]}


def test_every_credential_conforms_to_the_standard(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    assert len(tokens) > 10
    validator = Draft202012Validator(schema("AchievementCredential"), format_checker=formats())
    for token in tokens:
        assert [str(error) for error in validator.iter_errors(credential(opened(token)))] == []


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_is_signed_as_section_8_2_has_it(company: Store, tmp_path: Path, algorithm: str) -> None:
    settings = replace(SETTINGS, signing_algorithm=algorithm)
    token = issued(company, tmp_path / "all.jwt", settings)[0]
    header, claims = jwt.get_unverified_header(token), opened(token)
    assert header == {"alg": algorithm, "typ": "JWT", "kid": header["kid"]}
    assert header["kid"].startswith("http://localhost:8000/issuer/keys/")
    assert claims["iss"] == claims["issuer"]["id"] == ISSUER.id
    assert (claims["jti"], claims["sub"]) == (claims["id"], claims["credentialSubject"]["id"])
    assert claims["nbf"] == parse_instant(claims["validFrom"])[0]
    assert claims.get("exp") == (parse_instant(claims["validUntil"])[0] if "validUntil" in claims else None)
    jwt.decode(token, public(company, settings)[header["kid"]], [algorithm], options={"verify_exp": False})


def test_it_attests_what_is_held_at_its_level(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    ada = of(tokens, ADA)
    assert {name: achieved(each) for name, each in ada.items()} == {
        "Data centre permit": ["foundation"],
        "Kubernetes": ["practitioner"],
        "Linux administration": ["practitioner"],
        "communication": ["foundation"],
        "incident response": ["practitioner"],
    }
    permit = ada["Data centre permit"]
    assert (permit["validFrom"], permit["validUntil"]) == ("2024-06-01T00:00:00Z", "2025-06-01T00:00:00Z")
    achievement = permit["credentialSubject"]["achievement"]
    assert (achievement["id"], achievement["achievementType"]) == (
        "http://localhost:8000/id/credential:permit",
        "License",
    )
    assert ada["Kubernetes"]["credentialSubject"]["achievement"]["alignment"] == [
        {
            "type": ["Alignment"],
            "targetName": "Kubernetes",
            "targetUrl": "http://localhost:8000/id/skill:k8s",
            "targetFramework": "tables",
            "targetType": "CFItem",
        }
    ]


def achieved(claims: Json) -> list[str]:
    return [result["achievedLevel"].removeprefix(LEVEL) for result in claims["credentialSubject"]["result"]]


def test_what_is_unverified_claimed_expired_or_not_held_is_not_attested(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    ben, dan = (of(tokens, f"http://localhost:8000/id/person:{name}") for name in ("ben", "dan"))
    assert set(ben) == {"shell scripting", "Data centre permit", "communication"}
    assert "Data centre permit" not in dan
    assert of(tokens, "http://localhost:8000/id/person:eve") == {}


def test_the_holder_is_named_by_a_hash_of_the_address(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    (identity,) = opened(tokens[0])["credentialSubject"]["identifier"]
    known = {"ada@example.org", "ben@example.org", "cleo@example.org", "dan@example.org"}
    hashes = {"sha256$" + hashlib.sha256(f"{each}{identity['salt']}".encode()).hexdigest() for each in known}
    assert identity["identityHash"] in hashes
    everything = json.dumps([opened(token) for token in tokens])
    assert not [address for address in known if address in everything]
    assert not [name for name in ("Lovelace", "Marsh", "Ford", "Okafor") if name in everything]


def test_evidence_tells_of_nobody_else_and_of_no_application(company: Store, tmp_path: Path) -> None:
    loader = Loader(company, tmp_path)
    loader(
        "extra",
        Evidence="id,learner,kind,about,skill,level,shown_at,url\n"
        "extra:talk,person:ada,interview,requisition:berlin,skill:shell,1,2024-06-01,https://ats.example/notes\n"
        "extra:work,person:ada,work_sample,,skill:unix,1,2024-06-01,https://work.example/ada\n",
    )
    ada = of(issued(company, tmp_path / "all.jwt"), ADA)
    assert ada["shell scripting"]["evidence"] == [
        {"type": ["Evidence"], "genre": "Interview", "narrative": "Shown on 2024-06-01."}
    ]
    assert ada["Unix administration"]["evidence"][0]["id"] == "https://work.example/ada"
    assert ada["incident response"]["evidence"][0]["name"] == "Incident drill"


EVIDENCE = "id,learner,kind,about,skill,level,shown_at,url\n"


@pytest.mark.parametrize("about", ["requisition:berlin", "question:leaving"])
def test_evidence_of_an_assessment_tells_of_no_application_either(company: Store, tmp_path: Path, about: str) -> None:
    Loader(company, tmp_path)(
        "extra",
        InterviewQuestion="id,label\nquestion:leaving,Why do you leave?\n",
        Evidence=f"{EVIDENCE}extra:test,person:ada,assessment,{about},skill:shell,1,2024-06-01,\n",
    )
    assert of(issued(company, tmp_path / "all.jwt"), ADA)["shell scripting"]["evidence"] == [
        {"type": ["Evidence"], "genre": "Assessment", "narrative": "Shown on 2024-06-01."}
    ]


@pytest.mark.parametrize(
    "url", ["https://[", "https://work.example/%zz", "https://work.example/é", "ftp://x.example/1"]
)
def test_an_address_that_is_none_is_left_out(company: Store, tmp_path: Path, url: str) -> None:
    row = f"extra:work,person:ada,work_sample,,skill:unix,1,2024-06-01,{url}\n"
    assert Loader(company, tmp_path)("extra", Evidence=EVIDENCE + row).written == 1
    (evidence,) = of(issued(company, tmp_path / "all.jwt"), ADA)["Unix administration"]["evidence"]
    assert "id" not in evidence


def test_a_credential_attests_what_was_in_force_when_it_was_earned(store: Store, tmp_path: Path) -> None:
    Loader(store, tmp_path)(
        Skill="id,label\nskill:old,Old\nskill:new,New\n",
        Credential="id,label\ncredential:permit,Permit\n",
        ATTESTS="from,to,level,since,until\n"
        "credential:permit,skill:old,1,,2023-12-31\ncredential:permit,skill:new,2,2024-01-01,\n",
        Learner="id,label\nperson:ada,Ada\nperson:ben,Ben\n",
        Evidence="id,learner,kind,about,shown_at\n"
        "e:a,person:ada,credential,credential:permit,2023-06-01\n"
        "e:b,person:ben,credential,credential:permit,2024-06-01\n",
    )
    tokens = issued(store, tmp_path / "all.jwt")
    for name, skill, level in (("ada", "Old", "foundation"), ("ben", "New", "practitioner")):
        own = of(tokens, f"http://localhost:8000/id/person:{name}")
        assert set(own) == {"Permit", skill}
        achievement = own["Permit"]["credentialSubject"]["achievement"]
        assert [each["targetName"] for each in achievement["alignment"]] == [skill]
        assert achieved(own["Permit"]) == achieved(own[skill]) == [level]


def test_where_nobody_holds_anything_nothing_is_written(store: Store, tmp_path: Path) -> None:
    assert issued(store, tmp_path / "none.jwt") == []
    Loader(store, tmp_path)(
        Skill="id,label\nskill:sql,SQL\n",
        Learner="id,label\nperson:ada,Ada\n",
        Evidence="id,learner,kind,skill,level,shown_at\ne:a,person:ada,work_sample,skill:sql,1,2024-01-01\n",
    )
    assert len(issued(store, tmp_path / "one.jwt")) == 1  # a skill, and no credential anywhere


def test_a_person_of_several_records_gets_one_credential_a_skill(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    assert of(tokens, "http://localhost:8000/id/recruit:cleo") == {}
    names = [opened(token)["name"] for token in tokens if opened(token)["sub"] == CLEO]
    assert len(names) == len(set(names)) > 0


def test_the_same_state_is_signed_the_same(company: Store, tmp_path: Path) -> None:
    assert issued(company, tmp_path / "one.jwt") == issued(company, tmp_path / "two.jwt")


def test_a_folder_has_a_file_for_each_person(company: Store, tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    command = ["export", "openbadges", "--store", company.url, "--out", str(folder), "--json"]
    report = json.loads(CliRunner().invoke(app, command).stdout)
    files = sorted(path.name for path in folder.iterdir())
    assert files == [f"person~3a{name}.jwt" for name in ("ada", "ben", "cleo", "dan")]
    assert sum(len(path.read_text().split()) for path in folder.iterdir()) == report["credentials"]


def test_a_file_is_named_after_an_id_of_any_length(store: Store, tmp_path: Path) -> None:
    ids = [f"person:{'x' * 400}{end}" for end in "ab"]
    Loader(store, tmp_path)(
        Skill="id,label\nskill:sql,SQL\n",
        Learner="id\n" + "".join(f"{id}\n" for id in ids),
        Evidence="id,learner,kind,skill,level,shown_at\n"
        + "".join(f"e:{id[-1]},{id},work_sample,skill:sql,1,2024-01-01\n" for id in ids),
    )
    folder = tmp_path / "people"
    folder.mkdir()
    EXPORT.write(store, folder, Wanted(settings=SETTINGS))
    assert len([path for path in folder.iterdir() if path.name.startswith("person~3axxx")]) == 2


def trusting(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, keys: list[SigningKey] | None = None) -> None:
    """Believe these keys, else the deployment's."""
    folder.mkdir()
    chosen = keys or signing_keys(store.url, SETTINGS)
    document = {"issuer": ISSUER.id, **ISSUER.key_set(chosen)}
    (folder / "tiny.json").write_text(json.dumps(document))
    monkeypatch.setenv("SKILLGRAPH_ISSUER_KEYS", str(folder))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_read_back_is_held_at_the_same_levels_and_verified(
    company: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    tokens = issued(company, tmp_path / "all.jwt", replace(SETTINGS, signing_algorithm=algorithm))
    trusting(company, tmp_path / "keys", monkeypatch)
    assert set(held(company, "person:ada")) == {"skill:communication", "skill:incident", "skill:k8s", "skill:linux"}
    back = open_store(f"sqlite:{tmp_path / 'back.db'}")
    Loader(back, tmp_path)(
        "tables",
        Skill="id,label\n" + "".join(f"{node.id},{node.id}\n" for node in company.page("Skill", OPERATOR)),
        Learner="id,email\nhr:ada,ada@example.org\nhr:cleo,cleo@example.org\n",
        Identity="id,learner,system,value\nid:a,hr:ada,email,ada@example.org\nid:c,hr:cleo,email,cleo@example.org\n",
    )
    record = load(back, LoadRequest(source="openbadges", paths=(tmp_path / "all.jwt",)))
    assert (record.rejected, record.waiting, record.skips or {}) == (0, 0, {})
    for name in ("ada", "cleo"):
        assert held(back, f"hr:{name}") == held(company, f"person:{name}")
    states = {node.properties["verification"] for node in back.page("Evidence", OPERATOR, limit=500)}
    assert states <= {"verified", "expired"}  # the permit, by the loader's clock
    assert len(tokens) == sum(
        1 for node in back.page("Evidence", OPERATOR, limit=500) if node.id.startswith("openbadges:")
    )
    back.close()


def held(store: Store, person: str) -> dict[str, int]:
    keeper = IndexKeeper(store, Settings())
    given = {"person": person, "as_of": "2025-01-01", "verified_only": "true"}
    return {row["skill"]: row["level"] for row in ask(store, keeper, OPERATOR, "person-skills", given).rows}


def test_a_wrong_key_and_a_changed_token_are_broken(
    company: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issued(company, tmp_path / "all.jwt", replace(SETTINGS, signing_algorithm="EdDSA"))[0]
    kid = jwt.get_unverified_header(token)["kid"]
    trusting(company, tmp_path / "keys", monkeypatch)
    keys = keys_at_hand().of(ISSUER.id)
    assert token_state(token, keys) == "verified"
    other = [replace(key, key=Ed25519PrivateKey.generate().public_key()) for key in keys if key.name == kid]
    assert token_state(token, other) == "broken"
    header, _, signature = token.split(".")
    changed = opened(token) | {"name": "All there is"}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    assert token_state(f"{header}.{forged}.{signature}", keys) == "broken"


def test_no_private_key_is_in_a_token_or_the_store(company: Store, tmp_path: Path) -> None:
    tokens = issued(company, tmp_path / "all.jwt")
    place = Path(f"{company.url.removeprefix('sqlite:')}.signing")
    private = [key["d"] for key in json.loads(place.read_text())["keys"]]
    assert len(private) == 2
    kept = Path(company.url.removeprefix("sqlite:")).read_bytes()
    for secret in private:
        assert secret.encode() not in kept
        assert not [token for token in tokens if secret in json.dumps(opened(token))]
        assert secret not in json.dumps(ISSUER.key_set(signing_keys(company.url, SETTINGS)))
        assert secret not in repr(key_to_sign(company.url, SETTINGS))


def test_what_was_held_at_an_earlier_number_is_signed_by_the_same_key(company: Store, tmp_path: Path) -> None:
    now = issued(company, tmp_path / "all.jwt")
    number = company.number()
    Loader(company, tmp_path)("extra", Skill="id,label\nskill:new,New\n")
    EXPORT.write(company, tmp_path / "then.jwt", Wanted(settings=SETTINGS), at=number)
    assert (tmp_path / "then.jwt").read_text().split() == now
