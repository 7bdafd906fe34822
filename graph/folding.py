"""How texts are folded for searching: what is typed and what is found meet in one form."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = (("++", "plusplus"), ("#", "sharp"))  # C++, C#, F#: the signs are part of the word
_NOT_WORD = re.compile(r"[\W_]+")
_IDEOGRAPH = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")  # scripts without spaces: a word each
_AFTER_WORD = re.compile(r"(?<=\w)(\+\+|#)")


def fold(text: str) -> str:
    """Words in lower case without accents, one space between them.

    >>> fold("Café-Manager (C++)")
    'cafe manager cplusplus'
    """
    if "+" in text or "#" in text:
        text = _AFTER_WORD.sub(lambda sign: dict(_SIGNS)[sign[0]], text)
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", _IDEOGRAPH.sub(r" \1 ", text))
        text = "".join(each for each in spread if not unicodedata.combining(each))
    return _NOT_WORD.sub(" ", text.casefold()).strip()
