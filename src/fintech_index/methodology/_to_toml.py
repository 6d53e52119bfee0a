"""A methodology as TOML text: that of its file with what was changed in it, or tidy text of the keys that are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from fintech_index.errors import MethodologyError
from fintech_index.methodology._family import WHENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import tomlkit

_TOP = ("name", "parent", "title", "title_zh", "description", "notice", "currency")


def text_of(method: BaseModel) -> str:
    """Write the keys that a methodology has given, a table a section."""
    import tomlkit

    document = tomlkit.document()
    given = given_in(method)
    for name in sorted(given, key=lambda key: _TOP.index(key) if key in _TOP else len(_TOP)):
        document[name] = _item(given[name])
    return str(tomlkit.dumps(document))


def text_with(text: str, changes: Sequence[tuple[str, Any]]) -> str:
    """Give the text of a file with keys changed in their places; comments and order stay.

    A section with a key changed no longer says where its rule comes from.
    """
    import tomlkit

    document = tomlkit.parse(text)
    for path, value in changes:
        *parts, last = path.split(".")
        table: Any = document
        for part in parts:
            if part not in table:
                table[part] = tomlkit.table()
            table = table[part]
        for key in WHENCE if parts else ():
            _take(table, key)
        if value is None:
            _take(table, last)
        else:
            table[last] = _item(value)
    return str(tomlkit.dumps(document))


def _take(table: Any, key: str) -> None:
    if key in table:
        table.remove(key)


def given_in(model: BaseModel) -> dict[str, Any]:
    """Give the keys that a table was made of, as plain values."""
    return {name: _plain(getattr(model, name)) for name in type(model).model_fields if name in model.model_fields_set}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return given_in(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value


def _item(value: Any) -> tomlkit.items.Item:
    """Give a value as an item of TOML: decimals with the digits that they have."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.table()
        for key, each in value.items():
            if each is not None:
                table[key] = _item(each)
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for each in value:
            array.append(_item(each) if not isinstance(each, Mapping) else _inline(each))
        return array
    if isinstance(value, Decimal):
        return tomlkit.value(format(value, "f"))
    if isinstance(value, bool | int | float | str | dt.date):
        return tomlkit.item(value)
    raise MethodologyError(f"{value!r:.80} cannot be written as TOML")


def _inline(value: Mapping[str, Any]) -> tomlkit.items.InlineTable:
    import tomlkit

    table = tomlkit.inline_table()
    for key, each in value.items():
        table[key] = _item(each)
    return table
