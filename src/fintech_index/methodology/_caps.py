"""The caps of ``[weighting]``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from fintech_index.methodology._fields import Number, Part, StrictModel, Whole

CAP_NAMES = ("single_cap", "single_caps", "group_cap", "group_caps", "top", "large", "minimum_weight", "nasdaq_100")
_GROUPED = ("single_caps", "group_cap", "group_caps")


class TopCap(StrictModel):
    """The `count` largest weigh at most `cap` together."""

    count: Whole = Field(ge=1, le=1000)
    cap: Part


class LargeCap(StrictModel):
    """Names over a threshold weigh at most `cap` together, or are at most `count`; exactly `over` is not over it."""

    over: Part
    cap: Part | None = None
    count: Whole | None = Field(default=None, ge=0, le=1000)

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.cap is None and self.count is None:
            raise ValueError("large needs a cap or a count")
        return self


class Caps(StrictModel):
    """How much names may weigh on the price date, as fractions of 1.

    `single_cap` each; `single_caps` for the names of single groups instead of it; `group_cap` every group together, and
    `group_caps` single groups instead of it; `top` the largest together; `large` those over a threshold;
    `minimum_weight` each at least; `nasdaq_100` the steps of that index in their form of 1998 or 2023.
    """

    single_cap: Part | None = None
    single_caps: dict[str, Part] = Field(default_factory=dict)
    group_cap: Part | None = None
    group_caps: dict[str, Part] = Field(default_factory=dict)
    top: TopCap | None = None
    large: LargeCap | None = None
    minimum_weight: Number | None = Field(default=None, gt=0, lt=1)
    nasdaq_100: Literal["1998", "2023"] | None = None

    def given(self) -> tuple[str, ...]:
        """Name the caps that there are."""
        return tuple(name for name in CAP_NAMES if getattr(self, name))

    @property
    def grouped(self) -> bool:
        """Whether a cap asks for groups."""
        return any(name in _GROUPED for name in self.given())

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        given = set(self.given())
        for one in ("nasdaq_100", "large", "top"):
            others = given - {one} - ({"single_cap"} if one != "nasdaq_100" else set())
            if one in given and others - ({"single_caps"} if one == "top" else set()):
                message = f"{one} does not go together with {', '.join(sorted(others))}: they hold the same names"
                raise ValueError(message)
        low, high = self.minimum_weight, self.single_cap
        if low is not None and high is not None and low > high:
            message = f"minimum_weight {low} is more than single_cap {high}"
            raise ValueError(message)
        return self
