"""Whether terms lead to the exchange's own reference price, and terms that it denies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from fintech_index.market.importers._report import FLAGGED, REFUSED
from fintech_index.rounding import exact, round_to_tick

if TYPE_CHECKING:
    from fractions import Fraction

    from fintech_index.market.importers._report import Report

_KINDS = ("cash_dividend", "special_dividend", "bonus", "rights")
_TICK = exact("0.01")
_TICKS_APART = 2  # the exchange counts less cash a share where some take no part, and rounds once


class _Day(NamedTuple):
    """An ex-date of one security: its rows, the close before, and the exchange's reference price."""

    rows: pd.DataFrame
    close: Fraction
    exchange: Fraction


def without_denied(actions: pd.DataFrame, prices: pd.DataFrame, report: Report, *, by_vendor: bool) -> pd.DataFrame:
    """Leave out a bonus that the exchange's price has not taken off, and flag other terms that do not lead to it.

    Shares that a court gives to creditors are recorded as a bonus by vendors, and holders get none: the exchange leaves
    the reference price at what it would be without. Where most bonuses are so, prices are adjusted, and all stay. What
    is not the vendor's table but the user's own stays in any case.
    """
    days = list(_days(actions, prices))
    bonuses = [day for day in days if (day.rows["kind"] == "bonus").any()]
    denied = [day for day in bonuses if _is_denied(day)]
    if not by_vendor or 2 * len(denied) > len(bonuses) > 1:
        denied = []
    refused = pd.Index([])
    for day in days:
        expected = _reference(day.rows, day.close)
        apart = abs(expected - day.exchange)
        what = f"the terms lead to {float(expected):.6g}, the exchange has {float(day.exchange):.6g}"
        rows = day.rows.rename(columns={"ex_date": "date"})
        if any(day is each for each in denied):
            bonus = rows[rows["kind"] == "bonus"]
            reason = f"a bonus that the exchange's price denies, as of a restructuring: {what}"
            report.add_rows(REFUSED, "actions", reason, bonus, "ratio")
            refused = refused.union(bonus.index)
        elif apart >= _TICKS_APART * _TICK:
            report.add_rows(FLAGGED, "actions", f"terms that do not explain the price: {what}", rows.head(1), "kind")
    return actions.drop(index=refused).reset_index(drop=True)


def _days(actions: pd.DataFrame, prices: pd.DataFrame) -> list[_Day]:
    """Give ex-dates that are sessions with both prices, and on which nothing happens but what moves them by terms."""
    close_before = prices["close"].shift().where(prices["security"] == prices["security"].shift())
    known = prices.assign(close_before=close_before).dropna(subset=["close_before", "pre_close"])
    known = known[["date", "security", "close_before", "pre_close"]].rename(columns={"date": "ex_date"})
    of_days = actions[["ex_date", "security"]].drop_duplicates().merge(known, on=["ex_date", "security"])
    by_day = dict(tuple(actions.groupby(["ex_date", "security"])))
    found = []
    for row in of_days.itertuples(index=False):
        rows = by_day[row.ex_date, row.security]
        if rows["kind"].isin(_KINDS).all():
            found.append(_Day(rows, exact(float(row.close_before)), exact(float(row.pre_close))))
    return found


def _reference(rows: pd.DataFrame, close: Fraction, but: str = "") -> Fraction:
    value, shares = close, exact(1)
    for row in rows[rows["kind"] != but].itertuples():
        if row.kind == "bonus":
            shares += exact(float(row.ratio))
        elif row.kind == "rights":
            value += exact(float(row.ratio)) * exact(float(row.price))
            shares += exact(float(row.ratio))
        elif np.isfinite(row.cash):
            value -= exact(float(row.cash))
    return round_to_tick(max(value / shares, _TICK), _TICK)


def _is_denied(day: _Day) -> bool:
    without = _reference(day.rows, day.close, but="bonus")
    return abs(without - day.exchange) < _TICKS_APART * _TICK < abs(_reference(day.rows, day.close) - without)
