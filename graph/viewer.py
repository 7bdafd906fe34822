"""Who is asking: every read takes a Viewer."""

from __future__ import annotations

from dataclasses import dataclass

SCOPES = ("match", "graph", "people", "publish", "load", "audit", "admin", "public")


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the asker may see.

    `org_units` is None for everyone, else the ids of units; only people who are members of these or of their
    sub-units now are seen, all others are as if absent. Labels and other personal properties are seen with scope
    `people` only.
    """

    scopes: frozenset[str]
    org_units: frozenset[str] | None = None
    key: str = ""  # the API key's id, for logs

    @property
    def names(self) -> bool:
        """Whether labels and contact properties of people are shown."""
        return "people" in self.scopes

    def may(self, scope: str) -> bool:
        """Whether the viewer holds the scope; everyone holds `public`."""
        return scope == "public" or scope in self.scopes


OPERATOR = Viewer(frozenset(SCOPES), key="operator")
"""The person at the command line: owns the store file."""

PUBLIC = Viewer(frozenset({"public"}))
