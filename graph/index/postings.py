"""Postings: supported (person, skill, level) intervals, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.index.tables import Selection
from graph.loops import Rows


class Postings:
    """Columns of one length, each read when it is first used; `skill` is a position in `skills`.

    For credentials held, `skills` are the credentials asked for and every level is 1.
    """

    def __init__(self, skills: Sequence[str], selection: Selection, skill: NDArray[np.int32] | None = None) -> None:
        self.skills = tuple(skills)
        self._selection = selection
        self._skill = skill

    def __len__(self) -> int:
        return len(self.person)

    @property
    def rows(self) -> Rows:
        """The columns that decide whether an interval counts."""
        columns = {name: getattr(self, name) for name in ("kind", "unverified", "since", "until")}
        return Rows(columns, 0, len(self))

    def where(self, chosen: NDArray[Any]) -> Postings:
        """Some of the postings: a mask, or positions."""
        return Postings(self.skills, self._selection.narrowed(chosen), self.skill[chosen])

    @cached_property
    def skill(self) -> NDArray[np.int32]:
        """Position in `skills`."""
        return self._selection.positions() if self._skill is None else self._skill

    @cached_property
    def person(self) -> NDArray[np.int32]:
        return self._selection.column("person")

    @cached_property
    def level(self) -> NDArray[np.uint8]:
        """Home rank."""
        return self._selection.column("level")

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """Position of the evidence's kind in the model's enumeration, plus one."""
        return self._selection.column("kind")

    @cached_property
    def unverified(self) -> NDArray[np.bool_]:
        return self._selection.column("unverified")

    @cached_property
    def since(self) -> NDArray[np.uint32]:
        """When it was shown."""
        return self._selection.column("since")

    @cached_property
    def until(self) -> NDArray[np.uint32]:
        """OPEN for ever."""
        return self._selection.column("until")

    @cached_property
    def evidence(self) -> NDArray[np.int64]:
        """Key in the space "Evidence"."""
        return self._selection.column("evidence")
