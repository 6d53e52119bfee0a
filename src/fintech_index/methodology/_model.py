"""The rules of an index, one class a section of its TOML file.

Every key but the descriptive ones (names, titles, labels, sources, effective dates) decides a digit of a level, a
divisor or an index share, or gives a message. Numbers are decimals, as the file writes them; shares of a whole are
fractions (0.10 is 10 %).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints, model_validator


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a number must be written without quotes")  # noqa: TRY004 - pydantic's protocol
    return value


# What the file writes must be of its kind: no "4" for 4, no true for 1, no number for a date.
Whole = Annotated[int, Strict()]
Number = Annotated[Decimal, BeforeValidator(_number)]
Date = Annotated[dt.date, Strict()]
Month = Annotated[int, Strict(), Field(ge=1, le=12)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


_LARGEST_LEVEL = 10**12  # of the base, in units of the last place: three digits are left for growth


class Label(StrEnum):
    """How far a rule is the publisher's."""

    PUBLISHED = "published"
    ASSUMED = "assumed"
    NOT_APPLIED = "published, not applied"
    ANACHRONISTIC = "anachronistic"


class Weekday(StrEnum):
    """A day of the trading week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"

    @property
    def number(self) -> int:
        """Monday is 0, as in `datetime`."""
        return list(Weekday).index(self)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """A section of the file: its rule, where the rule comes from, and since when the publisher has it."""

    label: Label | None = None
    source: str = ""
    effective: Date | None = None


class Base(Rule):
    """The session on which the level has the base value, in every return variant."""

    date: Date = Field(ge=dt.date(1800, 1, 1))
    value: Number = Field(default=Decimal(1000), gt=0, lt=10**9, decimal_places=8)


class Universe(Rule):
    """Which securities are looked at: those named, or all of the market's `securities` table."""

    securities: tuple[str, ...] | None = Field(default=None, min_length=1)


class Seasoning(Rule):
    """How long a security has been listed: `listed` plus so many calendar months falls before the cut-off date."""

    months: Whole = Field(default=0, ge=0, le=1200)
    months_by_board: dict[str, Annotated[int, Strict(), Field(ge=0, le=1200)]] = {}

    def months_for(self, board: str) -> int:
        """Give the months for a board of the `securities` table."""
        return {name.lower(): months for name, months in self.months_by_board.items()}.get(board, self.months)


class Status(Rule):
    """Which kinds of the `status` table, valid on the cut-off date, keep a security out."""

    exclude: tuple[str, ...] = ()


class Conduct(Status):
    """Screens for violations and losses."""


class Eligibility(_Strict):
    """Who may enter. A price on or before the cut-off date is always asked for."""

    seasoning: Seasoning = Seasoning()
    status: Status = Status()
    conduct: Conduct = Conduct()


class Selection(Rule):
    """How many of the eligible enter."""

    count: Literal["all"] = "all"


class Weighting(Rule):
    """Weights on the price date: close times free-float shares, none above `single_cap`.

    The excess is redistributed pro rata. Without a cap, weights stay as they are.
    """

    by: Literal["free_float_cap"] = "free_float_cap"
    single_cap: Number | None = Field(default=None, gt=0, le=1)


class WeekdayOfMonth(_Strict):
    """The nth such weekday of a month."""

    weekday: Weekday
    nth: Whole = Field(ge=1, le=4)


class Review(Rule):
    """When the basket is made anew. No months: never."""

    months: tuple[Month, ...] = ()
    effective_after: WeekdayOfMonth = WeekdayOfMonth(weekday=Weekday.FRIDAY, nth=2)
    cutoff_months_before: Whole = Field(default=2, ge=1, le=12)
    price_date_sessions_before: Whole = Field(default=5, ge=1, le=60)

    @model_validator(mode="after")
    def _months_ascend(self) -> Self:
        if list(self.months) != sorted(set(self.months)):
            message = f"months must ascend, each once, and not be {list(self.months)}"
            raise ValueError(message)
        return self


class Actions(Rule):
    """How corporate actions are treated.

    `basis`: the terms of one day are per share held before it and apply at once, or one after another.
    `special_dividend`: what of it is taken out of the opening value of the price index.
    `restructuring`: whether the fall to the exchange's reference price is performance, or absorbed by the divisor.
    """

    basis: Literal["pre", "sequential"] = "pre"
    special_dividend: Literal["none", "gross", "net"] = "none"
    restructuring: Literal["performance", "absorbed"] = "performance"


