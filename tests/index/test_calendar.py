"""Calendar arithmetic on columns is that of single instants."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derive.calendar import add_duration
from ontology.values import LATEST, OPEN, parse_duration
from ontology.values import add_duration as add_one

DURATIONS = st.sampled_from(["P1M", "P13M", "P2Y", "P30D", "P1Y2M3DT4H5M6S", "P1W", "PT1S", "P200Y", "P0D"])
INSTANTS = st.one_of(st.integers(0, LATEST), st.sampled_from([OPEN, LATEST, 1_706_659_200]))


@settings(deadline=None)
@given(st.lists(INSTANTS, max_size=20), DURATIONS)
def test_columns_add_like_single_instants(instants: list[int], duration: str) -> None:
    added = add_duration(np.array(instants, np.int64), parse_duration(duration))
    assert added.tolist() == [add_one(instant, duration) for instant in instants]
