"""Language tags in their one spelling."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1_000)
def canonical_tag(tag: str) -> str:
    """A tag with the capitals of BCP 47, section 2.1.1: parsers of RDF give all of it in small letters.

    >>> canonical_tag("PT-br"), canonical_tag("zh-hant-tw"), canonical_tag("en-x-us")
    ('pt-BR', 'zh-Hant-TW', 'en-x-us')
    """
    first, *rest = tag.lower().split("-")
    is_private = len(first) == 1
    spelt = [first]
    for part in rest:
        spelt.append(part if is_private else _CAPITALS.get(len(part), str.lower)(part))
        is_private = is_private or len(part) == 1
    return "-".join(spelt)


_CAPITALS = {2: str.upper, 4: str.capitalize}
"""By the length of a subtag: a region, a script."""
