"""An rdflib graph that reads each query once: pySHACL asks the same of one focus node after the other, and reading a
law's query takes five times as long as answering it.
"""

from __future__ import annotations

from typing import Any

from rdflib import Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result


class PreparedGraph(Graph):
    """A graph whose queries are kept as they were read."""

    def __init__(self) -> None:
        super().__init__()
        self._prepared: dict[str, Query] = {}

    def query(self, query_object: str | Query, *arguments: Any, **named: Any) -> Result:
        """As rdflib has it."""
        if isinstance(query_object, str):
            text = query_object
            if text not in self._prepared:
                self._prepared[text] = prepareQuery(text, initNs=dict(self.namespaces()))
            query_object = self._prepared[text]
        return super().query(query_object, *arguments, **named)
