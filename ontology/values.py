"""Values as they are held, parsed from and written as boundary text: instants in seconds, decimals in millionths."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal

OPEN = 4_294_967_295  # an end that has not been set: larger than every instant
LATEST = 4_291_747_200  # 2106-01-01T00:00:00Z, where the plain date 2105-12-31 ends
MILLION = 1_000_000
LARGEST_DECIMAL = 10**18  # in millionths; fits a signed 64-bit column

_DAY = 86_400
_EXACT = Context(prec=100)  # more digits than a text that is read may have
_INSTANT = re.compile(
    r"([0-9]{4,6})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?\s?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+", re.ASCII)
_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+(?:[.,][0-9]+)?)W)?(?:([0-9]+(?:[.,][0-9]+)?)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+(?:[.,][0-9]+)?)H)?(?:([0-9]+(?:[.,][0-9]+)?)M)?(?:([0-9]+(?:[.,][0-9]+)?)S)?)?",
    re.ASCII,
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def parse_instant(text: str, ends: bool = False) -> tuple[int, bool]:
    """Seconds since 1970 UTC, and whether a time of day came without a zone (then it is read as UTC).

    A plain date is its first moment, or with `ends` the next midnight. 9999-12-31 and later is `OPEN`. Parts of
    a second are dropped.

    >>> parse_instant("1970-01-02"), parse_instant("1970-01-02", ends=True)
    ((86400, False), (172800, False))
    >>> parse_instant("1970-01-01T01:00:00+01:00"), parse_instant("1970-01-01T00:00:07")
    ((0, False), (7, True))
    """
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{shown(text)} is no instant: write 2025-03-01 or 2025-03-01T09:30:00Z")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if year > 9999 or (year, month, day) == (9999, 12, 31):
        return OPEN, False
    days = _days(year, month, day, text)
    if found[4] is None:
        return _within((days + (1 if ends else 0)) * _DAY, text), False
    seconds = _seconds_of_day(found[4], found[5], found[6] or "0", text) - _offset(found[7], text)
    return _within(days * _DAY + seconds, text), found[7] is None


def format_instant(instant: int) -> str:
    """`2025-03-01T00:00:00Z`; an open end is the empty text.

    >>> format_instant(0), format_instant(OPEN)
    ('1970-01-01T00:00:00Z', '')
    """
    if instant == OPEN:
        return ""
    if not 0 <= instant <= LATEST:
        raise ValueError(f"{instant} is no instant: seconds from 0 to {LATEST}, the end of 2105, or {OPEN} for open")
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_decimal(text: str | int | float) -> int:
    """Whole millionths; at most six decimal places.

    >>> parse_decimal("0.8"), parse_decimal(3), parse_decimal("-1.250000")
    (800000, 3000000, -1250000)
    """
    stripped = str(text).strip()
    if isinstance(text, bool) or len(stripped) > 60 or _DECIMAL.fullmatch(stripped) is None:
        comma = ", with a point, not a comma" if _COMMA.fullmatch(stripped) else ""
        raise ValueError(f"{shown(text)} is no decimal number: write digits like 0.8{comma}")
    millionths = _EXACT.scaleb(Decimal(stripped), 6)
    if abs(millionths) > LARGEST_DECIMAL:
        raise ValueError(f"{shown(text)} is too large: at most {LARGEST_DECIMAL // MILLION}")
    if millionths != millionths.to_integral_value():
        raise ValueError(f"{shown(text)} has more than six decimal places: round it to six")
    return int(millionths)


def format_decimal(millionths: int) -> str:
    """The shortest text of a decimal.

    >>> format_decimal(800000), format_decimal(3000000), format_decimal(-1)
    ('0.8', '3', '-0.000001')
    """
    whole, part = divmod(abs(millionths), MILLION)
    text = f"{whole}.{part:06d}".rstrip("0") if part else str(whole)
    return text if millionths >= 0 else f"-{text}"


def decimal_number(millionths: int) -> int | float:
    """A decimal as a JSON number that prints in its shortest form.

    >>> decimal_number(800000), decimal_number(2000000)
    (0.8, 2)
    """
    whole, part = divmod(millionths, MILLION)
    return float(format_decimal(millionths)) if part else whole


def parse_integer(text: str | int | float) -> int:
    """A whole number of at most 18 digits; `3.0` is 3.

    >>> parse_integer("3"), parse_integer(3.0)
    (3, 3)
    """
    stripped = str(text).strip().removesuffix(".0")
    if isinstance(text, bool) or _INTEGER.fullmatch(stripped) is None or abs(int(stripped)) > LARGEST_DECIMAL:
        raise ValueError(f"{shown(text)} is no whole number: write digits like 3")
    return int(stripped)


def parse_boolean(text: str | bool) -> bool:
    """true, yes, 1, false, no or 0, in any case.

    >>> parse_boolean("true"), parse_boolean("No")
    (True, False)
    """
    value = _BOOLEANS.get(str(text).strip().lower())
    if value is None:
        raise ValueError(f"{shown(text)} is neither true nor false: write true or false")
    return value


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months, and seconds that always have the same length; a part of a second is dropped."""

    months: int
    seconds: int


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration; weeks, days, hours, minutes and seconds may have a fraction.

    >>> parse_duration("P2Y"), parse_duration("P1W"), parse_duration("PT1.5H")
    (Duration(months=24, seconds=0), Duration(months=0, seconds=604800), Duration(months=0, seconds=5400))
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or len(text) > 60:
        raise ValueError(f"{shown(text)} is no duration: write P2Y for two years, P18M, P30D or PT1H30M")
    years, months, *rest = found.groups()
    lengths = (7 * _DAY, _DAY, 3600, 60, 1)
    parts = (Decimal((part or "0").replace(",", ".")) for part in rest)
    seconds = sum(part * length for part, length in zip(parts, lengths, strict=True))
    duration = Duration(int(years or 0) * 12 + int(months or 0), int(seconds))
    if duration.months > 12_000 or duration.seconds > 1000 * 366 * _DAY:
        raise ValueError(f"{shown(text)} is longer than a thousand years: leave it empty for no end")
    return duration


