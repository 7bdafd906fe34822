"""What an index depends on beside the facts."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from graph.settings import Settings
from graph.store import Store


def circumstances(store: Store, settings: Settings, number: int) -> dict[str, Any]:
    """The model, the settings, and the change record that the index was built at."""
    return {
        "model": store.model.hash,
        "store": record_at(store, number),
        "settings": [list(settings.source_order), list(settings.unique_identities)],
    }


def record_at(store: Store, number: int) -> list[Any] | None:
    """A change record, short; None where there is none. It is another in another store, and after an erasure."""
    change = next(iter(store.changes(number - 1, 1)), None) if number > 0 else None
    if change is None:
        return None
    items = [[each.type, each.operation, _crc_of(each.ids)] for each in change.items]
    return [change.number, change.at, change.source, items]


def _crc_of(ids: tuple[str, ...]) -> int:
    return crc32("\n".join(ids).encode())
