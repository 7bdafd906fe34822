"""What literals stand for: whether they fit their datatype (XSD 1.1 part 2), how they compare (SPARQL 1.1, 17.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ontology.turtle import XSD

_ZONE = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DAY = r"(-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9](?:\.[0-9]+)?)|(24):00:00(?:\.0+)?)"
_DATE_TIME = re.compile(f"{_DAY}T{_CLOCK}{_ZONE}", re.ASCII)
_DATE = re.compile(f"{_DAY}{_ZONE}", re.ASCII)
_TIME = re.compile(f"{_CLOCK}{_ZONE}", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN", re.ASCII)
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?",
    re.ASCII,
)
_DAYS = re.compile(r"[^YM]*(?:T.*)?", re.ASCII)
_MONTHS = re.compile(r"[^DT]*", re.ASCII)
_BOOLEAN = re.compile("true|false|1|0", re.ASCII)
LONGEST_NUMBER = 4_000
"""Digits of a number that is compared; Python makes no whole number of more."""

_RANGES: Mapping[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}


@dataclass(frozen=True, slots=True)
class Value:
    """Values of one family have an order; values of two have none."""

    family: str
    key: Any


def is_well_formed(text: str, datatype: str) -> bool:
    """Whether a lexical form is one of its datatype's; of datatypes that are not known, everything is.

    >>> is_well_formed("2025-02-30", f"{XSD}date"), is_well_formed("-1", f"{XSD}nonNegativeInteger")
    (False, False)
    """
    check = _CHECKS.get(datatype)
    return check is None or check(text)


def value_of(text: str, datatype: str, language: str = "") -> Value | None:
    """What a literal is compared by, None for one that is not comparable: ill-formed, or of another kind.

    >>> value_of("1.50", f"{XSD}decimal") == value_of("1.5", f"{XSD}double")
    True
    """
    read = _VALUES.get(datatype)
    return None if read is None or language else read(text)


def _whole(low: int | None, high: int | None) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if not _INTEGER.fullmatch(text):
            return False
        if low is None and high is None:
            return True
        number = int(text) if len(text) <= LONGEST_NUMBER else _beyond(text)
        return (low is None or number >= low) and (high is None or number <= high)

    return check


def _beyond(text: str) -> int:
    """A number outside every range."""
    return -(10**20) if text[0] == "-" else 10**20


def _fits(form: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: form.fullmatch(text) is not None


def _is_duration(text: str, form: re.Pattern[str] | None = None) -> bool:
    return _DURATION.fullmatch(text) is not None and (form is None or form.fullmatch(text) is not None)


def _number(form: re.Pattern[str]) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        if len(text) > LONGEST_NUMBER or not form.fullmatch(text):
            return None
        return Value("number", Decimal(text)) if "N" not in text.upper() else _unending(text)

    return read


def _unending(text: str) -> Value | None:
    return None if text == "NaN" else Value("number", float(text.replace("INF", "inf")))


def _double(text: str) -> Value | None:
    if not _FLOAT.fullmatch(text):
        return None
    return _unending(text) if "N" in text else Value("number", float(text))


def _boolean(text: str) -> Value | None:
    return Value("boolean", text in ("true", "1")) if _BOOLEAN.fullmatch(text) else None


def _date_time(text: str) -> Value | None:
    found = _DATE_TIME.fullmatch(text)
    if found is None or len(text) > LONGEST_NUMBER or not _is_day(found[1], found[2], found[3]):
        return None
    seconds = _days(int(found[1]), int(found[2]), int(found[3])) * 86_400 + _seconds(found, 4)
    return _zoned("dateTime", seconds, found[8])


def _date(text: str) -> Value | None:
    found = _DATE.fullmatch(text)
    if found is None or len(text) > LONGEST_NUMBER or not _is_day(found[1], found[2], found[3]):
        return None
    return _zoned("date", _days(int(found[1]), int(found[2]), int(found[3])) * 86_400, found[4])


def _time(text: str) -> Value | None:
    found = _TIME.fullmatch(text)
    return None if found is None else _zoned("time", _seconds(found, 1) % 86_400, found[5])


def _seconds(found: re.Match[str], first: int) -> int | Decimal:
    if found[first + 3]:
        return 86_400
    return int(found[first]) * 3600 + int(found[first + 1]) * 60 + Decimal(found[first + 2])


def _zoned(family: str, seconds: int | Decimal, zone: str | None) -> Value:
    """What has a zone and what has none are not compared: which comes first depends on where it is read."""
    if zone is None:
        return Value(family, seconds)
    minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[4:])
    return Value(f"{family} with zone", seconds - minutes * 60 * (-1 if zone[0] == "-" else 1))


def _is_day(year: str, month: str, day: str) -> bool:
    lengths = (31, 29 if _leaps(int(year)) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return int(day) <= lengths[int(month) - 1]


def _leaps(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar before and after it, any year (the year begins in March)."""
    year -= month <= 2
    shifted = (month + 9) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * shifted + 2) // 5 + day - 1 - 719_468


def _text(text: str) -> Value:
    return Value("string", text)


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    **{f"{XSD}{name}": _whole(low, high) for name, (low, high) in _RANGES.items()},
    f"{XSD}decimal": _fits(_DECIMAL),
    f"{XSD}float": _fits(_FLOAT),
    f"{XSD}double": _fits(_FLOAT),
    f"{XSD}boolean": _fits(_BOOLEAN),
    f"{XSD}dateTime": lambda text: _date_time(text) is not None,
    f"{XSD}date": lambda text: _date(text) is not None,
    f"{XSD}time": _fits(_TIME),
    f"{XSD}duration": _is_duration,
    f"{XSD}dayTimeDuration": lambda text: _is_duration(text, _DAYS),
    f"{XSD}yearMonthDuration": lambda text: _is_duration(text, _MONTHS),
}

_VALUES: Mapping[str, Callable[[str], Value | None]] = {
    **{f"{XSD}{name}": _number(_INTEGER) for name in _RANGES},
    f"{XSD}decimal": _number(_DECIMAL),
    f"{XSD}float": _double,
    f"{XSD}double": _double,
    f"{XSD}boolean": _boolean,
    f"{XSD}dateTime": _date_time,
    f"{XSD}date": _date,
    f"{XSD}time": _time,
    f"{XSD}string": _text,
}
