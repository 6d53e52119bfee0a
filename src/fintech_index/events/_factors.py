"""Adjustment factors that providers and exchanges publish, to 8 decimals half up. No divisor is made of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.errors import CorporateActionError, Problem
from fintech_index.market import Number, finite_terms
from fintech_index.rounding import decimal_of, round_half_up

if TYPE_CHECKING:
    from decimal import Decimal

DECIMALS, MOST_PLACES = 8, 28


def price_adjustment_factor(
    cum: Number, rights_ratio: Number, rights_price: Number, ex: Number | None = None, *, decimals: int = DECIMALS
) -> Decimal:
    """Give MSCI's price adjustment factor (PAF) of a rights issue.

    Parameters
    ----------
    cum : number
        The close before the ex-date, in trading currency a share.
    rights_ratio, rights_price : number
        Shares that can be subscribed for each share held (m / n), and what one costs.
    ex : number, optional
        The close of the ex-date. Without it the older form is given, ``cum / TERP`` with TERP the theoretical ex-rights
        price; with it the newer one, ``(ex x (1 + ratio) - ratio x price) / ex``. They agree where ex is TERP.
    decimals : int
        Places of the result, half up.

    Returns
    -------
    Decimal
        1 where the subscription price is not below the cum price.

    Raises
    ------
    CorporateActionError
        A term that is no number, or a price that is not above 0.

    Notes
    -----
    Source: MSCI, methodology for the calculation of price adjustment factors applied for rights issues (consultation
    and announcement, both forms).
    """
    terms = _terms({"cum": cum, "rights_ratio": rights_ratio, "rights_price": rights_price}, positive=("cum",))
    ratio, price = terms["rights_ratio"], terms["rights_price"]
    last = Fraction(0) if ex is None else _terms({"ex": ex}, positive=("ex",))["ex"]
    if price >= terms["cum"]:
        factor = Fraction(1)
    elif ex is None:
        factor = terms["cum"] * (1 + ratio) / (terms["cum"] + ratio * price)
    else:
        factor = max((last * (1 + ratio) - ratio * price) / last, Fraction(0))
    return _rounded(factor, decimals)


def special_dividend_factor(
    close: Number, special: Number, regular: Number = 0, *, decimals: int = DECIMALS
) -> Decimal:
    """Give the factor of derivatives exchanges for a special dividend: ``(P - regular - special) / (P - regular)``.

    It adjusts contracts, not divisors: `actions.special_dividend` is the rule of an index.

    Parameters
    ----------
    close, special, regular : number
        The close before the ex-date, and the special and regular dividend of the day, in trading currency a share.
    decimals : int
        Places of the result, half up.

    Raises
    ------
    CorporateActionError
        A term that is no number, or dividends that leave nothing of the close.

    Notes
    -----
    Source: Eurex, corporate action procedures (R-factor; the regular dividend is taken off first).
    """
    terms = _terms({"close": close, "special": special, "regular": regular}, positive=("close",))
    cum = terms["close"] - terms["regular"]
    if cum - terms["special"] <= 0:
        raise CorporateActionError(
            f"a regular dividend of {regular} and a special one of {special} leave nothing of a close of {close}"
        )
    return _rounded((cum - terms["special"]) / cum, decimals)


def _rounded(factor: Fraction, decimals: int) -> Decimal:
    if not isinstance(decimals, int) or not 0 <= decimals <= MOST_PLACES:
        raise CorporateActionError(f"decimals must be a whole number from 0 to {MOST_PLACES}, not {decimals!r}")
    return decimal_of(round_half_up(factor, decimals), -decimals)


def _terms(given: dict[str, Number], positive: tuple[str, ...]) -> dict[str, Fraction]:
    terms, problems = finite_terms(given)
    for name in terms:
        if terms[name] < 0 or (name in positive and terms[name] == 0):
            problems.append(Problem(name, f"{given[name]} is not {'above 0' if name in positive else '0 or more'}"))
    if problems:
        raise CorporateActionError("a factor needs terms that are numbers", problems)
    return terms
