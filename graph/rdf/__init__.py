"""The whole graph as RDF statements, in the ontology's own terms, streamed: what every RDF export writes.

A node is its class and properties; an edge with properties a node of its own, at `<base>edge/TYPE/<from>/<to>`; any
other edge one triple.
"""

NO_SOURCES = "which source states what: N-Quads and TriG carry it"
FIRST_SOURCE = "of what several sources state, all but the first of them: a record stands in one graph"
NO_EDGE_VERSIONS = "versions of edges without properties: a triple has no room for one"
"""What formats cannot carry."""
