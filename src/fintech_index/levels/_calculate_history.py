"""`calculate`: the history of an index."""

from __future__ import annotations

from fintech_index.errors import require_kind
from fintech_index.levels._calculate import calculation_of
from fintech_index.levels._history import History
from fintech_index.levels._state import State
from fintech_index.market import MarketData
from fintech_index.methodology import Methodology
from fintech_index.reviews import Baskets


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
    if resume is not None:
        require_kind(resume, State, "resume")
    return History(calculation_of(method, market, baskets, resume))
