"""A TOML file with the places of its keys, so that what is wrong in it is named by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from loaders.errors import LoadError, MappingError, nearest


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file; `place` says which for a reader, `lines` are those it may stand in (from, to)."""

    file: str
    text: Sequence[str]
    place: str
    values: Mapping[str, Any]
    lines: tuple[int, int]
    path: str = ""  # dotted name of the table
    _taken: set[str] = field(default_factory=set)

    def wrong(self, reason: str, *words: str) -> MappingError:
        """The error, at the first line of the section that holds the first of the words that is found."""
        where = f"{self.place}: " if self.place else ""
        for word in words:
            for number in range(*self.lines):
                if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.text[number]):
                    return MappingError(f"line {number + 1}: {where}{reason}", file=self.file, value=word)
        return MappingError(f"line {self.lines[0] + 1}: {where}{reason}", file=self.file)

    def text_of(self, key: str, default: str = "") -> str:
        """A text, or the default where the key is missing."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.wrong(f"{key} must be a text in quotes, not {value!r}", key)
        return value

    def needed(self, key: str) -> str:
        found = self.text_of(key)
        if not found:
            raise self.wrong(f"{key} is missing", key)
        return found

    def plain(self, key: str) -> str | None:
        """A text, number, truth value or date as boundary text; None where the key is missing."""
        value = self._take(key, None)
        if isinstance(value, dict | list):
            raise self.wrong(f"{key} must be one value", key)
        return None if value is None else _boundary_text(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text."""
        value = self._take(key, [])
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.wrong(f"{key} must be a list of texts", key)
        return tuple(found)

    def words(self, key: str) -> dict[str, str] | None:
        """A table from text to plain value; None where the key is missing."""
        value = self._take(key, None)
        if value is None:
            return None
        if not isinstance(value, dict) or any(isinstance(item, dict | list) for item in value.values()):
            raise self.wrong(f'{key} must be a table of words, like {{ A = "active" }}', key)
        return {name: _boundary_text(item) for name, item in value.items()}

    def conditions(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table from column to the values that are meant."""
        inner = self.section(key)
        return {name: inner.texts(name) for name in inner.values}

    def section(self, key: str) -> Section:
        """A table within this one; an empty one where the key is missing."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(f"{key} must be a table", key)
        path = f"{self.path}.{key}"
        return Section(self.file, self.text, f"{self.place}, {key}", value, self._span(key), path)

    def sections(self, key: str) -> list[Section]:
        """Tables in a row: `[[key]]`."""
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(f"{key} must be tables in a row: write [[{key}]]", key)
        path = f"{self.path}.{key}" if self.path else key
        head = re.compile(rf"\s*\[\[\s*{re.escape(path)}\s*\]\]")
        heads = [at for at in range(*self.lines) if head.match(self.text[at])]
        if len(heads) != len(values):
            heads = [self.lines[0]] * len(values)
        ends = [*heads[1:], self.lines[1]]
        before = f"{self.place}, " if self.place else ""
        return [
            Section(self.file, self.text, f"{before}{key} {_title(value, at)}", value, (start, end), path)
            for at, (value, start, end) in enumerate(zip(values, heads, ends, strict=False), 1)
        ]

    def check_known(self) -> None:
        """Refuse keys that nothing asked for."""
        allowed = self._taken
        for key in self.values:
            if key not in allowed:
                hint = nearest(key, allowed) or f"; known are: {', '.join(sorted(allowed))}"
                raise self.wrong(f"{key!r} is not known{hint}", key)

    def _take(self, key: str, default: Any) -> Any:
        self._taken.add(key)
        return self.values.get(key, default)

    def _span(self, key: str) -> tuple[int, int]:
        """The lines of a table within: from its head, or its key, on."""
        for at in range(*self.lines):
            if re.match(rf"\s*(\[[\w.\"-]*\b{re.escape(key)}\]|\"?{re.escape(key)}\"?\s*=)", self.text[at]):
                return at, self.lines[1]
        return self.lines


def read_toml(path: Path) -> Section:
    """The whole file; a file that is no TOML is told with the line."""
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise LoadError(f"can't be read: {error.strerror or error}", file=path.name) from error
    except UnicodeDecodeError as error:
        raise MappingError("is not in UTF-8: save it as UTF-8", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"is no TOML: {error}", file=path.name) from error
    lines = text.splitlines() or [""]
    return Section(path.name, lines, "", values, (0, len(lines)))


def _title(value: Mapping[str, Any], at: int) -> str:
    named = next((value[key] for key in ("name", "type") if isinstance(value.get(key), str)), "")
    return named or str(at)


def _boundary_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
