"""From a TOML file to a `Methodology`, or to an error that says what each wrong key may be."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from fintech_index.errors import MethodologyError, Problem, did_you_mean, require_kind, shown, translated
from fintech_index.methodology._caps import Caps
from fintech_index.methodology._catalogue import catalogue
from fintech_index.methodology._family import with_parents
from fintech_index.methodology._model import Methodology
from fintech_index.methodology._toml import read_toml, tables_in
from fintech_index.rounding import exact_decimal, finite_places

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KINDS = ("int", "decimal", "str")
_LIST = ("is no list", "written [...], one item too")
_TABLE = ("is no table", "written { key = value }")
_PLAINLY = {  # what pydantic says in the words of Python
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dict_type": _TABLE,
    "too_short": ("has no item", "name at least 1, or leave the key out"),
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # of an index, and so of the file of a parent


def load(name_or_path: str | Path) -> Methodology:
    """Read a methodology by its name in the catalogue or its path; see `Methodology.load`."""
    path = _locate(name_or_path)
    return _made(read_toml(path), where=str(path), folder=path.parent)


def parse(text: str, *, where: str, folder: Path | None = None) -> Methodology:
    """Make a methodology of TOML text; `where` names the text in errors, `folder` is where parents are looked for."""
    return _made(tables_in(text, where), where=where, folder=folder)


def _made(data: dict[str, Any], *, where: str, folder: Path | None) -> Methodology:
    files = catalogue()

    def parent(name: str) -> dict[str, Any] | None:
        beside = None if folder is None or not _NAME.fullmatch(name) else folder / f"{name}.toml"
        path = beside if beside is not None and os.path.isfile(beside) else files.get(name)  # noqa: PTH113 - as below
        return None if path is None else read_toml(path)

    return validated(with_parents(data, parent, where=where, known=set(files)), where)


def caps_from(given: Mapping[str, Any]) -> Caps:
    """Make caps of the keys of ``[weighting]`` in memory, where numbers may be floats or fractions of their kind.

    Raises
    ------
    MethodologyError
        An unknown cap, a value that it cannot have, caps that do not go together.
    """
    where = "the rules of `cap`"
    try:
        return Caps.model_validate(written(given))
    except ValidationError as error:
        problems = [_problem(details, Caps) for details in error.errors(include_url=False)]
        raise MethodologyError(f"{where}: {len(problems)} wrong", problems) from error


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
        raise MethodologyError(f"the rules of `cap`: {fraction} is no finite decimal, which a methodology can write")
    return exact_decimal(fraction)


def validated(data: dict[str, Any], where: str) -> Methodology:
    """Make a methodology of tables.

    Raises
    ------
    MethodologyError
        Keys and values that they may not have, and rules that do not go together: all of them.
    """
    with translated(f"{where} is no methodology", MethodologyError):
        try:
            return Methodology.model_validate(data)
        except ValidationError as error:
            found = _problems_of(error)
            found += [each for each in _rules_that_clash(data, error) if each not in found]
        problems = list({problem.where + problem.what: problem for problem in found}.values())
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems)


def _problems_of(error: ValidationError) -> list[Problem]:
    """Give the problems of a validation: one a key, of a value that may be of several kinds."""
    found: dict[str, list[Problem]] = {}
    for details in reversed(error.errors(include_url=False)):
        at = ".".join(map(str, details["loc"]))
        whole = [_problem(details, Methodology, line) for line in _lines(details)]
        found[whole[0].where if at else ""] = whole
    return [problem for whole in reversed(found.values()) for problem in whole]


def _lines(details: ErrorDetails) -> list[str]:
    """Give what a validator of ours says, which is a line a problem."""
    failure = details.get("ctx", {}).get("error")
    return str(failure).split("\n") if failure is not None else [""]


def _rules_that_clash(data: dict[str, Any], error: ValidationError) -> list[Problem]:
    """Give what else is wrong between the rules, were the keys that cannot be read left out."""
    wrong = [details["loc"] for details in error.errors(include_url=False) if details["loc"]]
    if not wrong:
        return []
    try:
        Methodology.model_validate(_without(data, wrong))
    except ValidationError as second:
        left_out = {str(part) for place in wrong for part in place[-1:]}
        return [
            problem
            for details in second.errors(include_url=False)
            if details["type"] == "value_error" and not details["loc"]
            for problem in (_problem(details, Methodology, line) for line in _lines(details))
            if not any(name in problem.what for name in left_out)
        ]
    return []


def _without(data: dict[str, Any], places: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Give tables without some of their keys."""
    left = dict(data)
    for first, *rest in places:
        below = left.get(str(first))
        if rest and isinstance(below, dict) and str(rest[0]) in below:
            left[str(first)] = _without(below, [tuple(rest)])
        else:
            left.pop(str(first), None)
    return left


def _locate(name_or_path: str | Path) -> Path:
    require_kind(name_or_path, str | Path, "a methodology")
    known = catalogue()
    if isinstance(name_or_path, str) and name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if path.suffix == ".toml" or os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises on a name that is too long
        return path
    hint = did_you_mean(str(name_or_path), known)
    raise MethodologyError(
        f"no index {str(name_or_path)!r} in the catalogue: {hint}{'' if hint.endswith('?') else '.'} "
        "A methodology of your own is given by its path, which ends in .toml."
    )


def _problem(details: ErrorDetails, model: type[BaseModel], said: str = "") -> Problem:
    location = [str(part) for part in details["loc"]]
    alternatives = _alternatives(location, model)
    location = location[: len(location) - len(alternatives)]
    where = ".".join(location) or "the file"
    context = details.get("ctx", {})
    value = details["input"]
    match details["type"]:
        case "extra_forbidden":
            keys = _keys_beside(location[:-1], model)
            return Problem(where, f"no such key (its value is {_show(value)})", did_you_mean(location[-1], keys))
        case "missing":
            return Problem(where, "missing", "this key has no default")
        case "literal_error" | "enum":
            return Problem(where, f"{_show(value)} is not finished or not known", f"allowed: {context['expected']}")
        case kind if kind in _PLAINLY:
            what, hint = _PLAINLY[kind]
            return Problem(where, f"{_show(value)} {what}", hint)
        case kind:
            return Problem(
                where, said or str(context["error"]) if kind == "value_error" else f"{_show(value)}: {details['msg']}"
            )


def _show(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else shown(value)


def _alternatives(location: list[str], model: Any) -> list[str]:
    """Give the end of a location that names no key: of a value that may be of several kinds, the kind that failed."""
    at = 0
    while at < len(location) and isinstance(model, type) and issubclass(model, BaseModel):
        if location[at] not in model.model_fields:
            return []
        model = _model_in(model.model_fields[location[at]].annotation)
        at += 1
    ends = [part for part in location[at:] if not (part.isidentifier() or part.isdigit()) or part in _KINDS]
    return ends if location[len(location) - len(ends) :] == ends else []


def _model_in(annotation: Any) -> Any:
    candidates = [annotation, *get_args(annotation)]
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _keys_beside(location: list[str], model: Any) -> list[str]:
    """Give the keys that the section at `location` may have."""
    for part in location:
        model = _model_in(model.model_fields[part].annotation)
    return list(model.model_fields)
