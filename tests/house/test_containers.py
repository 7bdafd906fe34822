"""The image and the compose file: what they are made of is there, and neither gives away a secret or a right.

`make image` runs the Dockerfile itself, which takes a minute, root and the registry of packages.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.dockerfile import Instruction, let_in, stages
from tests.house.test_packages import PACKAGES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
NEO4J, API = COMPOSE["services"]["neo4j"], COMPOSE["services"]["api"]
BUILD, IMAGE = stages()


def words(stage: list[Instruction], word: str) -> list[Instruction]:
    return [each for each in stage if each.word == word]


def copied() -> set[str]:
    """What the image takes from the checkout."""
    from_checkout = [each for each in words(BUILD, "COPY") + words(IMAGE, "COPY") if not each.flags]
    return {source for each in from_checkout for source in each.text.split()[:-1]}


def test_everything_that_is_copied_is_there_and_gets_into_the_build() -> None:
    assert [path for path in copied() if not (ROOT / path).exists() or not let_in(path)] == []


def test_the_image_has_our_packages_whole_and_nothing_else() -> None:
    assert {path for path in copied() if (ROOT / path).is_dir()} == PACKAGES
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["readme"], *project["license-files"], "pyproject.toml", "requirements.lock"} == copied() - PACKAGES


@pytest.mark.parametrize(
    "path",
    [".env", ".git/config", "tests/conftest.py", "demo/run.py", "skillgraph.db", "graph/x.db", "graph/x.db.secret",
     "api/__pycache__/app.cpython-311.pyc", "docs/README.md"],
)  # fmt: skip
def test_what_is_no_part_of_it_never_gets_into_the_build(path: str) -> None:
    assert not let_in(path)


def test_packages_are_those_of_the_lock_to_the_hash() -> None:
    commands = [each.text for each in words(BUILD, "RUN")]
    fetching = [text for text in commands if "pip" in text and "--no-index" not in text and not text.endswith(" .")]
    assert len(fetching) == 1
    assert "--require-hashes --requirement requirements.lock" in fetching[0]
    assert not any("pip" in each.text for each in words(IMAGE, "RUN")), "what runs is only copied"


def test_both_stages_have_the_same_base_pinned_to_its_last_number() -> None:
    bases = {stage[0].text.removesuffix(" AS build") for stage in (BUILD, IMAGE)}
    (base,) = bases
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base), "the Python that the tests run on"
    assert re.fullmatch(r"neo4j:5\.26\.\d+-community", NEO4J["image"])


def test_the_server_is_the_one_that_is_tested() -> None:
    pom = (ROOT / "local" / "pom.xml").read_text(encoding="utf-8")
    tested = re.search(r"<neo4j.version>(.+)</neo4j.version>", pom)
    assert tested is not None
    assert NEO4J["image"] == f"neo4j:{tested[1]}-community"


def test_nothing_runs_as_root() -> None:
    (user,) = words(IMAGE, "USER")
    assert all(int(number) > 0 for number in user.text.split(":")), "in numbers, so that a platform can check it"
    assert [each.word for each in IMAGE[IMAGE.index(user) :] if each.word in ("RUN", "COPY", "ADD")] == []
    assert [int(number) for number in NEO4J["user"].split(":")] == [7474, 7474]
    assert "user" not in API


@pytest.mark.parametrize("service", ["neo4j", "api"])
def test_a_service_has_only_the_rights_and_the_room_it_needs(service: str) -> None:
    told = COMPOSE["services"][service]
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in told
    assert told["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}
    assert all(port.startswith("127.0.0.1:") for port in told["ports"])
    assert all(not volume.startswith(("/", ".")) for volume in told["volumes"])
    assert {volume.partition(":")[0] for volume in told["volumes"]} <= COMPOSE["volumes"].keys()


def test_the_api_waits_for_a_healthy_database_and_writes_to_its_volume_only() -> None:
    assert NEO4J["healthcheck"]["test"][0] == "CMD"
    assert API["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert API["read_only"] is True
    assert [mount.partition(":")[0] for mount in API["tmpfs"]] == ["/tmp"]
    (volume,) = words(IMAGE, "VOLUME")
    assert [mount.partition(":")[2] for mount in API["volumes"]] == [volume.text]
    environment = " ".join(each.text for each in words(IMAGE, "ENV"))
    assert f"SKILLGRAPH_HOME={volume.text}" in environment
    assert f"NUMBA_CACHE_DIR={volume.text}/" in environment, "else the loops are compiled at every start"


SECRET = re.compile(r"(?i)password|secret|token|key|auth")


def test_there_is_no_password_in_either_and_no_start_without_one() -> None:
    given = " ".join(each.text for stage in (BUILD, IMAGE) for each in stage if each.word in ("ENV", "ARG"))
    assert SECRET.search(given) is None
    told = [value for service in (NEO4J, API) for name, value in service["environment"].items() if SECRET.search(name)]
    assert len(told) == 2
    assert all("${SKILLGRAPH_STORE_PASSWORD:?" in value for value in told)
    assert re.search(r"://[^/\s@]*:[^/\s@]+@", DOCKERFILE + COMPOSE_TEXT) is None
    assert API["environment"]["SKILLGRAPH_STORE"] == "neo4j://neo4j@neo4j:7687"
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_images_come_from_whatever_registry_the_machine_has() -> None:
    images = [BUILD[0].text, IMAGE[0].text, NEO4J["image"], API["image"]]
    assert [name for name in images if "/" in name] == []


def test_the_compose_file_is_one() -> None:
    """Against the Compose specification's own schema, as it comes with check-jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
