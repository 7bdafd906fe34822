"""The shapes' property constraints as column checks: range, enumeration, pattern, length, decimal places,
order.

`required` is checked where a column may be absent (`loaders.mapping`), references and laws where the whole
load is known (`loaders.references`, `loaders.laws`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from loaders.errors import nearest
from loaders.rows import Fault, shown
from ontology.model import Datatype, EdgeType, NodeType, Property
from ontology.values import format_decimal, format_instant

_Condition = Callable[[pl.Expr], pl.Expr]


def check_values(values: pl.Series, prop: Property, text: pl.Series) -> dict[int, str]:
    """What is wrong with held values, by position; `text` is what the source wrote, for the messages."""
    found: dict[int, str] = {}
    if values.null_count() == len(values):
        return found
    for broken, reason in _broken(values, prop):
        for position in broken.arg_true().to_list():
            found.setdefault(position, f"{shown(text[position])!r} {reason}")
    if prop.values:
        found = {at: why + _nearest_value(text[at], prop) for at, why in found.items()}
    return found


def check_order(kind: NodeType | EdgeType, columns: Mapping[str, pl.Series], rows: pl.Series) -> list[Fault]:
    """Rows in which something ends before it begins, or a least value exceeds its greatest."""
    faults: list[Fault] = []
    for prop in kind.properties.values():
        if prop.not_after is None or prop.name not in columns or prop.not_after not in columns:
            continue
        first, last = columns[prop.name], columns[prop.not_after]
        for position in (first > last).fill_null(False).arg_true().to_list():
            begin, end = (_boundary(prop, series[position]) for series in (first, last))
            reason = f"{prop.not_after} {end} is before {prop.name} {begin}: mend one of them"
            shape = f"{kind.name}.{prop.name}"
            faults.append(Fault(rows[position], prop.not_after, end, reason, shape))
    return faults


def _boundary(prop: Property, held: int) -> str:
    return format_instant(held) if prop.datatype is Datatype.INSTANT else format_decimal(held)


def _nearest_value(text: object, prop: Property) -> str:
    return nearest(str(text), prop.values)


def _broken(values: pl.Series, prop: Property) -> Iterator[tuple[pl.Series, str]]:
    """Per constraint of the shape: which rows break it (lists: any item), and the words for it."""
    for condition, reason in _conditions(prop):
        if prop.many:
            tested = pl.col("values").list.eval(condition(pl.element())).list.any()
        else:
            tested = condition(pl.col("values"))
        yield (
            pl.DataFrame({"values": values}).select(tested.fill_null(False).alias("broken"))["broken"],
            reason,
        )


def _conditions(prop: Property) -> Iterator[tuple[_Condition, str]]:
    if prop.minimum is not None:
        least = prop.minimum
        yield lambda value: value < least, f"is too small: at least {_number(prop, least)}"
    if prop.maximum is not None:
        most = prop.maximum
        yield lambda value: value > most, f"is too large: at most {_number(prop, most)}"
    if prop.datatype is Datatype.DECIMAL and prop.places < 6:
        step = 10 ** (6 - prop.places)
        yield lambda value: value % step != 0, f"has too many decimals: at most {prop.places} places"
    if prop.values:
        allowed = list(prop.values)
        yield lambda value: ~value.is_in(allowed), f"is not one of {', '.join(allowed)}"
    if prop.pattern is not None:
        pattern = prop.pattern
        yield lambda value: ~value.str.contains(pattern), f"does not have the form {pattern}"
    if prop.max_length is not None:
        longest = prop.max_length
        yield lambda value: value.str.len_chars() > longest, f"is too long: at most {longest} characters"


def _number(prop: Property, held: int) -> str:
    return format_decimal(held) if prop.datatype is Datatype.DECIMAL else str(held)
