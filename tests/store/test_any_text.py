"""Reads take any text, whatever a caller sends: what is not there is simply not there."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.store import Store
from graph.viewer import OPERATOR, Viewer
from tests.store.writing import put, rows

ANY = st.text(st.characters(), max_size=20)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY)
@example(text="skill:a\0")
@example(text="skill:a\0x")
@example(text="\ud800")
@example(text="x" * 100_000)
def test_an_id_may_be_any_text(store: Store, text: str) -> None:
    put(store, rows("Skill", {"id": "skill:a", "label": "A"}), rows("Learner", {"id": "hr:ada"}))
    limited = Viewer(OPERATOR.scopes, frozenset({text}))

    assert store.types_of([text]) == [None]
    for viewer in (OPERATOR, limited):
        assert store.get(text, viewer) is None
        assert store.many([text, "skill:a"], viewer).keys() == {"skill:a"}
        assert store.expand([text], viewer) == []
        assert store.facts("Evidence", {"learner": [text]}, viewer) == []
        assert store.facts("Evidence", {"kind": [text]}, viewer) == []
        assert store.facts("Identity", {"value": [text]}, viewer) == []
        store.page("Learner", viewer, after=text)
    assert store.keys("nodes", [text]).tolist() == [0]
    assert list(store.owned(text, "Skill")) == []
