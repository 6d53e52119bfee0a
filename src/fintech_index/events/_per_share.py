"""What the actions of a session do to one index share, where it is the same for every share of every index."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events._effect import Holding
from fintech_index.events._ex_dates import effects_of, terms_of, withholding
from fintech_index.market import CASH_KINDS, HOLDER_KINDS, SHARE_CHANGE_KINDS, SPLIT_KINDS
from fintech_index.rounding import finite_places

if TYPE_CHECKING:
    from fintech_index.market import ExDate, MarketData
    from fintech_index.methodology import Methodology

_ALIKE = (*SPLIT_KINDS, *CASH_KINDS, "bonus", "rights")


@dataclass(frozen=True, slots=True)
class PerShare:
    """What an index share becomes, and what the opening values change by for each one before the day's actions.

    `price`, `gross` and `net` are in trading currency.
    """

    growth: Fraction
    price: Fraction
    gross: Fraction
    net: Fraction


def per_share(method: Methodology, market: MarketData, security: int, day: ExDate) -> PerShare | None:
    """Give what an ex-date does to a share held over it; None where that is not all, or not the same for every index.

    Not alike are kinds that bring securities in or out, several terms one after another (shares are rounded between
    them), amounts that are rounded, and treatments that look at more than the terms.

    Raises
    ------
    CorporateActionError, MarketDataError
        Terms that cannot be applied.
    """
    ignored = SHARE_CHANGE_KINDS if method.actions.share_changes == "at_review" else ()
    if any(action.kind not in (*_ALIKE, *ignored) for action in day.actions):
        return None
    if not day.of_kinds(HOLDER_KINDS):
        return PerShare(Fraction(1), Fraction(0), Fraction(0), Fraction(0))
    terms = list(terms_of(method, market, security, day.session))
    if method.actions.reference_price != "exact" or len(terms) != 1 or len(terms[0].steps) != 1:
        return None
    ((step, close),) = terms[0].steps
    taxed = day.of_kinds(CASH_KINDS) or method.returns.bonus_par_tax
    tax = withholding(method, market, security, day.date) if taxed else Fraction(0)
    ex_close = market.panel.price(security, day.session) if method.actions.rights == "msci_ex" else Fraction(0)
    effects = [effect for _, effect in effects_of(method, step, Holding(Fraction(1), close, tax, ex_close))]
    amounts = [(effect.price, effect.gross, effect.net) for effect in effects]
    if any(finite_places(amount) is None for each in amounts for amount in each):
        return None
    price, gross, net = (sum(each, Fraction(0)) for each in zip(*amounts, strict=True))
    return PerShare(1 + sum((effect.new_shares for effect in effects), Fraction(0)), price, gross, net)
