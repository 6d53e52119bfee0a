"""`cap`: caps for weights of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fintech_index.capping._capped import capped
from fintech_index.capping._rules import CapRules
from fintech_index.errors import Problem, RequestError, did_you_mean
from fintech_index.methodology import Caps, caps_from
from fintech_index.rounding import decimal_of, exact, round_half_up

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

FACTOR_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class CappedWeights:
    """What `cap` gives.

    Attributes
    ----------
    weights : tuple of Fraction, dict or Series
        Capped weights, exactly, in the kind and order of what was given. They add up to 1. Empty where `feasible` is
        false, as are the factors.
    factors : tuple of Decimal, dict or Series
        Capping factors, rounded half up to 12 decimals: 1 for names that no cap moves.
    binding : tuple of str
        Which rules move weights, and how many names or which group each holds.
    feasible : bool
        Whether the caps can be met.
    capacity : Fraction
        How much of the index the ceilings allow to be filled; less than 1 where that is what cannot be met.
    shortfall : str
        Why they cannot be met: the capacity, and the groups that are short of names.
    moved : Fraction
        How much weight the caps move: half of the sum of absolute differences from the uncapped weights.
    """

    weights: Any
    factors: Any
    binding: tuple[str, ...]
    feasible: bool
    capacity: Fraction
    shortfall: str
    moved: Fraction


def cap(weights: Any, rules: Mapping[str, Any] | Caps) -> CappedWeights:
    """Cap weights, or market values: what is given need not add up to 1.

    Parameters
    ----------
    weights : sequence, mapping or Series of numbers
        0 or more, one of them more than 0. A float stands for its shortest decimal.
    rules : mapping, or the `weighting` of a methodology
        The cap keys of a methodology's ``[weighting]``: `single_cap`, `group_cap`, `group_caps`, `single_caps`, `top`
        (``{"count": 5, "cap": 0.6}``), `large` (``{"over": 0.05, "cap": 0.40}``), `minimum_weight`, `nasdaq_100`
        ("1998" or "2023"); and with them `groups`, the group of each name: a sequence or mapping like `weights`, or a
        mapping of groups to lists of names; and `annual`, whether `nasdaq_100` takes its yearly form.

    Returns
    -------
    CappedWeights
        Caps that cannot be met are no error here: `feasible` is false, `shortfall` says why, and there are no weights.
        Otherwise the relative entropy to the uncapped weights is at its least, but for `nasdaq_100`, which has steps
        of its own.

    Raises
    ------
    RequestError
        No weights, a negative one, none above 0, a group for a name that is not there, a name in two groups.
    MethodologyError
        Rules that are not known, or do not go together.

    Examples
    --------
    >>> import fintech_index as fi
    >>> fi.cap([60, 30, 10], {"single_cap": 0.5}).weights
    (Fraction(1, 2), Fraction(3, 8), Fraction(1, 8))
    """
    if isinstance(rules, Caps):
        rules = {name: getattr(rules, name) for name in rules.given()}
    if not isinstance(rules, Mapping):
        raise RequestError(f"the rules of `cap` are a mapping such as {{'single_cap': 0.10}}, not {rules!r:.80}")
    names, values = _named(weights)
    given = dict(rules)
    groups, yearly = given.pop("groups", None), given.pop("annual", False)
    if not isinstance(yearly, bool) or (yearly and given.get("nasdaq_100") != "2023"):
        raise RequestError("annual is True or False, and goes with nasdaq_100 = '2023'")
    caps = caps_from(given)
    labels = _labels(groups, names)
    _require_groups(caps, labels)
    result = capped(values, CapRules.of(caps, annual=yearly), labels)
    factors = [decimal_of(round_half_up(factor, FACTOR_DECIMALS), -FACTOR_DECIMALS) for factor in result.factors]
    return CappedWeights(
        weights=_like(weights, names, result.weights),
        factors=_like(weights, names, factors),
        binding=result.binding,
        feasible=not result.shortfall,
        capacity=result.capacity,
        shortfall=result.shortfall,
        moved=result.moved,
    )


def _require_groups(caps: Caps, labels: list[str] | None) -> None:
    if caps.grouped and labels is None:
        raise RequestError(
            f"{', '.join(name for name in caps.given() if 'group' in name or name == 'single_caps')}: "
            "caps of groups need `groups`"
        )
    unknown = {*caps.single_caps, *caps.group_caps} - set(labels or ())
    if unknown:
        raise RequestError(
            "there are caps of groups that no name is in",
            [Problem(name, "no such group", did_you_mean(name, set(labels or ()))) for name in sorted(unknown)],
        )


def _named(weights: Any) -> tuple[list[Any], list[Fraction]]:
    if isinstance(weights, Mapping) or hasattr(weights, "items"):
        pairs = list(weights.items())
    elif getattr(weights, "ndim", 0) == 1:
        pairs = list(enumerate(weights))  # one by one: a float32 stands for its own shortest decimal
    elif isinstance(weights, Sequence) and not isinstance(weights, str | bytes):
        pairs = list(enumerate(weights))
    else:
        raise RequestError(f"weights must be a sequence, a mapping or a Series, not {weights!r:.80}")
    values, problems = [], []
    for name, weight in pairs:
        try:
            value = _number(weight)
        except (TypeError, ValueError, OverflowError, ArithmeticError):
            problems.append(Problem(str(name), f"{weight!r} is no number"))
            continue
        if value < 0:
            problems.append(Problem(str(name), f"{weight!r} is negative"))
        values.append(value)
    if problems:
        raise RequestError(f"{len(problems)} of the weights cannot be capped", problems)
    if not any(values):
        raise RequestError("there are no weights above 0 to cap")
    return [name for name, _ in pairs], values


def _number(weight: Any) -> Fraction:
    if isinstance(weight, str | bytes | bool) or type(weight).__name__ == "bool":
        raise TypeError("text and truth are no weights")
    return exact(weight)


def _labels(groups: Any, names: list[Any]) -> list[str] | None:
    """Give the group of each name; "" for those without one."""
    if groups is None:
        return None
    if not (isinstance(groups, Mapping) or hasattr(groups, "items")):
        if isinstance(groups, str | bytes) or not hasattr(groups, "__iter__"):
            raise RequestError(f"groups are a sequence or a mapping, not {groups!r:.80}")
        labels = list(groups)
        if len(labels) != len(names):
            raise RequestError(f"there are {len(labels)} groups for {len(names)} weights")
        return [_label(label) for label in labels]
    known: set[Any] = set(names)
    found: dict[Any, str] = {}
    problems = []
    for key, value in groups.items():
        listed = isinstance(value, list | tuple | set | frozenset)
        for name, group in [(name, key) for name in value] if listed else [(key, value)]:
            if name not in known:
                problems.append(Problem(f"group {group}", f"{name!r} is not among the weights"))
            elif name in found:
                problems.append(
                    Problem(f"group {group}", f"{name!r} is also in {found[name]}: groups must not overlap")
                )
            found[name] = _label(group)
    if problems:
        raise RequestError(f"{len(problems)} wrong in the groups", problems)
    return [found.get(name, "") for name in names]


def _label(group: Any) -> str:
    """Give a group as text, "" for what is missing."""
    missing = group is None or type(group).__name__ in ("NAType", "NaTType") or group != group  # noqa: PLR0124 - NaN
    return "" if missing else str(group)


def _like(weights: Any, names: list[Any], values: Sequence[Fraction | Decimal]) -> Any:
    """Give values in the kind that the weights came in; there are none where the caps cannot be met."""
    names = names if values else []
    if isinstance(weights, Mapping):
        return dict(zip(names, values, strict=True))
    if hasattr(weights, "items"):
        import pandas as pd

        return pd.Series(list(values), index=weights.index if values else weights.index[:0], dtype="object")
    return tuple(values)
