"""Pages of docs/ that are partly made from declarations: between `<!-- made: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_PART = re.compile(r"(?P<head><!-- made: (?P<name>[a-z-]+) -->\n).*?(?P<tail><!-- end -->)", re.DOTALL)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """The page with its made parts as the declarations say.

    >>> filled("# A\\n<!-- made: b -->\\nold\\n<!-- end -->", {"b": "new"})
    '# A\\n<!-- made: b -->\\nnew\\n<!-- end -->'
    """
    return _PART.sub(lambda found: f"{found['head']}{parts[found['name']]}\n{found['tail']}", text)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table.

    >>> print(markdown_table(("a", "b"), [("1", "2")]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def keep(path: Path, parts: Mapping[str, str], module: str, arguments: Sequence[str]) -> int:
    """Write the page anew; with `--check` only tell whether it is stale, and then give 1."""
    text = path.read_text("utf-8")
    made = filled(text, parts)
    if made == text:
        return 0
    if "--check" in arguments:
        print(f"docs/{path.name} is stale: run python -m {module}", file=sys.stderr)
        return 1
    path.write_text(made, "utf-8")
    return 0
