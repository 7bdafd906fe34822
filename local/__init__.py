"""A real Neo4j on this machine, without Docker: for `make neo4j`, tests and benchmarks; never in the wheel."""
