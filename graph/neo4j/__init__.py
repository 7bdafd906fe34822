"""The server store: Neo4j 5.26 or later, over Bolt."""
