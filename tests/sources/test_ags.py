"""LTI scores: a tool's quiz about Kubernetes, taken by Ada, Ben and Cleo."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.store import Node
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.events import made_of
from loaders.replay import write_csv
from tests.loads.tables import Loader, counts

QUIZ = "https://lms.example.org/lineitems/7"
QUIZ_ID = "ags-lineitem:https~3a~2f~2flms.example.org~2flineitems~2f7"
LINE_ITEM = {"id": QUIZ, "label": "Kubernetes quiz", "scoreMaximum": 40, "resourceLinkId": "k8s"}


def score(user: str = "ada", **other: Any) -> dict[str, Any]:
    """A final score in the quiz; a field given as None is left out."""
    fields = {
        "userId": user,
        "lineItem": QUIZ,
        "scoreGiven": 30,
        "scoreMaximum": 40,
        "timestamp": "2025-03-01T10:00:00Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        **other,
    }
    return {name: value for name, value in fields.items() if value is not None}


def ags(loader: Loader, folder: Path, *values: Any, name: str = "scores.json", **options: Any) -> LoadRecord:
    path = folder / name
    lines = name.endswith(".jsonl")
    text = "\n".join(json.dumps(value) for value in values) if lines else json.dumps(values)
    path.write_text(text, encoding="utf-8")
    return loader.folder(path, **{"source": "ags", **options})


@pytest.fixture(autouse=True)
def one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyed hashes are the same in every store."""
    monkeypatch.setenv("SKILLGRAPH_SECRET", "a secret of the tests that is long enough")


def evidence(loader: Loader, user: str = "ada", item: str = QUIZ_ID) -> Node:
    found = loader.store.get(f"ags-score:{made_of(item, f'ags-user:{user}')}", OPERATOR)
    assert found is not None
    return found


def test_a_final_score_is_evidence_about_its_line_item(loader: Loader, tmp_path: Path) -> None:
    assert counts(ags(loader, tmp_path, LINE_ITEM, score())) == {"read": 2, "written": 2}
    assert evidence(loader).properties == {
        "learner": "ags-user:ada",
        "kind": "assessment",
        "about": QUIZ_ID,
        "score": 750_000,
        "shown_at": 1_740_823_200,
    }
    quiz = loader.store.get(QUIZ_ID, OPERATOR)
    assert quiz is not None
    assert quiz.properties["label"] == "Kubernetes quiz"


def test_only_what_is_fully_graded_counts(loader: Loader, tmp_path: Path) -> None:
    progress = ("Pending", "PendingManual", "Failed", "NotReady")
    record = ags(loader, tmp_path, *(score(f"u{at}", gradingProgress=word) for at, word in enumerate(progress)))
    assert record.skips == {"not-final": 4}
    assert not any(loader.there(*(f"ags-user:u{at}" for at in range(4))))


def test_a_later_score_takes_the_place_of_an_earlier_one_whichever_comes_first(loader: Loader, tmp_path: Path) -> None:
    other = Loader(open_store(f"sqlite:{tmp_path / 'other.db'}"), tmp_path)
    first, second = score(), score(scoreGiven=36, timestamp="2025-03-02T10:00:00Z")
    for one, order in ((loader, (first, second)), (other, (second, first))):
        for each in order:
            ags(one, tmp_path, each)
        assert evidence(one).properties["score"] == 900_000
    assert digest(loader.store) == digest(other.store)
    other.store.close()


def test_a_score_that_was_cleared_is_withdrawn(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score())
    ags(loader, tmp_path, score(scoreGiven=None, timestamp="2025-03-02T10:00:00Z"))
    assert evidence(loader).properties["withdrawn_at"] == 1_740_909_600


def test_a_score_above_its_maximum_is_the_maximum_and_flagged(loader: Loader, tmp_path: Path) -> None:
    assert ags(loader, tmp_path, score(scoreGiven=44)).flags == {"above-maximum": 1}
    assert evidence(loader).properties["score"] == 1_000_000


def test_a_score_of_many_places_is_rounded(loader: Loader, tmp_path: Path) -> None:
    assert counts(ags(loader, tmp_path, score(scoreGiven=66.66666666666667, scoreMaximum=100)))["written"] == 2
    assert evidence(loader).properties["score"] == 666_667


