"""Children of spin-offs: they enter at a price of zero, and most leave at their first close."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fintech_index.errors import CorporateActionError
from fintech_index.events._share_basis import ShareBasis
from fintech_index.rounding import round_half_up

if TYPE_CHECKING:
    from fintech_index.events._position_book import Position, PositionBook
    from fintech_index.events._session_open import SessionOpen
    from fintech_index.market import Action, ExDate, MarketData


class SpinOff(NamedTuple):
    """Shares of a child that a position brings, by one action of an ex-date.

    `before` is what the parent's index shares were made of before the terms, and `shares` are index shares of the
    child, not in units.
    """

    parent: Position
    before: ShareBasis
    day: ExDate
    action: Action
    shares: Fraction


def first_close(market: MarketData, security: int, session: int) -> int:
    """Give the first session from `session` on with a traded close; the number of sessions where there is none yet."""
    at = int(market.panel.first_session[security])
    if at >= session:
        return at  # its first price, on this day or on one without a level before it
    at = session
    while at < len(market.sessions) and market.panel.suspended(security, at):
        at += 1
    return at


def enter_child(book: PositionBook, opening: SessionOpen, spin_off: SpinOff) -> int:
    """Let a child into the basket of its parent, and give its number.

    Raises
    ------
    CorporateActionError
        The child never has a price, and no listing date says that it will.
    """
    market, session, settings = opening.market, opening.session, opening.method.actions
    parent, day, action = spin_off.parent, spin_off.day, spin_off.action
    child = market.securities.index[action.child]
    opening.require_stays(child, "spin_off")
    _require_price_to_come(opening, day, child)
    units = round_half_up(spin_off.shares * opening.unit)
    held = book.of(parent.basket, child)
    if held is None:
        known = spin_off.before.free_float_now
        floats = -1 if known is None else round_half_up(known * action.ratio)
        factor = spin_off.before.capping_factor
        basis = ShareBasis(units, free_float=floats, capping_factor=factor, counted_session=session)
    else:
        basis = book.basis(held, session, before_actions=False).grown_by(units)
    heir = parent.security if settings.spin_off == "to_parent" else -1
    if basis.spin_off_shares and basis.parent != heir:
        raise CorporateActionError(
            f"{opening.method.name}: {action.child}, spun off by {day.security} on {day.date}, is still to leave to "
            'another parent; with actions.spin_off = "to_parent" two parents of one child are not calculated yet'
        )
    leaving = 0 if settings.spin_off == "stays" else units
    basis = replace(basis, spin_off_shares=basis.spin_off_shares + leaving, parent=heir)
    if held is None:
        book.enter(parent.basket, child, session, basis, before_actions=False)
    else:
        book.record(held, session, basis, before_actions=False)
    return child


def leave_child(book: PositionBook, opening: SessionOpen, basket: int, child: int) -> None:
    """Take a child out at its first close; what it was worth goes through the divisor, or to its parent."""
    position, session = book.of(basket, child), opening.session
    if position is None or (basis := book.basis(position, session)).spin_off_shares == 0:
        return
    leaving = min(basis.index_shares, round_half_up(basis.spin_off_shares_now))
    value, left = opening.value(child, leaving), basis.index_shares - leaving
    if left == 0:
        book.leave(position, session)
    else:
        own = replace(
            basis, base_index_shares=left, adjustment_ratio=Fraction(1), spin_off_shares=Fraction(0), parent=-1
        )
        book.record(position, session, own, before_actions=True)
    opening.recount(child, "spin_off", -value)
    heir = book.of(basket, basis.parent) if basis.parent >= 0 else None
    if heir is not None:
        _hand_over(book, opening, heir, value)


def _hand_over(book: PositionBook, opening: SessionOpen, heir: Position, value: Fraction) -> None:
    """Let a parent grow by what its child was worth."""
    basis = book.basis(heir, opening.session)
    if worth := opening.value(heir.security, basis.index_shares):
        grown = basis.adjusted(1 + value / worth, Fraction(1))
        book.record(heir, opening.session, grown, before_actions=True)
        more = opening.value(heir.security, grown.index_shares - basis.index_shares)
        opening.recount(heir.security, "spin_off", more)


def _require_price_to_come(opening: SessionOpen, day: ExDate, child: int) -> None:
    market = opening.market
    if market.panel.first_session[child] < len(market.sessions):
        return
    listed = market.securities.listed[child]
    if listed is None or np.datetime64(listed) <= market.last_known:
        raise CorporateActionError(
            f"{opening.method.name}: {market.securities.codes[child]}, spun off by {day.security} on {day.date}, has "
            "no price in the data: add its prices, or its coming `listed` date in `securities`"
        )
