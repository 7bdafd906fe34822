"""`skillgraph export` of single files: whole or not at all, under a name that says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.exports import skos
from tests.cli.conftest import Skillgraph, loaded, skillgraph

__all__ = ["loaded", "skillgraph"]


def test_without_a_place_the_name_says_the_format(loaded: Skillgraph, tmp_path: Path) -> None:
    assert "Skill: 7" in loaded("export", "skos").err
    assert (tmp_path / "skillgraph-skos.ttl").read_text().startswith("@prefix skos:")
    assert not list(tmp_path.glob(".export-*"))


def test_a_hyphen_is_standard_output_and_what_was_written_is_told_beside(loaded: Skillgraph, tmp_path: Path) -> None:
    done = loaded("export", "schemaorg", "--out", "-", "--json")
    assert done.json()["@graph"]
    assert '"LearningObject": 3' in done.err
    assert not list(tmp_path.glob("*.jsonld"))


def test_what_fails_half_way_leaves_what_was_there(
    loaded: Skillgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skills.ttl").write_text("the last one")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "skills.ttl")

    monkeypatch.setattr(skos, "serialize", full)
    done = loaded("export", "skos", "--out", "skills.ttl", check=False)
    assert done.code == 1
    assert "free some space" in done.err
    assert (tmp_path / "skills.ttl").read_text() == "the last one"
    assert not list(tmp_path.glob(".export-*"))


def test_a_link_stays_one_and_what_it_leads_to_is_written(loaded: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "skills.ttl").symlink_to("published/skills.ttl")
    loaded("export", "skos", "--out", "skills.ttl")
    assert (tmp_path / "skills.ttl").is_symlink()
    assert (tmp_path / "published" / "skills.ttl").read_text().startswith("@prefix skos:")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("xml",), "schemaorg, skos, tables"),
        (("tables", "--out", "-"), "name a folder"),
        (("skos", "--out", "."), "name one"),
        (("skos", "--out", "nowhere/skills.ttl"), "nowhere is no folder"),
    ],
)
def test_wrong_usage_is_told_with_the_fix(loaded: Skillgraph, words: tuple[str, ...], told: str) -> None:
    done = loaded("export", *words, check=False)
    assert done.code == 2
    assert told in done.err


def test_the_help_lists_every_format(skillgraph: Skillgraph) -> None:
    told = skillgraph("export", "--help").out
    assert all(f"{name}:" in told for name in ("ctdl", "schemaorg", "skos", "tables"))


def test_the_graph_as_it_was(loaded: Skillgraph, tmp_path: Path) -> None:
    loaded("export", "skos", "--out", "then.ttl", "--at", "1")
    assert "skill:" not in (tmp_path / "then.ttl").read_text()
