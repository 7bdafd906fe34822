"""What can be wrong with the ontology, or with a name looked up in it."""

from __future__ import annotations


class OntologyError(ValueError):
    """The ontology files contradict themselves or the bundled model."""


class UnknownType(ValueError):
    """No class or edge of that name is in the ontology."""
