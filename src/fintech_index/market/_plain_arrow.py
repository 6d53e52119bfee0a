"""Arrow's many forms of a column, as one of few: text, whole numbers, floats, decimals, dates and instants."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_LONG_TEXT = 2**31  # bytes, from which on only large text holds a column


def plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Give a column as one array without dictionaries, runs, views or types of somebody's own; NaN as null.

    Text is `string`, or `large_string` where there is so much of it. Decimals of any width are 128 or 256 bits wide.
    """
    if isinstance(values, pa.ChunkedArray):  # combine_chunks keeps an empty or a very long column in chunks
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)
    while True:
        kind = values.type
        if pa.types.is_dictionary(kind):
            values = values.dictionary_decode()
        elif pa.types.is_run_end_encoded(kind):
            values = pc.run_end_decode(values)
        elif kind in (pa.large_string(), pa.string_view()):
            text = values.cast(pa.large_string())
            return text.cast(pa.string()) if text.nbytes < _LONG_TEXT else text
        elif str(kind).startswith(("decimal32", "decimal64")):
            return values.cast(pa.decimal128(kind.precision, kind.scale))
        else:
            break
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return values


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a plain column is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


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


def by_distinct(values: pa.Array, parse: Any, target: pa.DataType) -> pa.Array:
    """Read each distinct value once: `parse` takes a value of Python and gives one, or None where it cannot."""
    try:
        encoded = values.dictionary_encode()
    except pa.ArrowException:  # a type that there is no dictionary of
        return pa.array([None if each is None else parse(each) for each in python_values(values)], target)
    read = pa.array([parse(each) for each in python_values(encoded.dictionary)], target)
    return read.take(encoded.indices)
