"""The Dockerfile and .dockerignore, read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its lines joined: `word` RUN, COPY …; `text` what follows; `flags` as `--from=build`."""

    word: str
    text: str
    flags: tuple[str, ...] = ()


Stage = list[Instruction]
"""The instructions from one FROM to the next, FROM first."""


def stages(path: Path = ROOT / "Dockerfile") -> list[Stage]:
    """Of the Dockerfile, in order; ARGs before the first FROM are filled in."""
    found: list[Stage] = []
    given: dict[str, str] = {}
    for each in _instructions(path.read_text(encoding="utf-8")):
        if each.word == "ARG" and not found:
            name, _, value = each.text.partition("=")
            given[name] = value
        elif each.word == "FROM":
            named = re.sub(r"\$\{(\w+)\}", lambda match: given[match[1]], each.text)
            found.append([Instruction("FROM", named)])
        else:
            found[-1].append(each)
    return found


def let_in(path: str, ignore: Path = ROOT / ".dockerignore") -> bool:
    """Whether a path of the checkout gets into the build: of the patterns that fit, the last says."""
    kept = True
    for line in ignore.read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _fits(path, pattern.removeprefix("!")):
            kept = pattern.startswith("!")
    return kept


def _fits(path: str, pattern: str) -> bool:
    """A pattern fits a path or a folder above it; `**/` is any depth."""
    parts = path.split("/")
    above = ["/".join(parts[: length + 1]) for length in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    return any(each.count("/") == pattern.count("/") and fnmatch(each, pattern) for each in above)


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            word, rest = line.strip().split(maxsplit=1)
            flags = re.match(r"(--\S+\s+)*", rest)
            assert flags is not None
            yield Instruction(word.upper(), " ".join(rest[flags.end() :].split()), tuple(flags[0].split()))
