"""The command as users type it."""

from __future__ import annotations

from tests.cli.conftest import loaded, skillgraph

__all__ = ["loaded", "skillgraph"]
