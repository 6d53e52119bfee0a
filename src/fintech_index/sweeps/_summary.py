"""What the levels of variants come to, a row each: statistics, in floats."""

from __future__ import annotations

import numpy as np
import pandas as pd

_SESSIONS_A_YEAR = 244  # of the Shanghai and Shenzhen exchanges
_DAYS_A_YEAR = 365.25


def summary_of(levels: pd.DataFrame) -> pd.DataFrame:
    """Give first, last, level, period_return, yearly_return, volatility and drawdown of each column of levels."""
    rows = []
    for name in levels.columns:
        own = levels[name].dropna()
        values, dates = own.to_numpy(), own.index
        days = (dates[-1] - dates[0]).days
        growth = values[-1] / values[0] if values[0] > 0 else np.nan
        logs = np.diff(np.log(values)) if (values > 0).all() else np.array([])
        rows.append(
            (
                dates[0],
                dates[-1],
                values[-1],
                growth - 1,
                growth ** (_DAYS_A_YEAR / days) - 1 if days else np.nan,
                logs.std(ddof=1) * np.sqrt(_SESSIONS_A_YEAR) if len(logs) > 1 else np.nan,
                (1 - values / np.maximum.accumulate(values)).max(),
            )
        )
    columns = ["first", "last", "level", "period_return", "yearly_return", "volatility", "drawdown"]
    return pd.DataFrame(rows, index=levels.columns, columns=columns)
