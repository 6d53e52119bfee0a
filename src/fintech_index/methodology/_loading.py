"""From a TOML file to a `Methodology`, or to an error that says what each wrong key may be."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from numbers import Rational
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from fintech_index.errors import MethodologyError, Problem, did_you_mean, require_kind
from fintech_index.methodology._caps import Caps
from fintech_index.methodology._catalogue import catalogue
from fintech_index.methodology._family import with_parents
from fintech_index.methodology._model import Methodology
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
_LARGEST_FILE = 1 << 20  # a methodology is some hundred lines; more is not one


def load(name_or_path: str | Path) -> Methodology:
    """Read a methodology by its name in the catalogue or its path; see `Methodology.load`."""
    path = _locate(name_or_path)
    return parse(_read(path), where=str(path), folder=path.parent)


def parse(text: str, *, where: str, folder: Path | None = None) -> Methodology:
    """Make a methodology of TOML text; `where` names the text in errors, `folder` is where parents are looked for."""
    data = _tables(text, where)
    files = catalogue()

    def parent(name: str) -> dict[str, Any] | None:
        beside = None if folder is None or "/" in name or "\\" in name else folder / f"{name}.toml"
        path = beside if beside is not None and beside.is_file() else files.get(name)
        return None if path is None else _tables(_read(path), str(path))

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
        return Decimal(str(value))
    if isinstance(value, float) or (isinstance(value, Rational) and not isinstance(value, int)):
        return Decimal(str(float(value))) if isinstance(value, float) else _finite(value)
    return value


def _finite(value: Rational) -> Decimal:
    fraction = Fraction(value)
    if finite_places(fraction) is None:
        raise MethodologyError(f"the rules of `cap`: {fraction} is no finite decimal, which a methodology can write")
    return exact_decimal(fraction)


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Parse TOML; a family has one parent, which is parsed once."""
    return tomllib.loads(text, parse_float=Decimal)


def _tables(text: str, where: str) -> dict[str, Any]:
    try:
        return _parsed(text)
    except tomllib.TOMLDecodeError as error:
        raise MethodologyError(f"{where} is not TOML: {error}") from error
    except (ValueError, ArithmeticError) as error:
        raise MethodologyError(f"{where} has a number that is too long to be one") from error
    except RecursionError as error:
        raise MethodologyError(f"{where} is nested too deeply to be a methodology") from error


def validated(data: dict[str, Any], where: str) -> Methodology:
    try:
        return Methodology.model_validate(data)
    except ValidationError as error:
        found = [_problem(details, Methodology) for details in error.errors(include_url=False)]
        problems = list({problem.where: problem for problem in reversed(found)}.values())[::-1]  # one a key
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems) from error
    except (ValueError, ArithmeticError) as error:
        raise MethodologyError(f"{where} has a number that is too long to be one") from error


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


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise MethodologyError(f"{path} is larger than a methodology file can be ({_LARGEST_FILE} bytes)")
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MethodologyError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise MethodologyError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _problem(details: ErrorDetails, model: type[BaseModel]) -> Problem:
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
                where, str(context["error"]) if kind == "value_error" else f"{_show(value)}: {details['msg']}"
            )


def _show(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


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
