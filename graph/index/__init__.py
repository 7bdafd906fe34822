"""The column index that questions are answered from: built from the store, kept fresh by its change records."""

from graph.index.held import STRETCH, Held, Keys, Sight, Some
from graph.index.index import Index
from graph.index.keeper import IndexKeeper
from graph.index.people import People
from graph.index.postings import Postings
from graph.index.who import Who

__all__ = ["STRETCH", "Held", "Index", "IndexKeeper", "Keys", "People", "Postings", "Sight", "Some", "Who"]
