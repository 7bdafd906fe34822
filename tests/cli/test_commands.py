"""Every command on the tiny company: what it prints, and where."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from graph.open import open_store
from tests.cli.conftest import COMPANY, ROOT, Process, Skillgraph
from tests.ontology.test_extension import ACADEMY, HEAD

COUNTS = {"read", "written", "unchanged", "skipped", "waiting", "rejected", "removed", "seconds", "rows_per_second"}
ROLE = "role=role:cloud-engineer"
NEW_YEAR = "as_of=2025-01-01"


def test_load_prints_its_counts_and_the_same_load_again_changes_nothing(skillgraph: Skillgraph) -> None:
    first = skillgraph("load", "tables", COMPANY, "--json").json()
    assert first.keys() >= COUNTS | {"name", "source"}
    assert first["read"] == first["written"] > 0
    again = skillgraph("load", "tables", COMPANY, "--json").json()
    assert (again["unchanged"], again["written"]) == (again["read"], 0)


def test_load_says_what_it_would_do_and_does_nothing_when_dry(skillgraph: Skillgraph) -> None:
    dry = skillgraph("load", "tables", COMPANY, "--dry-run", "--json").json()
    assert dry["written"] == dry["read"]
    assert skillgraph("loads", "--json").json() == []


def test_ask_prints_a_table_for_people_and_json_for_programs(loaded: Skillgraph) -> None:
    table = loaded("ask", "role-matches", ROLE, NEW_YEAR)
    assert "Ada Lovelace" in table.out
    assert "not ready" in table.out
    assert "Data centre permit (credential)" in table.out, "a missing credential is a reason too"
    answer = loaded("ask", "role-matches", ROLE, NEW_YEAR, "--json").json()
    assert answer.keys() >= {"question", "parameters", "as_of", "version", "rows", "next", "total", "cut_ties"}
    assert [(row["person"], row["rank"], row["ready"], row["points"]) for row in answer["rows"]] == [
        ("person:ada", 1, True, 2940),
        ("person:cleo", 2, False, 2520),
        ("person:ben", 3, False, 2100),
        ("person:dan", 4, False, 1260),
    ]


def test_ask_gives_csv_and_ndjson_of_the_same_rows(loaded: Skillgraph) -> None:
    as_csv = list(csv.DictReader(io.StringIO(loaded("ask", "role-profile", ROLE, NEW_YEAR, "--format", "csv").out)))
    as_lines = loaded("ask", "role-profile", ROLE, NEW_YEAR, "--format", "ndjson").out.splitlines()
    assert len(as_csv) == len(as_lines) == 5, "four skills and the permit"
    assert {row["skill"] for row in as_csv} >= {"skill:linux", "skill:containers"}


def test_ask_goes_on_with_the_cursor_it_prints(loaded: Skillgraph) -> None:
    first = loaded("ask", "role-matches", ROLE, NEW_YEAR, "limit=2", "--json").json()
    second = loaded("ask", "role-matches", ROLE, NEW_YEAR, "limit=2", f"cursor={first['next']}", "--json").json()
    assert [row["person"] for row in (*first["rows"], *second["rows"])] == [
        "person:ada",
        "person:cleo",
        "person:ben",
        "person:dan",
    ]


HEAVY = ("polars", "rdflib", "pyshacl", "fastapi", "rich")


def test_ask_starts_without_the_heavy_libraries(loaded: Skillgraph, process: Process) -> None:
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    script = "import sys; from cli.main import app; app(standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script, "ask", "role-matches", ROLE, NEW_YEAR, "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name for name in HEAVY if name in done.stderr.split()} == set()
    assert "Ada Lovelace" in process("ask", "role-matches", ROLE, NEW_YEAR).stdout


def test_questions_and_sources_list_what_there_is(skillgraph: Skillgraph) -> None:
    names = {question["name"] for question in skillgraph("questions", "--json").json()}
    assert names == {"role-matches", "role-profile", "person-gap", "person-skills", "person-roles", "skill-sources"}
    assert {source["name"] for source in skillgraph("sources", "--json").json()} >= {"esco", "tables"}
    assert "role-matches" in skillgraph("questions").out


def test_rejects_are_listed_exported_mended_and_replayed(loaded: Skillgraph, tmp_path: Path) -> None:
    rows = "".join(f"skill:extra-{n},extra {n},skill\n" for n in range(20))
    (tmp_path / "Skill.csv").write_text(f"id,label,type\n{rows}skill:odd,odd,hobby\n", encoding="utf-8")
    counts = loaded("load", "tables", "Skill.csv", "--name", "more", "--json").json()
    assert (counts["written"], counts["rejected"]) == (20, 1)
    load = str(counts["load"])
    [reject] = loaded("rejects", load, "--json").json()
    assert (reject["row"], reject["field"], reject["value"]) == (21, "type", "hobby")
    assert "knowledge" in reject["reason"], "the reason names what may stand there"
    (tmp_path / "mended.csv").write_text(
        loaded("rejects", load, "--csv").out.replace("hobby,", "skill,").replace(",hobby", ",skill"),
        encoding="utf-8",
    )
    assert loaded("rejects", load, "--replay", "mended.csv", "--json").json()["written"] == 1
    assert loaded("rejects", load, "--json").json() == []


def test_keys_are_made_listed_and_revoked_and_the_secret_is_shown_once(loaded: Skillgraph) -> None:
    made = loaded("keys", "create", "--scope", "match", "--org-unit", "unit:platform", "--json").json()
    assert made.keys() == {"id", "key", "scopes"}
    listed = loaded("keys", "list", "--json")
    assert made["key"] not in listed.out
    assert [key["id"] for key in listed.json()] == [made["id"]]
    loaded("keys", "revoke", made["id"])
    assert loaded("keys", "list", "--json").json()[0]["revoked_at"] is not None
    assert loaded("keys", "revoke", made["id"], check=False).code == 1


def test_access_gives_out_everything_and_erase_leaves_nothing(loaded: Skillgraph) -> None:
    held = loaded("access", "recruit:cleo").out
    assert "cleo@example.org" in held
    assert "evidence:cleo-drill" in held, "the records of a person answer for each other"
    loaded("erase", "person:cleo", "--yes")
    assert loaded("access", "recruit:cleo", check=False).code == 1
    counts = loaded("load", "tables", COMPANY, "--json").json()
    assert counts["skipped"] > 0, "a later load does not bring them back"
    people = [row["person"] for row in loaded("ask", "role-matches", ROLE, NEW_YEAR, "--json").json()["rows"]]
    assert people == ["person:ada", "person:ben", "person:dan"]


def test_check_says_what_is_well(loaded: Skillgraph) -> None:
    findings = loaded("check", "--json").json()
    assert findings
    assert all(finding["well"] for finding in findings)


def index_finding(skillgraph: Skillgraph, code: int) -> dict[str, object]:
    done = skillgraph("check", "--json", check=False)
    assert done.code == code
    found: dict[str, dict[str, object]] = {finding["what"]: finding for finding in done.json()}
    return found["index"]


def test_check_reads_the_whole_index(loaded: Skillgraph, tmp_path: Path) -> None:
    assert index_finding(loaded, 0)["found"] == "not built yet"
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    assert index_finding(loaded, 0)["found"] == "as it was written"
    (columns,) = tmp_path.glob("skillgraph.db.index/*/columns")
    content = bytearray(columns.read_bytes())
    content[len(content) // 2] ^= 1
    columns.write_bytes(content)
    finding = index_finding(loaded, 1)
    assert (finding["well"], finding["found"]) == (False, "not as it was written")
    assert "skillgraph.db.index" in str(finding["fix"])


@pytest.mark.parametrize("fact", ["format", "model", "store", "settings"])
def test_an_index_of_another_version_or_store_is_well(loaded: Skillgraph, tmp_path: Path, fact: str) -> None:
    """As it is after an upgrade, or where a backup was restored."""
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    (manifest,) = tmp_path.glob("skillgraph.db.index/*/manifest.json")
    index = json.loads(manifest.read_text("utf-8"))["index"] | {fact: "another"}
    checksum = crc32(json.dumps(index, sort_keys=True).encode())
    manifest.write_text(json.dumps({"checksum": checksum, "index": index}), encoding="utf-8")
    finding = index_finding(loaded, 0)
    assert (finding["well"], finding["found"]) == (True, "of another version, store or settings")
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    assert index_finding(loaded, 0)["found"] == "as it was written"


def test_a_manifest_that_is_damaged_is_not_of_another_version(loaded: Skillgraph, tmp_path: Path) -> None:
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    (manifest,) = tmp_path.glob("skillgraph.db.index/*/manifest.json")
    manifest.write_text(manifest.read_text("utf-8").replace('"format": ', '"format": 1'), encoding="utf-8")
    assert index_finding(loaded, 1)["found"] == "not as it was written"


@pytest.mark.parametrize("name", ["current", "manifest.json", "columns"])
def test_an_index_that_may_not_be_read_is_said_to_be_so(
    loaded: Skillgraph, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    loaded("ask", "role-matches", ROLE, NEW_YEAR)
    whole = Path.open

    def refused(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return whole(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refused)
    finding = index_finding(loaded, 1)
    assert str(finding["found"]).endswith(f"{name} may not be read")
    assert "right" in str(finding["fix"])


def test_export_and_load_again_give_the_same_digest(loaded: Skillgraph) -> None:
    digest = loaded("check", "--digest").out.strip()
    loaded("export", "tables", "--out", "tables")
    loaded("load", "tables", "tables", "--store", "sqlite:other.db")
    assert loaded("check", "--digest", "--store", "sqlite:other.db").out.strip() == digest


def test_export_at_an_earlier_version_gives_the_store_as_it_was(loaded: Skillgraph, tmp_path: Path) -> None:
    before = loaded("check", "--digest", "--json").json()
    (tmp_path / "Skill.csv").write_text("id,label\nskill:late,a late skill\n", encoding="utf-8")
    loaded("load", "tables", "Skill.csv", "--name", "late")
    loaded("export", "tables", "--out", "then", "--at", str(before["version"]))
    loaded("load", "tables", "then", "--store", "sqlite:then.db")
    assert loaded("check", "--digest", "--store", "sqlite:then.db").out.strip() == before["digest"]


def test_validate_finds_the_store_well_by_both_engines(loaded: Skillgraph) -> None:
    assert loaded("validate", "--json").json()["conforms"] is True
    assert loaded("validate", "--engine", "pyshacl", "--json").json()["conforms"] is True


def test_validate_finds_a_store_with_nothing_in_it_well(skillgraph: Skillgraph, tmp_path: Path) -> None:
    open_store("sqlite:skillgraph.db").close()
    assert skillgraph("validate").out == "0 records conform\n"


def test_validate_knows_the_deployments_own_classes(
    skillgraph: Skillgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "acme.ttl").write_text(HEAD + ACADEMY, encoding="utf-8")
    (tmp_path / "Academy.csv").write_text("id,budget\nacademy:north,1200\n", encoding="utf-8")
    monkeypatch.setenv("SKILLGRAPH_ONTOLOGY", "acme")
    skillgraph("load", "tables", "Academy.csv")
    assert skillgraph("validate").out == "1 records conform\n"


def test_validate_tells_what_is_wrong_with_a_file(skillgraph: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text(
        '@prefix sg: <https://w3id.org/skillgraph#> .\n<http://example.org/s> a sg:Skill ; sg:type "hobby" .\n',
        encoding="utf-8",
    )
    report = skillgraph("validate", "bad.ttl", check=False)
    assert report.code == 1
    assert "hobby" in report.out
