"""`variants`: methodologies that differ from one in a few settings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from fintech_index.conventions import VARIANTS
from fintech_index.errors import MethodologyError, Problem, RequestError, did_you_mean, require_kind
from fintech_index.methodology import Methodology, changed

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS, _BYTES = 2e-4, 5_000  # that it takes to make a variant, and to keep it


def variants(base: Methodology, changes: Mapping[str, Sequence[Any]]) -> dict[str, Methodology]:
    """Give every combination of changes to a methodology.

    Parameters
    ----------
    base : Methodology
    changes : mapping of str to sequence
        By the path of a key in the file, such as ``"selection.count"``, the values that it takes in turn; None stands
        for leaving the key out.

    Returns
    -------
    dict of str to Methodology
        By what is changed, such as ``"selection.count=50, weighting.single_cap=0.1"``: the last key changes fastest.

    Raises
    ------
    RequestError
        No values, a path that is no key, more combinations than `conventions.VARIANTS`.
    MethodologyError
        Combinations that are no methodology: all problems at once, each with its combination.

    Examples
    --------
    >>> import fintech_index as fi
    >>> base = fi.Methodology.load("xiangmihu")
    >>> list(fi.variants(base, {"weighting.single_cap": [0.05, None]}))
    ['weighting.single_cap=0.05', 'weighting.single_cap=none']
    """
    require_kind(base, Methodology, "base")
    require_kind(changes, Mapping, "changes")
    values = _all_values(changes)
    number = 1
    for each in values.values():
        number *= len(each)
    needs = (
        f"{number * _SECONDS:,.0f} s and {number * _BYTES / 1e9:,.1f} GB to make them, and 8 bytes a session of each"
    )
    VARIANTS.require(number, f"changes of {', '.join(values)}, which would take some {needs}", RequestError)
    made: dict[str, Methodology] = {}
    problems: list[Problem] = []
    sections: dict[Any, Any] = {}
    for combination in product(*values.values()):
        settings = dict(zip(values, combination, strict=True))
        name = ", ".join(f"{path}={as_written(value)}" for path, value in settings.items()) or base.name
        try:
            made[name] = changed(base, settings, sections)
        except MethodologyError as error:
            problems += [Problem(name, problem.what, problem.hint) for problem in error.problems]
    if problems:
        raise MethodologyError(f"{len(problems)} wrong in the variants of {base.name}", problems)
    return made


def _all_values(changes: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    values, refused = {}, {}
    for path, given in changes.items():
        try:
            values[path] = _values(path, given)
        except RequestError as error:
            refused[path] = error
    if len(refused) > 1:
        problems = [Problem(path, error.summary) for path, error in refused.items()]
        raise RequestError(f"{len(refused)} changes that cannot be made", problems)
    for why in refused.values():
        raise why
    return values


def _values(path: str, given: Any) -> list[Any]:
    require_kind(path, str, "the path of a key")
    section, _, key = path.rpartition(".")
    keys = _keys()
    if path not in keys or not section or not key:
        raise RequestError(f"no key {path!r} of a methodology can be varied: {did_you_mean(path, keys)}")
    if isinstance(given, str) or not hasattr(given, "__iter__") or not (values := list(given)):
        raise RequestError(f"the values of {path} are a sequence such as [50, 100], not {given!r:.80}")
    messages = [as_written(value) for value in values]
    if twice := sorted({each for each in messages if messages.count(each) > 1}):
        raise RequestError(f"{path} has values twice: {', '.join(twice)}")
    return values


def _keys() -> list[str]:
    """Give the paths of all keys in the tables of a methodology."""
    paths = []
    for name, field in Methodology.model_fields.items():
        for key, own in getattr(field.annotation, "model_fields", {}).items():
            deeper = getattr(own.annotation, "model_fields", None)
            paths += [f"{name}.{key}"] + [f"{name}.{key}.{each}" for each in deeper or ()]
    return paths


def as_written(value: Any) -> str:
    """Write a value as a methodology's file has it, text without quotes; None, a key that is left out, as none."""
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {as_written(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(as_written(each) for each in value)}]"
    return str(value)
