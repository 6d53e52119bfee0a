"""What is published of a close, as exact numbers: the one place where published text comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.levels._changes import VARIANTS
from fintech_index.rounding import exact_decimal

if TYPE_CHECKING:
    import datetime as dt

    from fintech_index.levels._history import History


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


def published(history: History, session: int) -> Published:
    """Give what is published of the close of a session."""
    calculation, date = history.calculation, history.market.sessions[session]
    row = history.levels.loc[str(date)]
    return Published(
        index=history.method.name,
        date=date.item(),
        levels={each: Decimal(level_text(row[each], history.method.rounding.level_decimals)) for each in VARIANTS},
        divisors={each: calculation.divisors.at(each, session) for each in VARIANTS},
        market_value=exact_decimal(calculation.valuation.exact(session)),
        constituents=int(history.counts.loc[str(date)]),
    )


def level_text(level: float, decimals: int) -> str:
    """Write a published level with all its decimals: the float is the nearest one to the decimal that it stands for."""
    return f"{level:.{decimals}f}"


def session_values(history: History, session: int) -> dict[int, Fraction]:
    """Give the market value of each constituent at a close, in index currency, by the number of the security."""
    segments, market = history.calculation.holdings.segments, history.market
    unit, home, date = (
        10**history.calculation.holdings.share_decimals,
        history.method.currency,
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


def exact_weights(history: History, session: int) -> dict[str, Fraction]:
    """Give the weights at a close, by security; see `History.exact_weights`."""
    values, codes = session_values(history, session), history.market.securities.codes
    total = sum(values.values(), Fraction(0))
    return {codes[security]: values[security] / total for security in sorted(values)}
