"""Whatever is laid over a base, and whenever a new base is made of it: the index is as if built anew."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.index import IndexKeeper
from graph.index.compaction import Compaction, Damaged, Unsaved
from graph.index.files import discard, version_of
from graph.index.following import Follower
from graph.index.saved import BUILDING, build_and_save, load_saved
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.companies import ASSESSMENTS, COURSES, KINDS, LEARNERS, MOMENTS, SCORES, SKILLS, Company, Load, companies
from tests.index.conftest import Say, evidence
from tests.index.telling import tell
from tests.index.test_oracle_held import SLOW, agree
from tests.oracle import Row

NEW_EVIDENCE = st.fixed_dictionaries(
    {
        "learner": st.sampled_from(LEARNERS),
        "kind": st.sampled_from(KINDS),
        "about": st.sampled_from(("", "", *ASSESSMENTS, *COURSES)),
        "score": st.sampled_from(SCORES),
        "skill": st.sampled_from(SKILLS),
        "level": st.sampled_from("123"),
        "shown_at": st.sampled_from(MOMENTS[:4]),
        "expires_at": st.sampled_from(("", "", *MOMENTS[4:])),
        "rated": st.sampled_from(("", "", "1", "3")),
    }
)
DONE = st.lists(
    st.one_of(
        st.just("later"), st.lists(NEW_EVIDENCE, min_size=1, max_size=5), st.sampled_from("ab"), st.sampled_from("AB")
    ),
    min_size=4,
    max_size=16,
)
"""A later load of the company, new evidence, a look of one of two keepers, or a compaction by one of them."""


@contextmanager
def always_outgrown() -> Iterator[None]:
    with patch.object(Follower, "outgrown", new=True):
        yield


def arrivals(number: int, rows: list[dict[str, str]]) -> Load:
    """New evidence, some of it with a Rating."""
    told: list[Row] = []
    ratings: list[Row] = []
    for place, row in enumerate(rows):
        id = f"evidence:new-{number}-{place}"
        cells = {name: text for name, text in row.items() if text and name != "rated"}
        told.append({**cells, "id": id, "version": "9"})
        if row["rated"]:
            given = {"id": f"rating:new-{number}-{place}", "evidence": id, "rater": "rater:one", "version": "9"}
            ratings.append({**given, "skill": SKILLS[0], "level": row["rated"]})
    return Load("hr", 9, {"Evidence": told, **({"Rating": ratings} if ratings else {})})


@SLOW
@given(companies(), DONE)
def test_two_keepers_of_one_folder_are_right_after_anything(
    company: Company, done: list[str | list[dict[str, str]]]
) -> None:
    with TemporaryDirectory() as folder, always_outgrown():
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        choice, place = Settings(source_order=company.source_order), Path(folder) / "index"
        keepers = {name: IndexKeeper(store, choice, place) for name in "ab"}
        compactions = {name.upper(): Compaction(keeper, place) for name, keeper in keepers.items()}
        told, later = list(company.first), list(company.later)
        for load in told:
            tell(store, load)
        for number, what in enumerate(done):
            if isinstance(what, list) or (what == "later" and later):
                load = arrivals(number, what) if isinstance(what, list) else later.pop(0)
                tell(store, load)
                told.append(load)
            elif what in keepers:
                agree(keepers[what].current(), company.oracle(told), store)
            elif what in compactions:
                compactions[what].look()
        for keeper in (*keepers.values(), IndexKeeper(store, choice, place), IndexKeeper(store, choice)):
            agree(keeper.current(), company.oracle(told), store)
        store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_one_builds_and_the_other_takes_it_over(academy: Store, say: Say, folder: Path) -> None:
    one, other = (IndexKeeper(academy, Settings(), folder) for _ in range(2))
    for keeper in (one, other):
        keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    for keeper in (one, other):
        keeper.current()
    with always_outgrown():
        Compaction(one, folder).look()
    Compaction(other, folder).look()
    for keeper in (one, other):
        assert (keeper.counters.adopted, keeper.version) == (1, version_of(folder))
        skills = keeper.current().snapshot.layers["skills"]
        assert (len(skills.base), skills.runs) == (1, ())
        assert keeper.last == "none"


def test_nothing_is_built_while_little_lies_over_the_base(academy: Store, say: Say, folder: Path) -> None:
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    keeper.current()
    before = version_of(folder)
    Compaction(keeper, folder).look()
    assert (version_of(folder), keeper.counters.adopted) == (before, 0)


def test_who_finds_another_building_answers_from_what_there_is(academy: Store, say: Say, folder: Path) -> None:
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    before = version_of(folder)
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    with always_outgrown(), academy.hold(BUILDING):
        Compaction(keeper, folder).look()
        assert len(keeper.current().postings(["skill:talk"])) == 1
    assert version_of(folder) == before


def test_what_is_written_while_a_base_is_built_is_in_answers_from_it(
    academy: Store, say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="1")])
    keeper.current()

    def meanwhile(*given: object) -> object:
        saved = build_and_save(*given)  # type: ignore[arg-type]
        say(Evidence=[evidence("2", "interview", skill="skill:talk", level="2")])
        assert len(keeper.current().postings(["skill:talk"])) == 2
        return saved

    monkeypatch.setattr("graph.index.compaction.build_and_save", meanwhile)
    with always_outgrown():
        Compaction(keeper, folder).look()
    assert keeper.counters.adopted == 1
    assert len(keeper.current().postings(["skill:talk"])) == 2
    assert keeper.last == "none"


def test_who_is_erased_before_a_new_base_is_taken_over_is_in_no_file(
    academy: Store, say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="1")])
    keeper.current()

    def erased_first(*given: object) -> object:
        academy.erase("person:ann")
        return load_saved(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("graph.index.compaction.load_saved", erased_first)
    with always_outgrown():
        Compaction(keeper, folder).look()
    assert not any(b"person:ann" in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert keeper.current().people.number_of("person:ann") is None
    assert not any(b"person:ann" in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_folder_that_can_not_be_written_is_told_and_answers_go_on(academy: Store, say: Say, folder: Path) -> None:
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="1")])
    with always_outgrown(), patch("graph.index.builder.save", side_effect=OSError), pytest.raises(Unsaved):
        Compaction(keeper, folder).look()
    assert len(keeper.current().postings(["skill:talk"])) == 1


def test_a_file_that_is_not_as_it_was_written_is_thrown_away(academy: Store, say: Say, folder: Path) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    IndexKeeper(academy, Settings(), folder).current()
    keeper = IndexKeeper(academy, Settings(), folder)
    keeper.current()
    compaction = Compaction(keeper, folder)
    columns = next(folder.glob("*/columns"))
    content = bytearray(columns.read_bytes())
    content[len(content) // 2] ^= 1
    columns.write_bytes(content)
    with pytest.raises(Damaged):
        compaction.look()
    assert not columns.exists()
    assert keeper.current().postings(["skill:talk"]).level.tolist() == [2]
    compaction.look()
    assert (keeper.counters.built, keeper.last) == (1, "none")


def harm_a_level(folder: Path) -> None:
    """As a disk may do it: the file's stamp is as it was."""
    manifest = next(folder.glob("*/manifest.json"))
    columns, read = manifest.with_name("columns"), json.loads(manifest.read_text())["index"]
    with columns.open("r+b") as file:
        file.seek(read["arrays"]["layer.skills.column.level"][2])
        file.write(b"\3")


