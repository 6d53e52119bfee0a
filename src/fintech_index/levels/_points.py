"""Dividends as index points: reinvested at the close of the ex-date, not at its open."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from fintech_index.events import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.events import OpeningChange
    from fintech_index.levels._reviews import Reviews
    from fintech_index.levels._valuation import Valuation


def as_points(changes: Sequence[OpeningChange], reviews: Reviews, valuation: Valuation) -> list[OpeningChange]:
    """Turn dividends out of the opening value into index points, as changes of the opening value all the same.

    ``TR_t = TR_{t-1} * (PI_t + ID_t) / PI_{t-1}`` with ``ID_t`` the dividends over the price divisor (S&P DJI, Index
    Mathematics Methodology, total return; MSCI likewise) is a divisor of ``D_{t-1} * O / C * V / (V + dividends)``,
    where V is the closing value of the day and O the opening value of the price index. So a dividend counts ``O / (V +
    dividends)`` of itself in the opening value. What differs from a reinvestment at the open is the day's return
    times the yield.
    """
    by_session: dict[int, list[OpeningChange]] = {}
    for change in changes:
        by_session.setdefault(change.session, []).append(change)
    turned = []
    for session, own in by_session.items():
        opening = valuation.exact(session - 1) + reviews.amounts.get(session, 0) + sum(change.price for change in own)
        closing = valuation.exact(session)
        paid = {each: sum(change.price - getattr(change, each) for change in own) for each in ("gross", "net")}
        for change in own:
            if change.stage is not Stage.ACTION:
                turned.append(change)
                continue
            amounts = {
                each: change.price - (change.price - getattr(change, each)) * _share(opening, closing + paid[each])
                for each in paid
            }
            turned.append(replace(change, **amounts))
    return turned


def _share(opening: Fraction, closing: Fraction) -> Fraction:
    return opening / closing if closing else Fraction(1)
