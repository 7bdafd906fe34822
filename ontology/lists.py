"""Lists as one text: items between separators, in cells of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable


def split_list(text: str, separator: str = "|") -> list[str]:
    r"""The items of a text; `\` before a separator, or before itself, makes it part of an item.

    >>> split_list(r"R\|C circuits|C:\\temp|a\b")
    ['R|C circuits', 'C:\\temp', 'a\\b']
    """
    if "\\" not in text:
        return text.split(separator)
    special = re.escape(separator)
    items = [""]
    for part in re.findall(rf"\\(?:\\|{special})|{special}|\\|(?:(?!{special})[^\\])+", text):
        if part == separator:
            items.append("")
        else:
            items[-1] += part[1:] if len(part) > 1 and part[0] == "\\" else part
    return items


def join_list(items: Iterable[str], separator: str = "|") -> str:
    r"""What `split_list` reads back as the same items.

    >>> join_list(["R|C circuits", "a"])
    'R\\|C circuits|a'
    """
    return separator.join(item.replace("\\", "\\\\").replace(separator, f"\\{separator}") for item in items)
