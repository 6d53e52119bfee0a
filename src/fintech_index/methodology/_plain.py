"""Values of Python as a methodology file has them: dicts as tables, floats as decimals, text as dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from numbers import Rational
from typing import Any

from pydantic import BaseModel

from fintech_index.conventions import NESTED
from fintech_index.errors import MethodologyError, Problem, shown
from fintech_index.methodology._family import WHENCE
from fintech_index.methodology._shapes import UNKNOWN, Shape, shapes_of
from fintech_index.rounding import exact_decimal, finite_places

_WHOLE = re.compile(r"[+-]?[0-9]{1,100}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ABSENT = object()

Pairs = Iterable[tuple[Any, Any]]


def tables_of_mapping(
    mapping: Mapping[Any, Any], model: type[BaseModel], *, text_is_read: bool = True
) -> tuple[dict[str, Any], list[Problem]]:
    """Give the tables that a file with these keys has, and what no file could have.

    A key may be dotted (``"base.date"``), as far as the keys of its table are the project's own: in tables by group or
    by board a dot is part of the name. Keys whose value is None are left out.

    Raises
    ------
    MethodologyError
        The mapping is nested more deeply than a methodology may be, or within itself.
    """
    reading = _Reading(text_is_read=text_is_read)
    return reading.table(mapping.items(), Shape(table=model), ()), reading.problems


def plain_value(value: Any, shape: Shape, path: str) -> Any:
    """Give one value as a file has it, of the shape that its key has.

    Raises
    ------
    MethodologyError
        A value that no file can hold.
    """
    reading = _Reading(text_is_read=True)
    plain = reading.value(value, shape, (path,))
    if reading.problems:
        raise MethodologyError(f"{path} cannot be set to this", reading.problems)
    return None if plain is _ABSENT else plain


def given_tables(model: BaseModel, *, every: bool = False) -> dict[str, Any]:
    """Give the tables of a methodology or a section as a file has them: the keys that are set, or every key."""
    tables = {}
    for name in type(model).model_fields if every else _in_order(model):
        value = _of_model(getattr(model, name), every=every)
        if value is not None and value != {}:
            tables[name] = value
    return tables


def _in_order(model: BaseModel) -> list[str]:
    """Give the names of keys that are set: the rules first, then where they are from."""
    names = [name for name in type(model).model_fields if name in model.model_fields_set]
    return sorted(names, key=lambda name: (name in WHENCE, name != "by"))


def _of_model(value: Any, *, every: bool) -> Any:
    if isinstance(value, BaseModel):
        return given_tables(value, every=every)
    if isinstance(value, tuple):
        return [_of_model(each, every=every) for each in value]
    if isinstance(value, Enum):
        return value.value
    return dict(value) if isinstance(value, dict) else value


class _Reading:
    """One walk down a mapping, with the problems that were met."""

    def __init__(self, *, text_is_read: bool) -> None:
        self.problems: list[Problem] = []
        self.text_is_read = text_is_read

    def table(self, pairs: Pairs, shape: Shape, path: tuple[str, ...]) -> dict[str, Any]:
        """Give a table; where its keys are the project's own, dotted ones are put in their places."""
        _require_shallow(path)
        own = None if shape.table is None else shapes_of(shape.table)
        found: dict[str, list[Any]] = {}
        for key, value in pairs:
            if not isinstance(key, str) or (own is not None and not all(key.split("."))):
                self._wrong((*path, shown(key)), "a key is text such as 'weighting.single_cap'")
                continue
            name, dot, rest = (key, "", "") if own is None else key.partition(".")
            found.setdefault(str(name), []).append({rest: value} if dot else value)
        table = {}
        for name, values in found.items():
            below = (shape.below or UNKNOWN) if own is None else own.get(name, UNKNOWN)
            value = self._once(values, below, (*path, name))
            if value is not _ABSENT:
                table[name] = value
        return table

    def _once(self, values: list[Any], shape: Shape, path: tuple[str, ...]) -> Any:
        """Give the one value of a key, or the one table that several make."""
        tables = [each for each in map(_as_table, values) if each is not None]
        if len(values) > 1 and len(tables) < len(values):
            self._wrong(path, "is given twice")
            return _ABSENT
        if tables:
            return self.table([pair for each in tables for pair in each.items()], shape, path)
        return self.value(values[0], shape, path)

    def value(self, value: Any, shape: Shape, path: tuple[str, ...]) -> Any:
        """Give a value as a file has it, `_ABSENT` for one that leaves its key out or cannot be in a file."""
        table = _as_table(value)
        if table is not None:
            return self.table(table.items(), shape, path)
        if value is None:
            return _ABSENT
        items = _as_list(value)
        if items is not None:
            _require_shallow(path)
            return self._items(items, shape.item or UNKNOWN, path)
        plain = _without_libraries(value)
        if self.text_is_read:
            plain = _as_text_says(plain, shape)
        plain = _whole(plain, shape)
        if isinstance(plain, str) and _SURROGATE.search(plain):
            self._wrong(path, f"{shown(plain)} has half a character, which no file can hold")
            return _ABSENT
        if isinstance(plain, dt.datetime) or not isinstance(plain, bool | int | str | Decimal | dt.date):
            self._wrong(path, *_no_value_of_a_file(plain))
            return _ABSENT
        return plain

    def _items(self, items: list[Any], shape: Shape, path: tuple[str, ...]) -> list[Any]:
        plain = []
        for at, item in enumerate(items):
            value = self.value(item, shape, (*path, str(at)))
            if item is None:
                self._wrong((*path, str(at)), "is None, which a list of a file cannot have")
            elif value is not _ABSENT:
                plain.append(value)
        return plain

    def _wrong(self, path: tuple[str, ...], what: str, hint: str = "") -> None:
        self.problems.append(Problem(".".join(path) or "the methodology", what, hint))