class Returns(Rule):
    """What the net return loses of a cash dividend, as a fraction."""

    withholding_tax: Number = Field(default=Decimal("0.10"), ge=0, lt=1)


class Chaining(Rule):
    """On which level the next session's return is chained: as calculated, or as published."""

    on: Literal["full", "published"] = "full"


class Rounding(Rule):
    """Places of the published numbers, all half up."""

    level_decimals: Whole = Field(default=4, ge=0, le=8)
    divisor_digits: Whole = Field(default=18, ge=6, le=28)
    capping_factor_decimals: Whole = Field(default=12, ge=1, le=18)
    share_decimals: Whole = Field(default=0, ge=0, le=6)


class Methodology(_Strict):
    """All rules of one index. `Methodology.load` reads it from a file."""

    name: Name
    title: str = ""
    title_zh: str = ""
    description: str = ""
    notice: str = ""
    currency: Currency = "CNY"
    base: Base
    universe: Universe = Universe()
    eligibility: Eligibility = Eligibility()
    selection: Selection = Selection()
    weighting: Weighting = Weighting()
    review: Review = Review()
    actions: Actions = Actions()
    returns: Returns = Returns()
    chaining: Chaining = Chaining()
    rounding: Rounding = Rounding()

    @classmethod
    def load(cls, name_or_path: str | Path) -> Methodology:
        """Read a methodology.

        Parameters
        ----------
        name_or_path : str or Path
            A name of the catalogue (``"xiangmihu"``), or a path to a TOML file.

        Raises
        ------
        MethodologyError
            No such name or file, or keys and values that the file may not have: all of them, each with what is
            allowed.
        """
        from fintech_index.methodology._loading import load

        return load(name_or_path)

    def rules(self) -> dict[str, Rule]:
        """Give every section that has a label, by its path in the file."""
        found: dict[str, Rule] = {}
        for section in type(self).model_fields:
            value = getattr(self, section)
            if isinstance(value, Rule):
                found[section] = value
            elif isinstance(value, Eligibility):
                found |= {f"{section}.{key}": getattr(value, key) for key in type(value).model_fields}
        return found

    def notices(self) -> tuple[str, ...]:
        """Say what a reader of the levels must know about the rules."""
        said = [self.notice] if self.notice else []
        for path, rule in self.rules().items():
            if rule.label is Label.NOT_APPLIED:
                kinds = f" ({', '.join(rule.exclude)})" if isinstance(rule, Status) and rule.exclude else ""
                said.append(f"{self.name}: the rule {path}{kinds} is published but not applied")
        return tuple(said)

    @model_validator(mode="after")
    def _labels_fit_the_dates(self) -> Self:
        not_yet = (Label.ANACHRONISTIC, Label.NOT_APPLIED)
        wrong = [
            f"{path}.label: this rule is effective {rule.effective}, after the base date {self.base.date}: "
            f"its label must be {Label.ANACHRONISTIC.value!r} or {Label.NOT_APPLIED.value!r}"
            for path, rule in self.rules().items()
            if rule.effective is not None and rule.effective > self.base.date and rule.label not in not_yet
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @model_validator(mode="after")
    def _levels_fit_a_float(self) -> Self:
        if self.base.value * 10**self.rounding.level_decimals >= _LARGEST_LEVEL:
            raise ValueError(
                f"base.value {self.base.value} with rounding.level_decimals {self.rounding.level_decimals}: a level "
                "could have more digits than a float64 holds; lower one of them"
            )
        return self

    @model_validator(mode="after")
    def _only_screens_go_unapplied(self) -> Self:
        wrong = [
            path
            for path, rule in self.rules().items()
            if rule.label is Label.NOT_APPLIED and not path.startswith("eligibility.")
        ]
        if wrong:
            raise ValueError(
                f"only rules of eligibility can be labelled {Label.NOT_APPLIED.value!r}, not {', '.join(wrong)}"
            )
        return self


def applied(rule: Rule) -> bool:
    """Tell whether a rule of eligibility is evaluated at all."""
    return rule.label is not Label.NOT_APPLIED
