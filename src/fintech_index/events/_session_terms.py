"""The terms of a security at a session's open: each ex-date with the close that its terms go by."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError, MarketDataError
from fintech_index.events._price_weight import price_weighted
from fintech_index.events.kinds import TREATMENTS
from fintech_index.market import ACTING_KINDS, CASH_KINDS, HOLDER_KINDS
from fintech_index.rounding import exact, round_to_tick

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from fintech_index.events.kinds import Effect, Holding
    from fintech_index.market import ExDate, MarketData
    from fintech_index.methodology import Methodology

_DEFAULT_WITHHOLDING = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Terms:
    """One ex-date.

    Attributes
    ----------
    day : ExDate
    steps : tuple of (ExDate, Fraction)
        What applies at once, and the close that it applies to: all of the day, or one action after another.
    reference : Fraction
        The reference price that the day ends with, unrounded.
    """

    day: ExDate
    steps: tuple[tuple[ExDate, Fraction], ...]
    reference: Fraction


def terms_of(
    method: Methodology, market: MarketData, security: int, session: int, *, base: bool = False
) -> Iterator[Terms]:
    """Give the ex-dates of a session, in date order, as far as they do something to holders.

    The first goes by the close of the session before, each later one by the reference price of the one before it,
    rounded to the exchange's tick. On the base session of an index a first price will do, since nothing is chained.

    Raises
    ------
    CorporateActionError
        Terms that leave no price, an ex-date that is no session where these are refused, no close before it, a tick
        that is not known where one is needed.
    """
    days = [day for day in market.actions.on(security, session) if day.of_kinds(HOLDER_KINDS)]
    if not days:
        return
    close = _close_before(method, market, security, session, days, base=base)
    for number, day in enumerate(days):
        refuse_off_session(method, market, day)
        day.require_unmixed(method.name)
        steps = []
        for step in day.steps(method.actions.basis):
            steps.append((step, close))
            try:
                close = step.reference_price(close)
            except CorporateActionError as error:
                raise CorporateActionError(f"{method.name}: {error.summary}") from error
        yield Terms(day, tuple(steps), close)
        if number + 1 < len(days):
            close = round_to_tick(close, tick_of(method, market, security, day))


def tick_of(method: Methodology, market: MarketData, security: int, day: ExDate) -> Fraction:
    """Give the tick that a reference price is rounded to."""
    tick = market.securities.tick[security]
    if tick is None:
        raise CorporateActionError(
            f"{method.name}: the reference price of {day.security} on {day.date} is rounded to a tick that is not "
            "known; fill `tick` in `securities`"
        )
    return tick


def effects_of(method: Methodology, step: ExDate, holding: Holding) -> list[tuple[str, Effect]]:
    """Give what terms that apply at once do to a holding, in the order of the kinds."""
    effects = [(action.kind, TREATMENTS[action.kind](holding, action, step, method)) for action in step.actions]
    return price_weighted(effects, holding, method) if method.weighting.by == "price" else effects


def tax_on(method: Methodology, market: MarketData, security: int, day: ExDate) -> Fraction:
    """Give what the net return loses of an ex-date's payments; 0 where it has none that are taxed."""
    taxed = day.of_kinds(CASH_KINDS) or method.returns.bonus_par_tax
    return withholding(method, market, security, day.date) if taxed else Fraction(0)


def ex_close_for(method: Methodology, market: MarketData, security: int, session: int) -> Fraction:
    """Give the close of the ex-date itself, where a treatment looks at it; 0 elsewhere."""
    return market.panel.price(security, session) if method.actions.rights == "msci_ex" else Fraction(0)


def growth_of(effects: Sequence[tuple[str, Effect]]) -> tuple[Fraction, Fraction]:
    """Give what one index share becomes by terms that apply at once, and what one share of the free float becomes."""
    return (
        1 + sum((effect.new_shares for _, effect in effects), Fraction(0)),
        1 + sum((effect.float_growth for _, effect in effects), Fraction(0)),
    )


def reference_residue(
    method: Methodology, market: MarketData, security: int, terms: Terms, shares: Fraction
) -> Fraction:
    """Give what the opening value is off by where it goes by the exchange's reference price, in trading currency.

    `actions.reference_price` = ``exchange``: the chain form of the Chinese providers has the exchange's own figure as
    yesterday's price (CNI, index calculation: 上一交易日收市价 is adjusted): `pre_close` of the day where the data
    has it, and else what the terms lead to, rounded to its tick. `shares` are those after the day, unrounded.
    """
    if method.actions.reference_price == "exact" or not terms.day.of_kinds(ACTING_KINDS):
        return Fraction(0)
    if terms.day.of_kinds(("restructuring",)):
        return Fraction(0)
    exchange = _exchange_price(market, security, terms)
    if exchange is None:
        exchange = round_to_tick(terms.reference, tick_of(method, market, security, terms.day))
    return shares * (exchange - terms.reference)


def _exchange_price(market: MarketData, security: int, terms: Terms) -> Fraction | None:
    """Give the exchange's own reference price of a day; None where it is not known, or is of several ex-dates."""
    session = terms.day.session
    if len(market.actions.on(security, session)) > 1:
        return None
    pre_close = float(market.quotes.pre_close[security, session])
    return exact(pre_close) if isfinite(pre_close) else None


def withholding(method: Methodology, market: MarketData, security: int, date: dt.date) -> Fraction:
    """Give what the net return loses of a dividend: the methodology's rate, or that of the company's country.

    Raises
    ------
    MarketDataError
        The `withholding` table has no rate for the country by then.
    """
    if method.returns.withholding_tax is not None:
        return exact(method.returns.withholding_tax)
    if not market.withholding:
        return _DEFAULT_WITHHOLDING
    country, code = market.securities.country[security], market.securities.codes[security]
    rate = market.withholding.rate(country, date)
    if rate is None:
        raise MarketDataError(
            f"withholding, {date}: no rate for {country or 'an unknown country'} ({code}): add it to the table, fill "
            "`country` in `securities`, or set returns.withholding_tax in the methodology"
        )
    return rate


def _close_before(
    method: Methodology, market: MarketData, security: int, session: int, days: list[ExDate], *, base: bool
) -> Fraction:
    first = market.panel.first_session[security]
    if first < session:
        return market.panel.price(security, session - 1)
    rights_issue = any(day.of_kinds(("rights",)) for day in days)
    if base and first == session and len(days) == 1 and not rights_issue:
        return market.panel.price(security, session)  # nothing is chained into the base: any close will do
    code, date = market.securities.codes[security], market.sessions[session]
    raise CorporateActionError(
        f"{method.name}: {code} has an action on {date} and no close before it: add that price, or leave the action out"
    )


def refuse_off_session(method: Methodology, market: MarketData, day: ExDate) -> None:
    """Refuse an ex-date that is no session, where the methodology does."""
    if method.actions.off_session == "refuse" and market.sessions[day.session] != np.datetime64(day.date):
        raise CorporateActionError(
            f"{method.name}: the ex-date {day.date} of {day.security} is no session, and actions.off_session refuses "
            "such dates"
        )
