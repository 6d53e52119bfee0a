"""`calculate`: from a methodology and a market to the history of an index."""

from __future__ import annotations

import numpy as np

from fintech_index.errors import CalculationError, RequestError, require_kind
from fintech_index.events import apply_actions, place
from fintech_index.index_view import for_index
from fintech_index.levels._calculation import Calculation
from fintech_index.levels._changes import action_changes
from fintech_index.levels._divisors import chain
from fintech_index.levels._history import History
from fintech_index.levels._reviews import reviews_of
from fintech_index.levels._state import State
from fintech_index.levels._valuation import value
from fintech_index.market import MarketData
from fintech_index.methodology import Methodology
from fintech_index.reviews import Baskets, Shared, reviewed, reviews_after


def calculate(
    method: Methodology, market: MarketData, baskets: Baskets | None = None, *, resume: State | None = None
) -> History:
    """Calculate an index: apply events to its baskets, and divide their market value by the divisor.

    Parameters
    ----------
    method : Methodology
        The rules: base, reviews, treatment of dividends, roundings.
    market : MarketData
        Prices, share counts, corporate actions and rates.
    baskets : Baskets, optional
        What the index holds from each effective date on; by default the methodology's reviews are carried out. With
        baskets of one's own the first effective date is the base, whatever `base.date` says.
    resume : State, optional
        Go on from a close: the history then begins with the session after it, and has the same bits as the same
        sessions of the whole.

    Returns
    -------
    History
        From the base session (or the one after `resume`) to the last session of the market.

    Raises
    ------
    ReviewError, CorporateActionError, CalculationError, MarketDataError
        What the rules, the terms, the baskets or the data do not allow.
    """
    require_kind(method, Methodology, "method")
    require_kind(market, MarketData, "market")
    if baskets is not None:
        require_kind(baskets, Baskets, "baskets")
    given = market
    market = for_index(method, market, None if baskets is None else baskets.security)
    if resume is not None:
        baskets = _from_state(method, market, baskets, resume)
    elif baskets is None:
        baskets = reviewed(method, market, Shared())
    return history_of(method, market, baskets, resume, given)


def history_of(
    method: Methodology, market: MarketData, baskets: Baskets, resume: State | None, given: MarketData
) -> History:
    """Do what `calculate` does with baskets, in a market as the index sees it; `given` is the market as it is."""
    state = {} if resume is None else {each.security: each for each in resume.constituents}
    share_decimals = max(baskets.share_decimals, method.rounding.share_decimals)
    table = place(baskets, market, method.name, share_decimals, state)
    holdings = apply_actions(method, market, table, share_decimals, None if resume is None else resume.paid)
    valuation = value(market, holdings.segments, int(table.effective[0]), index=method.name)
    reviews = reviews_of(method, market, table, holdings, valuation)
    of_actions = action_changes(method, holdings, reviews, valuation)
    start = dict(resume.divisors) if resume is not None else None
    divisors = chain(method, market, holdings, valuation, reviews, of_actions, start)
    parts = Calculation(method, table, holdings, valuation, reviews, of_actions, divisors, resume, given)
    return History(method, market, baskets, parts)


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
