"""The exchanges' ex-rights and ex-dividend reference price (除权(息)参考价)."""

from __future__ import annotations

from decimal import Decimal
from numbers import Rational
from typing import TYPE_CHECKING

from fintech_index.errors import CorporateActionError, Problem
from fintech_index.market._numbers import Number, finite_terms
from fintech_index.rounding import round_to_tick

if TYPE_CHECKING:
    from fractions import Fraction


def reference_price(
    close: Number,
    cash: Number = 0,
    bonus: Number = 0,
    rights_ratio: Number = 0,
    rights_price: Number = 0,
    tick: Number | None = None,
) -> Fraction | float:
    """Adjust yesterday's close for today's corporate actions.

    ``(close - cash + rights_price * rights_ratio) / (1 + bonus + rights_ratio)``, all terms per share held before the
    day's actions. It calculates what it is given: whether rights are in the money is the caller's question.

    Parameters
    ----------
    close : int, Decimal, Fraction or float
        Yesterday's close, in trading currency a share.
    cash : number
        Cash dividend before tax, in trading currency a share.
    bonus : number
        New shares from bonus issues and capitalisation, for each share held (0.3 for 10 送 3).
    rights_ratio, rights_price : number
        Shares that can be subscribed for each share held, and what one costs.
    tick : number, optional
        The exchange's tick: the result is rounded half up to a multiple of it.

    Returns
    -------
    Fraction or float
        A `Fraction` when every argument is an int, a Decimal or a Fraction; a float as soon as one is a float (which
        then stands for its shortest decimal form, so that the rounding to the tick is still the exchange's).

    Raises
    ------
    CorporateActionError
        An argument is negative, not finite or not a number, or the reference price is not positive.

    Notes
    -----
    Source: trading rules of the Shanghai and Shenzhen exchanges, "ex-rights and ex-dividend". 10 送 3 派 2 配 2 at 5,
    close 12: ``(12 - 0.2 + 5 * 0.2) / (1 + 0.3 + 0.2) = 8.53``.
    """
    given = {
        "close": close,
        "cash": cash,
        "bonus": bonus,
        "rights_ratio": rights_ratio,
        "rights_price": rights_price,
        "tick": 0 if tick is None else tick,
    }
    terms = _fractions(given)
    if tick is not None and terms["tick"] == 0:
        raise CorporateActionError("the tick must be above 0")
    value = terms["close"] - terms["cash"] + terms["rights_price"] * terms["rights_ratio"]
    value /= 1 + terms["bonus"] + terms["rights_ratio"]
    if tick is not None:
        value = round_to_tick(value, terms["tick"]) if value > 0 else value
    if value <= 0:
        raise CorporateActionError(
            f"the reference price of close {close}, cash {cash}, bonus {bonus}, rights {rights_ratio} at "
            f"{rights_price} is {value}, which is not positive: check the terms of the action"
        )
    whole = all(isinstance(number, Rational | Decimal) for number in given.values())
    return value if whole else float(value)


def _fractions(given: dict[str, Number]) -> dict[str, Fraction]:
    terms, problems = finite_terms(given)
    for name in terms:
        if terms[name] < 0:
            problems.append(Problem(name, f"{given[name]} is negative"))
    if problems:
        raise CorporateActionError("a reference price needs terms that are numbers of 0 or more", problems)
    return terms