def test_nothing_is_divided_by_a_maximum_of_nothing(loader: Loader, tmp_path: Path) -> None:
    assert ags(loader, tmp_path, score(scoreGiven=0, scoreMaximum=0)).flags == {"no-range": 1}
    assert "score" not in evidence(loader).properties


def test_a_result_of_the_gradebook_is_the_same_evidence_as_its_score(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score())
    result = {"id": f"{QUIZ}/results/1", "scoreOf": QUIZ, "userId": "ada", "resultScore": 0.75}
    record = ags(loader, tmp_path, {**result, "timestamp": "2025-03-01T10:00:00Z"})
    assert counts(record) == {"read": 2, "unchanged": 2}


def test_scores_stand_beside_their_line_item(loader: Loader, tmp_path: Path) -> None:
    together = {"lineItem": LINE_ITEM, "scores": [score(lineItem=None), score("ben", lineItem=None)]}
    assert counts(ags(loader, tmp_path, together)) == {"read": 3, "written": 3}
    assert evidence(loader, "ben").properties["about"] == QUIZ_ID


def test_a_score_may_name_a_resource_link(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score(lineItem=None, resourceLinkId="k8s"))
    assert evidence(loader, item="ags-link:k8s").properties["about"] == "ags-link:k8s"


def test_a_score_alone_does_not_take_the_label_of_its_line_item(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, LINE_ITEM)
    assert ags(loader, tmp_path, score()).skips == {"older-version": 1}
    quiz = loader.store.get(QUIZ_ID, OPERATOR)
    assert quiz is not None
    assert quiz.properties["label"] == "Kubernetes quiz"


def test_an_address_is_in_no_id_and_joins_by_e_mail(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score("ada@example.org"))
    [(learner,)] = [row for batch in loader.store.owned("ags", "Learner") for row in batch]
    [(identity,)] = [row for batch in loader.store.owned("ags", "Identity") for row in batch]
    assert "example" not in learner + identity
    found = loader.store.get(identity, OPERATOR)
    assert found is not None
    assert (found.properties["system"], found.properties["value"]) == ("email", "ada@example.org")


def test_no_address_and_no_name_is_in_an_id(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, *map(score, ("Ada Lovelace <ada@example.org>", "ada@campus", "Ada\tLovelace", "u-17")))
    ids = [row[0] for name in ("Learner", "Identity", "Evidence") for b in loader.store.owned("ags", name) for row in b]
    assert len(ids) == 12
    assert not any(word in id.casefold() for word in ("lovelace", "campus", "example", "~40") for id in ids)
    assert "ags-user:u-17" in ids


ALIKE = (
    score("1", lineItem="17"),
    score("1", lineItem=None, resourceLinkId="17"),
    score("2.3", lineItem="1"),
    score("3", lineItem="1.2"),
)


def test_scores_of_keys_that_look_alike_are_told_apart_in_any_order(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, *ALIKE)
    assert len([row for batch in loader.store.owned("ags", "Evidence") for row in batch]) == len(ALIKE)
    number = loader.store.number()
    assert counts(ags(loader, tmp_path, *reversed(ALIKE)))["unchanged"] == 8
    assert loader.store.number() == number


@pytest.mark.parametrize("name", ["scores.json", "scores.jsonl"])
def test_rejects_of_files_of_one_name_are_told_apart(loader: Loader, tmp_path: Path, name: str) -> None:
    bad, line = [{"lineItem": QUIZ, "scores": [score(timestamp="yesterday"), {}]}, {}], "{\n"
    paths = []
    for folder in ("a", "b"):
        paths.append(tmp_path / folder / name)
        paths[-1].parent.mkdir()
        text = "\n".join(map(json.dumps, bad)) + f"\n{line}" if name.endswith("l") else json.dumps(bad)
        paths[-1].write_text(text, encoding="utf-8")
    assert loader.folder(tmp_path, source="ags", paths=tuple(paths)).rejected == (8 if name.endswith("l") else 6)
    places = [(row.file, row.row) for row in loader.held()]
    assert len(places) == len(set(places))
    assert {(f"{folder}/{name}", 2) for folder in ("a", "b")} < set(places)


