"""The plain text of what systems keep as HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_UNSEEN = frozenset({"script", "style"})
_BLANK = re.compile(r"[ \t\xa0]*\n\s*")


class _Text(HTMLParser):
    """Gathers the text between tags; each block begins a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._unseen += tag in _UNSEEN
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self._unseen else data)


def plain(text: str | None) -> str | None:
    """The text that a reader of the page sees, a line a block; None where nothing is left.

    >>> plain("<p>Packs &amp; ships.</p><p>Alone.</p>")
    'Packs & ships.\\nAlone.'
    """
    if not text or ("<" not in text and "&" not in text):
        return text or None
    parser = _Text()
    parser.feed(text)
    parser.close()
    return _BLANK.sub("\n", "".join(parser.parts)).strip() or None
