"""What a store tells about itself: what an erasure removed, and what is well and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was removed with a person; counts are rows, by type or place."""

    records: tuple[str, ...]  # the Learner records that were the person, erased with it
    removed: Mapping[str, int] = field(default_factory=dict)  # node and edge types
    blanked: Mapping[str, int] = field(default_factory=dict)  # rows of others that named the person, "Type.property"
    history: int = 0  # superseded versions
    held_rows: int = 0  # rejected, waiting and conflicting rows
    files: tuple[str, ...] = ()  # removed beside the store: staging, backups, index
    number: int | None = None  # the change number that says so
    left: tuple[str, ...] = ()  # texts of the person that still stand in the file: records of others say them too

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"erased: {', '.join(self.records)}"
        yield from (f"{name}: {count} removed" for name, count in self.removed.items())
        yield from (f"{name}: {count} no longer name the person" for name, count in self.blanked.items())
        yield f"superseded versions: {self.history} removed"
        yield f"rejected and waiting rows: {self.held_rows} removed"
        yield from (f"{name}: removed" for name in self.files)
        yield from (f"still there, in what is not about the person: {text!r}" for text in self.left)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `fix` mends it, or says what somebody may want to do although it is well."""

    what: str
    well: bool
    found: str
    fix: str = ""
