"""The committed tables are what the seeded script makes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from demo.extract import extract
from demo.generate import COMPANY, ESCO, generate


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}


def test_the_same_seed_gives_the_committed_tables(tmp_path: Path) -> None:
    generate(tmp_path)
    assert contents(tmp_path) == contents(COMPANY)


def test_the_extract_is_what_the_full_download_gives(tmp_path: Path, esco_folder: Path) -> None:
    extract(esco_folder, tmp_path)
    assert contents(tmp_path) == contents(ESCO)


@pytest.mark.parametrize("name", ["skills", "skillGroups", "occupations", "ISCOGroups"])
def test_the_extract_holds_labels_and_addresses_but_no_descriptions(name: str) -> None:
    with (ESCO / f"{name}_en.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["preferredLabel"] and row["conceptUri"].startswith("http://data.europa.eu/esco/") for row in rows)
    assert not any(row["description"] for row in rows)