def test_the_same_file_again_changes_nothing(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, LINE_ITEM, score())
    number = loader.store.number()
    assert counts(ags(loader, tmp_path, LINE_ITEM, score())) == {"read": 2, "unchanged": 2}
    assert loader.store.number() == number


def test_lines_archives_and_gzip_are_read(loader: Loader, tmp_path: Path) -> None:
    assert counts(ags(loader, tmp_path, score(), score("ben"), name="s.jsonl"))["written"] == 3
    (tmp_path / "s.json.gz").write_bytes(gzip.compress(json.dumps([score("cleo")]).encode()))
    assert counts(loader.folder(tmp_path / "s.json.gz", source="ags"))["written"] == 1
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("day/1.json", json.dumps(score("dan")))
    assert counts(loader.folder(tmp_path / "s.zip", source="ags"))["written"] == 1


BAD: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"userId": None}, "userId", "is missing, and so is a line item's label"),
    ({"userId": " "}, "userId", "is missing: a score is somebody's"),
    ({"userId": "x" * 600}, "", "an id has a key and at most 512 characters"),
    ({"lineItem": None}, "lineItem", "is missing: say what was scored"),
    ({"timestamp": None}, "timestamp", "is missing: evidence has a date"),
    ({"timestamp": "yesterday"}, "timestamp", "is no instant"),
    ({"gradingProgress": None}, "gradingProgress", "is missing: a score says whether it is final"),
    ({"gradingProgress": "FullGraded"}, "gradingProgress", "did you mean 'FullyGraded'"),
    ({"scoreGiven": "thirty"}, "scoreGiven", "is no decimal number"),
    ({"scoreGiven": -1}, "scoreGiven", "is too small"),
    ({"scoreGiven": [30]}, "scoreGiven", "is a list"),
    ({"scoreGiven": True}, "scoreGiven", "is true or false"),
    ({"scoreMaximum": None}, "scoreGiven", "no least or no highest value"),
    ({"scoreMaximum": -40}, "scoreGiven", "is above the highest"),
)


def test_bad_scores_are_rejected_with_their_fields_and_the_others_go_in(loader: Loader, tmp_path: Path) -> None:
    record = ags(loader, tmp_path, *(score(**wrong) for wrong, _, _ in BAD), score("ben"))
    assert record.rejected == len(BAD)
    held = sorted(loader.held(), key=lambda row: row.row)
    for row, (_, field, reason) in zip(held, BAD, strict=True):
        assert (row.file, row.field) == ("scores.json", field)
        assert reason in row.reason
    assert evidence(loader, "ben").properties["score"] == 750_000


def test_a_time_without_a_zone_is_flagged(loader: Loader, tmp_path: Path) -> None:
    assert "no-zone" in (ags(loader, tmp_path, score(timestamp="2025-03-01T10:00:00")).flags or ())


def test_a_rejected_score_is_mended_and_replayed(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score(timestamp="yesterday"))
    with (tmp_path / "mended.csv").open("w") as out:
        write_csv(loader.held(), out)
    text = (tmp_path / "mended.csv").read_text().replace("yesterday", "2025-03-01T10:00:00Z")
    (tmp_path / "mended.csv").write_text(text)
    assert counts(loader.folder(tmp_path, source="ags", replay=tmp_path / "mended.csv")) == {"read": 1, "written": 1}
    assert evidence(loader).properties["score"] == 750_000


def test_right_json_of_another_format_is_told(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, {"outcome_results": []})
    assert "this looks like Canvas outcome results, not LTI scores" in loader.held()[0].reason


@pytest.mark.parametrize(("text", "reason"), [("[{", "no JSON"), ("[" * 600 + "]" * 600, "nested"), ("", "empty")])
def test_a_file_that_cannot_be_read_is_one_error(loader: Loader, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "scores.json").write_text(text)
    with pytest.raises(LoadError, match=reason):
        loader.folder(tmp_path / "scores.json", source="ags")


def test_people_are_told_apart(loader: Loader, tmp_path: Path) -> None:
    ags(loader, tmp_path, score(), score("ben", scoreGiven=10))
    assert [evidence(loader, name).properties["score"] for name in ("ada", "ben")] == [750_000, 250_000]
