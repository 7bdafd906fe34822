"""What was pushed and what a nightly table says again are one piece of evidence, whatever comes first.

docs/decisions/016-events-and-snapshots.md has the rule.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.digest import digest
from graph.open import open_store
from graph.secret import hand_over
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load, load_rows
from loaders.sources.xapi_intake import Intake

ADL = "http://adlnet.gov/expapi/verbs/"
MAP = """
    [[file]]
    name = "completions.csv"
    ignored = ["state"]

    [[file.node]]
    type = "Learner"
    id = { hash = "https://lms.example {user}", prefix = "xapi-actor" }

    [[file.node]]
    type = "Identity"
    id = { hash = "https://lms.example {user}", prefix = "xapi-identity" }

    [file.node.fields]
    learner = { hash = "https://lms.example {user}", prefix = "xapi-actor" }
    system = { constant = "lms-user" }
    value = "user"

    [[file.node]]
    type = "Evidence"
    id = { event = "xapi-evidence" }
    version = "changed"

    [file.node.fields]
    learner = { hash = "https://lms.example {user}", prefix = "xapi-actor" }
    kind = { constant = "completion" }
    about = "lms-course:{course}"
    outcome = { column = "result", values = { pass = "passed", fail = "failed" } }
    shown_at = "completed"
    """
HEADER = "user,course,result,completed,changed,state"
MORNING, NOON = "2025-03-01T09:30:00Z", "2025-03-01T12:00:00Z"
ID = "6f1c1b0c-3c61-4b57-8a2b-0d5c1f9a7e{:02x}"


def event(number: int, verb: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ID.format(number),
        "actor": {"account": {"homePage": "https://lms.example", "name": "ada"}},
        "verb": {"id": ADL + verb},
        "object": {"id": "http://localhost:8000/id/lms-course:linux"},
        "timestamp": at,
        **more,
    }


def void(number: int, target: int) -> dict[str, Any]:
    return event(number, "voided", NOON, object={"objectType": "StatementRef", "id": ID.format(target)})


STEPS: Sequence[Any] = (
    "catalogue",
    [event(1, "completed", MORNING)],
    [event(2, "passed", NOON)],
    [event(3, "failed", "2025-03-01T08:00:00Z")],
    [event(4, "passed", "2025-03-03T08:00:00Z"), event(5, "registered", "2025-01-01T08:00:00Z")],
    [void(6, 4)],
    [event(7, "completed", "2025-03-03T09:00:00Z")],
    f"ada,linux,pass,2025-03-01,{NOON},done",
    "ada,linux,pass,2025-03-01T09:30:00Z,2025-03-02T01:00:00Z,done",
    "ada,linux,fail,2025-02-01,2025-02-01T08:00:00Z,done",
)


class Place:
    """A store that events are pushed to and tables are loaded into, all by the source `lms`."""

    def __init__(self, folder: Path, secret: Path) -> None:
        folder.mkdir(parents=True)
        path = folder / "skillgraph.db"
        hand_over(open_secret(secret), path)
        self.store: Store = open_store(f"sqlite:{path}")
        self.folder, self._intake = folder, Intake(self.store, Settings())
        (folder / "map.toml").write_text(textwrap.dedent(MAP), "utf-8")

    def do(self, step: Any) -> None:
        """One step: the catalogue, a batch of events, or a row of the table."""
        if step == "catalogue":
            load_rows(self.store, "lms", {"LearningObject": [{"id": "lms-course:linux"}]})
        elif isinstance(step, list):
            self._intake.take("lms", step, 0)
        else:
            self.table(step)

    def table(self, *rows: str) -> None:
        path = self.folder / "completions.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
        assert self.load(path) == 0

    def load(self, path: Path) -> int:
        """Load a table; how many rows were rejected."""
        chosen = self.folder / "map.toml"
        request = LoadRequest("tables", (path,), map=chosen, name="lms", partial=True, max_rejects=1.0)
        return load(self.store, request).rejected

    def evidence(self) -> list[dict[str, Any]]:
        return [dict(node.properties) for node in self.store.page("Evidence", OPERATOR)]


def open_secret(path: Path) -> Any:
    from graph.secret import deployment_secret

    return deployment_secret(path)


@pytest.fixture
def place(tmp_path: Path, secret: Path) -> Iterator[Place]:
    made = Place(tmp_path / "place", secret)
    made.do("catalogue")
    yield made
    made.store.close()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_push_and_the_nightly_row_are_one_piece_of_evidence(place: Place, order: Sequence[int]) -> None:
    steps = [[event(1, "completed", MORNING)], f"ada,linux,pass,2025-03-01,{NOON},done"]
    for number in order:
        place.do(steps[number])
    (fact,) = place.evidence()
    assert (fact["kind"], fact["outcome"], fact["about"]) == ("completion", "passed", "lms-course:linux")
    assert fact["shown_at"] == 1_740_787_200  # the row changed later than the event happened


def test_another_day_is_another_completion(place: Place) -> None:
    place.do([event(1, "completed", MORNING)])
    place.table(f"ada,linux,pass,2025-03-02,{NOON},done")
    assert len(place.evidence()) == 2


def test_another_person_and_another_course_are_others(place: Place) -> None:
    load_rows(place.store, "lms", {"LearningObject": [{"id": "lms-course:sql"}]})
    place.do([event(1, "completed", MORNING)])
    place.table(f"ben,linux,pass,2025-03-01,{NOON},done", f"ada,sql,pass,2025-03-01,{NOON},done")
    assert len(place.evidence()) == 3


def test_two_rows_of_one_completion_in_one_table_are_the_later(place: Place) -> None:
    place.table(f"ada,linux,fail,2025-03-01,{MORNING},done", f"ada,linux,pass,2025-03-01,{NOON},done")
    (fact,) = place.evidence()
    assert fact["outcome"] == "passed"


def test_a_row_without_what_the_id_is_made_of_is_told(place: Place) -> None:
    path = place.folder / "completions.csv"
    path.write_text(f"{HEADER}\nada,linux,pass,,{NOON},done\n,linux,pass,2025-03-01,{NOON},done\n", "utf-8")
    assert place.load(path) == 2
    assert place.evidence() == []


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for every store: with another, people have other ids."""
    return tmp_path_factory.mktemp("secret") / "secret"


def outcome(folder: Path, secret: Path, steps: Sequence[int]) -> tuple[str, list[dict[str, Any]]]:
    """The digest of a fresh store after these steps, and its evidence."""
    made = Place(folder, secret)
    for step in steps:
        made.do(STEPS[step])
    found = digest(made.store), made.evidence()
    made.store.close()
    return found


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory, secret: Path) -> tuple[str, list[dict[str, Any]]]:
    return outcome(tmp_path_factory.mktemp("orders") / "place", secret, range(len(STEPS)))


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(STEPS))), st.lists(st.integers(0, len(STEPS) - 1), max_size=4))
def test_whatever_the_order_the_graph_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    secret: Path,
    in_order: tuple[str, list[dict[str, Any]]],
    order: Sequence[int],
    again: Sequence[int],
) -> None:
    assert outcome(tmp_path_factory.mktemp("orders") / "place", secret, [*order, *again]) == in_order
