"""What evidence supports: design section 3, in columns, one implementation for everyone and for one person."""

from graph.derive.intervals import Attempts, Intervals
from graph.derive.rules import Marks, Rules
from graph.derive.support import Derived, PartlyDerived, derive, fulfilling, holding, supported
from graph.derive.tables import NONE, Codes, Evidence, Ratings

__all__ = [
    "NONE", "Attempts", "Codes", "Derived", "Evidence", "Intervals", "Marks", "PartlyDerived",
    "Ratings", "Rules", "derive", "fulfilling", "holding", "supported",
]  # fmt: skip
