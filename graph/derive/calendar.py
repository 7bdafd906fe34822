"""Calendar arithmetic on columns of instants: `ontology.values.add_duration` for many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ontology.values import LATEST, OPEN, Duration

_DAY = 86_400


def add_duration(instants: NDArray[np.int64], duration: Duration) -> NDArray[np.int64]:
    """The instants a duration later: months first, the day clamped to the month's last; OPEN where after 2105."""
    days = (instants // _DAY).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    later = months + np.timedelta64(duration.months, "M")
    first, following = later.astype("datetime64[D]"), (later + np.timedelta64(1, "M")).astype("datetime64[D]")
    clamped = np.minimum(first + (days - months.astype("datetime64[D]")), following - np.timedelta64(1, "D"))
    seconds = clamped.astype(np.int64) * _DAY + instants % _DAY + duration.seconds
    return np.where((instants >= OPEN) | (seconds > LATEST), OPEN, seconds)
