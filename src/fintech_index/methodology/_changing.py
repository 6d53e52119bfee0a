"""A methodology with some of its settings changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from fintech_index.errors import MethodologyError, Problem, did_you_mean, shown
from fintech_index.methodology._family import WHENCE
from fintech_index.methodology._plain import plain_value
from fintech_index.methodology._sections import Sections
from fintech_index.methodology._shapes import paths_of, shape_at
from fintech_index.methodology._validation import all_at_once, validated

_WHOLE = ""  # for a key, where a section is changed as a whole
M = TypeVar("M", bound=Sections)


def changed(base: M, settings: Mapping[str, Any], known: dict[tuple[str, str], BaseModel] | None = None) -> M:
    """Give a methodology with other values of some keys; None leaves a key out.

    Sections that do not change are the very same objects, as are those that change in the same way as one in `known`,
    which is filled. A section with a key changed no longer says where its rule comes from: it is the caller's.

    Raises
    ------
    MethodologyError
        Keys that there are not, values that the keys may not have, or rules that do not go together: all of them.
    """
    known = {} if known is None else known
    where = f"{base.name} with {', '.join(f'{path} = {shown(value)}' for path, value in settings.items())}"
    own, problems = _by_section(type(base), settings)
    data = _given(base)
    names = {section: (section, repr(changes)) for section, changes in own.items() if _WHOLE not in changes}
    for section, changes in own.items():
        if section in names:
            data[section] = known.get(names[section]) or _section(getattr(base, section), changes)
        elif changes[_WHOLE] is None:
            data.pop(section, None)
        else:
            data[section] = changes[_WHOLE]
    with all_at_once(where, problems):
        made = validated(type(base), data, where)
    known |= {name: getattr(made, section) for section, name in names.items()}
    made._origin = base._origin  # noqa: SLF001 - the text that it was made of comes along
    return made


def _by_section(model: type[BaseModel], settings: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Give changes by section and key, their values as a file has them, and what is wrong with them."""
    own: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for path, value in settings.items():
        shape = shape_at(model, path) if isinstance(path, str) else None
        if shape is None:
            problems.append(Problem(str(path), "no such key", did_you_mean(str(path), paths_of(model))))
            continue
        if path == "parent" and value is not None:
            problems.append(Problem(path, "cannot be replaced, since its rules are filled in", "None: stand alone"))
            continue
        section, _, key = path.partition(".")
        if key in own.setdefault(section, {}) or (own[section] and (_WHOLE in own[section] or key == _WHOLE)):
            problems.append(Problem(section, "is given as a whole, and by single keys"))
            continue
        try:
            own[section][key] = plain_value(value, shape, path)
        except MethodologyError as error:
            problems += error.problems or [Problem(path, error.summary)]
    return {section: changes for section, changes in own.items() if changes}, problems


def _section(model: BaseModel | Mapping[str, Any] | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys of a section with some changed; a key with a dot is of a table in it."""
    table = _given(model)
    if any(name in table for name in WHENCE):
        table = {name: value for name, value in table.items() if name not in WHENCE}
    for path, value in changes.items():
        name, _, deeper = path.partition(".")
        if isinstance(model, Mapping) and not isinstance(model.get(name), Mapping):
            name, deeper = path, ""  # a group or a board, whose name may have a dot
        if deeper:
            table[name] = _section(table.get(name, getattr(model, name, None)), {deeper: value})
        elif value is None:
            table.pop(name, None)
        else:
            table[name] = value
    return table


def _given(model: BaseModel | Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the keys of a table that its file has."""
    if isinstance(model, BaseModel):
        return {name: getattr(model, name) for name in model.model_fields_set}
    return dict(model or {})