@pytest.fixture
def talker(academy: Store, say: Say) -> Store:
    """A store with one level."""
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    return academy


def level_of(keeper: IndexKeeper) -> list[int]:
    levels: list[int] = keeper.current().postings(["skill:talk"]).level.tolist()
    return levels


def two_at_work(store: Store, folder: Path) -> tuple[list[IndexKeeper], list[Compaction]]:
    """Two processes that have opened one version, and looked at nothing yet."""
    keepers = [IndexKeeper(store, Settings(), folder) for _ in range(2)]
    for keeper in keepers:
        keeper.current()
    return keepers, [Compaction(keeper, folder) for keeper in keepers]


def test_damage_that_one_finds_is_not_believed_by_the_other(talker: Store, folder: Path) -> None:
    """Though what is built in its place is of the same change number."""
    (one, other), looks = two_at_work(talker, folder)
    harm_a_level(folder)
    assert [level_of(keeper) for keeper in (one, other)] == [[3], [3]]
    with pytest.raises(Damaged):
        looks[0].look()
    for _ in range(2):
        looks[1].look()
    assert [level_of(keeper) for keeper in (one, other)] == [[2], [2]]
    assert (other.version, looks[1]._verified) == (version_of(folder),) * 2
    assert other.counters.adopted == 1


