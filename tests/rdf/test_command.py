"""RDF by the commands that users type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Skillgraph, loaded, skillgraph
from tests.rdf.conftest import PREFIXES, RDF_FORMATS

__all__ = ["loaded", "skillgraph"]


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_what_was_exported_is_loaded_to_the_same_digest(loaded: Skillgraph, format: str, tmp_path: Path) -> None:
    loaded("export", format)
    (path,) = tmp_path.glob(f"skillgraph-{format}.*")
    counts = loaded("load", "rdf", path, "--store", "sqlite:again.db", "--json").json()
    assert (counts["read"], counts["written"], counts["rejected"]) == (70, 70, 0)
    digests = {loaded("check", "--digest", "--store", f"sqlite:{name}.db").out for name in ("skillgraph", "again")}
    assert len(digests) == 1


def test_an_error_says_the_file_the_line_and_the_fix(skillgraph: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(PREFIXES + ":a a sg:Role ;\n", encoding="utf-8")
    done = skillgraph("load", "rdf", "data.ttl", check=False)
    assert done.code == 1
    assert "data.ttl: line 6: " in done.err
    assert "mend the file" in done.err


def test_what_was_not_read_is_told(skillgraph: Skillgraph, tmp_path: Path) -> None:
    text = ":a a sg:Role ; <urn:p> 1 . :b a sg:Role ; sg:threshold 2.0 ."
    (tmp_path / "data.ttl").write_text(PREFIXES + text, encoding="utf-8")
    done = skillgraph("load", "rdf", "data.ttl", "--max-rejects", "50%")
    assert "not-read:urn:p: 1" in done.out + done.err
    (reject,) = skillgraph("rejects", "1", "--json").json()
    assert (reject["file"], reject["field"], reject["value"]) == ("data.ttl", "threshold", "2.0")
    assert "too large: at most 1" in reject["reason"]
