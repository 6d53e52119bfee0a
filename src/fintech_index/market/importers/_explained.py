"""Whether terms lead to the exchange's own reference price, and terms that it denies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.market._reference_price import reference_price
from fintech_index.market.importers._report import FLAGGED, REFUSED
from fintech_index.rounding import exact

if TYPE_CHECKING:
    from fractions import Fraction

    import pandas as pd

    from fintech_index.market.importers._report import Report

_KINDS = ("cash_dividend", "special_dividend", "bonus", "rights")
_TICK = exact("0.01")
_TICKS_APART = 2  # the exchange counts less cash a share where some take no part, and rounds once


class _Term(NamedTuple):
    """One action: the number of its row, its kind and terms."""

    row: int
    kind: str
    cash: float
    ratio: float
    price: float


class _Day(NamedTuple):
    """An ex-date of one security: its actions, the close before, and the exchange's reference price."""

    date: pd.Timestamp
    security: str
    terms: list[_Term]
    close: Fraction
    exchange: Fraction


def without_denied(actions: pd.DataFrame, prices: pd.DataFrame, report: Report, *, by_vendor: bool) -> pd.DataFrame:
    """Leave out a bonus that the exchange's price has not taken off, and flag other terms that do not lead to it.

    Shares that a court gives to creditors are recorded as a bonus by vendors, and holders get none: the exchange leaves
    the reference price at what it would be without. Where most bonuses are so, prices are adjusted, and all stay. What
    is not the vendor's table but the user's own stays in any case.
    """
    apart = [day for day in _days(actions, prices) if abs(_reference(day) - day.exchange) >= _TICKS_APART * _TICK]
    bonuses = int((actions["kind"] == "bonus").sum())
    denied = [day for day in apart if _is_denied(day)]
    if not by_vendor or 2 * len(denied) > bonuses > 1:
        denied = []
    refused = []
    for day in apart:
        what = f"the terms lead to {float(_reference(day)):.6g}, the exchange has {float(day.exchange):.6g}"
        about = {"date": day.date, "security": day.security}
        if day in denied:
            reason = f"a bonus that the exchange's price denies, as of a restructuring: {what}"
            for term in day.terms:
                if term.kind == "bonus":
                    report.add(REFUSED, "actions", reason, column="ratio", vendor=term.ratio, **about)
                    refused.append(term.row)
        else:
            reason = f"terms that do not explain the price: {what}"
            report.add(FLAGGED, "actions", reason, column="kind", vendor=day.terms[0].kind, **about)
    return actions.drop(index=actions.index[refused]).reset_index(drop=True)


def _days(actions: pd.DataFrame, prices: pd.DataFrame) -> list[_Day]:
    """Give ex-dates that are sessions with both prices, and on which nothing happens but what moves them by terms."""
    close_before = prices["close"].shift().where(prices["security"] == prices["security"].shift())
    known = prices[["date", "security", "pre_close"]].assign(close_before=close_before)
    columns = ["ex_date", "security", "kind", "cash", "ratio", "price"]
    of_days = actions[columns].assign(row=np.arange(len(actions)))
    of_days = of_days.merge(known, left_on=["ex_date", "security"], right_on=["date", "security"])
    of_days = of_days.dropna(subset=["close_before", "pre_close"])
    found: dict[tuple[pd.Timestamp, str], _Day] = {}
    moved_otherwise = set()
    for date, security, kind, cash, ratio, price, row, _, exchange, close in of_days.itertuples(index=False, name=None):
        key = date, security
        if kind not in _KINDS:
            moved_otherwise.add(key)
        day = found.setdefault(key, _Day(date, security, [], exact(close), exact(exchange)))
        day.terms.append(_Term(row, kind, cash, ratio, price))
    return [day for key, day in found.items() if key not in moved_otherwise]


def _reference(day: _Day, but: str = "") -> Fraction:
    """Give the exchange's reference price by the terms of a day, at least a tick; `but` is a kind to leave out."""
    cash, bonus, rights, at = exact(0), exact(0), exact(0), exact(0)
    for term in day.terms:
        if term.kind == but:
            continue
        if term.kind == "bonus":
            bonus += exact(term.ratio)
        elif term.kind == "rights":
            rights, at = exact(term.ratio), exact(term.price)
        else:
            cash += exact(term.cash)
    try:
        return exact(reference_price(day.close, cash, bonus, rights, at, _TICK))
    except CorporateActionError:  # not positive
        return _TICK


def _is_denied(day: _Day) -> bool:
    """Tell whether the exchange's price is the one without the bonus."""
    if all(term.kind != "bonus" for term in day.terms):
        return False
    return abs(_reference(day, but="bonus") - day.exchange) < _TICKS_APART * _TICK
