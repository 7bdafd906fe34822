"""What is hashed in place of an address or a name."""

from __future__ import annotations

import unicodedata


def folded(cell: str) -> str:
    """What is hashed: the same e-mail or name, whatever its case, spaces around it and form of its letters."""
    return unicodedata.normalize("NFKC", cell).strip().casefold()
