"""When two spellings are one word: alike but for case, white space, and punctuation at the ends. Nothing cleverer."""

from __future__ import annotations

import unicodedata

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))  # soft hyphen, spaces and joiners of no width


def normalised(text: str) -> str:
    """The one form of a word: NFKC, case folded, blanks as one space, without punctuation at the ends.

    A sharp at the end and a point before a word's first letter belong to names (C#, .NET), as do signs inside; symbols
    (C++) are no punctuation. What is nothing but punctuation stays as it is; empty when there is nothing at all.

    >>> normalised("  Machine\\tLearning; "), normalised("C++"), normalised("c#"), normalised(".NET"), normalised("...")
    ('machine learning', 'c++', 'c#', '.net', '...')
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold())
    folded = " ".join(folded.split())
    if folded[:1].isalnum() and folded[-1].isalnum():
        return folded
    return folded[_first(folded) : _last(folded)].strip() or folded


def _first(text: str) -> int:
    """Where the word begins."""
    start = 0
    while start < len(text) and _is_outside(text[start]) and not _is_point_of_name(text, start):
        start += 1
    return start


def _is_point_of_name(text: str, place: int) -> bool:
    return text[place] == "." and text[place + 1 : place + 2].isalnum() and not text[:place].endswith(".")


def _last(text: str) -> int:
    """Where it has ended."""
    end = len(text)
    while end and text[end - 1] != "#" and _is_outside(text[end - 1]):
        end -= 1
    return end


def _is_outside(sign: str) -> bool:
    return sign == " " or unicodedata.category(sign)[0] == "P"