def _require_shallow(path: tuple[str, ...]) -> None:
    if len(path) > NESTED:
        raise MethodologyError(f"{'.'.join(path[:2])} is nested too deeply to be of a methodology")


def _as_table(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, BaseModel):
        return given_tables(value)
    return value if isinstance(value, Mapping) else None


def _as_list(value: Any) -> list[Any] | None:
    """Give what is a list, a tuple, or an array or column of a library, as a list."""
    if isinstance(value, list | tuple):
        return list(value)
    if hasattr(value, "dtype") and getattr(value, "ndim", 0) == 1 and hasattr(value, "tolist"):
        return list(value.tolist())
    return None


def _without_libraries(value: Any) -> Any:
    """Give a value of numpy, an enumeration, a float or a fraction as one of those that a file has."""
    if isinstance(value, Enum):
        return value.value
    kind = getattr(getattr(value, "dtype", None), "kind", " ")
    if kind in "iubM" and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) or kind == "f":  # of float32 too, the shortest that it is written as
        return Decimal(repr(float(value)) if isinstance(value, float) else str(value))
    if isinstance(value, Rational) and not isinstance(value, int):
        fraction = Fraction(value)
        return value if finite_places(fraction) is None else exact_decimal(fraction)
    if isinstance(value, dt.datetime) and value.tzinfo is None and value.time() == dt.time():
        return value.date()
    return value


def _as_text_says(value: Any, shape: Shape) -> Any:
    """Read text as a number or a date where the key holds one, and no text of its own."""
    kinds = shape.kinds
    if not isinstance(value, str) or str in kinds or value in shape.words:
        return value
    if int in kinds and _WHOLE.fullmatch(value):
        return int(value)
    if Decimal in kinds and _NUMBER.fullmatch(value):
        return Decimal(value)
    if dt.date in kinds and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _whole(value: Any, shape: Shape) -> Any:
    """Give a decimal without decimals as a whole number where the key holds one."""
    whole = int in shape.kinds and Decimal not in shape.kinds
    return int(value) if whole and isinstance(value, Decimal) and value.as_tuple().exponent == 0 else value


def _no_value_of_a_file(value: Any) -> tuple[str, str]:
    if isinstance(value, dt.datetime):
        return f"{value} has a time of day", "give a date"
    if isinstance(value, Rational):
        return f"{value} is no finite decimal", "which a methodology can write"
    if isinstance(value, set | frozenset):
        return f"{shown(value)} has no order", "give a list"
    return f"{shown(value)} cannot be in a file", "text, numbers, dates, true and false, lists and tables can"
