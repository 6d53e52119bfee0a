"""What each key of a methodology may hold, as its class says: of which kind, which words, and which keys below."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

_KINDS = (bool, int, str, Decimal, dt.date)


class Shape(NamedTuple):
    """What one key may hold.

    `kinds` of plain values, `words` where only some text is allowed, the class of its `table`, the shape of each `item`
    of a list, and of what is `below` each key of a table whose keys are free, such as groups.
    """

    kinds: frozenset[type] = frozenset()
    words: frozenset[str] = frozenset()
    table: type[BaseModel] | None = None
    item: Shape | None = None
    below: Shape | None = None


UNKNOWN = Shape(kinds=frozenset(_KINDS))


@cache
def shapes_of(model: type[BaseModel]) -> dict[str, Shape]:
    """Give the shape of every key of a table, by its class."""
    return {name: _shape(field.annotation) for name, field in model.model_fields.items()}


@lru_cache(maxsize=4096)
def shape_at(model: type[BaseModel], path: str) -> Shape | None:
    """Give the shape at the path of a key, such as ``weighting.single_cap``; None where there is no such key."""
    name, _, rest = path.partition(".")
    shape = shapes_of(model).get(name)
    if shape is None or not rest:
        return shape
    if shape.table is not None:
        return shape_at(shape.table, rest)
    return shape.below


@cache
def paths_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Give the paths of all keys of a table, those of the tables in it too."""
    return tuple(
        path
        for name, shape in shapes_of(model).items()
        for path in (name, *(f"{name}.{below}" for below in (paths_of(shape.table) if shape.table else ())))
    )


def _shape(annotation: Any) -> Shape:
    """Give the shape that an annotation describes; that of several kinds has what each of them has."""
    origin = get_origin(annotation)
    given = get_args(annotation)
    if origin in (Annotated, Union, UnionType):
        return _together([_shape(each) for each in (given[:1] if origin is Annotated else given)])
    if origin is Literal:
        return Shape(words=frozenset(map(str, given)))
    if origin is tuple:
        return Shape(item=_shape(given[0]))
    if origin is dict:
        return Shape(below=_shape(given[1]))
    return _of_class(annotation)


def _of_class(kind: Any) -> Shape:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Shape(table=kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Shape(words=frozenset(each.value for each in kind))
    return Shape(kinds=frozenset({kind} & set(_KINDS)))


def _together(shapes: list[Shape]) -> Shape:
    return Shape(
        kinds=frozenset().union(*(shape.kinds for shape in shapes)),
        words=frozenset().union(*(shape.words for shape in shapes)),
        table=next((shape.table for shape in shapes if shape.table), None),
        item=next((shape.item for shape in shapes if shape.item), None),
        below=next((shape.below for shape in shapes if shape.below), None),
    )
