"""What results of assessments have in common, whichever format they come in: whose they are, and how far they reach."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TypeVar

from graph.secret import Secret
from ontology.ids import make_curie

Cell = TypeVar("Cell")
ABOVE, BELOW = "above-maximum", "below-minimum"
FLAGS = {
    ABOVE: "a score above its maximum was read as the maximum",
    BELOW: "a score below its minimum was read as the minimum",
}

_MILLIONTH = Decimal("0.000001")
_LONGEST = 60  # characters of a number
_FARTHEST = 100  # places of a number before or after the point
_EXACT = Context(prec=4 * _FARTHEST)


def learner_id(space: str, key: str, secret: Secret) -> str:
    """The id of the person that a system knows by a key; in place of an address or a name stands a keyed hash."""
    plain = key.strip()
    return make_curie(space, secret.pseudonym(space, plain.casefold()) if _tells_who(plain) else plain)


def _tells_who(key: str) -> bool:
    """Whether a key may hold an address or a name.

    >>> _tells_who("ada@campus"), _tells_who("Ada Lovelace"), _tells_who("u-17")
    (True, True, False)
    """
    return "@" in key or any(sign.isspace() for sign in key)


def is_address(key: str) -> bool:
    """Whether a key is an e-mail address, and so names the person wherever they are.

    >>> is_address("ada@example.org"), is_address("u-17")
    (True, False)
    """
    name, _, domain = key.strip().removeprefix("mailto:").partition("@")
    return bool(name) and "." in domain and not any(sign in key for sign in " /")


def number(text: str | None) -> Decimal | None:
    """A number as it is written; None for anything else."""
    if text is None or len(text) > _LONGEST:
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _FARTHEST else None


def rounded(text: Cell) -> Cell | str:
    """A number in text with more than six decimal places rounded to six, since tools write thirds; all else as it is.

    >>> rounded("66.66666666666667"), rounded("3.6500000000000004"), rounded("7.5"), rounded("seven"), rounded(True)
    ('66.666667', '3.65', '7.5', 'seven', True)
    """
    found = number(text) if isinstance(text, str) else None
    if found is None or (short := found.quantize(_MILLIONTH, context=_EXACT)) == found:
        return text
    return f"{short.normalize(_EXACT):f}"


def kept_within(text: str | None, low: str | None, high: str | None) -> tuple[str | None, tuple[str, ...]]:
    """A score not above its maximum and not below its minimum, where these are known, and the flag if it was.

    >>> kept_within("12", "0", "10"), kept_within("-1", None, "10")
    (('10', ('above-maximum',)), ('-1', ()))
    """
    found, least, most = number(text), number(low), number(high)
    if found is not None and most is not None and found > most:
        return high, (ABOVE,)
    if found is not None and least is not None and found < least:
        return low, (BELOW,)
    return text, ()
