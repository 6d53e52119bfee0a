"""A made market for sweeps, and a check of every variant against `calculate`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi

RULES = """
name = "ranked"
base.date = 2020-01-31
selection.count = 5
ranking.by = "total_cap"
review.months = [4, 5]
"""


HOLIDAYS = {"SH": (17, 18, 40, 73), "HK": (25, 60, 61, 76)}  # sessions on which an exchange is closed


def market_of(seed, *, securities=30, sessions=110, actions=(), unequal=1.0, suspended=None, of_two=False):
    """`of_two`: the last third is listed in Hong Kong, in CNY, where other days are holidays."""
    random = np.random.default_rng(seed)
    dates = pd.bdate_range("2020-01-02", periods=sessions)
    abroad = range(securities - securities // 3 if of_two else securities, securities)
    codes = [f"{at:05d}.HK" if at in abroad else f"6{at:05d}.SH" for at in range(securities)]
    closed = {code: HOLIDAYS[code[-2:]] if of_two else () for code in codes}
    steps = random.normal(0, 0.03, (sessions, securities)).cumsum(axis=0)
    closes = 10 * np.exp(steps)
    for action in actions:  # prices fall on ex-dates
        growth = {"split": 0, "consolidation": 0, "bonus": 1, "rights": 1}.get(action["kind"])
        if growth is not None:
            closes[dates >= action["ex_date"], codes.index(action["security"])] /= growth + action["ratio"]
    closes = np.maximum(np.round(closes, 2), 0.01)
    rows = [(day, code, closes[t, i]) for t, day in enumerate(dates) for i, code in enumerate(codes)
            if t not in (suspended or {}).get(code, ()) and t not in closed[code]]  # fmt: skip
    total = np.round(10 ** (6 + unequal * random.random(securities) * 3)).astype(int)
    shares = pd.DataFrame({"effective": dates[0], "security": codes, "total": total, "float": total})
    shares["free_float"] = np.maximum((total * random.uniform(0.2, 1, securities)).astype(int), 1)
    given = pd.DataFrame(list(actions)) if actions else None
    prices = pd.DataFrame(rows, columns=["date", "security", "close"])
    known = None
    if of_two:
        known = pd.DataFrame({"security": codes, "name": codes, "board": "main", "currency": "CNY"})
        known["exchange"] = ["XHKG" if code.endswith("HK") else "XSHG" for code in codes]
    return fi.MarketData.from_tables(prices, shares=shares, actions=given, securities=known)


def dividend(security, ex_date):
    return {"ex_date": ex_date, "security": security, "kind": "cash_dividend", "cash": 0.3}


def same_as_alone(variants, market, returns="price"):
    swept = fi.sweep(variants, market, returns=returns)
    assert list(swept.levels.columns) == [name for name in variants if name not in swept.refused]
    for name, method in variants.items():
        if name in swept.refused:
            with pytest.raises(fi.FintechIndexError) as error:
                fi.calculate(method, market)
            assert error.value.summary == swept.refused[name]
        else:
            alone = fi.calculate(method, market).levels[returns]
            own = swept.levels[name].dropna()
            assert own.index.equals(alone.index)
            assert own.tolist() == alone.tolist()
    return swept
