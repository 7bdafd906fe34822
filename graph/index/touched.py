"""What change records name, by what it means for the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.persons import OTHER, SAME
from graph.store import Change, Store

FACTS = ("Evidence", "Rating", "Identity", "Employment", "Application")
RULES = (
    "TEACHES", "MEASURES", "ATTESTS", "CORRESPONDS_TO", "Scale", "Level", "ASSESSES", "HAS_LEVEL", "CriterionLevel",
)  # fmt: skip
VOCABULARY = ("Skill", "BROADER", "EXACT_MATCH")
DECISIONS = (SAME, OTHER)


@dataclass(slots=True)
class Touched:
    """Ids, by type."""

    learners: set[str] = field(default_factory=set)
    facts: dict[str, set[str]] = field(default_factory=dict)
    identities: bool = False  # who is one person may have changed
    rules: bool = False
    vocabulary: bool = False
    units: bool = False
    erased: bool = False

    def add(self, changes: Iterable[Change], rule_types: Sequence[str]) -> None:
        """Note what more changes name."""
        for item in (item for change in changes for item in change.items):
            self.erased |= item.operation == "erased"
            self.rules |= item.type in rule_types
            self.vocabulary |= item.type in VOCABULARY
            self.units |= item.type == "OrgUnit"
            self.identities |= item.type in ("Learner", "Identity", *DECISIONS)
            if item.type == "Learner":
                self.learners.update(item.ids)
            elif item.type == "MEMBER_OF":
                self.learners.update(id.partition(" ")[0] for id in item.ids)
            elif item.type in DECISIONS:
                self.learners.update(end for id in item.ids for end in id.split(" "))
            elif item.type in FACTS:
                self.facts.setdefault(item.type, set()).update(item.ids)

    @property
    def rows(self) -> int:
        """How many records and facts were named."""
        return len(self.learners) + sum(map(len, self.facts.values()))

    @property
    def people(self) -> bool:
        """Whether anything about people was named."""
        return bool(self.learners or self.facts)


def rule_types(store: Store) -> tuple[str, ...]:
    """Types that derivation depends on, what evidence may be about among them."""
    return (*RULES, *store.model.nodes["Evidence"].properties["about"].targets)
