"""The caps of an index in exact numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from fintech_index.rounding import exact

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.methodology import Caps


@dataclass(frozen=True, slots=True)
class Top:
    """The `count` largest weigh at most `cap` together."""

    count: int
    cap: Fraction


@dataclass(frozen=True, slots=True)
class Large:
    """Names over a threshold weigh at most `cap` together, or are at most `count`."""

    over: Fraction
    cap: Fraction | None
    count: int | None


@dataclass(frozen=True, slots=True)
class CapRules:
    """All caps of an index; None and empty where there is none. Weights are fractions of 1.

    `single_caps` are ceilings of the names of a group that differ from `single_cap`, `group_caps` those of a group
    together that differ from `group_cap`. `annual` tells the yearly form of `nasdaq_100` from the quarterly one.
    """

    single_cap: Fraction | None = None
    single_caps: dict[str, Fraction] = field(default_factory=dict)
    group_cap: Fraction | None = None
    group_caps: dict[str, Fraction] = field(default_factory=dict)
    top: Top | None = None
    large: Large | None = None
    minimum_weight: Fraction | None = None
    nasdaq_100: str | None = None
    annual: bool = False

    @classmethod
    def of(cls, caps: Caps, *, annual: bool = False) -> CapRules:
        """Take the caps of a methodology."""

        def ceiling(value: object) -> Fraction | None:
            return None if value is None else exact(value)  # type: ignore[arg-type]

        return cls(
            single_cap=ceiling(caps.single_cap),
            single_caps={group: exact(cap) for group, cap in caps.single_caps.items()},
            group_cap=ceiling(caps.group_cap),
            group_caps={group: exact(cap) for group, cap in caps.group_caps.items()},
            top=None if caps.top is None else Top(caps.top.count, exact(caps.top.cap)),
            large=None
            if caps.large is None
            else Large(exact(caps.large.over), ceiling(caps.large.cap), caps.large.count),
            minimum_weight=ceiling(caps.minimum_weight),
            nasdaq_100=caps.nasdaq_100,
            annual=annual,
        )

    @property
    def only_single_cap(self) -> bool:
        """Whether the same cap for every name is the only rule."""
        return self.single_cap is not None and not self.without("single_cap")

    def without(self, name: str) -> CapRules:
        """Give the rules less one of them."""
        empty: CapRules = CapRules()
        return replace(self, **{name: getattr(empty, name)})

    def __bool__(self) -> bool:
        rules = [each.name for each in fields(self) if each.name != "annual"]  # the form of a rule, and no rule
        empty = CapRules()
        return any(getattr(self, name) != getattr(empty, name) for name in rules)
