"""One pass through the sessions on which something happens to an index, oldest first.

The order of a session's open is written in docs/corporate-actions.md: removal prices; deletions, additions and share
changes at cum prices; the actions of the day on the basket that results.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._children import enter_child, first_close, leave_child
from fintech_index.events._composition import Composition, departures_of
from fintech_index.events._corrections import Corrections
from fintech_index.events._dividends import paid_apart
from fintech_index.events._effect import NOTHING_ABOVE, Effect, Holding
from fintech_index.events._ex_dates import effects_of, reference_residue, terms_of, withholding
from fintech_index.events._lines import Lines
from fintech_index.events._opening import Opening, OpeningChange, Stage
from fintech_index.events._price_weight import above_after
from fintech_index.events._share_change import ShareChange, sessions_later
from fintech_index.market import CASH_KINDS, HOLDER_KINDS, REMOVAL_KINDS, SHARE_CHANGE_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.events._composition import Departure
    from fintech_index.events._corrections import PaidRecord
    from fintech_index.events._ex_dates import Terms
    from fintech_index.events._lines import Line
    from fintech_index.events._positions import Positions
    from fintech_index.market import Action, ExDate, MarketData
    from fintech_index.methodology import Methodology


class Path:
    """What happens to the baskets of an index.

    Attributes
    ----------
    lines : Lines
    changes : list of OpeningChange
    opening_shares : int64 array of shape (basket rows,)
        Index shares at the open of each row's effective date, before deletions and actions of that day.
    also_opening : list of (int, int, int)
        Basket, security and index shares, likewise, of those that entered a basket after its price date.
    review_revaluation : dict of int to Fraction
        By effective session, what removal prices make of the new basket more than of the old one.
    """

    def __init__(
        self,
        method: Methodology,
        market: MarketData,
        positions: Positions,
        share_decimals: int,
        paid: PaidRecord | None = None,
    ) -> None:
        self.method, self.market, self.positions = method, market, positions
        self.lines = Lines(market, positions, share_decimals, method.name)
        self.corrections = Corrections(method, market, int(positions.effective[0]), paid)
        self.opening_shares = positions.index_shares.copy()
        self.also_opening: list[tuple[int, int, int]] = []
        self.review_revaluation: dict[int, Fraction] = {}
        self.changes: list[OpeningChange] = []
        self._exits: dict[int, set[int]] = {}
        self._holder_days: dict[int, set[int]] = {}
        self._removals: dict[int, list[tuple[int, ExDate, Action]]] = {}
        self._share_changes: dict[int, dict[int, ShareChange]] = {}

    def run(self) -> None:
        """Open every session on which something happens."""
        self._look_up()
        baskets = self.positions.effective.tolist()
        begins = {session: basket for basket, session in enumerate(baskets)}
        for row, counts in self.positions.going_on.items():
            if counts.leaving:  # it has had no close before the state's, or it would have left
                self._plan_exit(int(self.positions.security[row]), baskets[0])
        waiting = sorted({*baskets, *self._holder_days, *self._removals, *self._share_changes, *self._exits})
        while waiting:
            session = waiting.pop(0)
            if session in begins and not self._something_happens(session):
                self._begin(begins[session], session)
                continue
            known = set(self._exits)
            self._open(session)
            if new := set(self._exits) - known:
                waiting = sorted({*waiting, *new})

    def _look_up(self) -> None:
        """Sort the actions of every security that could be held by the session at which they apply.

        Lone dividends are paid all at once, later, where the rules let them.
        """
        actions, begins = self.market.actions, int(self.positions.price_date.min())
        could_be_held = np.zeros(len(self.market.securities), np.bool_)
        could_be_held[self.positions.security] = could_be_held[actions.related] = True
        for security, day in actions.besides_lone_dividends if paid_apart(self.method, self.market) else actions:
            if not could_be_held[security]:
                continue
            self._plan_share_change(security, day)
            for action in day.of_kinds(REMOVAL_KINDS) if day.session > begins else ():
                self._removals.setdefault(day.session, []).append((security, day, action))
            if day.session > begins and day.of_kinds(HOLDER_KINDS):
                self._holder_days.setdefault(day.session, set()).add(security)
        for security in self.corrections.paid_securities():
            for day in actions.ex_dates(security):
                if day.session > begins and day.of_kinds(("dividend_correction",)):
                    self._holder_days.setdefault(day.session, set()).add(security)
        for security, session in actions.removals.items():
            self._refuse_gone(security, session)

    def _plan_share_change(self, security: int, day: ExDate) -> None:
        """Plan a change of counts; of several ex-dates before one session the last one has the counts."""
        session = day.session + sessions_later(self.method)
        if self.method.actions.share_changes == "at_review" or session >= len(self.market.sessions):
            return
        for action in day.of_kinds(SHARE_CHANGE_KINDS)[:1]:
            change = ShareChange(security, day.session, day, action)
            self._share_changes.setdefault(session, {})[security] = change

    def _refuse_gone(self, security: int, session: int) -> None:
        """Refuse a basket that a security is in after it has left for good."""
        base = int(self.positions.effective[0])
        for basket, price_date in enumerate(self.positions.price_date.tolist()):
            too_late = price_date >= session or (basket == 0 and base >= session)
            if too_late and self.positions.row(basket, security) is not None:
                code, market = self.market.securities.codes[security], self.market
                raise CorporateActionError(
                    f"{self.method.name}: {code} has left the market on {market.sessions[session]}, and is in the "
                    f"basket effective {market.sessions[self.positions.effective[basket]]}"
                )

    def _open(self, session: int) -> None:
        positions = self.positions
        current = positions.current(session)
        takes_effect = current >= 0 and positions.effective[current] == session
        base = current == 0 and takes_effect
        opening = Opening(self.method, self.market, session, self.lines.unit, chained=current >= 0 and not base)
        departures = departures_of(opening, sorted(self._removals.get(session, []), key=lambda each: each[0]))
        if takes_effect:
            self._begin(current, session)
        if opening.chained and departures:
            self._revalue(opening, departures, old=current - takes_effect, new=current)
        coming = list(positions.coming(session))
        held = [current] if current >= 0 and session > positions.price_date[current] else []
        aside = replace(opening, chained=False, changes=[])
        for basket in [*held, *coming]:
            mine = opening if basket == current else aside
            self._compose(mine, basket, departures)
            days = sorted(self._holder_days.get(session, ()))
            # Who they are is settled first: a child that enters with the actions of a day has not gone ex itself.
            for line in [self.lines.begun(basket, security, session) for security in days]:
                if line is not None:
                    self._act(mine, line, base=base and basket == current)
        if opening.chained:
            for security in sorted(self._holder_days.get(session, ())):
                self.corrections.apply(opening, self.lines, positions, security)
        self.changes += opening.changes

    def _something_happens(self, session: int) -> bool:
        return (
            session in self._holder_days
            or session in self._removals
            or session in self._share_changes
            or session in self._exits
        )

    def _begin(self, basket: int, session: int) -> None:
        """Let a basket take effect: what has happened to it since its price date is in its opening shares."""
        for line in self.lines.touched(basket):
            shares = line.index_shares if line.stop is None else 0
            self.lines.require_headroom(line)
            if line.row >= 0:
                self.opening_shares[line.row] = shares
            elif shares:
                self.also_opening.append((basket, line.security, shares))
            if line.stop is None:
                line.note(session, opening=True)

    def _revalue(self, opening: Opening, departures: Sequence[Departure], *, old: int, new: int) -> None:
        """Count leavers at their removal price: performance of the basket that has held them up to now."""
        more = Fraction(0)
        for departure in departures:
            security = departure.security
            per_unit = (opening.price(security) - opening.close(security)) * opening.rate(security) / opening.unit
            shares = {}
            for basket in {old, new}:
                line = self.lines.begun(basket, security, opening.session)
                shares[basket] = 0 if line is None else line.index_shares
                if line is not None:
                    departure.require_price(opening)
            opening.recount(security, "revaluation", per_unit * shares[old], Stage.REVALUATION)
            more += per_unit * (shares[new] - shares[old])
        if old != new:
            self.review_revaluation[opening.session] = more

    def _compose(self, opening: Opening, basket: int, departures: Sequence[Departure]) -> None:
        composition = Composition(self.lines, opening, basket)
        composition.remove(departures)
        for _, change in sorted(self._share_changes.get(opening.session, {}).items()):
            composition.change_shares(change, self._grown(change, opening.session))
        for child in sorted(self._exits.get(opening.session, ())):
            leave_child(self.lines, opening, basket, child)
        if composition.changed and self.method.actions.capping_factors == "reset":
            composition.reset_capping()

    def _grown(self, change: ShareChange, session: int) -> Fraction:
        """Give what a share of a change's day has become by a session's open, before the actions of the session.

        Counts have the actions up to their own date in them: those that are still to be applied are taken back.
        """
        grown = Fraction(1)
        for at in range(change.session, session + 1):
            for terms in terms_of(self.method, self.market, change.security, at):
                counted = terms.day.date <= change.day.date
                if at < session and not counted:
                    grown *= self._float_growth(terms)
                elif at == session and counted:
                    grown /= self._float_growth(terms)
        return grown

    def _float_growth(self, terms: Terms) -> Fraction:
        grown = Fraction(1)
        for step, close in terms.steps:
            effects = effects_of(self.method, step, Holding(Fraction(0), close, ex_close=close))
            grown *= 1 + sum(effect.float_growth for _, effect in effects)
        return grown

    def _act(self, opening: Opening, line: Line, *, base: bool) -> None:
        """Apply a session's ex-dates to a line."""
        before = line.counts
        for terms in terms_of(self.method, self.market, line.security, opening.session, base=base):
            grown = self._act_on(opening, line, terms)
            if opening.chained:
                residue = reference_residue(self.method, self.market, line.security, terms, grown)
                opening.recount(line.security, "reference_price", residue * opening.rate(line.security), Stage.ACTION)
        if line.counts != before:
            self.lines.require_headroom(line)
            line.note(opening.session, opening=False)

    def _act_on(self, opening: Opening, line: Line, terms: Terms) -> Fraction:
        """Apply one ex-date; give the index shares after it, unrounded and not in units."""
        security, chained = line.security, opening.chained
        taxed = chained and (terms.day.of_kinds(CASH_KINDS) or self.method.returns.bonus_par_tax)
        tax = withholding(self.method, self.market, security, terms.day.date) if taxed else Fraction(0)
        shares = Fraction(line.index_shares, opening.unit)
        above = NOTHING_ABOVE
        for step, close in terms.steps:
            if chained:
                self.corrections.note(step, Fraction(line.index_shares, opening.unit))
            held, ex_close = Fraction(line.index_shares, opening.unit), self._ex_close(line, opening)
            holding = Holding(held, close, tax, ex_close, above)
            effects = effects_of(self.method, step, holding)
            if self.method.weighting.by == "price":
                above = above_after(step, holding, effects)
            before = line.counts
            new_shares = sum((effect.new_shares for _, effect in effects), Fraction(0))
            issued = sum((effect.float_growth for _, effect in effects), Fraction(0))
            line.counts = replace(
                line.counts,
                ratio=line.counts.ratio * (1 + new_shares),
                float_ratio=line.counts.float_ratio * (1 + issued),
            )
            shares *= 1 + new_shares
            for (kind, effect), action in zip(effects, step.actions, strict=True):
                self._write(opening, security, kind, effect)
                if effect.child_shares:
                    child = enter_child(self.lines, opening, line, before, step, action, effect.child_shares)
                    if self.method.actions.spin_off != "stays":
                        self._plan_exit(child, opening.session)
        return shares

    def _plan_exit(self, child: int, session: int) -> None:
        at = first_close(self.market, child, session) + 1
        if at < len(self.market.sessions):
            self._exits.setdefault(at, set()).add(child)

    def _ex_close(self, line: Line, opening: Opening) -> Fraction:
        if self.method.actions.rights != "msci_ex":
            return Fraction(0)
        return self.market.panel.price(line.security, opening.session)

    @staticmethod
    def _write(opening: Opening, security: int, kind: str, effect: Effect) -> None:
        if opening.chained and (effect.price or effect.gross or effect.net):
            rate = opening.rate(security)
            opening.add(security, kind, Stage.ACTION, effect.price * rate, effect.gross * rate, effect.net * rate)
