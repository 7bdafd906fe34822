"""How what was done came out: the outcome and the score of a statement's result (xAPI 1.0.3 Data 2.4.5; 2.0 4.2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from loaders.rows import shown
from loaders.strict import Unreadable

ADL, CMI5 = "http://adlnet.gov/expapi/verbs/", "https://w3id.org/xapi/adl/verbs/"
VOIDED = f"{ADL}voided"
OUTCOMES: Mapping[str, str] = {  # verb -> the outcome of what was done
    f"{ADL}completed": "passed",
    f"{ADL}passed": "passed",
    f"{ADL}failed": "failed",
    f"{CMI5}satisfied": "passed",
    f"{CMI5}waived": "waived",
}
MILLIONTH = Decimal("0.000001")


def outcome_of(verb: str, result: Any) -> str:
    """What was done without success is failed, even where the verb says that it was passed."""
    said = OUTCOMES[verb]
    without = isinstance(result, dict) and result.get("success") is False
    return "failed" if said == "passed" and without else said


def score_of(result: Any) -> str | None:
    """The score from 0 to 1, at most six places; None where it can't be told. Raises for one that can't be."""
    score = result.get("score") if isinstance(result, dict) else None
    if not isinstance(score, dict):
        return None
    if _is_plain(score):
        return repr(score["scaled"])
    scaled, raw, low, high = (_decimal(score.get(name), name) for name in ("scaled", "raw", "min", "max"))
    if scaled is not None and not -1 <= scaled <= 1:
        raise Unreadable("result.score.scaled", "is not between -1 and 1: send the share that was reached", str(scaled))
    if low is not None and high is not None and low > high:
        raise Unreadable("result.score.min", "is above max: swap them", str(low))
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        raise Unreadable("result.score.raw", f"is not between min and max ({low} to {high}): mend it", str(raw))
    if scaled is not None:
        return _share(scaled)
    if raw is None or high is None or high <= (low or 0):
        return None  # Open edX sends max 0: there is nothing to divide by
    return _share((raw - (low or 0)) / (high - (low or 0)))


def _is_plain(score: Mapping[str, Any]) -> bool:
    """Whether there is but a scaled score of few places, from 0 to 1: most are such."""
    scaled = score.get("scaled")
    return len(score) == 1 and type(scaled) is float and 0.001 <= scaled <= 1 and len(repr(scaled)) <= 8


def _share(value: Decimal) -> str:
    return str(max(value, Decimal(0)).quantize(MILLIONTH, ROUND_HALF_UP))


def _decimal(value: Any, name: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"result.score.{name}", "is no number: leave the quotes out", shown(value))
    return Decimal(repr(value))
