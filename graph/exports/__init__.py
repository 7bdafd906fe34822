"""Formats the graph can be written out in: one module a format, found by its `EXPORT`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from graph.history import as_it_was
from graph.steady import steady
from graph.store import Store


@dataclass(frozen=True, slots=True)
class Export:
    """One format. `rows` writes the whole store to `out` and tells how many rows of what it wrote; it is called again,
    over what it wrote, when the store did not stay as it was meanwhile. `then` says what is to be done with what was
    written, where that is to be said."""

    name: str
    description: str
    rows: Callable[[Store, Path], dict[str, int]]
    then: Callable[[Path], str] | None = None

    def write(self, store: Store, out: Path, at: int | None = None) -> dict[str, int]:
        """Write the store as it is, or as it was at change number `at`; raises `NoSuchVersion`."""
        with as_it_was(store, at) as chosen:
            return steady(chosen, lambda _: self.rows(chosen, out))


def exports() -> Mapping[str, Export]:
    """Every format by name; a module of this package that holds `EXPORT` is one."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = [module.EXPORT for module in modules if hasattr(module, "EXPORT")]
    return {export.name: export for export in sorted(found, key=lambda export: str(export.name))}
