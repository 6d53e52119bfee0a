"""Casting a plain column to its kind, without losing a digit: what is not of that kind becomes null.

- Decimals and text are read as they are written; a float stands for its shortest decimal. A float32 does, too: 12.47
  is 12.47, and not 12.470000267; of a count it holds seven digits, and a longer one is refused. A float16 is refused.
- Truth is no number and no text, bytes and lists are nothing of the contract.
- Dates are read by `_day_casting`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.market._contract import Kind
from fintech_index.market._day_casting import days_of
from fintech_index.market._plain_arrow import by_distinct, is_text, python_values
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from fractions import Fraction

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
_FLOAT32_COUNTS = 2.0**24
_FLOAT64_COUNTS = 2.0**53


def cast(values: pa.Array, kind: Kind, zone: str) -> pa.Array:
    """Cast a plain column to the kind's type; instants become days of the zone (``Asia/Shanghai``)."""
    target = TYPES[kind]
    if values.type == target:
        return values
    if pa.types.is_null(values.type) or pa.types.is_float16(values.type):
        return pa.nulls(len(values), target)
    if kind is Kind.DATE:
        return days_of(values, zone)
    return {Kind.TEXT: _text, Kind.COUNT: _counts, Kind.NUMBER: _numbers, Kind.TIME: _times}[kind](values)


def _text(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_floating(kind):  # codes beside empty cells, as pandas holds them
        whole = pc.equal(pc.floor(values), values)
        values = pc.if_else(whole, values, pa.scalar(None, kind))
        return _tried(_tried(values, pa.int64()), pa.string())
    if pa.types.is_integer(kind) or is_text(kind):
        return _tried(values, pa.string())
    return pa.nulls(len(values), pa.string())


def _numbers(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_decimal(kind) or pa.types.is_float32(kind):
        return pc.cast(pc.cast(values, pa.string()), pa.float64())  # Arrow's own cast of them is not the nearest
    if pa.types.is_integer(kind):
        return values.cast(pa.float64(), safe=False)  # the nearest; `exact_values` has every digit
    if is_text(kind):
        if _is_plain_text(values):
            numbers = _whole_cast(values, pa.float64())
            if numbers is not None:  # Arrow reads "nan"
                return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
        return by_distinct(values, _number, pa.float64())
    return pa.nulls(len(values), pa.float64())


def _counts(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_floating(kind):
        end = _FLOAT32_COUNTS if pa.types.is_float32(kind) else _FLOAT64_COUNTS
        numbers = values.cast(pa.float64())
        fits = pc.and_(pc.less_equal(pc.abs(numbers), end), pc.equal(pc.floor(numbers), numbers))
        return _tried(pc.if_else(fits, numbers, pa.scalar(None, pa.float64())), pa.int64())
    if pa.types.is_integer(kind):
        return _tried(values, pa.int64())
    if pa.types.is_decimal(kind) or is_text(kind):
        if is_text(kind) and _is_plain_text(values):
            cast_whole = _whole_cast(values, pa.int64())
            if cast_whole is not None:
                return cast_whole
        return by_distinct(values, _count, pa.int64())
    return pa.nulls(len(values), pa.int64())


def _times(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        if values.type.tz is None:
            return _tried(pc.assume_timezone(values.cast(pa.timestamp("us"), safe=False), "UTC"), TYPES[Kind.TIME])
        return values.cast(TYPES[Kind.TIME], safe=False)
    if is_text(values.type) or pa.types.is_date(values.type):
        return by_distinct(values, _time, TYPES[Kind.TIME])
    return pa.nulls(len(values), TYPES[Kind.TIME])


def _whole_cast(values: pa.Array, target: pa.DataType) -> pa.Array | None:
    try:
        return pc.cast(values, target)
    except pa.ArrowException:
        return None  # one bad value is enough: find out which


def _tried(values: pa.Array, target: pa.DataType) -> pa.Array:
    """Cast a column; where a value cannot be cast, one by one."""
    cast_whole = _whole_cast(values, target)
    if cast_whole is not None:
        return cast_whole
    return pa.concat_arrays(
        [one if (one := _whole_cast(values.slice(at, 1), target)) is not None else pa.nulls(1, target)
         for at in range(len(values))]
    )  # fmt: skip


def _is_plain_text(values: pa.Array) -> bool:
    """Tell whether Arrow reads text as everybody does: it takes 0x10 for a number, too."""
    return not pc.any(pc.match_substring(values, "x", ignore_case=True)).as_py()


def is_scientific(values: pa.Array) -> pa.Array:
    """Tell which texts are numbers in scientific notation: 1.23E+08 has lost the digits of a count."""
    return pc.fill_null(pc.match_substring_regex(values, r"^\s*[+-]?[0-9.]+[eE][+-]?[0-9]+\s*$"), fill_value=False)


def exact_values(values: pa.Array) -> list[Fraction | None]:
    """Give each number of a plain column as the fraction that it is written as; None where it is none.

    Of floats that is the shortest decimal, of text and decimals every digit.
    """
    if pa.types.is_float32(values.type):
        values = pc.cast(values, pa.string())
    if pa.types.is_boolean(values.type):
        return [None] * len(values)
    return [_exact(each) for each in python_values(values)]


def _exact(value: Any) -> Fraction | None:
    if isinstance(value, str):
        value = _decimal(value)
    if value is None or not isinstance(value, int | float | Decimal):
        return None
    try:
        return exact(value)
    except (ValueError, OverflowError, ArithmeticError):
        return None


def _decimal(text: str) -> Decimal | None:
    """Read a text as a number that everybody reads alike; None where it is none."""
    text = text.strip()
    if "_" in text or not text.isascii() or len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _number(text: str) -> float | None:
    number = _decimal(text)
    return None if number is None else float(number)


def _count(value: str | Decimal) -> int | None:
    number = _decimal(value) if isinstance(value, str) else value
    if number is None or number.adjusted() > _DIGITS_OF_COUNTS:
        return None
    whole = int(number)
    return whole if whole == number and abs(whole) < _COUNTS_END else None


def _time(value: str | dt.date) -> dt.datetime | None:
    text = str(value).strip()
    try:
        if len(text) <= len("2020-06-15"):  # a date alone is its end
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, dt.UTC)
        moment = dt.datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
    except (ValueError, OverflowError):
        return None
