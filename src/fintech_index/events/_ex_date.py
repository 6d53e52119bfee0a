"""What the ex-dates of a session do to one position, in the order of their terms."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events._price_weight import above_after
from fintech_index.events._session_open import Stage
from fintech_index.events._session_terms import (
    effects_of,
    ex_close_for,
    growth_of,
    reference_residue,
    tax_on,
    terms_of,
)
from fintech_index.events._spun_off import SpinOff
from fintech_index.events.kinds import NOTHING_ABOVE, Holding

if TYPE_CHECKING:
    from fintech_index.events._corrections import Corrections
    from fintech_index.events._position_book import Position, PositionBook
    from fintech_index.events._session_open import SessionOpen
    from fintech_index.events._session_terms import Terms
    from fintech_index.events._share_basis import ShareBasis
    from fintech_index.events.kinds import Effect, ShareChange
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


def apply_ex_dates(
    book: PositionBook, opening: SessionOpen, corrections: Corrections, position: Position, *, base: bool
) -> list[SpinOff]:
    """Apply a session's ex-dates to a position; give the shares of children that it brings."""
    method, market, security = opening.method, opening.market, position.security
    before = basis = book.basis(position, opening.session)
    spin_offs: list[SpinOff] = []
    for terms in terms_of(method, market, security, opening.session, base=base):
        basis, shares = _apply(opening, corrections, position, basis, terms, spin_offs)
        if opening.chained:
            residue = reference_residue(method, market, security, terms, shares)
            opening.recount(security, "reference_price", residue * opening.rate(security), Stage.ACTION)
    if basis != before:
        book.record(position, opening.session, basis, before_actions=False)
    return spin_offs


def _apply(
    opening: SessionOpen,
    corrections: Corrections,
    position: Position,
    basis: ShareBasis,
    terms: Terms,
    spin_offs: list[SpinOff],
) -> tuple[ShareBasis, Fraction]:
    """Apply one ex-date; give what shares are made of after it, and the index shares, unrounded and not in units."""
    method, market, security = opening.method, opening.market, position.security
    tax = tax_on(method, market, security, terms.day) if opening.chained else Fraction(0)
    ex_close = ex_close_for(method, market, security, opening.session)
    shares, above = Fraction(basis.index_shares, opening.unit), NOTHING_ABOVE
    for step, close in terms.steps:
        held = Fraction(basis.index_shares, opening.unit)
        if opening.chained:
            corrections.note(step, held)
        holding = Holding(held, close, tax, ex_close, above)
        effects = effects_of(method, step, holding)
        if method.weighting.by == "price":
            above = above_after(step, holding, effects)
        for (kind, effect), action in zip(effects, step.actions, strict=True):
            _write(opening, security, kind, effect)
            if effect.child_shares:
                spin_offs.append(SpinOff(position, basis, step, action, effect.child_shares))
        growth, issued = growth_of(effects)
        basis = basis.adjusted(growth, issued)
        shares *= growth
    return basis, shares


def _write(opening: SessionOpen, security: int, kind: str, effect: Effect) -> None:
    if opening.chained and (effect.price or effect.gross or effect.net):
        rate = opening.rate(security)
        opening.add(security, kind, Stage.ACTION, effect.price * rate, effect.gross * rate, effect.net * rate)


def float_growth(method: Methodology, market: MarketData, change: ShareChange, session: int) -> Fraction:
    """Give what a share of a change's day has become by a session's open, before the actions of the session.

    Counts have the actions up to their own date in them: those that are still to be applied are taken back.
    """
    grown = Fraction(1)
    for at in range(change.session, session + 1):
        for terms in terms_of(method, market, change.security, at):
            counted = terms.day.date <= change.day.date
            if at < session and not counted:
                grown *= _float_growth(method, terms)
            elif at == session and counted:
                grown /= _float_growth(method, terms)
    return grown


def _float_growth(method: Methodology, terms: Terms) -> Fraction:
    grown = Fraction(1)
    for step, close in terms.steps:
        grown *= growth_of(effects_of(method, step, Holding(Fraction(0), close, ex_close=close)))[1]
    return grown
