"""From baskets and corporate actions to holdings and changes of the opening value.

The order of a session's open (docs/exactness.md): the basket of the day before; review changes at cum prices; the
actions of the day on the resulting basket; opening values. The terms of a day are per share held before it and apply
at once, or one after another (`actions.basis`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, CorporateActionError, Problem
from fintech_index.events._bonus import bonus
from fintech_index.events._cash_dividend import cash_dividend
from fintech_index.events._effect import Effect, Holding, Treatment
from fintech_index.events._restructuring import restructuring
from fintech_index.events._rights import rights
from fintech_index.events._segments import Segments
from fintech_index.events._special_dividend import special_dividend
from fintech_index.events._split import split
from fintech_index.market import SPLIT_KINDS
from fintech_index.rounding import round_half_up, round_to_tick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fintech_index.events._positions import Positions
    from fintech_index.market import ExDate, MarketData
    from fintech_index.methodology import Methodology

HEADROOM = 2**62  # what int64 sums of market values, and so index shares, stay below
TREATMENTS: dict[str, Treatment] = {
    **dict.fromkeys(SPLIT_KINDS, split),
    "bonus": bonus,
    "cash_dividend": cash_dividend,
    "special_dividend": special_dividend,
    "rights": rights,
    "restructuring": restructuring,
}


@dataclass(frozen=True, slots=True)
class OpeningChange:
    """A change of the opening value by one action, in index currency, for each return variant."""

    session: int
    security: int
    cause: str
    price: Fraction
    gross: Fraction
    net: Fraction


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an index holds, and how its opening values change.

    Attributes
    ----------
    segments : Segments
    opening_shares : int64 array of shape (basket rows,)
        Index shares at the open of each row's effective date, before that day's actions.
    changes : tuple of OpeningChange
        By session and security.
    share_decimals : int
        Decimals of a share in `opening_shares`.
    """

    segments: Segments
    opening_shares: NDArray[np.int64]
    changes: tuple[OpeningChange, ...]
    share_decimals: int


