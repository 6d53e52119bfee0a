"""Adjusted prices together with actions count every action twice, silently. This finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError, MarketDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market._actions import Actions
    from fintech_index.market._panel import PricePanel
    from fintech_index.market._terms import ExDate

_LARGE_RATIO = 0.1  # a bonus of so much tells raw from adjusted; rights near the money do not move a price
_SAME = 0.005  # a previous close and an unadjusted `pre_close` agree within this on an ordinary day


def refuse_adjusted(
    panel: PricePanel,
    actions: Actions,
    *,
    securities: NDArray[np.int32],
    sessions: NDArray[np.int32],
    pre_close: NDArray[np.float64] | None,
) -> None:
    """Raise `MarketDataError` where closes look adjusted for the very actions that would be applied to them.

    With `pre_close` (the exchange's reference price, one a row of the price table, NaN where unknown): on most large
    ex-dates it is nearer to the close before than to the reference price, or on most ordinary days of the securities
    with large ex-dates it is not the close before. Without it: on most large ex-dates the raw return is nearer to
    zero than the return from the reference price.
    """
    large = list(_large_ex_dates(panel, actions))
    if not large:
        return
    adjusted = 0
    by_cell = _cells(panel, securities, sessions, pre_close, [(who, day.session) for who, day in large])
    for who, day in large:
        close, now = float(panel.price(who, day.session - 1)), float(panel.price(who, day.session))
        try:
            reference = float(day.reference_price(panel.price(who, day.session - 1)))
        except CorporateActionError:
            continue  # terms that cannot be are reported where they matter
        exchange = by_cell.get((who, day.session))
        if exchange is None:
            adjusted += abs(now / close - 1) < abs(now / reference - 1)
        else:
            adjusted += abs(exchange - close) < abs(exchange - reference)
    if 2 * adjusted > len(large):
        raise MarketDataError(
            f"prices look adjusted: on {adjusted} of {len(large)} ex-dates of a ratio of {_LARGE_RATIO:.0%} or "
            f"more (such as {large[0][1].security} on {large[0][1].date}) they show no ex-rights gap. "
            "`prices` must hold unadjusted closes, since `actions` are applied to them; with a `pre_close` column the "
            "exchange's own figures decide"
        )
    if pre_close is not None:
        _refuse_foreign_pre_close(panel, large, securities, sessions, pre_close)


def _large_ex_dates(panel: PricePanel, actions: Actions) -> list[tuple[int, ExDate]]:
    """Give the large ex-dates of securities that trade on the day and have a close before it."""
    found = []
    for security in np.unique(actions.security):
        for day in actions.ex_dates(int(security)):
            if (
                day.bonus >= _LARGE_RATIO
                and panel.first[security] < day.session
                and not panel.suspended(security, day.session)
            ):
                found.append((int(security), day))
    return found


def _cells(
    panel: PricePanel,
    securities: NDArray[np.int32],
    sessions: NDArray[np.int32],
    pre_close: NDArray[np.float64] | None,
    wanted: list[tuple[int, int]],
) -> dict[tuple[int, int], float]:
    """Give the exchange's reference price of each wanted security and session that has one."""
    if pre_close is None:
        return {}
    width = panel.values.shape[1]
    keys = np.array([security * width + session for security, session in wanted])
    rows = np.flatnonzero(np.isin(securities.astype(np.int64) * width + sessions, keys) & ~np.isnan(pre_close))
    return {(int(securities[row]), int(sessions[row])): float(pre_close[row]) for row in rows}


def _refuse_foreign_pre_close(
    panel: PricePanel,
    large: list[tuple[int, ExDate]],
    securities: NDArray[np.int32],
    sessions: NDArray[np.int32],
    pre_close: NDArray[np.float64],
) -> None:
    last = np.zeros(len(panel.values), np.int64)
    for who, day in large:
        last[who] = max(last[who], day.session)
    rows = np.flatnonzero((sessions < last[securities]) & (sessions > panel.first[securities]) & ~np.isnan(pre_close))
    if len(rows) == 0:
        return
    unit = 1.0 if panel.decimals is None else 10.0**panel.decimals
    before = panel.values[securities[rows], sessions[rows] - 1] / unit
    strange = int((np.abs(pre_close[rows] / before - 1) > _SAME).sum())
    if 2 * strange > len(rows):
        raise MarketDataError(
            f"prices look adjusted: `pre_close` is not the close before on {strange} of {len(rows)} sessions "
            "ahead of a large ex-date. `prices` must hold unadjusted closes, since `actions` are applied to them"
        )
