"""google-re2 in the clothes of `re`, for libraries that would use that."""

from __future__ import annotations

import re
from typing import Protocol


class Matcher(Protocol):
    def match(self, text: str) -> object | None: ...

    def search(self, text: str) -> object | None: ...


class LinearTime:
    """Stands where a library imports `re`: what it compiles matches in linear time, whatever the pattern and text."""

    I = re.IGNORECASE  # noqa: E741 - the name in `re`
    M = re.MULTILINE

    @staticmethod
    def compile(pattern: str, flags: int = 0) -> Matcher:
        import re2

        inline = ("i" if flags & re.IGNORECASE else "") + ("m" if flags & re.MULTILINE else "")
        options = re2.Options()
        options.log_errors = False
        compiled: Matcher = re2.compile(f"(?{inline}){pattern}" if inline else pattern, options)
        return compiled
