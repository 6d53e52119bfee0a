"""What speaks against prices, looked at once for a market: by kind, the securities and sessions, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.market._official import official_sessions
from fintech_index.market._price_limits import beyond_limits
from fintech_index.market._terms import ACTING_KINDS
from fintech_index.market._trading import traded_sessions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fintech_index.market._market import Market

_TICK = 0.01
_NEAR = 1e-6
_MOVES = 0.01  # terms that move a price by less are not told apart from what the exchange rounds
_HARDLY = 0.2  # of the securities that usually trade
_FEW = 0.75  # of them, below which a day may be a holiday with stray rows
_AROUND = 11  # sessions
_LOOK = np.timedelta64(7, "D")


class PriceDoubtKind(Enum):
    """What a doubt is about."""

    DENIED = "terms that the exchange's price denies"
    UNEXPLAINED = "a reference price without terms"
    OUTSIDE_DAY = "a close outside its day"
    BEYOND_LIMIT = "a close beyond the limit of its board"
    OFF_TICK = "a close off the tick"


@dataclass(frozen=True, slots=True)
class PriceDoubts:
    """Rows of one kind of doubt.

    Attributes
    ----------
    security, session : int64 arrays
    given, expected : float64 arrays
        The price in doubt, and what stands against it.
    """

    security: NDArray[np.int64]
    session: NDArray[np.int64]
    given: NDArray[np.float64]
    expected: NDArray[np.float64]


@dataclass(frozen=True)
class Doubts:
    """All doubts about the prices of a market, and sessions that hardly anybody traded on."""

    by_kind: dict[PriceDoubtKind, PriceDoubts]
    thin_sessions: dict[int, int] = field(default_factory=dict)


_KNOWN: WeakKeyDictionary[Market, Doubts] = WeakKeyDictionary()


def doubts_of(market: Market) -> Doubts:
    """Give the doubts about the prices of a market; looked for once."""
    known = _KNOWN.get(market)
    if known is None:
        known = _KNOWN.setdefault(market, _look(market))
    return known


def _look(market: Market) -> Doubts:
    carried = market.panel.values / market.panel.unit
    close = np.where(traded_sessions(market.panel), carried, np.nan)
    before = np.full_like(close, np.nan)
    before[:, 1:] = carried[:, :-1]
    before[np.arange(close.shape[1]) <= market.panel.first_session[:, None]] = np.nan
    pre_close = market.quotes.pre_close
    acting = _ex_dates(market)
    reference = np.where(np.isfinite(pre_close), pre_close, np.where(acting, np.nan, before))
    found = {
        PriceDoubtKind.UNEXPLAINED: _rows((np.abs(pre_close - before) > _NEAR) & ~acting, pre_close, before),
        PriceDoubtKind.DENIED: _denied(market, before, pre_close),
        PriceDoubtKind.OUTSIDE_DAY: _rows(_outside(market, close), close, reference),
        PriceDoubtKind.OFF_TICK: _off_tick(market, close),
    }
    security, session = np.nonzero(np.isfinite(close) & np.isfinite(reference))
    far = beyond_limits(market, reference[security, session], session, security)
    security, session = security[far], session[far]
    found[PriceDoubtKind.BEYOND_LIMIT] = PriceDoubts(
        security, session, close[security, session], reference[security, session]
    )
    return Doubts(found, _thin(market, np.isfinite(close).sum(axis=0)))


def _ex_dates(market: Market) -> NDArray[np.bool_]:
    acting = np.zeros((len(market.securities), len(market.sessions)), np.bool_)
    acting[market.actions.security, market.actions.session] = True
    return acting


def _rows(mask: NDArray[np.bool_], given: NDArray[np.float64], expected: NDArray[np.float64]) -> PriceDoubts:
    security, session = np.nonzero(mask)
    return PriceDoubts(security, session, given[security, session], expected[security, session])


def _denied(market: Market, before: NDArray[np.float64], pre_close: NDArray[np.float64]) -> PriceDoubts:
    """Find ex-dates on which the exchange left its reference price at the close before, and the terms would move it."""
    security, session = market.actions.security, market.actions.session
    with np.errstate(invalid="ignore"):
        left = np.abs(pre_close[security, session] - before[security, session]) <= _TICK + _NEAR
    rows = []
    for one, at in sorted(set(zip(security[left].tolist(), session[left].tolist(), strict=True))):
        days = market.actions.on(one, at)
        if len(days) > 1 or not days[0].of_kinds(ACTING_KINDS) or days[0].of_kinds(("restructuring", "spin_off")):
            continue
        close = before[one, at]
        try:
            expected = float(days[0].reference_price(market.panel.price(one, at - 1)))
        except CorporateActionError:
            continue  # reported where it matters
        if abs(expected / close - 1) >= _MOVES:
            rows.append((one, at, expected, pre_close[one, at]))
    columns = np.array(rows, np.float64).reshape(-1, 4).T
    return PriceDoubts(columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2], columns[3])


def _outside(market: Market, close: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = market.quotes.low, market.quotes.high
    with np.errstate(invalid="ignore"):
        outside: NDArray[np.bool_] = (close < low - _NEAR) | (close > high + _NEAR) | (low > high + _NEAR)
    return outside


def _off_tick(market: Market, close: NDArray[np.float64]) -> PriceDoubts:
    tick = np.array([np.nan if each is None else float(each) for each in market.securities.tick])[:, None]
    with np.errstate(invalid="ignore"):
        nearest = np.round(close / tick) * tick
        off = np.abs(close - nearest) > _NEAR
    return _rows(off, close, nearest)


def _thin(market: Market, counts: NDArray[np.int64]) -> dict[int, int]:
    """Give the sessions on which far fewer securities have a price than on those around, with how many have one.

    Where it is not so few, the calendar of the exchange decides; where a `sessions` table says what a session is, that.
    """
    thin: dict[int, int] = {}
    if market.sessions_are_given:
        return thin
    for session, count in enumerate(counts.tolist()):
        around = counts[max(0, session - _AROUND // 2) : session + _AROUND // 2 + 1]
        usual = float(np.median(around))
        if count < _HARDLY * usual or (count < _FEW * usual and _is_closed(market, session)):
            thin[session] = count
    return thin


def _is_closed(market: Market, session: int) -> bool:
    """Tell whether no exchange of those that have prices on a day is open on it."""
    day = market.sessions[session]
    for calendar, sessions in market.sessions_by_calendar.items():
        if session in sessions:
            try:
                official, until = official_sessions(calendar, day - _LOOK, day + _LOOK)
                if day in official or day > until:
                    return False
            except ValueError:
                return False  # nobody knows
    return True
