"""Capped weights: from values and rules to weights, factors, and what binds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fintech_index.capping._fill import Bounds, Filled, fill, sum_of, whole
from fintech_index.capping._large import capacity_with_large, fill_with_large
from fintech_index.capping._nasdaq_100 import annual, of_1998, quarterly
from fintech_index.capping._single import at_the_cap, factor_of
from fintech_index.capping._top import capacity_with_top, fill_with_top

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fintech_index.capping._rules import CapRules

_NAMED = 5


ONE = Fraction(1)
"""The factor of every name that no cap moves: the same object, so that nobody needs to compare fractions."""


@dataclass(frozen=True)
class Capped:
    """What caps make of values; one entry a name in `weights` and `factors`.

    Attributes
    ----------
    weights : tuple of Fraction
        They add up to 1; empty where the caps cannot be met, as are the factors.
    factors : tuple of Fraction
        Weight over the weight that the scale of the slack names would give: `ONE` for those that no cap moves.
    binding : tuple of str
        The rules that move weights, with the group or the number of names that each holds.
    capacity : Fraction
        How much of the index the ceilings allow to be filled.
    shortfall : str
        Why the caps cannot be met; empty where they can.
    moved : Fraction
        How much weight the caps move: half of the sum of differences from the uncapped weights.
    """

    factors: tuple[Fraction, ...]
    binding: tuple[str, ...]
    capacity: Fraction
    shortfall: str
    moved: Fraction
    _weights: Callable[[], tuple[Fraction, ...]] = tuple

    def __reduce__(self) -> tuple[Any, ...]:
        return _with_weights, (self.factors, self.binding, self.capacity, self.shortfall, self.moved, self.weights)

    @cached_property
    def weights(self) -> tuple[Fraction, ...]:
        """The capped weights, made when they are asked for."""
        return self._weights()


def _with_weights(
    factors: tuple[Fraction, ...],
    binding: tuple[str, ...],
    capacity: Fraction,
    shortfall: str,
    moved: Fraction,
    weights: tuple[Fraction, ...],
) -> Capped:
    ones = tuple(ONE if factor == 1 else factor for factor in factors)  # the same object again
    return Capped(ones, binding, capacity, shortfall, moved, lambda: weights)


def capped(values: Sequence[Fraction | int], rules: CapRules, groups: Sequence[str] | None = None) -> Capped:
    """Cap values of 0 or more, of which one at least is more; `groups` has the group of each.

    All caps minimise the relative entropy to the uncapped weights, but for `nasdaq_100`. A value of 0 stays 0.
    """
    held = [at for at, value in enumerate(values) if value > 0]
    positive = whole([values[at] for at in held])
    if rules.only_single_cap and rules.single_cap is not None and rules.single_cap * len(positive) >= 1:
        return _capped_singly(positive, held, len(values), rules.single_cap)
    labels = [groups[at] for at in held] if groups is not None else [""] * len(held)
    bounds = _bounds(rules, labels)
    capacity, shortfall = _capacity(rules, bounds, labels)
    filled = None if shortfall else _filled(positive, bounds, rules)
    if filled is None:
        return Capped((), (), capacity, shortfall or "the caps cannot be met together", Fraction(0))
    factors = [ONE] * len(values)
    for at, factor in zip(held, _factors(positive, filled), strict=True):
        factors[at] = factor
    moved = _moved(positive, filled)

    def weights() -> tuple[Fraction, ...]:
        made = dict(zip(held, filled.weights, strict=True))
        return tuple(made.get(at, Fraction(0)) for at in range(len(values)))

    return Capped(
        factors=tuple(factors),
        binding=_binding(positive, bounds, filled, rules) if moved else (),
        capacity=capacity,
        shortfall="",
        moved=moved,
        _weights=weights,
    )


def _capped_singly(whole: list[int], held: list[int], names: int, cap: Fraction) -> Capped:
    """Cap whole positive values, those of the names `held`, where one cap is the only rule and can be met."""
    largest, scale = at_the_cap(whole, cap)
    factors = [ONE] * names
    for at in largest:
        factors[held[at]] = factor_of(whole[at], cap, scale)

    def weights() -> tuple[Fraction, ...]:
        made = [Fraction(0)] * names
        for at, value in zip(held, whole, strict=True):
            made[at] = Fraction(value * scale[0], scale[1])
        for at in largest:
            made[held[at]] = cap
        return tuple(made)

    total = sum(whole)
    # A name at the cap may have gained: only those lose that were above it.
    losing = [whole[at] for at in largest if whole[at] * cap.denominator > cap.numerator * total]
    return Capped(
        factors=tuple(factors),
        binding=(f"single_cap: {_names(len(largest))}",) if largest else (),
        capacity=min(cap * len(whole), ONE),
        shortfall="",
        moved=Fraction(sum(losing), total) - cap * len(losing),
        _weights=weights,
    )


def _factors(values: list[int], filled: Filled) -> list[Fraction]:
    """Give the weight of each over what the scale makes of its value; `ONE` where that is the weight."""
    scale = filled.scale or max(
        Fraction(part, value * filled.unit) for part, value in zip(filled.parts, values, strict=True)
    )
    above, below = scale.numerator * filled.unit, scale.denominator
    return [
        ONE if part * below == above * value else Fraction(part * below, above * value)
        for part, value in zip(filled.parts, values, strict=True)
    ]


def _moved(values: list[int], filled: Filled) -> Fraction:
    """Give how much weight the bounds take from names, which is what they give to others."""
    total, unit = sum(values), filled.unit
    taken = sum(max(value * unit - part * total, 0) for part, value in zip(filled.parts, values, strict=True))
    return Fraction(taken, unit * total)


def _bounds(rules: CapRules, labels: list[str]) -> Bounds:
    ceiling = Fraction(1) if rules.single_cap is None else rules.single_cap
    upper = [rules.single_caps.get(label, ceiling) for label in labels]
    lower = [rules.minimum_weight or Fraction(0)] * len(labels)
    groups = []
    for name in dict.fromkeys(label for label in labels if label):
        most = rules.group_caps.get(name, rules.group_cap)
        if most is not None:
            groups.append((name, [at for at, label in enumerate(labels) if label == name], most))
    return Bounds(lower, upper, groups)


def _filled(values: list[int], bounds: Bounds, rules: CapRules) -> Filled | None:
    """Give weights that keep the rules, None where there are none."""
    try:
        if rules.nasdaq_100 == "1998":
            filled = of_1998(values)
        elif rules.nasdaq_100 is not None:
            filled = annual(values) if rules.annual else quarterly(values)
        elif rules.top is not None:
            filled = fill_with_top(values, bounds, rules.top.count, rules.top.cap)
        elif rules.large is not None:
            filled = fill_with_large(values, bounds, rules.large)
        else:
            return fill(values, bounds)  # it adds up, since the ceilings hold more and the floors less
    except ValueError:
        return None
    return filled if filled.total == 1 else None


def _capacity(rules: CapRules, bounds: Bounds, labels: list[str]) -> tuple[Fraction, str]:
    """Give how much can be filled, and why that is not the whole."""
    floors = sum_of(bounds.lower)
    if floors > 1:
        return Fraction(1), f"{_names(len(labels))} of at least {_percent(bounds.lower[0])} are {_percent(floors)}"
    low = {label for label, floor, top in zip(labels, bounds.lower, bounds.upper, strict=True) if floor > top}
    if low:
        return Fraction(1), f"the minimum weight is more than the cap of a name in {', '.join(sorted(low))}"
    room = _room(bounds)
    own = {name: sum_of([bounds.upper[at] for at in members]) for name, members, _ in bounds.groups}
    if room < 1:
        short = [f"{name} ({_percent(own[name])})" for name, _, most in bounds.groups if own[name] < most]
        need = _names_needed(rules, bounds)
        message = f"{_names(len(labels))} can fill at most {_percent(room)} of the index under their caps"
        if short:
            more = f" and {len(short) - _NAMED} more" if len(short) > _NAMED else ""
            message += f"; short of names: {', '.join(short[:_NAMED])}{more}"
        return room, f"{message}{need}"
    for name, members, most in bounds.groups:
        if sum_of([bounds.lower[at] for at in members]) > most:
            return room, f"the {_names(len(members))} of {name} have more than its cap at their minimum weight"
    if rules.top is not None:
        room = capacity_with_top(bounds.upper, rules.top.count, rules.top.cap)
        rule = f"the {rules.top.count} largest at most {_percent(rules.top.cap)}"
    elif rules.large is not None:
        room, rule = capacity_with_large(bounds.upper, rules.large), "the rule of large names"
    if room < 1:
        return room, f"{_names(len(labels))} can fill at most {_percent(room)} of the index with {rule}"
    return min(room, Fraction(1)), ""


def _room(bounds: Bounds) -> Fraction:
    grouped = {at for _, members, _ in bounds.groups for at in members}
    room = sum_of([top for at, top in enumerate(bounds.upper) if at not in grouped])
    for _, members, most in bounds.groups:
        room += min(most, sum_of([bounds.upper[at] for at in members]))
    return room


def _names_needed(rules: CapRules, bounds: Bounds) -> str:
    if rules.single_cap is None or bounds.groups or rules.single_caps:
        return ""
    cap = rules.single_cap
    needed, names = -(-cap.denominator // cap.numerator), len(bounds.upper)
    return f". A cap of {_percent(cap)} needs {needed} names, or {_names(names)} a cap of at least 1/{names}"


def _binding(values: list[int], bounds: Bounds, filled: Filled, rules: CapRules) -> tuple[str, ...]:
    if rules.nasdaq_100 is not None:
        return ("nasdaq_100",)
    above, below = filled.scale.numerator, filled.scale.denominator
    at_the_top = at_the_floor = 0
    for value, part, top, floor in zip(values, filled.parts, bounds.upper, bounds.lower, strict=True):
        unbound = value * above
        is_top = part * top.denominator == top.numerator * filled.unit
        is_floor = floor > 0 and part * floor.denominator == floor.numerator * filled.unit
        at_the_top += is_top and top.numerator * below < unbound * top.denominator
        at_the_floor += is_floor and unbound * floor.denominator < floor.numerator * below
    binding = [f"single_cap: {_names(at_the_top)}"] if at_the_top else []
    binding += [f"minimum_weight: {_names(at_the_floor)}"] if at_the_floor else []
    named = {name for name, _, _ in bounds.groups}
    return (*binding, *(f"group_cap: {name}" if name in named else name for name in filled.full_groups))


def _names(count: int) -> str:
    return f"{count} name{'' if count == 1 else 's'}"


def _percent(part: Fraction) -> str:
    return f"{float(part * 100):.6g} %"
