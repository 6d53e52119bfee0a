"""A methodology with some of its settings changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from fintech_index.methodology._family import WHENCE
from fintech_index.methodology._validation import validated
from fintech_index.methodology._written import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from fintech_index.methodology._sections import Sections

    M = TypeVar("M", bound=Sections)
else:
    M = TypeVar("M")


def changed(base: M, settings: Mapping[str, Any], known: dict[tuple[str, str], BaseModel] | None = None) -> M:
    """Give a methodology with other values of some keys; None leaves a key out.

    Sections that do not change are the very same objects, as are those that change in the same way as one in `known`,
    which is filled. A section with a key changed no longer says where its rule comes from: it is the caller's.

    Raises
    ------
    MethodologyError
        Values that the keys may not have, or rules that do not go together.
    """
    known = {} if known is None else known
    own: dict[str, dict[str, Any]] = {}
    data = _given(base)
    for path, value in settings.items():
        section, _, key = path.partition(".")
        if key:
            own.setdefault(section, {})[key] = value
        elif value is None:
            data.pop(section, None)
        else:
            data[section] = written(value)
    names = {section: (section, repr(changes)) for section, changes in own.items()}
    for section, changes in own.items():
        data[section] = known.get(names[section]) or _section(getattr(base, section), changes)
    where = ", ".join(f"{path} = {value}" for path, value in settings.items())
    made = validated(type(base), data, f"{base.name} with {where}")
    known |= {name: getattr(made, section) for section, name in names.items()}
    return made


def _section(model: BaseModel, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys of a section with some changed; a key with a dot is of a table in it."""
    table = {name: value for name, value in _given(model).items() if name not in WHENCE}
    for path, value in changes.items():
        name, _, deeper = path.partition(".")
        if deeper:
            within = table.get(name, getattr(model, name))
            table[name] = (
                (within | {deeper: written(value)}) if isinstance(within, dict) else _section(within, {deeper: value})
            )
        elif value is None:
            table.pop(name, None)
        else:
            table[name] = written(value)
    return table


def _given(model: BaseModel) -> dict[str, Any]:
    """Give the keys of a table that its file has."""
    return {name: getattr(model, name) for name in model.model_fields_set}
