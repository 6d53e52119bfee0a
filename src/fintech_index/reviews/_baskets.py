"""`Baskets`: constituents with index shares as of their reviews, before later events."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fintech_index.conventions import NUMBERS_END
from fintech_index.errors import MarketDataError, Problem, RequestError, ReviewError
from fintech_index.market import (
    MOST_DECIMALS,
    Column,
    Kind,
    Table,
    as_arrow,
    as_day,
    check_duplicates,
    conform,
    exact_values,
    plain,
)
from fintech_index.rounding import decimal_of, exact_decimal
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from decimal import Decimal

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market import MarketData
    from fintech_index.reviews._outcome import Outcome

_CONTRACT = Table(
    "baskets",
    ("effective", "security"),
    (
        Column("effective", Kind.DATE),
        Column("security", Kind.TEXT),
        Column("index_shares", Kind.NUMBER, at_least=0),
        Column("price_date", Kind.DATE, required=False),
        Column("free_float", Kind.COUNT, required=False, at_least=0),
        Column("capping_factor", Kind.NUMBER, required=False, above=0),
    ),
)


_WEIGHTS_HELP = "weights become baskets by Baskets.from_weights(frame, market)"


@dataclass(frozen=True, slots=True)
class Baskets:
    """Baskets of one index, ordered by effective date and security; every array has one entry a row.

    Attributes
    ----------
    effective, price_date : datetime64[D] arrays
        The session at whose open a basket takes effect, and the session on whose basis its shares stand: corporate
        actions that go ex after the price date multiply them. `price_date` is NaT where shares stand at the open of
        the effective date, before that day's actions.
    security : tuple of str
    index_shares : int64 array
        Index shares, in units of ``10**-share_decimals`` shares.
    free_float : int64 array
        Free-float shares at the price date, in shares; -1 where the basket is one's own.
    capping_factor : tuple of Decimal or None
    share_decimals : int
    reserve : dict of datetime64 to tuple of str
        By effective date, who stands ready for those who leave.
    outcomes : tuple of Outcome
        The reviews that they come from; empty for baskets of one's own.
    notices : tuple of str
        What a reader of the reviews must know.
    """

    effective: NDArray[np.datetime64]
    price_date: NDArray[np.datetime64]
    security: tuple[str, ...]
    index_shares: NDArray[np.int64]
    free_float: NDArray[np.int64]
    capping_factor: tuple[Decimal | None, ...]
    share_decimals: int = 0
    reserve: dict[np.datetime64, tuple[str, ...]] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    notices: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, {each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def _from_travelling(cls, state: dict[str, Any]) -> Self:
        return cls(**state)

    @classmethod
    def from_frame(cls, frame: Any) -> Baskets:
        """Take baskets of one's own.

        Parameters
        ----------
        frame : DataFrame, Arrow table, or anything that exports Arrow
            Columns `effective`, `security`, `index_shares` (shares, of at most 6 decimals). The shares stand at the
            open of `effective`, before that day's actions; or, with a column `price_date`, at the close of that date,
            so that later actions multiply them. `free_float` and `capping_factor` are kept where they are given. The
            first effective date is the base: the level has its base value at that close.

        Raises
        ------
        ReviewError
            A missing column, a null, a negative count, a security twice in one basket: all problems at once.
        """
        problems: list[Problem] = []
        try:
            given = as_arrow(frame)
        except MarketDataError as error:
            raise ReviewError(f"baskets: {error.summary}") from error
        table = conform(given, _CONTRACT, problems, missing=_WEIGHTS_HELP if "weight" in given.column_names else "")
        if not problems:
            check_duplicates(table, _CONTRACT, problems)
        if len(table) == 0 and not problems:
            problems.append(Problem("baskets", "the table has no rows"))
        if not problems:
            problems += _mixed_price_dates(table)
        if problems:
            raise ReviewError(f"{len(problems)} wrong in the baskets", problems)
        shares, decimals = _whole_shares(_exact(given, "index_shares"))
        effective = table.column("effective").to_numpy().astype("datetime64[D]")
        security = np.array(table.column("security").to_pylist(), dtype=object)
        factors = [None if each is None else exact_decimal(each) for each in _exact(given, "capping_factor")]
        order = np.lexsort((security.astype(str), effective))
        return cls(
            effective=effective[order],
            price_date=table.column("price_date").to_numpy().astype("datetime64[D]")[order],
            security=tuple(security[order]),
            index_shares=shares[order],
            free_float=table.column("free_float").fill_null(-1).to_numpy()[order],
            capping_factor=tuple(factors[at] for at in order),
            share_decimals=decimals,
        )

    @classmethod
    def from_weights(
        cls, frame: Any, market: MarketData, *, index: str | None = None, names: Mapping[str, str] | None = None
    ) -> Baskets:
        """Take published weights of one or more dates, such as tushare's `index_weight` or CSI's closeweight.

        The first date is the base: its weights hold from its close. Those of every later one hold from the next
        session on. Index shares are whole, of a basket of 10^12 units of index currency.

        Parameters
        ----------
        frame : DataFrame, Arrow table, or anything that exports Arrow
            The date whose closes the weights stand on, the security, and its weight, in percent or fractions: columns
            `date`, `security` and `weight`, or the usual names for them.
        market : MarketData
            It has a close of every security by each date.
        index : str, optional
            Which one, where the frame has several (`index_code`).
        names : mapping of str to str, optional
            Names of columns of yours to date, security, weight.

        Raises
        ------
        ReviewError
            A date that is no session, an unknown security, no price, weights that do not add up to 1 or 100 within
            their own rounding: all problems at once.
        """
        from fintech_index.reviews._published_weights import shares_from_weights

        return cls.from_frame(shares_from_weights(frame, market, index, names or {}))

    @property
    def frame(self) -> pd.DataFrame:
        """All baskets as a DataFrame: effective, security, index_shares, price_date, free_float, capping_factor."""
        import pandas as pd

        scale = 10**self.share_decimals
        shares = (
            self.index_shares
            if scale == 1
            else [decimal_of(int(count), -self.share_decimals) for count in self.index_shares]
        )
        return pd.DataFrame(
            {
                "effective": self.effective.astype("datetime64[s]"),
                "security": list(self.security),
                "index_shares": shares,
                "price_date": self.price_date.astype("datetime64[s]"),
                "free_float": pd.arrays.IntegerArray(self.free_float, self.free_float < 0),
                "capping_factor": list(self.capping_factor),
            }
        )

    def until(self, date: str | dt.date | np.datetime64) -> Baskets:
        """Give the baskets that take effect up to a date.

        Raises
        ------
        RequestError
            It is no date.
        """
        day = as_day(date)
        kept = np.flatnonzero(self.effective <= day)
        return Baskets(
            effective=self.effective[kept],
            price_date=self.price_date[kept],
            security=tuple(self.security[row] for row in kept),
            index_shares=self.index_shares[kept],
            free_float=self.free_float[kept],
            capping_factor=tuple(self.capping_factor[row] for row in kept),
            share_decimals=self.share_decimals,
            reserve={since: names for since, names in self.reserve.items() if since <= day},
            outcomes=tuple(outcome for outcome in self.outcomes if np.datetime64(outcome.effective) <= day),
            notices=self.notices,
        )

    def outcome(self, effective: str | dt.date) -> Outcome:
        """Give the outcome of the review that takes effect on a date.

        Raises
        ------
        RequestError
            No review takes effect on that date.
        """
        day = as_day(effective)
        found = next((each for each in self.outcomes if np.datetime64(each.effective) == day), None)
        if found is None:
            dates = ", ".join(str(each.effective) for each in self.outcomes) or "none"
            raise RequestError(f"no review takes effect on {day}; reviews here: {dates}")
        return found

    def __len__(self) -> int:
        return len(np.unique(self.effective))

    def __repr__(self) -> str:
        dates = [str(date) for date in np.unique(self.effective)]
        return f"<Baskets: {len(dates)}, effective {', '.join(dates[:4])}{' ...' if len(dates) > 4 else ''}>"  # noqa: PLR2004


def _mixed_price_dates(table: pa.Table) -> list[Problem]:
    dates: dict[object, set[object]] = {}
    for effective, price_date in zip(
        *(table.column(name).to_pylist() for name in ("effective", "price_date")), strict=True
    ):
        dates.setdefault(effective, set()).add(price_date)
    return [
        Problem("baskets", f"the basket effective {effective} has {len(own)} price dates")
        for effective, own in dates.items()
        if len(own) > 1
    ]


def _exact(table: pa.Table, name: str) -> list[Fraction | None]:
    """Give the numbers of a column as they are written; None for all rows where there is no such column."""
    return exact_values(plain(table.column(name))) if name in table.column_names else [None] * len(table)


def _whole_shares(values: list[Fraction | None]) -> tuple[NDArray[np.int64], int]:
    """Give shares as integers, and the decimals of their unit. Nothing is rounded: what does not fit is refused."""
    known = [Fraction(0) if value is None else value for value in values]
    for decimals in range(MOST_DECIMALS + 1):
        counts = [value * 10**decimals for value in known]
        if all(count.denominator == 1 for count in counts):
            if max(counts) >= NUMBERS_END:
                break
            return np.array([int(count) for count in counts], np.int64), decimals
    raise ReviewError(
        f"index shares must have at most {MOST_DECIMALS} decimals and stay below {NUMBERS_END:.0e} in that unit; "
        f"the largest is {float(max(known)):g}"
    )
