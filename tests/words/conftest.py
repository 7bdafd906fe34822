"""A vocabulary of a few skills, and an applicant tracking system with its own words for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graph.settings import Settings
from graph.store import Store
from graph.words.decide import accept, forget, reject
from graph.words.listing import Wanted, WordRow, list_words
from tests.loads.tables import Loader

VOCABULARY = """
    id,label,type,alt_labels,hidden_labels,label@de
    voc:k8s,container orchestration,skill,K8s|kubernetes,kubernets,Containerverwaltung
    voc:cpp,C++,skill,,,
    voc:c,C,knowledge,,,
    voc:linux,Linux administration,skill,,,
    voc:talk,public speaking,skill,giving talks,,
    voc:present,presenting,skill,giving talks,,
    voc:group,soft skills,group,,,
    """
WORDS = """
    id,label,type
    ats-word:kubernetes,Kubernetes,word
    ats-word:c~2b~2b,c++,word
    ats-word:giving~20talks,Giving talks.,word
    ats-word:soft~20skills,Soft Skills,word
    ats-word:linux,Linux,word
    """


@pytest.fixture
def load(store: Store, tmp_path: Path) -> Loader:
    return Loader(store, tmp_path / "tables")


@dataclass(frozen=True)
class Words:
    """What a test does with the words of a store, and asks of them."""

    store: Store
    settings: Settings = field(default_factory=Settings)

    def meaning(self) -> dict[str, str]:
        """word -> "skill by whom", of those that mean one; ids without their prefix."""
        return {
            row.word.partition(":")[2]: " and ".join(f"{each.skill} by {each.by}" for each in row.meanings)
            for row in self.rows()
            if row.meanings
        }

    def rows(self, *, open_only: bool = False) -> list[WordRow]:
        return list(list_words(self.store, self.settings, Wanted(open_only=open_only)).rows)

    def row(self, word: str) -> WordRow:
        return next(row for row in self.rows() if row.word == word)

    def accept(self, word: str, skill: str) -> None:
        accept(self.store, self.settings, word, skill)

    def reject(self, word: str, skill: str | None = None) -> None:
        reject(self.store, self.settings, word, skill)

    def forget(self, word: str) -> None:
        forget(self.store, self.settings, word)


@pytest.fixture
def words(load: Loader, store: Store) -> Words:
    """The words of a store that the vocabulary and the tracking system were loaded into."""
    load("voc", Skill=VOCABULARY)
    load("ats", Skill=WORDS)
    return Words(store)
