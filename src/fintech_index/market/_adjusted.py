"""Adjusted prices together with actions count every action twice, silently. This finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError, MarketDataError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from fintech_index.market._actions import Actions
    from fintech_index.market._carried_closes import PricePanel
    from fintech_index.market._terms import ExDate

    # Security, session and `pre_close` (the exchange's reference price; NaN where unknown) of rows of the price table.
    PreCloses = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]

_LARGE_RATIO = 0.1  # a bonus of so much tells raw from adjusted; rights near the money do not move a price
_SAME = 0.001  # a previous close and an unadjusted `pre_close` agree within this on an ordinary session
_ENOUGH = 5  # ordinary sessions that it takes to tell


def refuse_adjusted(
    panel: PricePanel,
    actions: Actions,
    *,
    codes: Sequence[str],
    pre_closes: Iterable[PreCloses],
) -> None:
    """Raise `MarketDataError` where closes look adjusted for the very actions that would be applied to them.

    With `pre_closes` (of the rows of the price table, in as many parts as one likes): on most large ex-dates it is
    nearer to the close before than to the reference price, or on most ordinary days of the securities with large
    ex-dates it is not the close before. Without: on most large ex-dates the raw return is nearer to zero than the
    return from the reference price.
    """
    if not len(actions):
        return
    large = list(_large_ex_dates(panel, actions))
    foreign = _Foreign(panel, actions)
    exchanges: dict[tuple[int, int], float] = {}
    for part in pre_closes:
        foreign.look_at(*part)
        exchanges |= _pre_closes(panel, *part, [(security, day.session) for security, day in large])
    foreign.refuse(codes)
    if not large:
        return
    adjusted = 0
    for security, day in large:
        close, now = float(panel.price(security, day.session - 1)), float(panel.price(security, day.session))
        try:
            reference = float(day.reference_price(panel.price(security, day.session - 1)))
        except CorporateActionError:
            continue  # terms that cannot be are reported where they matter
        exchange = exchanges.get((security, day.session))
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


def _large_ex_dates(panel: PricePanel, actions: Actions) -> list[tuple[int, ExDate]]:
    """Give the large ex-dates of securities that trade on the day and have a close before it."""
    found = []
    for security, day in actions:
        trades = panel.first_session[security] < day.session and not panel.suspended(security, day.session)
        alone = len(actions.on(security, day.session)) == 1  # two ex-dates before one session may undo each other
        if trades and alone and day.bonus >= _LARGE_RATIO:
            found.append((security, day))
    return found


def _pre_closes(
    panel: PricePanel,
    securities: NDArray[np.int32],
    sessions: NDArray[np.int32],
    pre_close: NDArray[np.float64],
    wanted: list[tuple[int, int]],
) -> dict[tuple[int, int], float]:
    """Give the exchange's reference price of each wanted security and session that has one."""
    width = panel.values.shape[1]
    keys = np.array([security * width + session for security, session in wanted])
    rows = np.flatnonzero(np.isin(securities.astype(np.int64) * width + sessions, keys) & ~np.isnan(pre_close))
    return {(int(securities[row]), int(sessions[row])): float(pre_close[row]) for row in rows}


class _Foreign:
    """On how many ordinary sessions ahead of its last ex-date the `pre_close` of a security is not the close before."""

    def __init__(self, panel: PricePanel, actions: Actions) -> None:
        self._panel = panel
        count, width = panel.values.shape
        self._last = np.zeros(count, np.int64)
        np.maximum.at(self._last, actions.security, actions.session)
        self._ex_dates = np.unique(actions.security * width + actions.session)
        self._looked_at, self._wrong = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def look_at(
        self, securities: NDArray[np.int32], sessions: NDArray[np.int32], pre_close: NDArray[np.float64]
    ) -> None:
        """Count rows of the price table."""
        panel, count = self._panel, len(self._last)
        ordinary = (
            (sessions < self._last[securities]) & (sessions > panel.first_session[securities]) & ~np.isnan(pre_close)
        )
        rows = np.flatnonzero(ordinary)
        keys = securities[rows].astype(np.int64) * panel.values.shape[1] + sessions[rows]
        rows = rows[~np.isin(keys, self._ex_dates)]
        before = panel.values[securities[rows], sessions[rows] - 1] / panel.unit
        strange = np.abs(pre_close[rows] / before - 1) > _SAME
        self._looked_at += np.bincount(securities[rows], minlength=count)
        self._wrong += np.bincount(securities[rows][strange], minlength=count)

    def refuse(self, codes: Sequence[str]) -> None:
        """Refuse securities for which it is not on most of them."""
        looked_at, wrong = self._looked_at, self._wrong
        adjusted = np.flatnonzero((looked_at >= _ENOUGH) & (2 * wrong > looked_at))
        if len(adjusted):
            problems = [
                Problem(
                    codes[int(security)],
                    f"`pre_close` is not the close before on {wrong[security]} of {looked_at[security]} ordinary "
                    "sessions",
                )
                for security in adjusted
            ]
            raise MarketDataError(
                f"prices look adjusted for {len(adjusted)} securities. `prices` must hold unadjusted closes, since "
                "`actions` are applied to them",
                problems,
            )
