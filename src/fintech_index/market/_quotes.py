"""Open, high, low, pre_close, volume and amount: never carried, as closes are (`_carried_closes`); on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

    from fintech_index.market._securities import Securities

FIELDS = ("open", "high", "low", "pre_close", "volume", "amount")


class Quotes:
    """Columns of the price table, each of shape (securities, sessions): float64, NaN where there is no row or value.

    Prices are in trading currency and unadjusted, `volume` is in shares, `amount` in trading currency; `pre_close` is
    the exchange's reference price. A suspended security has none: only closes are carried.

    Parameters
    ----------
    lay_out : callable
        Gives a column by its name.
    """

    def __init__(self, lay_out: Callable[[str], NDArray[np.float64]]) -> None:
        self._lay_out = lay_out
        self._known: dict[str, NDArray[np.float64]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _quotes_of, ({name: self.field(name) for name in FIELDS},)

    def field(self, name: str) -> NDArray[np.float64]:
        """Give a column by its name.

        Raises
        ------
        RequestError
            There is no such column.
        MarketDataError
            The tables of the folder have changed since the market was opened, or cannot be read.
        """
        if name not in FIELDS:
            raise RequestError(f"quotes have no {name!r}: {did_you_mean(name, FIELDS)}")
        if name not in self._known:
            values = self._lay_out(name)
            values.flags.writeable = False
            self._known[name] = values
        return self._known[name]

    @property
    def open(self) -> NDArray[np.float64]:
        """The first price of a session."""
        return self.field("open")

    @property
    def high(self) -> NDArray[np.float64]:
        """The highest price of a session."""
        return self.field("high")

    @property
    def low(self) -> NDArray[np.float64]:
        """The lowest price of a session."""
        return self.field("low")

    @property
    def pre_close(self) -> NDArray[np.float64]:
        """The exchange's reference price of a session: the close before, adjusted for the actions of the day."""
        return self.field("pre_close")

    @property
    def volume(self) -> NDArray[np.float64]:
        """The shares that were traded."""
        return self.field("volume")

    @property
    def amount(self) -> NDArray[np.float64]:
        """The money that was traded, in trading currency."""
        return self.field("amount")

    def on(self, kept: NDArray[np.int64]) -> Quotes:
        """Give the same on some of the sessions, ascending numbers."""
        return Quotes(lambda name: self.field(name)[:, kept])

    def extended(self, count: int) -> Quotes:
        """Give the same with so many sessions more, on which nothing is known."""
        return Quotes(lambda name: np.pad(self.field(name), ((0, 0), (0, count)), constant_values=np.nan))


def _quotes_of(fields: dict[str, NDArray[np.float64]]) -> Quotes:
    return Quotes(lambda name: fields[name].copy())


def quotes_in(table: pa.Table, securities: Securities, sessions: NDArray[np.datetime64]) -> Quotes:
    """Lay out the columns of a price table that conforms to the contract; it is held until all of them are."""
    given = table.select(["date", "security", *FIELDS])
    return Quotes(lambda name: laid_out(given, name, securities, sessions))


def laid_out(
    table: pa.Table, name: str, securities: Securities, sessions: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    """Lay out a column by security and session."""
    values = np.full((len(securities), len(sessions)), np.nan)
    column = table.column(name)
    if column.null_count < len(column):
        rows = securities.numbers_in(table.column("security"))
        at = np.searchsorted(sessions, table.column("date").to_numpy().astype("datetime64[D]"))
        values[rows, at] = column.to_numpy()
    return values
