"""Ordinary dividends that no other action comes with: paid to an index all at once.

They change no shares and no price, so that each has its amounts by itself: index shares at the open of the ex-date x
cash. All other actions are applied in order, session by session (`_path`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.events._ex_dates import terms_of, withholding
from fintech_index.events._opening import OpeningChange, Stage
from fintech_index.market import CASH_DECIMALS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fintech_index.events._positions import Positions
    from fintech_index.events._segments import Segments
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Dividends:
    """Dividends paid to an index, ordered by session and security.

    Attributes
    ----------
    session, security : int64 arrays
    ex_date : datetime64[D] array
    index_shares : int64 array
        What a dividend is paid on, in units of ``10**-share_decimals`` shares.
    gross, net : list of int
        What the opening values of these variants lose, in units of ``1 / scale`` of index currency.
    scale : int
    """

    session: NDArray[np.int64]
    security: NDArray[np.int64]
    ex_date: NDArray[np.datetime64]
    index_shares: NDArray[np.int64]
    gross: list[int]
    net: list[int]
    scale: int

    def __len__(self) -> int:
        return len(self.session)

    def by_session(self, variant: str) -> dict[int, int]:
        """Give what the opening value of a variant loses on each session, in units of ``1 / scale``."""
        amounts: list[int] = {"price": [], "gross": self.gross, "net": self.net}[variant]
        lost: dict[int, int] = {}
        for session, amount in zip(self.session.tolist(), amounts, strict=False):
            if amount:
                lost[session] = lost.get(session, 0) + amount
        return lost

    def changes(self) -> Iterator[OpeningChange]:
        """Give each as a change of the opening values."""
        rows = zip(self.session.tolist(), self.security.tolist(), self.gross, self.net, strict=True)
        for session, security, gross, net in rows:
            amounts = (Fraction(-gross, self.scale), Fraction(-net, self.scale))
            yield OpeningChange(session, security, "cash_dividend", Stage.ACTION, Fraction(0), *amounts)

    def paid(self, market: MarketData, unit: int) -> dict[tuple[str, dt.date], Fraction]:
        """Give the index shares that each was paid on, by security and ex-date."""
        rows = zip(self.security.tolist(), self.ex_date.tolist(), self.index_shares.tolist(), strict=True)
        return {(market.securities.codes[who], date): Fraction(shares, unit) for who, date, shares in rows}


def paid_apart(method: Methodology, market: MarketData) -> bool:
    """Tell whether lone dividends of an index can be paid apart from its other actions.

    They cannot where the rules tie them to something else: to the close of the day, to a ticked reference price, to
    shares that follow the price.
    """
    return (
        method.returns.dividends != "points"
        and method.actions.reference_price == "exact"
        and method.weighting.by != "price"
        and market.panel.decimals is not None
    )


def pay(method: Methodology, market: MarketData, positions: Positions, segments: Segments) -> Dividends:
    """Pay lone dividends on what is held at the open of their ex-dates.

    Raises
    ------
    CorporateActionError
        Terms that cannot be applied to a security held, or in a basket that is to come.
    MarketDataError
        No withholding rate, or no exchange rate.
    """
    lone = market.actions.lone_dividends
    first = int(positions.effective[0])  # nothing is chained into the base
    held, row = lone.within(segments.security, np.maximum(segments.start, first + 1), segments.stop)
    order = np.lexsort((lone.security[row], lone.session[row]))
    held, row = held[order], row[order]
    refuse_impossible(method, market, np.union1d(row, _coming(market, positions)), base=first)
    session, security = lone.session[row], lone.security[row]
    begins = segments.start[held] == session
    shares = np.where(begins, segments.opening_shares[held], segments.index_shares[held])
    paid = shares > 0  # what enters with the actions of a day has not gone ex
    row, session, security, shares = row[paid], session[paid], security[paid], shares[paid]
    rates, of_rates = _rates(method, market, security, session)
    taxes, of_taxes = taxes_on(method, market, security, lone.ex_date[row])
    before_tax = [
        n * cash * rate for n, cash, rate in zip(shares.tolist(), lone.cash[row].tolist(), rates, strict=True)
    ]
    gross = [amount * of_taxes for amount in before_tax]
    net = [amount * (of_taxes - tax) for amount, tax in zip(before_tax, taxes, strict=True)]
    scale = 10 ** (segments.share_decimals + CASH_DECIMALS) * of_rates * of_taxes
    return Dividends(session, security, lone.ex_date[row], shares, gross, net, scale)


def _coming(market: MarketData, positions: Positions) -> NDArray[np.int64]:
    """Give the lone dividends of securities in baskets that are to come, up to the base session itself."""
    base = int(positions.effective[0])
    begins, effective = positions.price_date[positions.basket] + 1, positions.effective[positions.basket]
    _, row = market.actions.lone_dividends.within(
        positions.security, begins, np.where(effective == base, base + 1, effective)
    )
    return row


def refuse_impossible(method: Methodology, market: MarketData, row: NDArray[np.int64], *, base: int) -> None:
    """Let `terms_of` refuse those of some lone dividends that it must, in its words."""
    lone, panel = market.actions.lone_dividends, market.panel
    security, session = lone.security[row], lone.session[row]
    before = panel.values[security, np.maximum(session - 1, 0)].astype(np.float64) / panel.unit
    # Twice the cash is far from where a float's last digit could decide.
    doubtful = (panel.first[security] >= session) | (before <= 2 * (lone.cash[row] / 10**CASH_DECIMALS))
    if method.actions.off_session == "refuse":
        doubtful |= market.sessions[session] != lone.ex_date[row]
    for at in np.flatnonzero(doubtful).tolist():
        for _ in terms_of(method, market, int(security[at]), int(session[at]), base=bool(session[at] == base)):
            pass


def _rates(
    method: Methodology, market: MarketData, security: NDArray[np.int64], session: NDArray[np.int64]
) -> tuple[list[int], int]:
    """Give what each amount is converted at, the rate of the session before, over one denominator."""
    if market.securities.only_currency == method.currency:
        return [1] * len(security), 1
    currency, sessions = market.securities.currency, market.sessions
    return _over_one_denominator(
        [
            market.fx.rate(currency[who], method.currency, sessions[at - 1])
            for who, at in zip(security.tolist(), session.tolist(), strict=True)
        ]
    )


def taxes_on(
    method: Methodology, market: MarketData, security: NDArray[np.int64], ex_date: NDArray[np.datetime64]
) -> tuple[list[int], int]:
    """Give what the net return loses of each dividend of securities on ex-dates, over one denominator."""
    one_rate = method.returns.withholding_tax is not None or not market.withholding
    looked_up = [
        withholding(method, market, who, date)
        for who, date in zip(security[: 1 if one_rate else None].tolist(), ex_date.tolist(), strict=False)
    ]
    taxes, denominator = _over_one_denominator(looked_up)
    return (taxes * len(security) if one_rate else taxes), denominator


def _over_one_denominator(factors: list[Fraction]) -> tuple[list[int], int]:
    common = lcm(1, *(each.denominator for each in factors))
    return [each.numerator * (common // each.denominator) for each in factors], common
