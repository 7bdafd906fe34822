"""Loads by upload: accepted at once, done behind the request, every row told, and nothing that comes in does harm."""

from __future__ import annotations

import io
import time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest

from tests.api.conftest import Served, folder_of, problem

SKILLS = b"id,label\nskill:helm,Helm\nskill:terraform,Terraform\n"
MAP = b"""
[[file]]
name = "people.csv"
[[file.node]]
type = "Learner"
id = "hr-person:{Number}"
fields = { location = "City", kind = { constant = "internal" } }
"""
BAD = b"id,label,type\nskill:ok,Fine,skill\nskill:bad,Bad,nonsense\nskill:fine,Fine,skill\n"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), data)
    return out.getvalue()


def send(client: httpx.Client, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    return client.post(
        "/v1/loads", data={"source": "tables", **fields}, files=[("files", (name, data)) for name, data in files]
    )


def ended(client: httpx.Client, sent: httpx.Response) -> dict[str, Any]:
    """The load once it has ended."""
    assert sent.status_code == 202, sent.text
    address = sent.headers["location"]
    assert sent.json()["id"] == address.rpartition("/")[2]
    for _ in range(400):
        told: dict[str, Any] = client.get(address).json()
        if told["state"] not in {"receiving", "queued", "running"}:
            return told
        time.sleep(0.02)
    raise AssertionError(told)


def test_a_table_is_loaded_behind_the_request(served: Served, writer: httpx.Client) -> None:
    told = ended(writer, send(writer, ("Skill.csv", SKILLS), partial="true"))
    assert (told["state"], told["name"], told["read"], told["written"]) == ("done", "lms", 2, 2)
    assert writer.get("/v1/search?q=terraform").json()["rows"][0]["id"] == "skill:terraform"
    assert writer.get(f"/v1/loads/{told['load']}").json() | {"id": told["id"]} == told
    left = [each for each in (folder_of(served.store) / "skillgraph.db.staging").rglob("*") if each.suffix == ".csv"]
    assert left == []


def test_a_zip_is_loaded_as_the_folder_it_holds(writer: httpx.Client) -> None:
    links = b"from,to\nskill:helm,skill:containers\n"
    packed = zipped(tables__Skill_csv=SKILLS, tables__BROADER_csv=links)
    told = ended(writer, send(writer, ("tables.zip", packed), partial="true"))
    assert (told["state"], told["read"], told["rejected"]) == ("done", 3, 0), told


def test_other_peoples_tables_come_with_a_map(writer: httpx.Client) -> None:
    table = b"Number,City\n7,Oslo\n"
    told = ended(
        writer,
        writer.post(
            "/v1/loads", data={"source": "tables"}, files={"files": ("people.csv", table), "map": ("map.toml", MAP)}
        ),
    )
    assert (told["state"], told["written"]) == ("done", 1), told
    assert writer.get("/v1/nodes/hr-person:7").json()["properties"] == {"kind": "internal", "location": "Oslo"}


def test_a_map_that_is_none_is_told(writer: httpx.Client) -> None:
    deep = b"a = " + b"[" * 5_000
    for text, state in ((b"\xff", "failed"), (b"[[file]]", "failed"), (deep, "failed")):
        files = {"files": ("people.csv", b"Number\n7\n"), "map": ("map.toml", text)}
        told = ended(writer, writer.post("/v1/loads", data={"source": "tables"}, files=files))
        assert told["state"] in {state, "stopped"}
        assert told["message"]
    files = {"files": ("people.csv", b"Number\n7\n"), "map": ("map.toml", bytes(2 << 20))}
    problem(writer.post("/v1/loads", data={"source": "tables"}, files=files), 413)


def test_rejected_rows_are_listed_with_the_fix(writer: httpx.Client) -> None:
    sent = send(writer, ("Skill.csv", BAD), partial="true", max_rejects="50%")
    told = ended(writer, sent)
    assert (told["written"], told["rejected"]) == (2, 1)
    rows = writer.get(f"{sent.headers['location']}/rejects").json()["rows"]
    assert [(row["row"], row["field"], row["value"], row["kind"]) for row in rows] == [
        (2, "type", "nonsense", "rejected")
    ]
    assert rows[0]["raw"]["id"] == "skill:bad"
    assert writer.get(f"{sent.headers['location']}/rejects?kind=waiting").json()["rows"] == []
    csv = writer.get(f"{sent.headers['location']}/rejects", headers={"Accept": "text/csv"}).text
    assert csv.splitlines()[0].startswith("file,row,kind,field,value,reason")


def test_rejects_come_in_pages(writer: httpx.Client) -> None:
    rows = b"".join(b"skill:%d,x,nonsense\n" % number for number in range(25))
    sent = send(writer, ("Skill.csv", b"id,label,type\n" + rows), partial="true", max_rejects="100%")
    ended(writer, sent)
    address, seen = f"{sent.headers['location']}/rejects?limit=10", []
    while address:
        answer = writer.get(address)
        seen += [row["row"] for row in answer.json()["rows"]]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == list(range(1, 26))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("Skill.csv", b"", "Skill.csv"),
        ("Skill.csv", b"id,labell\nskill:a,A\n", "label"),
        ("Skil.csv", SKILLS, "Skill"),
        ("Skill.csv", BAD, "nonsense"),
        ("Skill.csv", b"id,label\nskill:a,\xff\xfe\xff\n", "Skill.csv"),
        ("Skill.xlsx", b"PK\x03\x04 no workbook", "Skill.xlsx"),
        ("Skill.parquet", b"PAR1 no parquet PAR1", "Skill.parquet"),
    ],
    ids=["empty", "column", "table", "too many rejects", "encoding", "workbook", "parquet"],
)
def test_a_file_that_cannot_be_loaded_leaves_the_store_and_says_why(
    served: Served, writer: httpx.Client, name: str, data: bytes, words: str
) -> None:
    number = served.store.number()
    sent = send(writer, (name, data), partial="true")
    if sent.status_code != 202:
        assert problem(sent, sent.status_code)["fix"]
        return
    told = ended(writer, sent)
    assert told["state"] in {"failed", "stopped"}
    assert words in told["message"]
    assert served.store.number() == number


