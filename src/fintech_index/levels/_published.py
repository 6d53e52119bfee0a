"""What is published of a close, as exact numbers; `level_text` writes a level as files and tables have it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.rounding import exact_decimal

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.levels._calculation import Calculation


@dataclass(frozen=True, slots=True)
class Published:
    """What is published of an index at a close.

    Attributes
    ----------
    index : str
    date : date
    levels, divisors : dict of str to Decimal
        By return variant: price, gross and net; levels with all decimals of the methodology.
    market_value : Decimal
        In index currency. Over a divisor it is the level, before that is rounded.
    constituents : int
    """

    index: str
    date: dt.date
    levels: dict[str, Decimal]
    divisors: dict[str, Decimal]
    market_value: Decimal
    constituents: int


def published(calculation: Calculation, session: int) -> Published:
    """Give what is published of the close of a session."""
    date, levels = calculation.market.sessions[session], calculation.levels[:, session - calculation.first]
    return Published(
        index=calculation.method.name,
        date=date.item(),
        levels={
            each: Decimal(level_text(level, calculation.method.rounding.level_decimals))
            for each, level in zip(VARIANTS, levels.tolist(), strict=True)
        },
        divisors={each: calculation.divisors.at(each, session) for each in VARIANTS},
        market_value=exact_decimal(calculation.valuation.exact(session)),
        constituents=int(calculation.holdings.segments.held_at(session).sum()),
    )


def level_text(level: float, decimals: int) -> str:
    """Write a published level with all its decimals: the float is the nearest one to the decimal that it stands for."""
    return f"{level:.{decimals}f}"


def session_values(calculation: Calculation, session: int) -> dict[int, Fraction]:
    """Give the market value of each constituent at a close, in index currency, by the number of the security."""
    segments, market = calculation.holdings.segments, calculation.market
    unit, home, date = (
        10**calculation.holdings.share_decimals,
        calculation.method.currency,
        market.sessions[session],
    )
    return {
        security: market.panel.price(security, session)
        * shares
        * market.fx.rate(market.securities.currency[security], home, date)
        / unit
        for security, shares in (
            (int(segments.security[at]), int(segments.index_shares[at]))
            for at in np.flatnonzero(segments.held_at(session))
        )
    }


def exact_weights(calculation: Calculation, session: int) -> dict[str, Fraction]:
    """Give the weights at a close, by security; see `History.exact_weights`."""
    values, codes = session_values(calculation, session), calculation.market.securities.codes
    total = sum(values.values(), Fraction(0))
    return {codes[security]: values[security] / total for security in sorted(values)}
