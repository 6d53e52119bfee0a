"""Price-weighted indices: what a holder's shares do, told with a number of shares that stays the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fintech_index.market import SPLIT_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fintech_index.events._effect import Effect, Holding
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
    cum = holding.close * holding.index_shares
    turned = []
    for kind, effect in effects:
        diluted = 0 if multiplies(kind) else cum * effect.new_shares / grown
        turned.append(
            (
                kind,
                replace(
                    effect,
                    new_shares=effect.new_shares if multiplies(kind) else effect.new_shares * 0,
                    price=effect.price * kept / grown - diluted,
                    gross=effect.gross * kept / grown - diluted,
                    net=effect.net * kept / grown - diluted,
                    issued=effect.float_growth,
                ),
            )
        )
    return turned
