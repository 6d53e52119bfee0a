"""Dividends paid to an index, so that a later correction finds the shares that they were paid on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._session_open import Stage
from fintech_index.events._session_terms import refuse_off_session, withholding
from fintech_index.events.kinds import Holding, dividend_correction
from fintech_index.market import CASH_KINDS, ExDate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fintech_index.events._position_book import PositionBook
    from fintech_index.events._session_open import SessionOpen
    from fintech_index.market import Action, MarketData
    from fintech_index.methodology import Methodology

REMEMBERED = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PaidRecord:
    """The index shares on which dividends were paid, by security and ex-date.

    Attributes
    ----------
    begun : date
        The base of the index: it was paid nothing up to then.
    since : date
        From here on the record is complete.
    shares : dict of (str, date) to Fraction
        Index shares, not in units.
    left : dict of str to date
        The securities that were held since, and are no longer, with the last day on which they were.
    """

    begun: dt.date
    since: dt.date
    shares: dict[tuple[str, dt.date], Fraction]
    left: dict[str, dt.date]

    def seen_from(self, date: dt.date, left: Mapping[str, dt.date], held: Collection[str]) -> PaidRecord:
        """Give what a state of a date keeps: a year of it. `left` are those that have left in the calculation."""
        since = max(self.since, date - REMEMBERED)
        shares = {key: n for key, n in self.shares.items() if since <= key[1] <= date}
        gone = {
            code: day for code, day in (self.left | dict(left)).items() if since <= day <= date and code not in held
        }
        return replace(self, since=since, shares=shares, left=gone)


class Corrections:
    """What dividends were paid on, and what corrections of them change."""

    def __init__(self, method: Methodology, market: MarketData, first: int, before: PaidRecord | None) -> None:
        base: dt.date = market.sessions[first].item()
        self._method, self._market = method, market
        self.paid = PaidRecord(base, base, {}, {})
        if before is not None:
            self.paid = replace(before, shares=dict(before.shares))

    def paid_securities(self) -> list[int]:
        """Give the securities that have paid or could have, held today or not."""
        index = self._market.securities.index
        return sorted(
            {index[code] for code in (*(code for code, _ in self.paid.shares), *self.paid.left) if code in index}
        )

    def note(self, step: ExDate, shares: Fraction) -> None:
        """Remember the index shares that a dividend is paid on."""
        if step.of_kinds(CASH_KINDS):
            self.paid.shares[step.security, step.date] = shares

    def apply(self, opening: SessionOpen, book: PositionBook, security: int) -> None:
        """Write down what the corrections of a session change."""
        for day in self._market.actions.on(security, opening.session):
            for action in day.of_kinds(("dividend_correction",)):
                original = self._original(day, security, action)
                shares = self._shares(book, security, day, original)
                if not shares:
                    continue
                refuse_off_session(self._method, self._market, day)
                tax = withholding(self._method, self._market, security, original.date)
                effect = dividend_correction(Holding(shares, Fraction(0), tax), action, original, self._method)
                moved = (each * opening.rate(security) for each in (effect.price, effect.gross, effect.net))
                opening.add(security, action.kind, Stage.ACTION, *moved)

    def _original(self, day: ExDate, security: int, action: Action) -> ExDate:
        """Give the ex-date that is corrected; one without actions, where its dividend was forgotten."""
        date = action.original_ex_date or day.date
        days = self._market.actions.ex_dates(security)
        session = int(np.searchsorted(self._market.sessions, np.datetime64(date)))
        return next((each for each in days if each.date == date), ExDate(day.security, date, session, ()))

    def _shares(self, book: PositionBook, security: int, day: ExDate, original: ExDate) -> Fraction:
        """Give the index shares that a dividend was paid on; 0 where it was not paid to the index."""
        paid = self.paid
        if (original.security, original.date) in paid.shares:
            return paid.shares[original.security, original.date]
        if original.date <= paid.begun or (original.date >= paid.since and original.of_kinds(CASH_KINDS)):
            return Fraction(0)
        if original.session > book.base:
            return Fraction(_held_before(book, security, original.session), book.unit)
        raise CorporateActionError(
            f"{self._method.name}: {day.security} has a correction on {day.date} of a dividend of {original.date}, and "
            "the state does not know the shares held then; go on from a state before that date"
        )


def _held_before(book: PositionBook, security: int, session: int) -> int:
    """Give the index shares of a security at a session's open, before the actions of the session."""
    basket = book.table.current(session)
    book.of(basket, security)
    for position in book.recorded():
        held = position.basket == basket and position.security == security and position.start <= session
        if held and (position.left is None or position.left > session) and position.entered <= session:
            return book.index_shares(position, session)
    return 0
