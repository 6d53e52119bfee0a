"""The state of an index at a close: all that the next session's level needs, besides the market."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fintech_index.errors import CalculationError, Problem
from fintech_index.levels._state_parts import StateParts
from fintech_index.levels._state_text import decoded, encoded
from fintech_index.methodology import methodology_hash
from fintech_index.reviews import Baskets, Membership
from fintech_index.rounding import exact, finite_places
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology


@dataclass(frozen=True, slots=True)
class State(StateParts):
    """An index at a close, with the parts of `StateParts`. One that no index could be in is a `CalculationError`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, {each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def _from_travelling(cls, state: dict[str, Any]) -> Self:
        return cls(**state)

    def under(self, method: Methodology) -> State:
        """Give the state as one to go on from by other rules: for asking what these would have made of it."""
        return replace(self, methodology=methodology_hash(method))

    def require_rules_of(self, method: Methodology) -> None:
        """Raise `CalculationError` where a methodology is not the one that the state was calculated with."""
        if self.index != method.name:
            raise CalculationError(f"the state is of {self.index!r}, and the methodology of {method.name!r}")
        if self.methodology != methodology_hash(method):
            raise CalculationError(
                f"{self.index}: the state of {self.date} was calculated by other rules than the methodology now has: "
                "calculate from the base again, or go on with the methodology of then"
            )

    def require_market(self, market: MarketData, currency: str) -> None:
        """Raise `CalculationError` where closes or rates of the state's date are not those that it rests on."""
        codes = [code for code in self.closes if code in market.securities.index]
        now = closes_on(market, codes, self.date)
        differ = [code for code in codes if now[code] != self.closes[code]]
        wrong = [
            Problem(
                code, f"closed at {plain_number(self.closes[code])}, and in this market at {plain_number(now[code])}"
            )
            for code in differ
        ]
        if codes == list(self.closes):
            rates = rates_on(market, codes, self.date, currency)
            wrong += [
                Problem(name, f"stood at {self.rates.get(name)}, and in this market at {rate}")
                for name, rate in rates.items()
                if self.rates.get(name) != rate
            ]
        if wrong:
            raise CalculationError(
                f"{self.index}: the state of {self.date} is of another market: "
                f"{len(wrong)} of the closes and rates that it rests on are others",
                wrong,
            )

    def basket(self) -> Baskets:
        """Give the basket held, as one that takes effect on the state's date."""
        held = self.constituents
        return Baskets(
            effective=np.full(len(held), np.datetime64(self.date, "D")),
            price_date=np.full(len(held), np.datetime64(self.date, "D")),
            security=tuple(each.security for each in held),
            index_shares=np.array([each.index_shares for each in held], np.int64),
            free_float=np.array([each.free_float for each in held], np.int64),
            capping_factor=tuple(each.capping_factor for each in held),
            share_decimals=self.share_decimals,
            reserve={np.datetime64(self.date, "D"): self.reserve} if self.reserve else {},
        )

    def standing(self, market: MarketData) -> Membership:
        """Give what the next review remembers, on the numbers of a market."""
        index = market.securities.index
        return Membership(
            members=frozenset(index[each.security] for each in self.constituents if each.security in index),
            reserve=tuple(index[code] for code in self.reserve if code in index),
            bands={index[code]: band for code, band in self.bands.items() if code in index},
            since=market.session(self.date),
        )

    def to_json(self) -> str:
        """Write the state as JSON, every number as text, so that nothing is lost, under a hash of it all."""
        return encoded(self)

    @classmethod
    def from_json(cls, text: str) -> State:
        """Read what `to_json` has written.

        Raises
        ------
        CalculationError
            The text is not such a state, is of another version of the format, or was changed after it was written.
        """
        return decoded(text, cls)


def closes_on(market: MarketData, codes: Sequence[str], date: dt.date) -> dict[str, Fraction]:
    """Give the closes of securities on a session, each as the decimal that it is written as."""
    session, panel = market.session(date), market.panel
    values = [panel.values[market.securities.index[code], session] for code in codes]
    shown = [exact(float(each)) if panel.decimals is None else Fraction(int(each), panel.unit) for each in values]
    return dict(zip(codes, shown, strict=True))


def rates_on(market: MarketData, codes: Sequence[str], date: dt.date, home: str) -> dict[str, Fraction]:
    """Give the exchange rates of the currencies of securities on a session."""
    index, currency = market.securities.index, market.securities.currency
    others = sorted({currency[index[code]] for code in codes} - {home})
    return {each: market.fx.rate(each, home, np.datetime64(date, "D")) for each in others}


def plain_number(value: Fraction) -> str:
    """Write a price as a decimal where it is one."""
    return str(float(value)) if finite_places(value) is not None else str(value)
