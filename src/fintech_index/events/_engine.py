"""Actions that have to be applied one after another: departures, newcomers, spin-offs, corrections, changed counts.

The order is written in docs/corporate-actions.md. What actions do to every share alike is in `ShareTable`, and needs no
order; `ActionEngine` opens only the sessions on which something else happens to an index.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._composition import Composition
from fintech_index.events._corrections import Corrections
from fintech_index.events._departures import departures_of
from fintech_index.events._ex_date import apply_ex_dates, float_growth
from fintech_index.events._session_open import SessionOpen, Stage
from fintech_index.events._share_table import IN_ORDER
from fintech_index.events._spun_off import enter_child, first_close, leave_child
from fintech_index.events.kinds import ShareChange, sessions_later
from fintech_index.market import REMOVAL_KINDS, SHARE_CHANGE_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fintech_index.events._corrections import PaidRecord
    from fintech_index.events._departures import Departure
    from fintech_index.events._position_book import Position, PositionBook
    from fintech_index.events._session_open import OpeningChange
    from fintech_index.market import Action, ExDate, MarketData
    from fintech_index.methodology import Methodology


@dataclass(slots=True)
class Schedule:
    """What is to be looked at, by the session at whose open it applies.

    Attributes
    ----------
    ex_dates : dict of int to set of int
        Securities with actions for their holders.
    removals : dict of int to list of (int, ExDate, Action)
    share_changes : dict of int to dict of int to ShareChange
        By security: of several ex-dates before one session the last one has the counts.
    exits : dict of int to set of int
        Children that leave after their first close.
    """

    ex_dates: dict[int, set[int]] = field(default_factory=dict)
    removals: dict[int, list[tuple[int, ExDate, Action]]] = field(default_factory=dict)
    share_changes: dict[int, dict[int, ShareChange]] = field(default_factory=dict)
    exits: dict[int, set[int]] = field(default_factory=dict)

    def sessions(self) -> set[int]:
        """Give all sessions on which something is to be looked at."""
        return {*self.ex_dates, *self.removals, *self.share_changes, *self.exits}


class ActionEngine:
    """The actions of an index that have to be taken in order.

    Attributes
    ----------
    changes : list of OpeningChange
    review_revaluation : dict of int to Fraction
        By effective session, what removal prices make of the new basket more than of the old one.
    """

    def __init__(
        self,
        method: Methodology,
        market: MarketData,
        book: PositionBook,
        paid: PaidRecord | None = None,
    ) -> None:
        self.method, self.market, self.book = method, market, book
        self.corrections = Corrections(method, market, book.base, paid)
        self.review_revaluation: dict[int, Fraction] = {}
        self.changes: list[OpeningChange] = []
        self._schedule = Schedule()

    def run(self, in_order: NDArray[np.int64]) -> None:
        """Open every session on which something happens; `in_order` are rows of the table that the baskets need."""
        actions = self.market.actions
        if not len(actions) and not actions.removals and not self.book.table.resumed:
            return
        self._plan(in_order)
        waiting = sorted(self._schedule.sessions())
        while waiting:
            session = waiting.pop(0)
            planned = set(self._schedule.exits)
            self._open(session)
            if later := set(self._schedule.exits) - planned:
                waiting = sorted({*waiting, *later})

    def _plan(self, in_order: NDArray[np.int64]) -> None:
        """Sort what can happen to securities that could be held by the session at which it applies."""
        table, actions, rows = self.book.table, self.market.actions, self.book.shares.rows
        begins = int(table.price_date.min())
        could_be_held = np.zeros(len(self.market.securities), np.bool_)
        could_enter = np.zeros(len(self.market.securities), np.bool_)
        could_enter[actions.related] = True
        could_enter[[security for reserve in table.reserve.values() for security in reserve]] = True
        could_be_held[table.security] = True
        could_be_held |= could_enter
        # Who may enter by an action, and who has paid a dividend that is corrected later, is looked at on each ex-date.
        more = could_enter[rows.security] | (could_be_held[rows.security] & rows.corrected)
        more &= rows.for_holders & (rows.session > begins)
        for row in {*in_order.tolist(), *np.flatnonzero(more).tolist()}:
            self._schedule.ex_dates.setdefault(int(rows.session[row]), set()).add(int(rows.security[row]))
        for security in self.corrections.paid_securities():
            for day in actions.ex_dates(security):
                if day.session > begins and day.of_kinds(("dividend_correction",)):
                    self._schedule.ex_dates.setdefault(day.session, set()).add(security)
        for row, basis in table.resumed.items():
            if basis.spin_off_shares:  # it has had no close before the state's, or it would have left
                self._plan_exit(int(table.security[row]), int(table.effective[0]))
        self._plan_composition(could_be_held, begins)
        self._refuse_gone()

    def _plan_composition(self, could_be_held: NDArray[np.bool_], begins: int) -> None:
        """Sort what removes securities from the market, and what changes their share counts between reviews."""
        for security, day in self.market.actions.days_with(REMOVAL_KINDS):
            if could_be_held[security] and day.session > begins:
                for action in day.of_kinds(REMOVAL_KINDS):
                    self._schedule.removals.setdefault(day.session, []).append((security, day, action))
        if self.method.actions.share_changes == "at_review":
            return
        for security, day in self.market.actions.days_with(SHARE_CHANGE_KINDS):
            session = day.session + sessions_later(self.method)
            if could_be_held[security] and session < len(self.market.sessions):
                action = day.of_kinds(SHARE_CHANGE_KINDS)[0]
                change = ShareChange(security, day.session, day, action)
                self._schedule.share_changes.setdefault(session, {})[security] = change

    def _plan_exit(self, child: int, session: int) -> None:
        at = first_close(self.market, child, session) + 1
        if at < len(self.market.sessions):
            self._schedule.exits.setdefault(at, set()).add(child)

    def _refuse_gone(self) -> None:
        """Refuse a basket that a security is in after it has left for good."""
        table, market = self.book.table, self.market
        gone = market.actions.removals
        for basket, price_date in enumerate(table.price_date.tolist()) if gone else ():
            start, stop = table.span(basket)
            for security in table.security[start:stop].tolist():
                session = gone.get(security)
                if session is not None and (price_date >= session or (basket == 0 and self.book.base >= session)):
                    raise CorporateActionError(
                        f"{self.method.name}: {market.securities.codes[security]} has left the market on "
                        f"{market.sessions[session]}, and is in the basket effective "
                        f"{market.sessions[table.effective[basket]]}"
                    )

    def _open(self, session: int) -> None:
        """Open a session for the basket in effect, and for those that are to come.

        1 the basket at the closes before; 2 removal prices; 3 who leaves, enters and is counted anew; 4 the actions of
        the day; 5 what they change of the opening values is written down on the way.
        """
        table, book = self.book.table, self.book
        current = table.current(session)
        takes_effect = current >= 0 and table.effective[current] == session
        base = current == 0 and takes_effect
        opening = SessionOpen(self.method, self.market, session, book.unit, chained=current >= 0 and not base)
        removals = sorted(self._schedule.removals.get(session, []), key=lambda each: each[0])
        departures = departures_of(opening, removals)
        if opening.chained and departures:
            self._revalue(opening, departures, old=current - takes_effect, new=current)
        held = [current] if current >= 0 and session > table.price_date[current] else []
        aside = replace(opening, chained=False, changes=[])
        for basket in [*held, *table.coming(session)]:
            of_basket = opening if basket == current else aside
            self._compose(of_basket, basket, departures)
            self._act(of_basket, basket, base=base and basket == current)
        if opening.chained:
            for security in sorted(self._schedule.ex_dates.get(session, ())):
                self.corrections.apply(opening, book, security)
        self.changes += opening.changes

    def _revalue(self, opening: SessionOpen, departures: Sequence[Departure], *, old: int, new: int) -> None:
        """Count leavers at their removal price: performance of the basket that has held them up to now."""
        more = Fraction(0)
        for departure in departures:
            security = departure.security
            per_unit = (opening.price(security) - opening.close(security)) * opening.rate(security) / opening.unit
            shares = {}
            for basket in {old, new}:
                position = self.book.of(basket, security)
                shares[basket] = 0 if position is None else self.book.index_shares(position, opening.session)
                if position is not None:
                    departure.require_price(opening)
            opening.recount(security, "revaluation", per_unit * shares[old], Stage.REVALUATION)
            more += per_unit * (shares[new] - shares[old])
        if old != new:
            self.review_revaluation[opening.session] = more

    def _compose(self, opening: SessionOpen, basket: int, departures: Sequence[Departure]) -> None:
        """Let securities leave a basket, enter it, and be counted anew, at cum prices."""
        composition = Composition(self.book, opening, basket)
        composition.remove(departures)
        for _, change in sorted(self._schedule.share_changes.get(opening.session, {}).items()):
            composition.change_shares(change, float_growth(self.method, self.market, change, opening.session))
        for child in sorted(self._schedule.exits.get(opening.session, ())):
            leave_child(self.book, opening, basket, child)
        if composition.changed and self.method.actions.capping_factors == "reset":
            composition.reset_capping()

    def _act(self, opening: SessionOpen, basket: int, *, base: bool) -> None:
        """Apply the actions of a session that are not the same for every share."""
        # Who they are is settled first: a child that enters with the actions of a day has not gone ex itself.
        securities = sorted(self._schedule.ex_dates.get(opening.session, ()))
        found = (self.book.of(basket, security) for security in securities)
        for position in [each for each in found if each is not None and self._is_in_order(each, opening.session)]:
            for spin_off in apply_ex_dates(self.book, opening, self.corrections, position, base=base):
                child = enter_child(self.book, opening, spin_off)
                if self.method.actions.spin_off != "stays":
                    self._plan_exit(child, opening.session)

    def _is_in_order(self, position: Position, session: int) -> bool:
        return self.book.effect_number(position.security, session) == IN_ORDER
