"""What one learning object of the demo company is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Course:
    slug: str
    label: str
    type: Literal["course", "module", "activity", "bootcamp", "microlearning"]
    duration: str
    teaches: tuple[tuple[str, int], ...]
    after: str = ""
    assessed_by: str = ""
    cost: str = ""


def course(slug: str, label: str, duration: str, *teaches: tuple[str, int], **more: str) -> Course:
    kind = more.pop("type", "course")
    return Course(slug, label, kind, duration, teaches, **more)  # type: ignore[arg-type]
