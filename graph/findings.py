"""Findings that every engine makes alike: see `graph.health`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from graph.errors import StoreError
from graph.report import Finding
from graph.secret import VARIABLE, deployment_secret, secret_file

_PUT_ASIDE = {
    "rejected": "See them with `skillgraph rejects LOAD`, mend them and replay them.",
    "waiting": "They are written when what they refer to is loaded; see them with `skillgraph rejects LOAD`.",
    "conflict": "Two sources, or two rows, say different things of one record; see `skillgraph rejects LOAD`.",
}


def schema_and_model(known: tuple[int, str], ours: tuple[int, str]) -> Finding:
    """Whether the store has this Skillgraph's schema version and this deployment's model (its hash)."""
    if known == ours:
        return Finding("schema and model", True, _told(*known))
    fix = "Open the store once for writing, so that it is brought up to date."
    return Finding("schema and model", False, f"{_told(*known)}; this Skillgraph has {_told(*ours)}", fix)


def _told(version: int, model_hash: str) -> str:
    return f"schema {version}, model {model_hash[:12]}"


def references(lost: Iterable[tuple[str, int]]) -> Finding:
    """References and edges that lead to no node, by name: no write makes them, a damaged or hand-edited store may have
    them."""
    listed = ", ".join(f"{name} {count}" for name, count in lost if count)
    if not listed:
        return Finding("references", True, "every reference and every edge leads to a node")
    return Finding("references", False, f"lead nowhere: {listed}", "Load the sources of these records again.")


def put_aside(counts: Mapping[str, int]) -> Iterator[Finding]:
    """How many rows loads put aside, by kind."""
    for kind, fix in _PUT_ASIDE.items():
        count = counts.get(kind, 0)
        yield Finding(f"{kind} rows", True, str(count), fix if count else "")


def files_beside(files: Iterable[Path]) -> Finding:
    """Whether this user can read what lies beside the store."""
    beside = list(files)
    closed = sorted(each.name for each in beside if not os.access(each, os.R_OK, effective_ids=True))
    if closed:
        return Finding(
            "files beside it", False, f"not readable: {', '.join(closed)}", "Give this user the right to read them."
        )
    return Finding("files beside it", True, f"{len(beside)}, all readable")


def secret(place: Path, check: str | None) -> Finding:
    """Whether the deployment's secret is there, is the one that `check` remembers, and is kept from others."""
    try:
        deployment_secret(place, check=check)
    except StoreError as error:
        return Finding("deployment's secret", False, error.problem, error.fix)
    file = secret_file(place)
    if not os.environ.get(VARIABLE) and file.stat().st_mode & 0o077:
        return Finding("deployment's secret", False, "others may read its file", f"chmod 600 {file}")
    return Finding("deployment's secret", True, "there")
