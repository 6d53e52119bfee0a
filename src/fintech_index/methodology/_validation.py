"""What is wrong with the tables of a file, in the words of the field rather than of pydantic: all of it at once."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from fintech_index.errors import MethodologyError, Problem, did_you_mean, shown, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

_KINDS = ("int", "decimal", "str")
_LIST = ("is no list", "written [...], one item too")
_TABLE = ("is no table", "written { key = value }")
_PLAINLY = {  # what pydantic says in the words of Python
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dict_type": _TABLE,
    "date_type": ("is no date", "written 2020-01-02, without quotes in a file"),
    "too_short": ("has no item", "name at least 1, or leave the key out"),
}


def validated(model: type[M], data: dict[str, Any], where: str) -> M:
    """Make a methodology, by its class, of tables.

    Raises
    ------
    MethodologyError
        Keys and values that they may not have, and rules that do not go together: all of them.
    """
    with translated(f"{where} is no methodology", MethodologyError):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = _problems_of(model, error)
            found += [each for each in _rules_that_clash(model, data, error) if each not in found]
        problems = list({problem.where + problem.what: problem for problem in found}.values())
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems)


@contextmanager
def all_at_once(where: str, problems: list[Problem]) -> Iterator[None]:
    """Raise the problems that were met before a validation together with those that it meets.

    Raises
    ------
    MethodologyError
        There are any.
    """
    try:
        yield
    except MethodologyError as error:
        if not problems:
            raise
        met = [f"{problem.where}." for problem in problems]
        own = error.problems or [Problem("the methodology", error.summary)]
        follows = {each.where for each in own if any(place.startswith(f"{each.where}.") for place in met)}
        problems = [*problems, *(each for each in own if each.where not in follows)]
    if problems:
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems)


def _problems_of(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Give the problems of a validation: one a key, of a value that may be of several kinds."""
    found: dict[str, list[Problem]] = {}
    for details in reversed(error.errors(include_url=False)):
        at = ".".join(map(str, details["loc"]))
        whole = [problem_of(details, model, line) for line in _lines(details)]
        found[whole[0].where if at else ""] = whole
    return [problem for whole in reversed(found.values()) for problem in whole]


def _lines(details: ErrorDetails) -> list[str]:
    """Give what a validator of ours says, which is a line a problem."""
    failure = details.get("ctx", {}).get("error")
    return str(failure).split("\n") if failure is not None else [""]


def _rules_that_clash(model: type[BaseModel], data: dict[str, Any], error: ValidationError) -> list[Problem]:
    """Give what else is wrong between the rules, were the keys that cannot be read left out."""
    wrong = [details["loc"] for details in error.errors(include_url=False) if details["loc"]]
    if not wrong:
        return []
    try:
        model.model_validate(_without(data, wrong))
    except ValidationError as second:
        left_out = {str(part) for place in wrong for part in place[-1:]}
        return [
            problem
            for details in second.errors(include_url=False)
            if details["type"] == "value_error" and not details["loc"]
            for problem in (problem_of(details, model, line) for line in _lines(details))
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


def problem_of(details: ErrorDetails, model: type[BaseModel], message: str = "") -> Problem:
    """Put one detail of a validation into words; `message` is what a validator of ours says."""
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
                where,
                message or str(context["error"]) if kind == "value_error" else f"{_show(value)}: {details['msg']}",
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
