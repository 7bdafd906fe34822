"""Which fields of a source's users are identities that other systems know too, as a deployment says with --map.

    [identities]
    idnumber = "employee-number"

A field that the file does not name identifies nobody: what a school or company writes there only they know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.source import Config
from loaders.toml import read_toml


def systems(config: Config, fields: Sequence[str]) -> Mapping[str, str]:
    """Field -> identity system, of the fields that may be named; raises `MappingError` for others."""
    if config.map is None:
        return {}
    whole = read_toml(config.map)
    section = whole.section("identities")
    found = {name: section.text_of(name) for name in fields}
    whole.check_known()
    section.check_known()
    return {name: system for name, system in found.items() if system}