class _Path:
    """One pass through the ex-dates of an index, oldest first."""

    def __init__(self, method: Methodology, market: MarketData, positions: Positions, share_decimals: int) -> None:
        self.method, self.market, self.positions = method, market, positions
        self.share_decimals = share_decimals
        self.ratio = dict(positions.ratio)
        self.opening_ratio = dict(positions.ratio)
        self.opening_shares = positions.index_shares.copy()
        for row in positions.ratio:
            self.opening_shares[row] = self.shares_of(row)
        self.changed: dict[int, list[tuple[int, int, Fraction]]] = {}  # row: session, index shares and ratio from it on
        self.changes: list[OpeningChange] = []

    def shares_of(self, row: int) -> int:
        """Give a row's index shares: those of the basket times all ratios since, rounded once."""
        shares = round_half_up(int(self.positions.index_shares[row]) * self.ratio.get(row, Fraction(1)))
        if shares >= HEADROOM:
            code = self.market.securities.codes[self.positions.security[row]]
            raise CalculationError(
                f"{self.method.name}: headroom exceeded: {code} would have {shares} index shares of 1/"
                f"{10**self.share_decimals}, and integers hold {HEADROOM:.3g}: check the ratios of its actions"
            )
        return shares

    def run(self) -> None:
        """Apply every ex-date of a held or coming constituent."""
        actions, positions = self.market.actions, self.positions
        held = np.isin(actions.security, positions.security) & (actions.session > positions.price_date.min())
        for session, security in sorted(
            set(zip(actions.session[held].tolist(), actions.security[held].tolist(), strict=True))
        ):
            current = positions.current(session)
            row = positions.row(current, security) if current >= 0 and session > positions.price_date[current] else None
            if row is not None:
                self.apply(row, security, session, base=session == positions.effective[0])
            for basket in positions.coming(session):
                row = positions.row(basket, security)
                if row is not None:
                    self.multiply(row, security, session)
                    self.opening_shares[row] = self.shares_of(row)
                    self.opening_ratio[row] = self.ratio[row]

    def apply(self, row: int, security: int, session: int, *, base: bool) -> None:
        """Apply a session's ex-dates to a constituent held at its open."""
        rate = Fraction(0) if base else self.rate(security, session)  # nothing is chained into the base
        everything: list[tuple[str, Effect]] = []
        for day, close in self.days(security, session):
            holding = Holding(Fraction(self.shares_of(row), 10**self.share_decimals), close)
            effects = self.effects(day, holding)
            everything += effects
            self.grow(row, effects)
            self.changes += [
                OpeningChange(session, security, kind, effect.price * rate, effect.gross * rate, effect.net * rate)
                for kind, effect in effects
                if rate and (effect.price or effect.gross or effect.net)
            ]
        if any(effect.new_shares for _, effect in everything):
            self.changed.setdefault(row, []).append((session, self.shares_of(row), self.ratio[row]))

    def multiply(self, row: int, security: int, session: int) -> None:
        """Carry the ratios of a session's ex-dates into a coming basket."""
        for day, close in self.days(security, session):
            self.grow(row, self.effects(day, Holding(Fraction(0), close)))

    def grow(self, row: int, effects: list[tuple[str, Effect]]) -> None:
        new_shares = sum((effect.new_shares for _, effect in effects), Fraction(0))
        self.ratio[row] = self.ratio.get(row, Fraction(1)) * (1 + new_shares)

    def effects(self, day: ExDate, holding: Holding) -> list[tuple[str, Effect]]:
        return [(action.kind, TREATMENTS[action.kind](holding, action, day, self.method)) for action in day.actions]

    def days(self, security: int, session: int) -> Iterator[tuple[ExDate, Fraction]]:
        """Give a session's ex-dates, each with its close: of the session before, or as the ex-date before leaves it."""
        days = self.market.actions.on(security, session)
        close = self.close_before(security, session, days)
        for number, day in enumerate(days):
            day.require_calculated(self.method.name)
            for step in day.steps(self.method.actions.basis):
                yield step, close
                close = step.reference_price(close)
            if number + 1 < len(days):
                tick = self.market.securities.tick[security]
                if tick is None:
                    raise CorporateActionError(
                        f"{self.method.name}: {day.security} has two ex-dates before {self.market.sessions[session]}, "
                        "and its reference price is rounded to a tick that is not known; fill `tick` in `securities`"
                    )
                close = round_to_tick(close, tick)

    def close_before(self, security: int, session: int, days: Sequence[ExDate]) -> Fraction:
        """Give the close that the terms of a session go by."""
        first = self.market.panel.first[security]
        if first < session:
            return self.market.panel.price(security, session - 1)
        rights = any(action.kind == "rights" for day in days for action in day.actions)
        if first == session == self.positions.effective[0] and len(days) == 1 and not rights:
            return self.market.panel.price(security, session)  # nothing is chained into the base: any close will do
        code, date = self.market.securities.codes[security], self.market.sessions[session]
        raise CorporateActionError(f"{self.method.name}: {code} has an action on {date} and no close before it")

    def rate(self, security: int, session: int) -> Fraction:
        """Give the rate at which the opening value of a security is converted: that of the session before."""
        currency = self.market.securities.currency[security]
        return self.market.fx.rate(currency, self.method.currency, self.market.sessions[session - 1])


def hold(method: Methodology, market: MarketData, positions: Positions, share_decimals: int) -> Holdings:
    """Apply corporate actions to baskets.

    Raises
    ------
    CorporateActionError
        A kind that is not calculated yet, terms that leave no price, a suspension that cannot be carried, on a held
        security.
    CalculationError
        A constituent without a price when it is held.
    """
    path = _Path(method, market, positions, share_decimals)
    path.run()
    segments = _segments(method, market, path)
    _require_prices(method, market, segments, positions)
    changes = sorted(path.changes, key=lambda change: (change.session, change.security, change.cause))
    return Holdings(segments, path.opening_shares, tuple(changes), share_decimals)