def test_the_same_files_twice_change_nothing(served: Served, writer: httpx.Client) -> None:
    ended(writer, send(writer, ("Skill.csv", SKILLS), partial="true"))
    number = served.store.number()
    told = ended(writer, send(writer, ("Skill.csv", SKILLS), partial="true"))
    assert (told["written"], told["unchanged"], served.store.number()) == (0, 2, number)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source": "nonsense"}, "source"),
        ({"source": ""}, "source"),
        ({"name": "No Name!"}, "name"),
        ({"partial": "yes"}, "partial"),
        ({"snapshot_at": "2025-02-30"}, "snapshot_at"),
        ({"max_rejects": "200%"}, "max_rejects"),
        ({"max_rejects": "many"}, "max_rejects"),
        ({"max_rejects": "9" * 400}, "max_rejects"),
        ({"shrink": "true"}, "shrink"),
    ],
    ids=str,
)
def test_a_bad_field_is_named_with_the_fix(writer: httpx.Client, fields: dict[str, str], field: str) -> None:
    assert problem(send(writer, ("Skill.csv", SKILLS), **fields), 422)["field"] == field


@pytest.mark.parametrize("name", ["../Skill.csv", "/etc/passwd", "a\\b.csv", "", ".htaccess", "Skill.csv\x00.txt"])
def test_a_file_name_that_leads_elsewhere_is_refused(writer: httpx.Client, name: str) -> None:
    answer = send(writer, (name, SKILLS))
    assert answer.status_code in {400, 422}, answer.text


