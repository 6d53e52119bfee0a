"""The rules of an index, one class a section of its TOML file.

Every key but the descriptive ones (names, titles, labels, sources, effective dates) decides a digit of a level, a
divisor or an index share, or gives a message. Numbers are decimals, as the file writes them; shares of a whole are
fractions (0.10 is 10 %).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from fintech_index.methodology._caps import CAP_NAMES, Caps
from fintech_index.methodology._fields import (
    Currency,
    Date,
    Mic,
    Name,
    Number,
    Rule,
    StrictModel,
    Texts,
    Whole,
    Yes,
)
from fintech_index.methodology._origin import Origin
from fintech_index.methodology._reviewing import Eligibility, FreeFloat, Ranking, Review, Selection


class Base(Rule):
    """The session on which the level has the base value, in every return variant."""

    date: Date = Field(ge=dt.date(1800, 1, 1))
    value: Number = Field(default=Decimal(1000), gt=0, lt=10**9, decimal_places=8)


class Universe(Rule):
    """Which securities are looked at: those named, or all of the market's `securities` table."""

    securities: Texts | None = None


class Weighting(Caps, Rule):
    """What weighs a constituent, and the caps on it.

    ``free_float_cap``: close times free-float shares. ``total_cap``: close times all shares. ``score``: close times
    free-float shares times `score` of the `securities` table. ``equal``: as many shares as make one part of
    `notional`, in index currency. ``price``: one share of each.

    Prices and counts are those of the price date; or, with `prices_as_of` or `shares_as_of` ``effective``, what they
    have become at the open of the effective date: prices through the ex-dates between, counts as the `shares` table
    then has them. `group_by` names the column of `securities` that caps of groups go by. `relax` are caps that are
    dropped, in this order, where all together cannot be met.
    """

    by: Literal["free_float_cap", "total_cap", "score", "equal", "price"] = "free_float_cap"
    group_by: Literal["category", "cni_field", "issuer", "city", "exchange", "board"] = "category"
    prices_as_of: Literal["price_date", "effective"] = "price_date"
    shares_as_of: Literal["price_date", "effective"] = "price_date"
    relax: tuple[Literal[CAP_NAMES], ...] = ()  # type: ignore[valid-type]
    notional: Number = Field(default=Decimal(10**12), gt=0, lt=10**15)

    @property
    def by_capitalisation(self) -> bool:
        """Whether index shares follow from share counts and a capping factor."""
        return self.by in ("free_float_cap", "total_cap", "score")

    @model_validator(mode="after")
    def _only_its_own_keys(self) -> Self:
        set_here = self.model_fields_set
        unread = [*self.given(), *(set_here & {"prices_as_of", "shares_as_of", "relax"})]
        if not self.by_capitalisation and unread:
            message = f"{', '.join(unread)}: for weights by capitalisation, not by {self.by}"
            raise ValueError(message)
        if self.by != "equal" and "notional" in set_here:
            message = f"notional is for weights by equal, not by {self.by}"
            raise ValueError(message)
        if "group_by" in set_here and not self.grouped:
            raise ValueError("group_by is read with caps of groups only")
        if absent := [name for name in self.relax if name not in self.given()]:
            message = f"relax names {', '.join(absent)}, which there is no cap of"
            raise ValueError(message)
        return self


class Calendar(Rule):
    """On which days the index has a level.

    ``any``: on which any of its markets traded. ``all``: on which all of them did. ``home``: on which `home` did, an
    exchange by its MIC. A closed market contributes its last price, adjusted for its actions.
    """

    sessions: Literal["any", "all", "home"] = "any"
    home: Mic = "XSHG"

    @model_validator(mode="after")
    def _home_is_read(self) -> Self:
        if self.sessions != "home" and "home" in self.model_fields_set:
            raise ValueError('home is read with sessions = "home" only')
        return self


class Fx(Rule):
    """For how many sessions on end a missing exchange rate may be carried; 0: never."""

    carry_sessions: Whole = Field(default=0, ge=0, le=60)


class Actions(Rule):
    """How corporate actions are treated; docs/corporate-actions.md has each setting with the provider that uses it.

    For equal and price weights some defaults are others (`DEFAULT_TREATMENTS`).
    """

    basis: Literal["pre", "sequential"] = "pre"
    reference_price: Literal["exact", "exchange"] = "exact"
    off_session: Literal["move", "refuse"] = "move"
    special_dividend: Literal["none", "gross", "net", "weight_neutral"] = "none"
    rights: Literal["subscribe", "weight_neutral", "msci_ex"] = "subscribe"
    restructuring: Literal["performance", "absorbed"] = "performance"
    share_changes: Literal["at_review", "at_once", "csi"] = "at_review"
    share_change_threshold: Number = Field(default=Decimal(0), ge=0, lt=1)
    spin_off: Literal["leaves", "to_parent", "stays"] = "leaves"
    acquirer: Literal["terms", "unchanged", "takes_value"] = "terms"
    replacement: Literal["none", "pro_rata", "newcomer"] = "none"
    capping_factors: Literal["kept", "reset"] = "kept"
    price_weight_splits: Literal["divisor", "factor"] = "divisor"


class Returns(Rule):
    """What gross and net return make of a dividend.

    `withholding_tax` is a fraction; without it, the `withholding` table of the market decides by country and date, and
    without that table it is 0.10. `dividends`: reinvested through the opening value, or as index points at the close.
    `bonus_par_tax`: whether the net return pays tax on the par value of a bonus from profit.
    """

    withholding_tax: Number | None = Field(default=None, ge=0, lt=1)
    dividends: Literal["opening", "points"] = "opening"
    bonus_par_tax: Yes = False


class Chaining(Rule):
    """On which level the next session's return is chained: as calculated, or as published."""

    on: Literal["full", "published"] = "full"


class Rounding(Rule):
    """Places of the published numbers, all half up."""

    level_decimals: Whole = Field(default=4, ge=0, le=8)
    divisor_digits: Whole = Field(default=18, ge=6, le=28)
    capping_factor_decimals: Whole = Field(default=12, ge=1, le=18)
    share_decimals: Whole = Field(default=0, ge=0, le=6)


class Sections(StrictModel):
    """The sections of a methodology, with their defaults."""

    _origin: Origin | None = PrivateAttr(default=None)

    name: Name
    parent: Name | None = None
    title: str = ""
    title_zh: str = ""
    description: str = ""
    notice: str = ""
    currency: Currency = "CNY"
    base: Base
    universe: Universe = Universe()
    eligibility: Eligibility = Eligibility()
    ranking: Ranking = Ranking()
    selection: Selection = Selection()
    free_float: FreeFloat = FreeFloat()
    weighting: Weighting = Weighting()
    review: Review = Review()
    calendar: Calendar = Calendar()
    fx: Fx = Fx()
    actions: Actions = Actions()
    returns: Returns = Returns()
    chaining: Chaining = Chaining()
    rounding: Rounding = Rounding()
