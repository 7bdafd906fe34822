"""The three academies by the id of their program."""

from __future__ import annotations

from demo.catalogue.cloud import CLOUD
from demo.catalogue.course import Course
from demo.catalogue.machines import MACHINES
from demo.catalogue.success import SUCCESS

ACADEMIES: dict[str, tuple[str, tuple[Course, ...]]] = {
    "cloud": ("Cloud academy", CLOUD),
    "success": ("Customer academy", SUCCESS),
    "machines": ("Machine academy", MACHINES),
}
