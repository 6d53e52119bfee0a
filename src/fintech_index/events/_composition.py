"""Who leaves, who grows and who enters a basket at a session's open, at cum prices."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, CorporateActionError, ReviewError
from fintech_index.events._session_open import BASKET
from fintech_index.events._session_terms import refuse_off_session
from fintech_index.events._share_basis import ShareBasis
from fintech_index.events.kinds import acquirer_shares, applies, needs_total
from fintech_index.reviews import caps_of, counted_shares, next_reserve
from fintech_index.rounding import decimal_of, exact, round_half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from fintech_index.events._departures import Departure
    from fintech_index.events._position_book import Position, PositionBook
    from fintech_index.events._session_open import SessionOpen
    from fintech_index.events.kinds import ShareChange
    from fintech_index.market import Action


class Composition:
    """The changes of one basket at one session's open."""

    def __init__(self, book: PositionBook, opening: SessionOpen, basket: int) -> None:
        self.book, self.opening, self.basket = book, opening, basket
        self.method, self.market = opening.method, opening.market
        self.changed = False

    def remove(self, departures: Sequence[Departure]) -> None:
        """Take securities out; their value goes to the acquirer, a newcomer, all others, or out of the index."""
        freed = Fraction(0)
        for departure in departures:
            position = self.book.of(self.basket, departure.security)
            if position is None:
                continue
            self.changed = True
            departure.require_price(self.opening)
            refuse_off_session(self.method, self.market, departure.day)
            basis = self._basis(position)
            value = self.opening.value(position.security, basis.index_shares)
            self.book.leave(position, self.opening.session)
            self.opening.recount(position.security, departure.action.kind, -value)
            if departure.action.kind == "merger":
                value -= self._to_acquirer(basis, departure.action, value, departures)
            if self.method.actions.replacement == "newcomer" and value > 0:
                self._admit(position, departure.action, value)
            else:
                freed += value
        if freed > 0 and self.method.actions.replacement == "pro_rata":
            self._spread(freed)

    def _basis(self, position: Position) -> ShareBasis:
        """Give what index shares are made of as composition changes them: before the actions of the session."""
        return self.book.basis(position, self.opening.session)

    def _to_acquirer(
        self, target: ShareBasis, action: Action, value: Fraction, departures: Sequence[Departure]
    ) -> Fraction:
        """Let the acquirer grow, if it is in the basket and stays; give the value that it gains."""
        acquirer = self.market.securities.index[action.acquirer]
        leaves_too = any(each.security == acquirer for each in departures)
        position = None if leaves_too else self.book.of(self.basket, acquirer)
        setting = self.method.actions.acquirer
        if position is None or setting == "unchanged" or (setting == "terms" and not action.ratio):
            return Fraction(0)
        gained = self._gained(position, target, action, value)
        return self._record_change(position, "merger", self._after_merger(position, target, action, gained))

    def _gained(self, acquirer: Position, target: ShareBasis, action: Action, value: Fraction) -> Fraction:
        """Give the index shares that an acquirer gains, in units of the basket, unrounded."""
        if self.method.actions.acquirer == "takes_value":
            self.opening.require_close(acquirer.security, "merger")
            return value / self.opening.value(acquirer.security, 1)
        factor, target_float = self._basis(acquirer).capping_factor, target.free_float_now
        return self.opening.unit * acquirer_shares(
            action,
            target_float=target_float or Fraction(0),
            target_shares=Fraction(target.index_shares, self.opening.unit),
            capping_factor=None if factor is None or target_float is None else exact(factor),
        )

    def _after_merger(self, acquirer: Position, target: ShareBasis, action: Action, gained: Fraction) -> ShareBasis:
        """Count an acquirer anew: its free float grows by the terms, and its index shares with it."""
        basis, unit = self._basis(acquirer), self.opening.unit
        by_terms = self.method.actions.acquirer == "terms"
        floats = basis.free_float
        if basis.free_float_now is not None:
            issued = action.ratio * (target.free_float_now or 0) if by_terms else 0
            floats = round_half_up(basis.free_float_now + issued)
        recounted = replace(
            basis,
            base_index_shares=round_half_up(basis.base_index_shares * basis.adjustment_ratio + gained),
            adjustment_ratio=Fraction(1),
            free_float=floats,
            float_ratio=Fraction(1),
            total=self._total_now(acquirer, basis),
            spin_off_shares=basis.spin_off_shares_now,
        )
        if by_terms and basis.of_the_factor(unit):
            return replace(recounted, base_index_shares=recounted.by_the_factor(unit))
        return recounted

    def _admit(self, leaver: Position, action: Action, value: Fraction) -> None:
        """Let the named newcomer in with the leaver's value; in a price-weighted index with one share."""
        market, session = self.market, self.opening.session
        newcomer = self._newcomer(action)
        if newcomer is None:
            raise CorporateActionError(
                f"{self.method.name}: {market.securities.codes[leaver.security]} leaves on {market.sessions[session]} "
                f'by its {action.kind}, and actions.replacement = "newcomer" needs a `newcomer` in `actions`, or a '
                "selection.reserve with a name that can enter"
            )
        self.opening.require_stays(newcomer, "replacement")
        self.opening.require_close(newcomer, "replacement")
        units = (
            self.opening.unit
            if self.method.weighting.by == "price"
            else round_half_up(value / self.opening.value(newcomer, 1))
        )
        held = self.book.of(self.basket, newcomer)
        if held is not None and self.method.weighting.by == "price":
            raise CorporateActionError(
                f"{self.method.name}: the newcomer {market.securities.codes[newcomer]} on {market.sessions[session]} "
                "is in the index already, and a price-weighted index holds one share of each"
            )
        if held is not None:
            self._record_change(held, "replacement", self._basis(held).grown_by(units))
            return
        floats = self._counted_float(newcomer, session - 1)
        basis = ShareBasis(units, free_float=floats, counted_session=session - 1)
        if floats > 0 and self.method.weighting.by_capitalisation:
            basis = self._with_factor(basis, Fraction(units, self.opening.unit) / floats)
        self.book.enter(self.basket, newcomer, session, basis, before_actions=True)
        self.opening.recount(newcomer, "replacement", self.opening.value(newcomer, basis.index_shares))

    def _newcomer(self, action: Action) -> int | None:
        """Give who takes a leaver's place: the one of the action, else the next of the reserve list."""
        if action.newcomer:
            return self.market.securities.index[action.newcomer]
        session = self.opening.session
        members = {position.security for position in self.book.members(self.basket)}
        reserve = self.book.table.reserve.get(self.basket, ())
        return next_reserve(self.method, self.market, reserve, members, session)

    def _counted_float(self, security: int, session: int) -> int:
        """Give the shares of a security that count, -1 where they are not known."""
        number, day = np.array([security]), self.market.sessions[session]
        free_float, total = (
            int(count(number, day)[0]) for count in (self.market.shares.free_float, self.market.shares.total)
        )
        if free_float < 0:
            return -1
        return self._counted(free_float, total, day.item())

    def _counted(self, free_float: int, total: int, date: dt.date) -> int:
        if self.method.weighting.by == "total_cap":
            return total
        return counted_shares(self.method, free_float, total, date)[0]

    def _with_factor(self, basis: ShareBasis, factor: Fraction) -> ShareBasis:
        """Publish the factor that a weight needs, and let index shares follow from it."""
        places = self.method.rounding.capping_factor_decimals
        published = decimal_of(round_half_up(factor, places), -places)
        capped = replace(basis, capping_factor=published)
        shares = capped.by_the_factor(self.opening.unit)
        return replace(capped, base_index_shares=shares) if shares else basis

    def _spread(self, freed: Fraction) -> None:
        """Let every other constituent grow in proportion, so that the divisor stays but for the rounding of shares."""
        others = [(position, self._basis(position)) for position in self.book.members(self.basket)]
        rest = sum((self.opening.value(each.security, basis.index_shares) for each, basis in others), Fraction(0))
        if rest == 0:
            return  # the chain of divisors says that nothing is left
        moved = Fraction(0)
        for position, basis in others:
            grown = basis.adjusted(1 + freed / rest, Fraction(1))
            self.book.record(position, self.opening.session, grown, before_actions=True)
            moved += self.opening.value(position.security, grown.index_shares - basis.index_shares)
        self.opening.recount(BASKET, "replacement", moved)

    def change_shares(self, change: ShareChange, since: Fraction) -> None:
        """Take new share counts into the index.

        `since` is what a share of the day of the change has become by the open of this session.
        """
        position = self.book.of(self.basket, change.security)
        if position is None or change.session <= (basis := self._basis(position)).counted_session:
            return
        action, unit = change.action, self.opening.unit
        total = None if self._frozen(change) else self._total_grown(position, basis)
        if self._frozen(change) or not applies(self.method, total, action.total * since):
            return
        refuse_off_session(self.method, self.market, change.day)
        floats = self._counted(action.free_float, action.total, change.day.date)
        changed = ShareBasis(
            base_index_shares=0,
            adjustment_ratio=since,
            free_float=floats,
            float_ratio=since,
            capping_factor=basis.capping_factor,
            counted_session=change.session,
            total=action.total,
            parent=basis.parent,
        )
        # Shares that are no more than free float x factor stay just that; others grow like the free float.
        shares = (
            changed.by_the_factor(unit)
            if basis.of_the_factor(unit)
            else round_half_up(
                basis.base_index_shares * basis.adjustment_ratio * floats / self._float_behind(position, basis)
            )
        )
        self.changed = True
        recounted = replace(changed, base_index_shares=shares, spin_off_shares=_in_proportion(basis, shares))
        self._record_change(position, action.kind, recounted)

    def _frozen(self, change: ShareChange) -> bool:
        """Tell whether a change falls between the price date and the effective date of a review that freezes shares."""
        if not self.method.review.share_freeze:
            return False
        table = self.book.table
        frozen = (table.price_date < change.session) & (change.session <= table.effective)
        return bool(frozen[1:].any())

    def _total_grown(self, position: Position, basis: ShareBasis) -> Fraction | None:
        """Give all shares of a constituent as last counted and grown since; None where they are not known."""
        total = self._total(position, basis)
        if total is None and needs_total(self.method):
            code, date = self.market.securities.codes[position.security], self.market.sessions[self.opening.session]
            raise CalculationError(
                f"{self.method.name}: whether the share change of {code} on {date} applies depends on all its shares "
                "before, which are not known: give `shares`"
            )
        return None if total is None else total * basis.float_ratio

    def _total(self, position: Position, basis: ShareBasis) -> int | None:
        if basis.total is not None:
            return basis.total
        counted = self.market.sessions[max(basis.counted_session, 0)]
        total = int(self.market.shares.total(np.array([position.security]), counted)[0])
        return None if total < 0 else total

    def _total_now(self, position: Position, basis: ShareBasis) -> int | None:
        total = self._total(position, basis)
        return None if total is None else round_half_up(total * basis.float_ratio)

    def _float_behind(self, position: Position, basis: ShareBasis) -> Fraction:
        """Give the free float that index shares of one's own stand for."""
        known = basis.free_float
        if known < 0:
            known = self._counted_float(position.security, max(basis.counted_session, 0))
        if known <= 0:
            raise CalculationError(
                f"{self.method.name}: the free float of {self.market.securities.codes[position.security]} before its "
                f"share change is {'not known' if known < 0 else '0'}, so that index shares cannot grow like it: give "
                "`free_float` in the baskets, or `shares`"
            )
        return known * basis.float_ratio

    def reset_capping(self) -> None:
        """Make capping factors anew, from the prices and free floats of this open."""
        members = [
            (position, self._basis(position))
            for position in self.book.members(self.basket)
            if self.opening.price(position.security)  # a child without a price weighs nothing yet
        ]
        codes = self.market.securities.codes
        unknown = [codes[position.security] for position, basis in members if basis.free_float < 0]
        if unknown:
            raise CalculationError(
                f"{self.method.name}: capping factors cannot be reset, since the free float of {', '.join(unknown)} is "
                "not known: give `free_float` in the baskets"
            )
        floats = [round_half_up(basis.free_float_now or Fraction(0)) for _, basis in members]
        factors = self._factors([position.security for position, _ in members], floats)
        moved, one = Fraction(0), Fraction(1)
        for (position, basis), count, factor in zip(members, floats, factors, strict=True):
            total = self._total_now(position, basis)
            counted = replace(basis, adjustment_ratio=one, free_float=count, float_ratio=one, total=total)
            capped = self._with_factor(counted, factor)
            capped = replace(capped, spin_off_shares=_in_proportion(basis, capped.base_index_shares))
            self.book.record(position, self.opening.session, capped, before_actions=True)
            moved += self.opening.value(position.security, capped.index_shares - basis.index_shares)
        self.opening.recount(BASKET, "capping", moved)

    def _factors(self, securities: list[int], floats: list[int]) -> Sequence[Fraction]:
        date = self.market.sessions[self.opening.session]
        values = [
            self.opening.value(security, count * self.opening.unit)
            for security, count in zip(securities, floats, strict=True)
        ]
        try:
            caps, _ = caps_of(self.method, self.market, securities, values, date)
        except ReviewError as error:
            raise CalculationError(f"{self.method.name}, capping reset on {date}: {error.summary}") from error
        return caps.factors if caps is not None else [Fraction(1)] * len(securities)

    def _record_change(self, position: Position, cause: str, basis: ShareBasis) -> Fraction:
        """Record what a position has become, and how much that changes the opening value; give the amount."""
        more = basis.index_shares - self.book.index_shares(position, self.opening.session)
        self.book.record(position, self.opening.session, basis, before_actions=True)
        moved = self.opening.value(position.security, more)
        self.opening.recount(position.security, cause, moved)
        return moved


def _in_proportion(basis: ShareBasis, shares: int) -> Fraction:
    """Give how many of new base index shares are a child's, where so many of the old ones were."""
    if not basis.spin_off_shares:
        return basis.spin_off_shares
    return basis.spin_off_shares * shares / basis.base_index_shares
