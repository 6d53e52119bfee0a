"""Who leaves, who grows and who enters a basket at a session's open, at cum prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError, CorporateActionError, ReviewError
from fintech_index.events._delisting import removal_price
from fintech_index.events._ex_dates import refuse_off_session
from fintech_index.events._lines import Counts
from fintech_index.events._merger import acquirer_shares, deal_price
from fintech_index.events._opening import BASKET
from fintech_index.events._share_change import applies, needs_total
from fintech_index.reviews import caps_of, counted_shares, next_in_line
from fintech_index.rounding import decimal_of, exact, round_half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from fintech_index.events._lines import Line, Lines
    from fintech_index.events._opening import Opening
    from fintech_index.events._share_change import ShareChange
    from fintech_index.market import Action, ExDate


@dataclass(frozen=True, slots=True)
class Departure:
    """A security that is no longer there from a session on."""

    security: int
    day: ExDate
    action: Action
    unpriced: bool = False  # the deal is in shares that have no close

    def require_price(self, opening: Opening) -> None:
        """Refuse terms that nobody can count, where an index holds the target."""
        if self.unpriced:
            raise CorporateActionError(
                f"{opening.method.name}: {self.day.security} no longer trades, and leaves on {self.day.date} for "
                f"shares of {self.action.acquirer}, which has no close: add its prices, or give a delisting with a "
                "price"
            )


def departures_of(opening: Opening, days: Sequence[tuple[int, ExDate, Action]]) -> list[Departure]:
    """Give the removals of a session, and set the prices that they leave at; 0 for what has never had one."""
    found = []
    for security, day, action in days if opening.session else ():
        close, unpriced = opening.close(security), False
        if action.kind == "delisting":
            price = removal_price(action, close)
        else:
            acquirer = opening.market.securities.index[action.acquirer]
            theirs = opening.close(acquirer)
            if theirs:
                theirs *= opening.rate(acquirer) / opening.rate(security)
            trades = not opening.market.panel.suspended(security, day.session - 1)
            price = deal_price(action, close, theirs, trades=trades)
            unpriced = not trades and action.ratio > 0 and theirs == 0
        opening.removal_prices[security] = price
        found.append(Departure(security, day, action, unpriced=unpriced))
    return found


class Composition:
    """The changes of one basket at one session's open."""

    def __init__(self, lines: Lines, opening: Opening, basket: int) -> None:
        self.lines, self.opening, self.basket = lines, opening, basket
        self.method, self.market = opening.method, opening.market
        self.changed = False

    def remove(self, departures: Sequence[Departure]) -> None:
        """Take securities out; their value goes to the acquirer, a newcomer, all others, or out of the index."""
        freed = Fraction(0)
        for departure in departures:
            line = self.lines.begun(self.basket, departure.security, self.opening.session)
            if line is None:
                continue
            self.changed = True
            departure.require_price(self.opening)
            refuse_off_session(self.method, self.market, departure.day)
            value = self.opening.value(line.security, line.index_shares)
            line.stop = max(self.opening.session, line.start)
            self.opening.recount(line.security, departure.action.kind, -value)
            if departure.action.kind == "merger":
                value -= self._to_acquirer(line, departure.action, value, departures)
            if self.method.actions.replacement == "newcomer" and value > 0:
                self._admit(line, departure.action, value)
            else:
                freed += value
        if freed > 0 and self.method.actions.replacement == "pro_rata":
            self._spread(freed)

    def _to_acquirer(self, target: Line, action: Action, value: Fraction, departures: Sequence[Departure]) -> Fraction:
        """Let the acquirer grow, if it is in the basket and stays; give the value that it gains."""
        acquirer = self.market.securities.index[action.acquirer]
        leaves_too = any(each.security == acquirer for each in departures)
        line = None if leaves_too else self.lines.begun(self.basket, acquirer, self.opening.session)
        setting = self.method.actions.acquirer
        if line is None or setting == "unchanged" or (setting == "terms" and not action.ratio):
            return Fraction(0)
        counts = self._after_merger(line, target, action, self._gained(line, target, action, value))
        return self._recounted(line, "merger", counts)

    def _gained(self, acquirer: Line, target: Line, action: Action, value: Fraction) -> Fraction:
        """Give the index shares that an acquirer gains, in units of the basket, unrounded."""
        if self.method.actions.acquirer == "takes_value":
            self.opening.require_close(acquirer.security, "merger")
            return value / self.opening.value(acquirer.security, 1)
        factor, target_float = acquirer.counts.capping_factor, target.counts.free_float_now
        return self.opening.unit * acquirer_shares(
            action,
            target_float=target_float or Fraction(0),
            target_shares=Fraction(target.index_shares, self.opening.unit),
            capping_factor=None if factor is None or target_float is None else exact(factor),
        )

    def _after_merger(self, acquirer: Line, target: Line, action: Action, gained: Fraction) -> Counts:
        """Count an acquirer anew: its free float grows by the terms, and its index shares with it."""
        counts, unit = acquirer.counts, self.opening.unit
        by_terms = self.method.actions.acquirer == "terms"
        floats = counts.free_float
        if counts.free_float_now is not None:
            issued = action.ratio * (target.counts.free_float_now or 0) if by_terms else 0
            floats = round_half_up(counts.free_float_now + issued)
        recounted = replace(
            counts,
            origin=round_half_up(counts.origin * counts.ratio + gained),
            ratio=Fraction(1),
            free_float=floats,
            float_ratio=Fraction(1),
            total=self._total_now(acquirer),
            leaving=counts.leaving * counts.ratio,
        )
        if by_terms and counts.of_the_factor(unit):
            return replace(recounted, origin=recounted.by_the_factor(unit))
        return recounted

    def _admit(self, leaver: Line, action: Action, value: Fraction) -> None:
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
        held = self.lines.begun(self.basket, newcomer, session)
        if held is not None and self.method.weighting.by == "price":
            raise CorporateActionError(
                f"{self.method.name}: the newcomer {market.securities.codes[newcomer]} on {market.sessions[session]} "
                "is in the index already, and a price-weighted index holds one share of each"
            )
        if held is not None:
            more = held.counts.grown_by(units)
            self._recounted(held, "replacement", more)
            return
        floats = self._counted_float(newcomer, session - 1)
        counts = Counts(units, free_float=floats, counted=session - 1)
        if floats > 0 and self.method.weighting.by_capitalisation:
            counts = self._with_factor(counts, Fraction(units, self.opening.unit) / floats)
        line = self.lines.enter(self.basket, newcomer, session, counts)
        line.note(session, opening=True)
        self.opening.recount(newcomer, "replacement", self.opening.value(newcomer, line.index_shares))

    def _newcomer(self, action: Action) -> int | None:
        """Give who takes a leaver's place: the one of the action, else the next of the reserve list."""
        if action.newcomer:
            return self.market.securities.index[action.newcomer]
        session = self.opening.session
        members = {line.security for line in self.lines.members(self.basket, session)}
        reserve = self.lines.positions.reserve.get(self.basket, ())
        return next_in_line(self.method, self.market, reserve, members, session)

    def _counted_float(self, security: int, session: int) -> int:
        """Give the shares of a security that count, -1 where they are not known."""
        who, day = np.array([security]), self.market.sessions[session]
        free_float, total = (
            int(count(who, day)[0]) for count in (self.market.shares.free_float, self.market.shares.total)
        )
        if free_float < 0:
            return -1
        return self._counted(free_float, total, day.item())

    def _counted(self, free_float: int, total: int, date: dt.date) -> int:
        if self.method.weighting.by == "total_cap":
            return total
        return counted_shares(self.method, free_float, total, date)[0]

    def _with_factor(self, counts: Counts, factor: Fraction) -> Counts:
        """Publish the factor that a weight needs, and let index shares follow from it."""
        places = self.method.rounding.capping_factor_decimals
        published = decimal_of(round_half_up(factor, places), -places)
        capped = replace(counts, capping_factor=published)
        origin = capped.by_the_factor(self.opening.unit)
        return replace(capped, origin=origin) if origin else counts

    def _spread(self, freed: Fraction) -> None:
        """Let every other constituent grow in proportion, so that the divisor stays but for the rounding of shares."""
        others = self.lines.members(self.basket, self.opening.session)
        rest = sum((self.opening.value(line.security, line.index_shares) for line in others), Fraction(0))
        if rest == 0:
            return  # the chain of divisors says that nothing is left
        moved = Fraction(0)
        for line in others:
            held = line.index_shares
            line.counts = replace(line.counts, ratio=line.counts.ratio * (1 + freed / rest))
            moved += self.opening.value(line.security, line.index_shares - held)
            self._noted(line)
        self.opening.recount(BASKET, "replacement", moved)

    def change_shares(self, change: ShareChange, since: Fraction) -> None:
        """Take new share counts into the index.

        `since` is what a share of the day of the change has become by the open of this session.
        """
        line = self.lines.begun(self.basket, change.security, self.opening.session)
        if line is None or change.session <= line.counts.counted:
            return
        action, counts, unit = change.action, line.counts, self.opening.unit
        if self._frozen(change) or not applies(self.method, self._total_grown(line), action.total * since):
            return
        refuse_off_session(self.method, self.market, change.day)
        floats = self._counted(action.free_float, action.total, change.day.date)
        changed = Counts(
            origin=0,
            ratio=since,
            free_float=floats,
            float_ratio=since,
            capping_factor=counts.capping_factor,
            counted=change.session,
            total=action.total,
            parent=counts.parent,
        )
        # Shares that are no more than free float x factor stay just that; others grow like the free float.
        origin = (
            changed.by_the_factor(unit)
            if counts.of_the_factor(unit)
            else round_half_up(counts.origin * counts.ratio * floats / self._floats(line))
        )
        self.changed = True
        leaving = (
            counts.leaving * origin / counts.origin if counts.leaving else counts.leaving
        )  # of a child: in proportion
        self._recounted(line, action.kind, replace(changed, origin=origin, leaving=leaving))

    def _frozen(self, change: ShareChange) -> bool:
        """Tell whether a change falls between the price date and the effective date of a review that freezes shares."""
        if not self.method.review.share_freeze:
            return False
        positions = self.lines.positions
        frozen = (positions.price_date < change.session) & (change.session <= positions.effective)
        return bool(frozen[1:].any())

    def _total_grown(self, line: Line) -> Fraction | None:
        """Give all shares of a constituent as last counted and grown since; None where they are not known."""
        total = self._total(line)
        if total is None and needs_total(self.method):
            code, date = self.market.securities.codes[line.security], self.market.sessions[self.opening.session]
            raise CalculationError(
                f"{self.method.name}: whether the share change of {code} on {date} applies depends on all its shares "
                "before, which are not known: give `shares`"
            )
        return None if total is None else total * line.counts.float_ratio

    def _total(self, line: Line) -> int | None:
        if line.counts.total is not None:
            return line.counts.total
        at = max(line.counts.counted, 0)
        total = int(self.market.shares.total(np.array([line.security]), self.market.sessions[at])[0])
        return None if total < 0 else total

    def _total_now(self, line: Line) -> int | None:
        total = self._total(line)
        return None if total is None else round_half_up(total * line.counts.float_ratio)

    def _floats(self, line: Line) -> Fraction:
        """Give the free float that index shares of one's own stand for."""
        known = line.counts.free_float
        if known < 0:
            at = max(line.counts.counted, 0)
            known = self._counted_float(line.security, at)
        if known <= 0:
            raise CalculationError(
                f"{self.method.name}: the free float of {self.market.securities.codes[line.security]} before its share "
                f"change is {'not known' if known < 0 else '0'}, so that index shares cannot grow like it: give "
                "`free_float` in the baskets, or `shares`"
            )
        return known * line.counts.float_ratio

    def reset_capping(self) -> None:
        """Make capping factors anew, from the prices and free floats of this open."""
        lines = self.lines.members(self.basket, self.opening.session)
        lines = [
            line for line in lines if self.opening.price(line.security)
        ]  # a child without a price weighs nothing yet
        codes = self.market.securities.codes
        unknown = [codes[line.security] for line in lines if line.counts.free_float < 0]
        if unknown:
            raise CalculationError(
                f"{self.method.name}: capping factors cannot be reset, since the free float of {', '.join(unknown)} is "
                "not known: give `free_float` in the baskets"
            )
        floats = [round_half_up(line.counts.free_float_now or Fraction(0)) for line in lines]
        values = [
            self.opening.value(line.security, count * self.opening.unit)
            for line, count in zip(lines, floats, strict=True)
        ]
        date = self.market.sessions[self.opening.session]
        try:
            caps, _ = caps_of(self.method, self.market, [line.security for line in lines], values, date)
        except ReviewError as error:
            raise CalculationError(f"{self.method.name}, capping reset on {date}: {error.summary}") from error
        factors = caps.factors if caps is not None else [Fraction(1)] * len(lines)
        moved = Fraction(0)
        for line, count, factor in zip(lines, floats, factors, strict=True):
            held, counts = line.index_shares, line.counts
            total, one = self._total_now(line), Fraction(1)
            fresh = replace(counts, ratio=one, free_float=count, float_ratio=one, total=total)
            line.counts = self._with_factor(fresh, factor)
            if counts.leaving:  # of a child: in proportion
                line.counts = replace(line.counts, leaving=counts.leaving * line.counts.origin / counts.origin)
            self._noted(line)
            moved += self.opening.value(line.security, line.index_shares - held)
        self.opening.recount(BASKET, "capping", moved)

    def _recounted(self, line: Line, cause: str, counts: Counts) -> Fraction:
        held = line.index_shares
        line.counts = counts
        self._noted(line)
        moved = self.opening.value(line.security, line.index_shares - held)
        self.opening.recount(line.security, cause, moved)
        return moved

    def _noted(self, line: Line) -> None:
        self.lines.require_headroom(line)
        line.note(self.opening.session, opening=True)