def _segments(method: Methodology, market: MarketData, path: _Path) -> Segments:
    """Lay out one segment a basket row, and one more for each session at whose open its shares changed."""
    positions, unit = path.positions, Fraction(1)
    ends = np.append(positions.effective[1:], len(market.sessions))
    rows = np.arange(len(positions.basket))
    whole = rows if not path.changed else np.setdiff1d(rows, list(path.changed))
    pieces = [piece for row in sorted(path.changed) for piece in _pieces(path, row, int(ends[positions.basket[row]]))]
    columns = np.array([piece[:4] for piece in pieces], np.int64).reshape(-1, 4)
    row = np.concatenate([whole, columns[:, 0]])
    start = np.concatenate([positions.effective[positions.basket[whole]], columns[:, 1]])
    stop = np.concatenate([ends[positions.basket[whole]], columns[:, 2]])
    shares = np.concatenate([path.opening_shares[whole], columns[:, 3]])
    ratio = [path.opening_ratio.get(at, unit) for at in whole.tolist()] + [piece[4] for piece in pieces]
    order = np.lexsort((start, row))
    security = positions.security[row[order]]
    traded = [market.securities.currency[who] for who in np.unique(security)]
    currencies = (method.currency, *sorted(set(traded) - {method.currency}))
    of_security = {who: currencies.index(currency) for who, currency in zip(np.unique(security), traded, strict=True)}
    return Segments(
        row=row[order],
        security=security,
        start=start[order],
        stop=stop[order],
        index_shares=shares[order],
        currency=np.array([of_security[who] for who in security], np.int64),
        share_scale=np.full(len(order), path.share_decimals, np.int64),
        ratio=tuple(ratio[at] for at in order),
        currencies=currencies,
    )


def _pieces(path: _Path, row: int, stop: int) -> Iterator[tuple[int, int, int, int, Fraction]]:
    """Cut a row where its shares change: row, start, stop, index shares, ratio."""
    start = int(path.positions.effective[path.positions.basket[row]])
    opening = (start, int(path.opening_shares[row]), path.opening_ratio.get(row, Fraction(1)))
    changes = path.changed[row]
    stretches = changes if changes[0][0] == start else [opening, *changes]
    until = [session for session, *_ in stretches[1:]] + [stop]
    for (session, shares, ratio), end in zip(stretches, until, strict=True):
        yield row, session, end, shares, ratio


def _require_prices(method: Methodology, market: MarketData, segments: Segments, positions: Positions) -> None:
    panel = market.panel
    # A review values its basket at the close before; the base has none before it.
    needed = np.where(segments.start == positions.effective[0], segments.start, segments.start - 1)
    missing = sorted(set(segments.security[panel.first[segments.security] > needed].tolist()))
    if missing:
        codes = market.securities.codes
        problems = []
        for who in missing:
            never = panel.first[who] == len(market.sessions)
            since = "has no price at all" if never else f"has its first price on {market.sessions[panel.first[who]]}"
            problems.append(Problem(codes[who], f"{since}, and is held from an earlier open on"))
        raise CalculationError(f"{method.name}: {len(missing)} constituents are held without a price", problems)
    if method.actions.basis == "sequential":
        _refuse_sequential_suspensions(method, market, segments)
    for who in sorted(set(segments.security.tolist()) & panel.unresolved.keys()):
        for at in np.flatnonzero(segments.security == who):
            panel.require_carried(who, int(needed[at]), int(segments.stop[at]), holder=method.name)


def _refuse_sequential_suspensions(method: Methodology, market: MarketData, segments: Segments) -> None:
    """Refuse what is not finished: prices carried over several actions of one day are adjusted for them at once."""
    for at in range(len(segments)):
        who = int(segments.security[at])
        for day in market.actions.ex_dates(who) if who in market.panel.gaps else ():
            held = segments.start[at] <= day.session < segments.stop[at]
            if held and len(day.actions) > 1 and market.panel.suspended(who, day.session):
                raise CorporateActionError(
                    f"{method.name}: {day.security} is suspended over its ex-date {day.date}, which has "
                    f"{len(day.actions)} "
                    'actions; with actions.basis = "sequential" this is not calculated yet'
                )
