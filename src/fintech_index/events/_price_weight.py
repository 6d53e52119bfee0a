"""Price-weighted indices: what a holder's shares do, told with a number of shares that stays the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fintech_index.market import SPLIT_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from fintech_index.events.kinds._effect import Effect, Holding
    from fintech_index.market import ExDate
    from fintech_index.methodology import Methodology

_WITHOUT_PAYMENT = (*SPLIT_KINDS, "bonus")


def price_weighted(
    effects: Sequence[tuple[str, Effect]], holding: Holding, method: Methodology
) -> list[tuple[str, Effect]]:
    """Turn the effects of terms that apply at once into those of a price-weighted index.

    A holder of N shares worth V at the open has N x k shares after it; an index that keeps N counts V / k. So each
    change of value counts 1 / k, and each source of new shares takes its part of what the cum value falls by. With
    `actions.price_weight_splits` = ``factor`` splits and bonus issues multiply index shares instead, as Nikkei's price
    adjustment factor does, and only the rest goes through the divisor (Dow Jones: all of it).
    """
    factor = method.actions.price_weight_splits == "factor"

    def multiplies(kind: str) -> bool:
        return factor and kind in _WITHOUT_PAYMENT

    grown = 1 + sum(effect.new_shares for _, effect in effects)
    kept = 1 + sum(effect.new_shares for kind, effect in effects if multiplies(kind))
    counted = [holding.close * holding.index_shares + above for above in holding.above]
    turned = []
    for kind, effect in effects:
        diluting = effect.new_shares * 0 if multiplies(kind) else effect.new_shares / grown
        price, gross, net = (value * diluting for value in counted)
        turned.append(
            (
                kind,
                replace(
                    effect,
                    new_shares=effect.new_shares if multiplies(kind) else effect.new_shares * 0,
                    price=effect.price * kept / grown - price,
                    gross=effect.gross * kept / grown - gross,
                    net=effect.net * kept / grown - net,
                    issued=effect.float_growth,
                ),
            )
        )
    return turned


def above_after(
    step: ExDate, holding: Holding, effects: Sequence[tuple[str, Effect]]
) -> tuple[Fraction, Fraction, Fraction]:
    """Give what the opening values count above the reference price that terms leave, on the shares that they leave."""
    shares = holding.index_shares * (1 + sum(effect.new_shares for _, effect in effects))
    value = holding.close * holding.index_shares - step.reference_price(holding.close) * shares
    price, gross, net = holding.above
    return (
        price + value + sum(effect.price for _, effect in effects),
        gross + value + sum(effect.gross for _, effect in effects),
        net + value + sum(effect.net for _, effect in effects),
    )
