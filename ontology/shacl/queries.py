"""SPARQL in other people's shapes: whether it stays within its graph."""

from __future__ import annotations

import re
from typing import Any


def reaches_out(query: str) -> str | None:
    """How a SPARQL query would reach beyond its graph (SERVICE, FROM), None when it does not; updates do not parse."""
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    prefixes = "".join(f"PREFIX {name}: <urn:x-{name}:> " for name in _prefixes_used(query))
    try:
        waiting: list[Any] = [parseQuery(prefixes + query)]
    except (ParseException, RecursionError):
        return "is no SPARQL SELECT or ASK"
    while waiting:
        each = waiting.pop()
        name = getattr(each, "name", "")
        if name in ("ServiceGraphPattern", "DatasetClause"):
            return "calls another SERVICE" if name.startswith("Service") else "reads FROM elsewhere"
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple) or hasattr(each, "asList"):
            waiting += list(each)
    return None


def _prefixes_used(query: str) -> set[str]:
    declared = set(re.findall(r"(?i)\bprefix\s+([A-Za-z][\w.-]*)?:", query))
    return set(re.findall(r"(?<![\w<:/])([A-Za-z][\w-]*):(?=[A-Za-z_])", query)) - declared
