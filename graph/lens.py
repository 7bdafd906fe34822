"""What counts of all that evidence supports: at one instant, by some kinds of evidence, of some age."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]
"""[first, end) of instants, in seconds."""

EVERY_KIND = 2**64 - 1
"""The bits of all kinds of evidence."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Which intervals count inside held(); equal lenses see the same."""

    at: int  # seconds UTC
    kinds: int = EVERY_KIND  # bit n: evidence of the kind with code n counts
    spans: tuple[Span, ...] = ()  # when it must have been shown; none: whenever
    verified_only: bool = False  # leaves out what is unverified

    def __post_init__(self) -> None:
        if not 0 <= self.kinds <= EVERY_KIND:
            raise ValueError(f"{self.kinds:#x} are no bits of evidence kinds: a model may have 63 of them at most")

    @property
    def what(self) -> tuple[int, tuple[Span, ...], bool]:
        """All but the instant."""
        return self.kinds, self.spans, self.verified_only
