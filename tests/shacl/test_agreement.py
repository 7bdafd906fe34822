"""Two engines, one definition: on any graph and any shapes they find the same (focus node, path, value, component)."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shacl.engines import both
from tests.shacl.generate import graph, shapes


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_any_shapes_on_any_graph(seed: int) -> None:
    random = Random(seed)
    both(shapes(random), graph(random))
