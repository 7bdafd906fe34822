"""Why a parameter cannot be answered, said once for whoever answers: the index, or a question's Cypher twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from queries.question import QuestionError, UnknownId

NAMES = {
    "role": "role or requisition",
    "skill": "skill",
    "person": "person",
    "people": "person",
    "exclude": "person",
    "cohort": "cohort",
    "org_unit": "org unit",
    "applied_to": "requisition",
}
"""Parameters that hold ids -> what an id of theirs is the id of."""


def unknown(field: str, value: object) -> UnknownId:
    """The one error for an id that is not there and for one that may not be seen."""
    what = NAMES[field.rpartition(".")[2]]
    fix = f"There is no {what} of that id: write the id as search or the loaded tables give it, like prefix:local"
    return UnknownId(field, value, fix)


def either(field: str, value: object) -> QuestionError:
    """Neither a role nor a profile, or both."""
    return QuestionError(field, value, "give either a role (or requisition) or a profile")


def several_roles(field: str, _value: object, roles: Sequence[str]) -> QuestionError:
    """An opening that is not for one role."""
    fix = "is an opening for several roles: ask for one of them, or give the opening one FOR_ROLE"
    return QuestionError(field, ", ".join(roles), fix)


def twice(field: str, value: object) -> QuestionError:
    """A skill that a profile asks for a second time."""
    return QuestionError(field, value, "is in the profile twice: keep one of them")


def no_such_level(field: str, value: object, home: Sequence[Sequence[Any]]) -> QuestionError:
    """A level above the highest; `home` are the levels there are, (rank, id) ascending."""
    names = ", ".join(f"{rank} {id.partition(':')[2]}" for rank, id in home)
    return QuestionError(field, value, f"the levels of the home scale are {names}")


REFUSALS: Mapping[str, Callable[..., QuestionError]] = {
    each.__name__: each for each in (unknown, either, several_roles, twice, no_such_level)
}
"""By the names that twins use."""
