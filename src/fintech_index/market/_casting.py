"""Casting a column to its kind. Columns of a fitting type are cast whole; others, and bad ones, value by value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.market._contract import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.COUNT: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
}
_COUNTS_END = 2**63
_DIGITS_OF_COUNTS = 20
_LONGEST_NUMBER = 100  # characters


def cast(values: pa.Array, kind: Kind) -> pa.Array:
    """Cast to the kind's type; what is not of that kind becomes null."""
    target = TYPES[kind]
    if values.type == target:
        return values
    if _castable_whole(values.type, kind) and not _has_hexadecimals(values, kind):
        try:
            if kind is Kind.TIME and values.type.tz is None:
                return pc.assume_timezone(values.cast(pa.timestamp("us")), "UTC")
            return pc.cast(values, target, safe=kind is not Kind.DATE)
        except pa.ArrowException:
            pass  # one bad value is enough: find out which
    return pa.array([_parse(value, kind) for value in python_values(values)], target)


def python_values(values: pa.Array) -> list[Any]:
    """Give the values of a column as Python's own; as text what Python has no value for, such as the year 12000."""
    try:
        return list(values.to_pylist())
    except (OverflowError, ValueError, ArithmeticError, pa.ArrowException):
        return [_python_value(value) for value in values]


def _python_value(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except (OverflowError, ValueError, ArithmeticError, pa.ArrowException):
        return f"{value.type} {getattr(value, 'value', '')}"


def _castable_whole(found: pa.DataType, kind: Kind) -> bool:
    if kind is Kind.DATE:
        return bool(pa.types.is_date(found) or pa.types.is_timestamp(found) or pa.types.is_string(found))
    if kind is Kind.TIME:
        return bool(pa.types.is_timestamp(found))
    return not pa.types.is_nested(found) and not pa.types.is_temporal(found) and not pa.types.is_boolean(found)


def _has_hexadecimals(values: pa.Array, kind: Kind) -> bool:
    """Tell whether a column of text has counts such as 0x10, which Arrow reads as numbers, and nobody else does."""
    text = kind is Kind.COUNT and (pa.types.is_string(values.type) or pa.types.is_large_string(values.type))
    return text and bool(pc.any(pc.match_substring(values, "x", ignore_case=True)).as_py())


def _parse(value: Any, kind: Kind) -> Any:
    """Read one value as its kind, or give None."""
    if value is None or isinstance(value, bool | bytes | list | dict):
        return None
    if kind is not Kind.TEXT and isinstance(value, str) and ("_" in value or not value.isascii()):
        return None  # Python reads these as numbers, and nobody else does
    if kind is not Kind.TEXT and isinstance(value, int | str) and _is_long(value):
        return None
    try:
        return _PARSERS[kind](value)
    except (ValueError, OverflowError, ArithmeticError, TypeError):
        return None


def _is_long(value: int | str) -> bool:
    """Tell whether a number or a text has more digits than any number of a table, so that reading it takes long."""
    return len(value) > _LONGEST_NUMBER if isinstance(value, str) else value.bit_length() > 4 * _LONGEST_NUMBER


def _parse_date(value: Any) -> dt.date:
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    if not text.replace("-", "").isdigit():  # the parser also takes weeks, which nobody means
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _parse_count(value: Any) -> int | None:
    text = str(value).strip()
    number = Decimal(text) if len(text) <= _LONGEST_NUMBER else Decimal("NaN")
    if not number.is_finite() or number.adjusted() > _DIGITS_OF_COUNTS:
        return None
    whole = int(number)
    return whole if whole == number and abs(whole) < _COUNTS_END else None


def _parse_time(value: Any) -> dt.datetime:
    text = str(value).strip()
    if len(text) <= len("2020-06-15"):  # a date alone is its end
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, dt.UTC)
    moment = dt.datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)


_PARSERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.DATE: _parse_date,
    Kind.COUNT: _parse_count,
    Kind.NUMBER: float,
    Kind.TIME: _parse_time,
}