def test_harmful_archives_are_refused_before_they_are_queued(served: Served, writer: httpx.Client) -> None:
    assert "path" in problem(send(writer, ("a.zip", zipped(**{"..__Skill_csv": SKILLS}))), 422)["fix"]
    problem(send(writer, ("a.zip", zipped(Skill_csv=bytes(20 << 20)))), 413)
    problem(send(writer, ("a.zip", b"PK\x03\x04 cut off")), 400)
    problem(send(writer, ("Skill.xlsx", zipped(Skill_csv=bytes(20 << 20)))), 413)
    assert not list((folder_of(served.store) / "skillgraph.db.staging" / ".uploads").iterdir())


def test_an_archive_in_an_archive_is_looked_at_too(writer: httpx.Client) -> None:
    bomb = zipped(Skill_csv=bytes(20 << 20))
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("Skill.xlsx", bomb)
    told = ended(writer, send(writer, ("a.zip", inner.getvalue())))
    assert told["state"] == "failed"
    assert "larger than" in told["message"]


def test_an_upload_over_the_limit_is_413(writer: httpx.Client) -> None:
    problem(send(writer, ("Skill.csv", bytes(9 << 20))), 413)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"rubbish"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="files"; filename="a'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="source"\r\n\r\n\xff\x00\r\n--x--',
        ),
        ("multipart/form-data; boundary=" + "y" * 5_000, b"--y"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a: b\r\n" * 50_000),
        ("application/x-www-form-urlencoded", b"source=tables"),
    ],
)
def test_malformed_forms_are_problems(writer: httpx.Client, kind: str, body: bytes) -> None:
    answer = writer.post("/v1/loads", content=body, headers={"Content-Type": kind})
    assert answer.status_code in {400, 415, 422}, answer.text
    assert problem(answer, answer.status_code)["fix"]


def test_a_load_is_seen_by_the_key_of_its_source_only(served: Served, writer: httpx.Client) -> None:
    sent = send(writer, ("Skill.csv", BAD), partial="true", max_rejects="50%")
    told = ended(writer, sent)
    for address in (sent.headers["location"], f"/v1/loads/{told['load']}"):
        with served.client(served.key("load", source="other")) as other:
            problem(other.get(address), 404)
            problem(other.get(f"{address}/rejects"), 404)
        with served.client(served.key("load")) as unbound:
            assert unbound.get(address).status_code == 200
            (row,) = unbound.get(f"{address}/rejects").json()["rows"]
            assert (row["raw"], row["value"], row["row"]) == ({}, "", 2)
        with served.client(served.key("load", "people")) as reader:
            assert reader.get(f"{address}/rejects").json()["rows"][0]["raw"]["id"] == "skill:bad"


def test_a_key_of_a_source_states_by_no_other_name(served: Served, writer: httpx.Client) -> None:
    problem(send(writer, ("Skill.csv", SKILLS), name="other"), 403)
    with served.client(served.key("load")) as unbound:
        assert ended(unbound, send(unbound, ("Skill.csv", SKILLS), name="other", partial="true"))["name"] == "other"


def test_a_key_of_org_units_loads_no_files(served: Served) -> None:
    with served.client(served.key("load", units=frozenset({"unit:platform"}), source="lms")) as client:
        problem(send(client, ("Skill.csv", SKILLS)), 403)


def test_when_enough_loads_wait_the_next_is_told_to_come_again(
    served: Served, writer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.service.jobs, "full", lambda: True)
    answer = send(writer, ("Skill.csv", SKILLS))
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_the_job_of_a_process_that_died_is_told_as_interrupted(served: Served, writer: httpx.Client) -> None:
    from dataclasses import replace

    job = served.service.jobs.create("lms", "tables", "key")
    served.service.jobs.keep(replace(job, state="running", process=2**22 - 1))
    assert writer.get(f"/v1/loads/{job.id}").json()["state"] == "interrupted"
