"""Ids of words: free skill names that a source states as nodes of its own, `Skill`s of type "word".

A loader maps each free name to a node, with `word_id("NAME-word", text)` put by its reader into the column `_word`:

    NodeMapping("Skill", id="{_word}", fields={"label": "name", "type": Field(constant="word")})

Two spellings of a word in one load are one id: give both rows one label, the first, or they contradict each other. What
a word means is matched later, by `graph.words`; a loader never states it.
"""

from __future__ import annotations

import hashlib

from graph.words.spelling import normalised
from ontology.ids import LONGEST_ID, escape_local, make_curie

__all__ = ["normalised", "word_id"]

_MARK = 32  # hex digits that tell long words apart


def word_id(prefix: str, text: str) -> str:
    """The id of a word in a source's own id space: same word (`normalised`), same id.

    A word too long for an id is cut and ends in a hash of the whole. Raises `ValueError` for a text that holds nothing,
    or half a character.

    >>> word_id("ats-word", " Kubernetes, "), word_id("ats-word", "C++")
    ('ats-word:kubernetes', 'ats-word:c~2b~2b')
    """
    word = normalised(text)
    if not word:
        raise ValueError("the word is empty: name a skill, or leave the row out")
    if len(prefix) + 1 + len(escape_local(word)) <= LONGEST_ID:
        return make_curie(prefix, word)
    kept = word[: (LONGEST_ID - len(prefix) - _MARK - 2) // 12]  # a character is at most four bytes, a byte three signs
    return make_curie(prefix, f"{kept}.{hashlib.sha256(word.encode()).hexdigest()[:_MARK]}")
