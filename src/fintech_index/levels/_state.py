"""The state of an index at a close: all that the next session's level needs, besides the market."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.conventions import HEADROOM
from fintech_index.errors import CalculationError, Problem, first_line
from fintech_index.market import MOST_DECIMALS
from fintech_index.methodology import methodology_hash
from fintech_index.reviews import Baskets, Standing
from fintech_index.rounding import exact, finite_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from fintech_index.events import HeldShares, PaidRecord
    from fintech_index.market import MarketData
    from fintech_index.methodology import Methodology

_END = 10**30  # no divisor and no ratio reaches this
_MOST_BITS = 14_000  # of a numerator or a denominator: 4,214 digits, which Python still writes


@dataclass(frozen=True, slots=True)
class State:
    """An index at a close. One that no index could be in is a `CalculationError`.

    Attributes
    ----------
    index : str
        The name of the methodology.
    methodology : str
        The hash of its rules (SHA-256).
    date : date
        The session at whose close this is the state.
    closes : dict of str to Fraction
        The close of that session of each constituent, in trading currency: what the state rests on.
    rates : dict of str to Fraction
        The exchange rate of that session of each currency that is not the index's own.
    divisors : dict of str to Decimal
        By return variant.
    share_decimals : int
    constituents : tuple of HeldShares
        By security.
    paid : PaidRecord
        What dividends of the last year were paid on, for corrections to come.
    reserve : tuple of str
        Securities that stand ready for those who leave.
    bands : dict of str to Fraction
        The free-float ratios that count, where they are bands.
    """

    index: str
    methodology: str
    date: dt.date
    closes: dict[str, Fraction]
    rates: dict[str, Fraction]
    divisors: dict[str, Decimal]
    share_decimals: int
    constituents: tuple[HeldShares, ...]
    paid: PaidRecord
    reserve: tuple[str, ...] = ()
    bands: dict[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            possible = _is_state(self)
        except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
            raise CalculationError(f"this is not the state of an index: {first_line(error)}") from error
        if not possible:
            raise CalculationError(
                "this is not the state of an index: impossible divisors, constituents, closes, shares, ratios or dates"
            )

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

    def standing(self, market: MarketData) -> Standing:
        """Give what the next review remembers, on the numbers of a market."""
        index = market.securities.index
        return Standing(
            members=frozenset(index[each.security] for each in self.constituents if each.security in index),
            reserve=tuple(index[code] for code in self.reserve if code in index),
            bands={index[code]: band for code, band in self.bands.items() if code in index},
            since=market.session(self.date),
        )

    def to_json(self) -> str:
        """Write the state as JSON, every number as text, so that nothing is lost, under a hash of it all."""
        from fintech_index.levels._state_text import encoded

        return encoded(self)

    @classmethod
    def from_json(cls, text: str) -> State:
        """Read what `to_json` has written.

        Raises
        ------
        CalculationError
            The text is not such a state, is of another version of the format, or was changed after it was written.
        """
        from fintech_index.levels._state_text import decoded

        return decoded(text)


def _is_state(state: State) -> bool:
    """Tell whether an index could be in this state."""
    codes = [each.security for each in state.constituents]
    day = dt.date
    return (
        type(state.date) is day
        and 0 <= state.share_decimals <= MOST_DECIMALS
        and 0 < len(codes) == len(set(codes))
        and set(state.closes) == set(codes)
        and all(0 <= close < _END for close in state.closes.values())
        and all(0 < rate < _END for rate in state.rates.values())
        and set(state.divisors) == {"price", "gross", "net"}
        and all(divisor.is_finite() and 0 < divisor < _END for divisor in state.divisors.values())
        and all(_is_possible(each) and each.counted <= state.date for each in state.constituents)
        and state.paid.begun <= state.paid.since <= state.date
        and all(0 <= shares < _END for shares in state.paid.shares.values())
        and all(state.paid.since <= date <= state.date for _, date in state.paid.shares)
        and all(0 <= band <= 1 for band in state.bands.values())
        and all(map(_is_short, _fractions_of(state)))
    )


def _is_possible(held: HeldShares) -> bool:
    factor = held.capping_factor
    return (
        0 <= held.index_shares < HEADROOM
        and -1 <= held.free_float < HEADROOM
        and 0 < held.ratio < _END
        and 0 < held.float_ratio < _END
        and (held.total is None or 0 <= held.total < HEADROOM)
        and 0 <= held.leaving < HEADROOM
        and (factor is None or (factor.is_finite() and 0 < factor < _END))
    )


def _fractions_of(state: State) -> Iterator[Fraction | int | Decimal]:
    for each in state.constituents:
        yield from (each.ratio, each.float_ratio, each.leaving)
    yield from (*state.closes.values(), *state.rates.values(), *state.paid.shares.values(), *state.bands.values())


def _is_short(number: Fraction | int | Decimal) -> bool:
    """Tell whether a number can be written in full: the ratio of a hundred years of actions can."""
    numerator, denominator = number.as_integer_ratio()
    return max(numerator.bit_length(), denominator.bit_length()) <= _MOST_BITS


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
