"""The state of an index at a close: all that the next session's level needs, besides the market."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import CalculationError
from fintech_index.events import HEADROOM, HeldShares, PaidRecord
from fintech_index.market import MOST_DECIMALS
from fintech_index.reviews import Baskets, Standing

if TYPE_CHECKING:
    from fintech_index.market import MarketData

_END = 10**30  # no divisor and no ratio reaches this


@dataclass(frozen=True, slots=True)
class State:
    """An index at a close.

    Attributes
    ----------
    index : str
        The name of the methodology.
    date : date
        The session at whose close this is the state.
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
    date: dt.date
    divisors: dict[str, Decimal]
    share_decimals: int
    constituents: tuple[HeldShares, ...]
    paid: PaidRecord
    reserve: tuple[str, ...] = ()
    bands: dict[str, Fraction] = field(default_factory=dict)

    def require_possible(self) -> None:
        """Raise `ValueError` where no index could be in this state."""
        codes = [each.security for each in self.constituents]
        possible = (
            0 <= self.share_decimals <= MOST_DECIMALS
            and 0 < len(codes) == len(set(codes))
            and all(divisor.is_finite() and 0 < divisor < _END for divisor in self.divisors.values())
            and all(
                0 <= each.index_shares < HEADROOM and -1 <= each.free_float < HEADROOM for each in self.constituents
            )
            and all(0 < each.ratio < _END and 0 < each.float_ratio < _END for each in self.constituents)
            and all(each.total is None or 0 <= each.total < HEADROOM for each in self.constituents)
            and all(0 <= each.leaving < HEADROOM for each in self.constituents)
            and all(each.capping_factor is None or _possible_factor(each.capping_factor) for each in self.constituents)
            and all(each.counted <= self.date for each in self.constituents)
            and self.paid.begun <= self.paid.since <= self.date
            and all(0 <= shares < _END for shares in self.paid.shares.values())
            and all(self.paid.since <= date <= self.date for _, date in self.paid.shares)
            and all(0 <= band <= 1 for band in self.bands.values())
        )
        if not possible:
            raise ValueError("impossible divisors, constituents, shares or ratios")

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
        """Write the state as JSON, every number as text, so that nothing is lost."""
        return json.dumps(
            {
                "index": self.index,
                "date": self.date.isoformat(),
                "divisors": {variant: str(value) for variant, value in self.divisors.items()},
                "share_decimals": self.share_decimals,
                "constituents": [
                    {
                        "security": each.security,
                        "index_shares": str(each.index_shares),
                        "ratio": str(each.ratio),
                        "free_float": str(each.free_float),
                        "capping_factor": None if each.capping_factor is None else str(each.capping_factor),
                        "float_ratio": str(each.float_ratio),
                        "counted": each.counted.isoformat(),
                        "total": None if each.total is None else str(each.total),
                        "leaving": str(each.leaving),
                        "parent": each.parent,
                    }
                    for each in self.constituents
                ],
                "paid": {
                    "begun": self.paid.begun.isoformat(),
                    "since": self.paid.since.isoformat(),
                    "left": {code: day.isoformat() for code, day in sorted(self.paid.left.items())},
                    "shares": [
                        {"security": security, "ex_date": date.isoformat(), "index_shares": str(shares)}
                        for (security, date), shares in sorted(self.paid.shares.items())
                    ],
                },
                "reserve": list(self.reserve),
                "bands": {code: str(band) for code, band in sorted(self.bands.items())},
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> State:
        """Read what `to_json` has written.

        Raises
        ------
        CalculationError
            The text is not such a state.
        """
        try:
            data = json.loads(text)
            state = cls(
                index=str(data["index"]),
                date=dt.date.fromisoformat(data["date"]),
                divisors={variant: Decimal(data["divisors"][variant]) for variant in ("price", "gross", "net")},
                share_decimals=int(data["share_decimals"]),
                constituents=tuple(
                    HeldShares(
                        security=str(each["security"]),
                        index_shares=_whole(each["index_shares"]),
                        ratio=Fraction(each["ratio"]),
                        free_float=_whole(each["free_float"]),
                        capping_factor=None if each["capping_factor"] is None else Decimal(each["capping_factor"]),
                        float_ratio=Fraction(each["float_ratio"]),
                        counted=dt.date.fromisoformat(each["counted"]),
                        total=None if each["total"] is None else _whole(each["total"]),
                        leaving=Fraction(each["leaving"]),
                        parent=str(each["parent"]),
                    )
                    for each in data["constituents"]
                ),
                paid=PaidRecord(
                    begun=dt.date.fromisoformat(data["paid"]["begun"]),
                    since=dt.date.fromisoformat(data["paid"]["since"]),
                    left={str(code): dt.date.fromisoformat(day) for code, day in data["paid"]["left"].items()},
                    shares={
                        (str(each["security"]), dt.date.fromisoformat(each["ex_date"])): Fraction(each["index_shares"])
                        for each in data["paid"]["shares"]
                    },
                ),
                reserve=tuple(str(code) for code in data.get("reserve", ())),
                bands={str(code): Fraction(band) for code, band in data.get("bands", {}).items()},
            )
            state.require_possible()
            if len(state.paid.shares) < len(data["paid"]["shares"]):
                raise ValueError("a dividend is there twice")  # noqa: TRY301 - said as all the others
        except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise CalculationError(
                f"this is not the state of an index as `State.to_json` writes it: {error!r}"
            ) from error
        return state


def _whole(value: object) -> int:
    """Take a whole number as `to_json` writes it, as text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not written as text")
    return int(value)


def _possible_factor(factor: Decimal) -> bool:
    return factor.is_finite() and 0 < factor < _END