def add_duration(instant: int, duration: str) -> int:
    """The instant a duration later by calendar arithmetic; months first, the day clamped to the month's last.

    What would lie after 2105 is `OPEN`, and so is anything added to `OPEN`.

    >>> format_instant(add_duration(parse_instant("2024-01-31")[0], "P1M"))
    '2024-02-29T00:00:00Z'
    """
    parts = parse_duration(duration)
    if instant == OPEN:
        return OPEN
    start = datetime.fromtimestamp(instant, UTC)
    months = start.year * 12 + start.month - 1 + parts.months
    year, month = divmod(months, 12)
    if year > 2106:
        return OPEN
    day = min(start.day, monthrange(year, month + 1)[1])
    later = int(start.replace(year=year, month=month + 1, day=day).timestamp()) + parts.seconds
    return later if later <= LATEST else OPEN


def parse_cut_scores(text: str) -> tuple[tuple[int, int], ...]:
    """(level, cut in millionths), levels ascending; whether the cuts rise is a law, not asked here.

    >>> parse_cut_scores("2:0.7|1:0.5")
    ((1, 500000), (2, 700000))
    """
    cuts: dict[int, int] = {}
    for part in text.split("|"):
        level, colon, score = (piece.strip() for piece in part.partition(":"))
        if not colon or re.fullmatch(r"[1-7]", level) is None:
            raise ValueError(f"{shown(text)}: cut scores are pairs of level and score like 1:0.5|2:0.7|3:0.9")
        cut = parse_decimal(score)
        if not 0 <= cut <= MILLION:
            raise ValueError(f"{shown(text)}: the cut score {score} of level {level} must be from 0 to 1")
        if int(level) in cuts:
            raise ValueError(f"{shown(text)} names level {level} twice: keep one cut score a level")
        cuts[int(level)] = cut
    return tuple(sorted(cuts.items()))


def format_cut_scores(cuts: tuple[tuple[int, int], ...]) -> str:
    """The canonical text, as it is held.

    >>> format_cut_scores(((1, 500000), (2, 700000)))
    '1:0.5|2:0.7'
    """
    return "|".join(f"{level}:{format_decimal(cut)}" for level, cut in cuts)


def shown(value: object) -> str:
    """A bad value as it is quoted in a message: in quotes and never long."""
    text = repr(value if isinstance(value, str) else str(value))
    return text if len(text) <= 80 else f"{text[:76]}…{text[-1]}"


def _days(year: int, month: int, day: int, text: str) -> int:
    if not 1 <= month <= 12:
        raise ValueError(f"{shown(text)}: there is no month {month:02d}; write year-month-day")
    last = monthrange(max(year, 1), month)[1]
    if not 1 <= day <= last:
        raise ValueError(f"{shown(text)}: that date does not exist; the last day of {year:04d}-{month:02d} is {last}")
    if year < 1970 or year > 2106:
        raise _outside(text)
    return date(year, month, day).toordinal() - 719_163  # the ordinal of 1970-01-01


def _seconds_of_day(hour: str, minute: str, second: str, text: str) -> int:
    hours, minutes, seconds = int(hour), int(minute), int(second)
    if minutes > 59 or seconds > 59 or hours > 24 or (hours == 24 and minutes + seconds > 0):
        raise ValueError(f"{shown(text)}: that time of day does not exist; write 00:00:00 to 23:59:59")
    return hours * 3600 + minutes * 60 + seconds


def _offset(zone: str | None, text: str) -> int:
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or "0")
    if hours > 18 or minutes > 59:
        raise ValueError(f"{shown(text)}: there is no zone {zone}; write Z for UTC, or an offset like +01:00")
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _within(seconds: int, text: str) -> int:
    if not 0 <= seconds <= LATEST:
        raise _outside(text)
    return seconds


def _outside(text: str) -> ValueError:
    return ValueError(f"{shown(text)} is outside 1970 to 2105; leave an open end empty or write 9999-12-31")
