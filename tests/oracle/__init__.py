"""The brute force: design sections 3, 4 and 5 read as plainly as they are written, on rows of native tables.

Nothing of the project is used here, no numpy, no index: only loops, decimals and datetimes. Rows are dicts of texts as
in the CSV files; an absent cell is missing or empty. Instants are whole seconds since 1970, levels ranks of home.
"""

from tests.oracle.filters import Filters
from tests.oracle.holding import Counting, Support, lower_median
from tests.oracle.matching import Match, Matching, Met, Profile, Requirement
from tests.oracle.rows import FOR_EVER, Row, Rows, after, begins, ends, in_force, newest


class Oracle(Matching, Filters):
    """A whole company, asked by brute force."""


__all__ = [
    "FOR_EVER", "Counting", "Match", "Met", "Oracle", "Profile", "Requirement", "Row", "Rows", "Support", "after",
    "begins", "ends", "in_force", "lower_median", "newest",
]  # fmt: skip
