"""Formats the graph can be written out in: one module a format, found by its `EXPORT`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from graph.history import as_it_was
from graph.settings import Settings
from graph.steady import steady
from graph.store import Store
from graph.viewer import OPERATOR, Viewer


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom something is written, and by whose settings."""

    viewer: Viewer = OPERATOR
    settings: Settings = field(default_factory=Settings)


Writer = Callable[[Store, Path, Wanted], dict[str, int]]
"""Writes what the viewer may see to a path and tells how many rows of what it wrote; it is called again, over what it
wrote, when the store did not stay as it was meanwhile."""


@dataclass(frozen=True, slots=True)
class Export:
    """One format.

    `then` says what is to be done with what was written, where that is to be said. A format with a suffix is one file,
    which the API serves too if it has a media type; others are folders. What has no media type is for whoever owns the
    store, and asks for no viewer.
    """

    name: str
    description: str
    rows: Writer
    then: Callable[[Path], str] | None = None
    media_type: str = ""
    suffix: str = ""  # of the file, such as ".ttl"
    each: str = ""  # of what a folder gets a file, such as "framework", where one may be named instead of a file
    standard: str = ""  # what it conforms to, with its version
    read_by: str = ""  # the source that reads it back
    lacks: Sequence[str] = ()  # what it cannot carry, and why

    def write(self, store: Store, out: Path, wanted: Wanted | None = None, at: int | None = None) -> dict[str, int]:
        """Write the store as it is, or as it was at change number `at`; raises `NoSuchVersion`."""
        with as_it_was(store, at) as chosen:
            return steady(chosen, lambda _: self.rows(chosen, out, wanted or Wanted()))


def exports() -> Mapping[str, Export]:
    """Every format by name; a module of this package that holds `EXPORT` is one."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = [module.EXPORT for module in modules if hasattr(module, "EXPORT")]
    return {export.name: export for export in sorted(found, key=lambda export: str(export.name))}
