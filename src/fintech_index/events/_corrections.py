"""Dividends paid to an index, so that a later correction finds the shares that they were paid on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._dividend_correction import dividend_correction
from fintech_index.events._effect import Holding
from fintech_index.events._ex_dates import withholding
from fintech_index.events._opening import Stage

if TYPE_CHECKING:
    from fintech_index.events._lines import Lines
    from fintech_index.events._opening import Opening
    from fintech_index.events._positions import Positions
    from fintech_index.market import Action, ExDate, MarketData
    from fintech_index.methodology import Methodology

REMEMBERED = dt.timedelta(days=366)
_CASH_KINDS = ("cash_dividend", "special_dividend")


@dataclass(frozen=True, slots=True)
class PaidRecord:
    """The index shares on which dividends were paid, by security and ex-date, complete since a date."""

    since: dt.date
    shares: dict[tuple[str, dt.date], Fraction]

    def seen_from(self, date: dt.date) -> PaidRecord:
        """Give what a state of a date keeps: a year of it."""
        since = max(self.since, date - REMEMBERED)
        return PaidRecord(since, {key: n for key, n in self.shares.items() if since <= key[1] <= date})


class Corrections:
    """What dividends were paid on, and what corrections of them change."""

    def __init__(self, method: Methodology, market: MarketData, first: int, before: PaidRecord | None) -> None:
        self._method, self._market, self._first = method, market, first
        self._resumed = before is not None
        self.paid = PaidRecord(market.sessions[first].item(), {})
        if before is not None:
            self.paid = PaidRecord(before.since, dict(before.shares))

    def note(self, day: ExDate, shares: Fraction) -> None:
        """Remember the index shares that a day's dividends are paid on."""
        if day.of_kinds(_CASH_KINDS):
            self.paid.shares[day.security, day.date] = shares

    def apply(self, opening: Opening, lines: Lines, positions: Positions, security: int) -> None:
        """Write down what the corrections of a session change, held today or not."""
        for day in self._market.actions.on(security, opening.session):
            for action in day.of_kinds(("dividend_correction",)):
                original = action.original_ex_date
                if original is None:
                    continue
                shares = self._shares(lines, positions, day, security, action)
                tax = withholding(self._method, self._market, security, original)
                if shares:
                    effect = dividend_correction(Holding(shares, Fraction(0), tax), action, day, self._method)
                    rate = opening.rate(security)
                    opening.add(
                        security, action.kind, Stage.ACTION, Fraction(0), effect.gross * rate, effect.net * rate
                    )

    def _shares(self, lines: Lines, positions: Positions, day: ExDate, security: int, action: Action) -> Fraction:
        """Give the index shares that were held at the original ex-date, before its actions."""
        original = action.original_ex_date or day.date
        if (day.security, original) in self.paid.shares:
            return self.paid.shares[day.security, original]
        session = int(np.searchsorted(self._market.sessions, np.datetime64(original)))
        if session > self._first:
            return Fraction(_held_before(lines, positions, security, session), lines.unit)
        if not self._resumed:
            return Fraction(0)  # the index had not begun
        known = [each for each in self._market.actions.ex_dates(security) if each.date == original]
        if original >= self.paid.since and any(each.of_kinds(_CASH_KINDS) for each in known):
            return Fraction(0)  # a dividend that the index was not paid
        if lines.of(positions.current(day.session), security) is None:
            return Fraction(0)
        raise CorporateActionError(
            f"{self._method.name}: {day.security} has a correction on {day.date} of a dividend of {original}, and the "
            "state does not know the shares held then; go on from a state before that date"
        )


def _held_before(lines: Lines, positions: Positions, security: int, session: int) -> int:
    """Give the index shares of a security at a session's open, before the day's actions."""
    basket = positions.current(session)
    line = lines.begun(basket, security, session) if basket >= 0 else None
    if line is None:
        gone = [each for each in lines if each.basket == basket and each.security == security]
        line = next((each for each in gone if each.start <= session and (each.stop or 0) > session), None)
    if line is None or not line.pieces:
        return 0
    piece = [each for each in line.pieces if each.start <= session][-1:]
    if not piece:
        return 0
    return piece[0].opening if piece[0].start == session else piece[0].index_shares