def test_a_version_that_was_thrown_away_is_not_believed_though_nobody_built_another(
    talker: Store, folder: Path
) -> None:
    """Who threw it away has died."""
    (keeper, _), looks = two_at_work(talker, folder)
    harm_a_level(folder)
    discard(folder, str(version_of(folder)))
    looks[0].look()
    assert level_of(keeper) == [2]
    assert keeper.version == version_of(folder)


def test_a_version_that_was_read_through_stays_when_the_same_is_built_again(talker: Store, folder: Path) -> None:
    (keeper, _), looks = two_at_work(talker, folder)
    looks[0].look()
    before = keeper.version
    with talker.hold(BUILDING):
        build_and_save(talker, Settings(), folder)
    looks[0].look()
    assert (keeper.version, keeper.counters.adopted) == (before, 0)


def test_what_another_is_writing_is_left_to_it(talker: Store, folder: Path) -> None:
    """Damage is found all the same, the damaged version never opened again, and removed when the other is done."""
    (keeper, _), looks = two_at_work(talker, folder)
    harm_a_level(folder)
    half_made, damaged = folder / "half-made.rows", str(version_of(folder))
    half_made.mkdir()
    with talker.hold(BUILDING), patch("graph.index.keeper._PATIENCE", 0.1), pytest.raises(Damaged):
        looks[0].look()
    assert half_made.exists()
    assert version_of(folder) == damaged
    assert level_of(keeper) == [2]
    looks[0].look()
    assert version_of(folder) is None
    assert half_made.exists()
    assert level_of(keeper) == [2]


@pytest.mark.parametrize("choice", [Settings(), Settings(source_order=("hr",))])
def test_a_healthy_version_that_can_not_be_opened_is_left(
    talker: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, choice: Settings
) -> None:
    """For a moment, or by a process with other settings."""
    (keeper, _), looks = two_at_work(talker, folder)
    with talker.hold(BUILDING):
        version = build_and_save(talker, choice, folder).version
    if choice == Settings():
        monkeypatch.setattr("graph.index.compaction.load_saved", lambda *_: None)
    looks[0].look()
    assert version_of(folder) == version
    assert load_saved(talker, choice, folder) is not None
    assert level_of(keeper) == [2]


def test_answers_that_began_before_a_change_find_the_index_they_began_with(
    academy: Store, say: Say, academy_keeper: IndexKeeper
) -> None:
    before = academy_keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="1")])
    now = academy_keeper.current()
    assert academy_keeper.at(before.number) is before
    assert academy_keeper.at(now.number) is now
    assert academy_keeper.at(now.number + 1) is None


@pytest.mark.parametrize("seed", range(8))
def test_a_builder_that_is_killed_leaves_nothing_in_the_way(academy: Store, folder: Path, say: Say, seed: int) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    IndexKeeper(academy, Settings(), folder).current()
    builder = os.fork()
    if not builder:
        while True:
            with academy.hold(BUILDING):
                build_and_save(academy, Settings(), folder)
    time.sleep(random.Random(seed).uniform(0.02, 0.3))
    os.kill(builder, signal.SIGKILL)
    os.waitpid(builder, 0)
    with academy.hold(BUILDING):
        pass
    say(Evidence=[evidence("2", "interview", skill="skill:talk", level="1")])
    keeper = IndexKeeper(academy, Settings(), folder)
    assert sorted(keeper.current().postings(["skill:talk"]).level.tolist()) == [1, 2]
    assert keeper.counters.built == 0, "a version that is complete counts"
    with always_outgrown():
        Compaction(keeper, folder).look()
    assert keeper.counters.adopted == 1
    assert len(list(folder.iterdir())) == 2, "one version and its pointer: what was half made is gone"
