"""The daily price limits of the mainland's exchanges, as an upper bound: a close beyond it cannot have been traded.

Sources: trading rules of SSE, SZSE and BSE, "price limits". STAR: 20 % since it opened; ChiNext: 20 % since 2020-08-24,
10 % before; BSE: 30 %; the main boards: 10 %, of which 5 % for ST, and 44 % up on the first day until the registration
reform of 2023-04-10. Without a limit: the first five sessions of STAR, of ChiNext since 2020-08-24, and of the main
boards since 2023-04-10; the first session of BSE. What has no known board, or has not traded for long, has none here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market._market import Market

_MAINLAND = ("XSHG", "XSHE", "XBSE")
_LIMITS = {"main": 0.10, "star": 0.20, "chinext": 0.10, "bse": 0.30}
_CHINEXT_WIDER, _WIDER = np.datetime64("2020-08-24"), 0.20
_YOUNG = 5  # sessions, from listing on, on which there may be no limit
_SUSPENDED = 20  # sessions, after which trading may resume without one
_TICK = 0.01
_ROOM = 1e-9


def beyond_limits(
    market: Market, reference: NDArray[np.float64], session: NDArray[np.int64], security: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which closes are further from their reference price than the limit of the board lets them.

    Parameters
    ----------
    market : MarketData
    reference : float64 array
        The exchange's reference prices, or what stands for them; NaN where not known.
    session, security : int64 arrays
        Where, one entry a reference price.
    """
    limit = _limits(market)[security]
    chinext = np.array(market.securities.board)[security] == "chinext"
    limit = np.where(chinext & (market.sessions[session] >= _CHINEXT_WIDER), _WIDER, limit)
    close = market.panel.values[security, session] / market.panel.unit
    with np.errstate(invalid="ignore"):
        apart = np.abs(close - reference) > np.round(reference * limit, 2) + _TICK + _ROOM
    return apart & np.isfinite(limit) & ~_without(market, session, security)


def _limits(market: Market) -> NDArray[np.float64]:
    known = market.securities
    return np.array(
        [
            _LIMITS.get(board, np.nan) if exchange in _MAINLAND else np.nan
            for board, exchange in zip(known.board, known.exchange, strict=True)
        ]
    )


def _without(market: Market, session: NDArray[np.int64], security: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which trade without a limit: the young, and those that come back after long."""
    listed = market.securities.listed_days
    first = np.where(
        np.isnat(listed), market.panel.first_session, np.searchsorted(market.sessions, listed).astype(np.int64)
    )
    known = ~np.isnat(listed) & (listed < market.sessions[0])  # listed before the data begins
    young = ~known[security] & (session - first[security] < _YOUNG)
    gaps = market.panel.suspension_table
    long = gaps[gaps[:, 2] - gaps[:, 1] >= _SUSPENDED]
    width = len(market.sessions)
    back = np.isin(security * width + session, long[:, 0] * width + long[:, 2])
    answer: NDArray[np.bool_] = young | back
    return answer
