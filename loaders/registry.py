"""The sources that can be loaded: every module of `loaders.sources` that holds `SOURCE`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from loaders import sources as package
from loaders.errors import LoadError, nearest
from loaders.source import Source


@cache
def sources() -> Mapping[str, Source]:
    """Every source by name, in code-point order."""
    names = (found.name for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    modules = map(importlib.import_module, names)
    found = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def source_named(name: str) -> Source:
    """The source of that name; raises `LoadError` with the nearest known one."""
    found = sources().get(name)
    if found is None:
        raise LoadError(
            f"no source is named {name!r}{nearest(name, sources())}; known are: {', '.join(sources())}", value=name
        )
    return found
