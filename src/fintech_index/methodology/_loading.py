"""From a TOML file to a `Methodology`, or to an error that says what each wrong key may be."""

from __future__ import annotations

import os
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from fintech_index.errors import MethodologyError, Problem, did_you_mean, require_kind
from fintech_index.methodology._catalogue import catalogue
from fintech_index.methodology._model import Methodology

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LARGEST_FILE = 1 << 20  # a methodology is some hundred lines; more is not one


def load(name_or_path: str | Path) -> Methodology:
    """Read a methodology by its name in the catalogue or its path; see `Methodology.load`."""
    path = _locate(name_or_path)
    return parse(_read(path), where=str(path))


def parse(text: str, *, where: str) -> Methodology:
    """Make a methodology of TOML text; `where` names the text in errors."""
    try:
        return _validated(tomllib.loads(text, parse_float=Decimal), where)
    except tomllib.TOMLDecodeError as error:
        raise MethodologyError(f"{where} is not TOML: {error}") from error
    except (ValueError, ArithmeticError) as error:
        raise MethodologyError(f"{where} has a number that is too long to be one") from error
    except RecursionError as error:
        raise MethodologyError(f"{where} is nested too deeply to be a methodology") from error


def _validated(data: dict[str, Any], where: str) -> Methodology:
    try:
        return Methodology.model_validate(data)
    except ValidationError as error:
        problems = [_problem(details) for details in error.errors(include_url=False)]
        raise MethodologyError(f"{where}: {len(problems)} wrong in the methodology", problems) from error


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


def _problem(details: ErrorDetails) -> Problem:
    location = [str(part) for part in details["loc"]]
    where = ".".join(location) or "the file"
    context = details.get("ctx", {})
    value = details["input"]
    match details["type"]:
        case "extra_forbidden":
            keys = _keys_beside(location[:-1])
            return Problem(where, f"no such key (its value is {_show(value)})", did_you_mean(location[-1], keys))
        case "missing":
            return Problem(where, "missing", "this key has no default")
        case "literal_error" | "enum":
            return Problem(where, f"{_show(value)} is not finished or not known", f"allowed: {context['expected']}")
        case "value_error":
            return Problem(where, str(context["error"]))
        case _:
            return Problem(where, f"{_show(value)}: {details['msg']}")


def _show(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _keys_beside(location: list[str]) -> list[str]:
    """Give the keys that the section at `location` may have."""
    model: Any = Methodology
    for part in location:
        field = model.model_fields[part]
        candidates = [field.annotation, *get_args(field.annotation)]
        model = next(kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel))
    return list(model.model_fields)
