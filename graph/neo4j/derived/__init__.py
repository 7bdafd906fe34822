"""What is derived in Neo4j: what evidence supports, whose records are one person, and which skills are held now."""

from graph.neo4j.derived.deriver import Deriver

__all__ = ["Deriver"]
