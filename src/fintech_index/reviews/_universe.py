"""Which securities an index looks at."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import Problem, ReviewError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def universe(method: Methodology, market: MarketData) -> NDArray[np.int64]:
    """Give the numbers of the securities that the methodology looks at, ascending.

    Raises
    ------
    ReviewError
        A security of `universe.securities` is not in the market data.
    """
    named = method.universe.securities
    if named is None:
        return np.arange(len(market.securities))
    index = market.securities.index
    permanent = [market.securities.permanent(code, dt.date.max) for code in named]
    unknown = [code for code in dict.fromkeys(permanent) if code not in index]
    if unknown:
        raise ReviewError(
            f"{method.name}: {len(unknown)} of the securities in universe.securities are not in the market data",
            [
                Problem("universe.securities", f"unknown security {code!r}", did_you_mean(code, index))
                for code in unknown
            ],
        )
    return np.array(sorted({index[code] for code in permanent}), np.int64)
