"""From a methodology and a market to a `Calculation`, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, RequestError, require_kind
from fintech_index.events import apply_actions, place
from fintech_index.index_view import for_index
from fintech_index.levels._calculation import Calculation
from fintech_index.levels._divisor_changes import VARIANTS, action_changes
from fintech_index.levels._divisors import chain
from fintech_index.levels._reviews import reviews_of
from fintech_index.levels._state import State
from fintech_index.levels._valuation import value
from fintech_index.reviews import Baskets, ReviewCache, reviews_after, run_reviews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def calculation_of(
    method: Methodology, market: MarketData, baskets: Baskets | None = None, resume: State | None = None
) -> Calculation:
    """Calculate an index; see `calculate`."""
    source = market
    market = for_index(method, market, None if baskets is None else baskets.security)
    if resume is not None:
        baskets = _from_state(method, market, baskets, resume)
    elif baskets is None:
        baskets = run_reviews(method, market, ReviewCache())
    return calculate_baskets(method, market, baskets, resume, source)


def calculate_baskets(
    method: Methodology,
    market: MarketData,
    baskets: Baskets,
    resume: State | None,
    source: MarketData,
    variants: Sequence[str] = VARIANTS,
) -> Calculation:
    """Calculate baskets in a market as the index sees it; `source` is the market as it was given.

    Divisors, and so levels, are those of `variants`.
    """
    state = {} if resume is None else {each.security: each for each in resume.constituents}
    share_decimals = max(baskets.share_decimals, method.rounding.share_decimals)
    table = place(baskets, market, method.name, share_decimals, state)
    holdings = apply_actions(method, market, table, share_decimals, None if resume is None else resume.paid)
    valuation = value(market, holdings.segments, int(table.effective[0]), index=method.name)
    reviews = reviews_of(method, market, table, holdings, valuation)
    by_actions = action_changes(method, holdings, reviews, valuation)
    start = dict(resume.divisors) if resume is not None else None
    divisors = chain(method, market, holdings, valuation, reviews, by_actions, start, variants)
    return Calculation(
        method=method,
        market=market,
        source_market=source,
        baskets=baskets,
        table=table,
        holdings=holdings,
        valuation=valuation,
        reviews=reviews,
        by_actions=by_actions,
        divisors=divisors,
        resumed=resume,
    )


def _from_state(method: Methodology, market: MarketData, baskets: Baskets | None, state: State) -> Baskets:
    """Give the basket of a state, and the baskets that take effect after it."""
    require_kind(state, State, "resume")
    state.require_rules_of(method)
    at = market.session(state.date)
    state.require_market(market, method.currency)
    if at == len(market.sessions) - 1:
        raise RequestError(f"{method.name}: the market data has no session after {state.date} to go on with")
    held = state.basket()
    if held.share_decimals < method.rounding.share_decimals:
        raise CalculationError(
            f"{method.name}: the state has {held.share_decimals} share decimals, and rounding.share_decimals is "
            f"{method.rounding.share_decimals}"
        )
    later = baskets if baskets is not None else reviews_after(method, market, at, state.standing(market))
    if later is None:
        return held
    after = later.effective > np.datetime64(state.date, "D")
    if not after.any():
        return held
    if later.share_decimals > held.share_decimals:
        raise CalculationError(f"{method.name}: the state has fewer share decimals than the baskets that follow")
    chosen = np.flatnonzero(after)
    finer = 10 ** (held.share_decimals - later.share_decimals)
    return Baskets(
        effective=np.concatenate([held.effective, later.effective[after]]),
        price_date=np.concatenate([held.price_date, later.price_date[after]]),
        security=held.security + tuple(later.security[row] for row in chosen),
        index_shares=np.concatenate([held.index_shares, later.index_shares[after] * finer]),
        free_float=np.concatenate([held.free_float, later.free_float[after]]),
        capping_factor=held.capping_factor + tuple(later.capping_factor[row] for row in chosen),
        share_decimals=held.share_decimals,
        reserve=held.reserve | later.reserve,
        outcomes=later.outcomes,
        notices=later.notices,
    )
