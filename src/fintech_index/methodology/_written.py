"""Values in memory as a file of a methodology would have them, and tables of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any, get_args

from fintech_index.errors import MethodologyError, Problem
from fintech_index.methodology._validation import model_in
from fintech_index.rounding import exact_decimal, finite_places


def written(value: Any) -> Any:
    """Give numbers as a file writes them."""
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if hasattr(value, "dtype"):  # a number of numpy's
        try:
            return Decimal(str(value))
        except ArithmeticError:  # it is something else of numpy's, and what reads it says so
            return value
    if isinstance(value, float) or (isinstance(value, Rational) and not isinstance(value, int)):
        return Decimal(str(float(value))) if isinstance(value, float) else _finite(value)
    return value


def _finite(value: Rational) -> Decimal:
    fraction = Fraction(value)
    if finite_places(fraction) is None:
        raise MethodologyError(f"{fraction} is no finite decimal, which a methodology can write")
    return exact_decimal(fraction)


def as_meant(tables: Any, model: Any) -> Any:
    """Give tables in memory with text of numbers and days as these, where a key takes no text."""
    if not isinstance(tables, Mapping):
        return _as_meant(tables, model)
    below = model_in(model)
    fields = {} if below is None else below.model_fields
    return {key: as_meant(value, fields[key].annotation if key in fields else None) for key, value in tables.items()}


def as_meant_by_path(changes: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Give values by the paths of their keys, with text of numbers and days as these."""
    meant = {}
    for path, value in changes.items():
        annotation = model
        for part in path.split("."):
            annotation = model_in(annotation).model_fields[part].annotation
        meant[path] = as_meant(value, annotation)
    return meant


def _as_meant(value: Any, annotation: Any) -> Any:
    kinds = set(_kinds_in(annotation))
    if not isinstance(value, str) or str in kinds:
        return value
    try:
        if dt.date in kinds:
            return dt.date.fromisoformat(value)
        if Decimal in kinds or float in kinds:
            return Decimal(value)
        return int(value) if int in kinds else value
    except (ValueError, ArithmeticError):
        return value  # what reads it says what is wrong


def _kinds_in(annotation: Any) -> Iterator[Any]:
    yield annotation
    for each in get_args(annotation):
        yield from _kinds_in(each)


def nested(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Give tables whose keys have dots as tables in tables, as TOML reads them.

    Raises
    ------
    MethodologyError
        A key is there twice, or is a value and a table: all of them.
    """
    tables: dict[str, Any] = {}
    problems: list[Problem] = []
    for path, value in given.items():
        if not isinstance(path, str) or not all(path.split(".")):
            problems.append(Problem(repr(path), "a key is text such as 'weighting.single_cap'"))
            continue
        *parts, last = path.split(".")
        table: Any = tables
        for part in parts:
            table = table.setdefault(part, {}) if isinstance(table, dict) else table
        _put(table, last, value, path, problems)
    if problems:
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems)
    return tables


def _put(table: Any, name: str, value: Any, path: str, problems: list[Problem]) -> None:
    if not isinstance(table, dict):
        problems.append(Problem(path, "a part of this path has a value of its own"))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            within = table.setdefault(name, {})
            _put(within, str(key), each, f"{path}.{key}", problems)
        table.setdefault(name, {})
    elif name in table:
        problems.append(Problem(path, "is given twice"))
    else:
        table[name] = written(value)
