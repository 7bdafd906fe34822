"""Types of parameters: each checks one value, says what is wrong with it, and describes itself in JSON Schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, StringConstraints, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from ontology.model import load_model
from ontology.values import OPEN, parse_duration, parse_instant

THOUSAND = 1000

_DATE = (
    r"(19[7-9][0-9]|20[0-9]{2}|210[0-5])-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_DAY = r"(19(72|76|80|84|88|92|96)|20([02468][048]|[13579][26])|2104)-02-29"
INSTANT_PATTERN = rf"^(({_DATE})|({_LEAP_DAY}))(T([01][0-9]|2[0-3])(:[0-5][0-9]){{2}}Z)?$"
DURATION_PATTERN = r"^P([1-9][0-9]?Y([1-9][0-9]?M)?|[1-9][0-9]{0,2}M|[1-9][0-9]{0,3}[WD])$"
_THREE_DECIMALS = re.compile(r"[0-9]+(\.[0-9]{1,3}0*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value of an enumeration, as the ontology lists it for a property of a node or edge type."""

    type: str
    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A literal: JSON Schema shows the enumeration, errors list it."""
        return core_schema.literal_schema(list(load_model().type(self.type).properties[self.name].values))


def _instant(text: object) -> int:
    if not isinstance(text, str):
        raise ValueError("write an instant as text, like 2025-03-01 or 2025-03-01T09:30:00Z")
    instant, _ = parse_instant(text)
    if instant >= OPEN:
        raise ValueError("write an instant from 1970 to 2105; leave as_of out to ask about now")
    return instant


def _duration(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError("write a duration as text, like P2Y, P18M or P30D")
    parse_duration(text)
    return text.strip()


def _thousandths(number: object) -> int:
    """A share of at most three decimals in whole thousandths; JSON numbers are read by their shortest decimal form."""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise ValueError("write a number from 0 to 1, like 0.8")
    text = format(Decimal(repr(number)) if isinstance(number, float) else Decimal(number), "f")
    if not _THREE_DECIMALS.fullmatch(text) or Decimal(text) > 1:
        raise ValueError("a threshold is a number from 0 to 1 with at most three decimals, like 0.8 or 0.875")
    return int(Decimal(text) * THOUSAND)


Id = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""A CURIE or a full IRI; whether there is such a node is asked later."""

Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "pattern": INSTANT_PATTERN, "examples": ["2025-03-01"]}),
]
"""Text of an instant, held as seconds; a plain date is its first moment."""

Age = Annotated[
    str,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["P2Y"]}),
]
"""Text of an ISO 8601 duration."""

Threshold = Annotated[
    int,
    BeforeValidator(_thousandths),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.001, "examples": [0.8]}),
]
"""A share from 0 to 1, held in whole thousandths."""

Limit = Annotated[int, Field(ge=1, le=1000)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1000)]
Level = Annotated[int, Field(ge=1, json_schema_extra={"maximum": 7})]
"""A rank of the home scale; how many it has is asked later."""

EvidenceKind = Annotated[str, OneOf("Evidence", "kind")]
EvidenceKinds = Annotated[list[EvidenceKind], Field(min_length=1, max_length=50)]
PersonKind = Annotated[str, OneOf("Learner", "kind")]
RequirementKind = Annotated[str, OneOf("REQUIRES", "kind")]
Reach = Annotated[str, OneOf("REQUIRES", "reach")]
Proof = Annotated[str, OneOf("REQUIRES", "proof")]
EvidenceClass = Literal["claimed", "taught", "shown"]

AsOf = Annotated[Instant | None, Field(description="The instant to judge at, like 2025-03-01; now when left out.")]
Kinds = Annotated[
    EvidenceKinds | None,
    Field(description="Kinds of evidence that count; claimed evidence (self_rating) counts only when named."),
]
MaxAge = Annotated[Age | None, Field(description="Evidence counts only when it was shown no longer ago, like P2Y.")]
VerifiedOnly = Annotated[
    bool, Field(description="Leave out unverified evidence, and required credentials that rest on it.")
]
PersonId = Annotated[Id, Field(description="The person's id, or any of their record ids.")]
RoleId = Annotated[Id, Field(description="A role's id, or a requisition's.")]
