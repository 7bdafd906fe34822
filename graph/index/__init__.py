"""The column index that questions are answered from: built from the store, kept fresh by its change records."""

from graph.index.files import discard
from graph.index.index import Index
from graph.index.keeper import IndexKeeper
from graph.index.people import People
from graph.index.postings import Postings

__all__ = ["Index", "IndexKeeper", "People", "Postings", "discard"]
