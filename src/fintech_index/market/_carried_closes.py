"""Closes of all securities on all sessions, security-major, suspended securities carried at their last price.

A suspended security keeps its last close; from an ex-date within the suspension on, it is carried at the reference
price, rounded half up to the exchange's tick, each ex-date in turn (SSE and SZSE trading rules, ex-rights reference
price).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fintech_index.conventions import CELLS, ROWS_A_PLACE, SPARSE
from fintech_index.errors import CorporateActionError, MarketDataError
from fintech_index.market._terms import ACTING_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fintech_index.market._terms import Basis, ExDate

MOST_DECIMALS = 6
_INT32_LIMIT = 2**31
_INT64_LIMIT = 2**62
_EXACT_FLOAT = 2**53


@dataclass(frozen=True)
class PricePanel:
    """Carried closes.

    Attributes
    ----------
    values : array of shape (securities, sessions)
        int32 or int64 counts of the price unit ``10**-decimals``, or float64 where prices are no decimals. 0 before a
        security's first price.
    decimals : int or None
        Places of the price unit; None where `values` are floats.
    first_session : array of shape (securities,)
        The first session with a price; the number of sessions where there is none.
    suspensions : dict of int to tuple of (int, int)
        Suspensions of a security after its first price, as sessions from, up to (the session of resumption).
    uncarriable : dict of int to list of (int, int, CorporateActionError)
        Stretches of sessions, from and up to, over which a security cannot be carried, and why.
    """

    values: NDArray[Any]
    decimals: int | None
    first_session: NDArray[np.int64]
    suspensions: dict[int, tuple[tuple[int, int], ...]]
    uncarriable: dict[int, list[tuple[int, int, CorporateActionError]]] = field(default_factory=dict)

    @cached_property
    def suspension_table(self) -> NDArray[np.int64]:
        """The suspensions as an array of shape (suspensions, 3): security, session from, session up to."""
        rows = [
            (security, start, stop) for security, stretches in self.suspensions.items() for start, stop in stretches
        ]
        return np.array(rows, np.int64).reshape(-1, 3)

    @cached_property
    def suspension_edges(self) -> NDArray[np.int32]:
        """Begin and end of each row of `suspension_table`, side by side: every look-back goes through all of them."""
        edges: NDArray[np.int32] = np.ascontiguousarray(self.suspension_table[:, 1:].T, np.int32)
        return edges

    @cached_property
    def highest(self) -> NDArray[np.float64]:
        """The highest carried close of each security, as `values` count it."""
        highest: NDArray[np.float64] = self.values.max(axis=1, initial=0).astype(np.float64)
        return highest

    @cached_property
    def traded_before(self) -> dict[int, NDArray[np.int64]]:
        """By session, how many sessions before it each security traded on: filled by who counts them."""
        return {}

    @property
    def exact(self) -> bool:
        """Tell whether prices are integers of a decimal unit."""
        return self.decimals is not None

    @property
    def unit(self) -> int:
        """Counts of the price unit in one unit of currency; 1 where `values` are floats."""
        return 1 if self.decimals is None else 10**self.decimals

    def price(self, security: int, session: int) -> Fraction:
        """Give a carried close as a fraction, in trading currency."""
        value = self.values[security, session]
        return Fraction(float(value)) if self.decimals is None else Fraction(int(value), 10**self.decimals)

    def require_carried(self, security: int, start: int, stop: int, *, holder: str) -> None:
        """Raise where a security cannot be carried on a session from `start` up to `stop`, naming who holds it."""
        for begin, end, error in self.uncarriable.get(security, ()):
            if start < end and stop > begin:
                raise CorporateActionError(f"{holder}: {error.summary}")

    def last_close(self, security: int) -> int:
        """Give the last session with a traded close; -1 where there is none."""
        width = self.values.shape[1]
        if self.first_session[security] >= width:
            return -1
        suspensions = self.suspensions.get(security, ())
        return suspensions[-1][0] - 1 if suspensions and suspensions[-1][1] == width else width - 1

    def on(self, kept: NDArray[np.int64]) -> PricePanel:
        """Give the panel of some of the sessions, ascending numbers."""

        def place(session: int) -> int:
            return int(np.searchsorted(kept, session))

        def within(start: int, stop: int) -> bool:
            return place(start) < place(stop)

        suspensions: dict[int, tuple[tuple[int, int], ...]] = {}
        for security, stretches in self.suspensions.items():
            suspensions[security] = tuple(
                (place(start), place(stop)) for start, stop in stretches if within(start, stop)
            )
        uncarriable = {
            security: [(place(start), place(stop), error) for start, stop, error in stretches if within(start, stop)]
            for security, stretches in self.uncarriable.items()
        }
        return PricePanel(
            self.values[:, kept], self.decimals, np.searchsorted(kept, self.first_session), suspensions, uncarriable
        )

    def carried_anew(
        self, ex_dates: Callable[[int], Sequence[ExDate]], ticks: Sequence[Fraction | None], basis: Basis
    ) -> PricePanel:
        """Give the panel with suspended securities carried by terms of another basis."""
        values = self.values.copy()
        for security, stretches in self.suspensions.items():
            for start, stop in stretches:
                values[security, start:stop] = values[security, start - 1]
        return _with_reference_prices(
            PricePanel(values, self.decimals, self.first_session, self.suspensions), ex_dates, ticks, basis
        )

    def extended(
        self, count: int, ex_dates: Callable[[int], Sequence[ExDate]], ticks: Sequence[Fraction | None]
    ) -> PricePanel:
        """Give the panel with sessions to come, as though nothing traded on them; `ex_dates` know these sessions."""
        width = self.values.shape[1]
        values = np.concatenate([self.values, np.repeat(self.values[:, -1:], count, axis=1)], axis=1)
        first = np.where(self.first_session == width, width + count, self.first_session)
        priced = np.flatnonzero(first < width).tolist()
        to_come: dict[int, tuple[tuple[int, int], ...]] = dict.fromkeys(priced, ((width, width + count),))
        longer = _with_reference_prices(
            PricePanel(values, self.decimals, first, to_come), ex_dates, ticks, to_come=True
        )
        suspensions = {  # who is suspended at the last close stays so; nobody else is on a session to come
            security: tuple((start, stop + count if stop == width else stop) for start, stop in stretches)
            for security, stretches in self.suspensions.items()
        }
        uncarriable = {security: list(found) for security, found in self.uncarriable.items()}
        for security, found in longer.uncarriable.items():
            uncarriable.setdefault(security, []).extend(found)
        return replace(longer, suspensions=suspensions, uncarriable=uncarriable)

    def suspended(self, security: int, session: int) -> bool:
        """Tell whether a security that has had a price has none on a session."""
        return any(start <= session < stop for start, stop in self.suspensions.get(security, ()))


def decimal_places(values: NDArray[np.float64]) -> int | None:
    """Give the fewest places, at most 6, with which every value is written in full; None where no such number does."""
    if len(values) == 0:
        return 0
    for places in range(MOST_DECIMALS + 1):
        counts = np.rint(values * 10**places)
        if counts.max() >= _EXACT_FLOAT:
            return None
        if np.array_equal(counts / 10**places, values):
            return places
    return None


def build_panel(
    securities: NDArray[np.int32],
    sessions: NDArray[np.int32],
    closes: NDArray[np.float64],
    *,
    shape: tuple[int, int],
    ex_dates: Callable[[int], Sequence[ExDate]],
    ticks: Sequence[Fraction | None],
) -> PricePanel:
    """Lay the rows of a price table out as a panel and carry suspended securities through.

    Parameters
    ----------
    securities, sessions, closes : arrays of shape (rows,)
        Indices, and closes in trading currency; no key twice.
    shape : (securities, sessions)
    ex_dates : callable
        The ex-dates of a security, ascending.
    ticks : sequence
        The tick of each security, None where it is not known.
    """
    require_room(shape, len(closes))
    decimals = decimal_places(closes)
    if decimals is None:
        values = np.zeros(shape, np.float64)
        values[securities, sessions] = closes
    else:
        counts = np.rint(closes * 10**decimals).astype(np.int64)
        values = np.zeros(shape, integers_for(counts.max(initial=0)))
        values[securities, sessions] = counts
    return carried(values, decimals, ex_dates, ticks)


def require_room(shape: tuple[int, int], rows: int) -> None:
    """Refuse prices whose securities and sessions span more places than may be, or that fill too few of them."""
    cells = shape[0] * shape[1]
    where = f"prices: {shape[0]:,} securities x {shape[1]:,} sessions"
    CELLS.require(cells, where, MarketDataError)
    if cells > ROWS_A_PLACE * rows:
        SPARSE.require(cells, f"{where} with {rows:,} rows", MarketDataError)


def integers_for(most: int) -> type[np.int32 | np.int64]:
    """Give the integers that hold counts of the price unit."""
    return np.int32 if most < _INT32_LIMIT else np.int64


def carried(
    values: NDArray[Any],
    decimals: int | None,
    ex_dates: Callable[[int], Sequence[ExDate]],
    ticks: Sequence[Fraction | None],
) -> PricePanel:
    """Give the panel of closes, 0 where there is none, with suspended securities carried: in place where it can be."""
    first, suspensions = _gaps(values)
    for security, stretches in suspensions.items():
        for start, stop in stretches:
            values[security, start:stop] = values[security, start - 1]
    return _with_reference_prices(PricePanel(values, decimals, first, suspensions), ex_dates, ticks)


def _gaps(values: NDArray[Any]) -> tuple[NDArray[np.int64], dict[int, tuple[tuple[int, int], ...]]]:
    """Find each security's first price, and the stretches without one after it."""
    width = values.shape[1]
    first = np.zeros(len(values), np.int64)
    suspensions: dict[int, tuple[tuple[int, int], ...]] = {}
    for security, row in enumerate(values):
        filled = np.flatnonzero(row)
        if len(filled) == width:
            continue
        first[security] = filled[0] if len(filled) else width
        ends = np.append(filled, width)
        before = np.flatnonzero(np.diff(ends) > 1)
        if len(before):
            suspensions[security] = tuple((int(ends[at]) + 1, int(ends[at + 1])) for at in before)
    return first, suspensions


def _with_reference_prices(
    panel: PricePanel,
    ex_dates: Callable[[int], Sequence[ExDate]],
    ticks: Sequence[Fraction | None],
    basis: Basis = "pre",
    *,
    to_come: bool = False,
) -> PricePanel:
    """Carry suspended securities at the reference price from each ex-date within a suspension on."""
    carried: list[tuple[int, int, int, Fraction]] = []  # security, from session, up to session, price
    for security, stretches in panel.suspensions.items():
        days = ex_dates(security)
        for start, stop in stretches:
            price = panel.price(security, start - 1)
            for day in (day for day in days if start <= day.session < stop):
                try:
                    price = carried_price(day, price, ticks[security], basis, to_come=to_come)
                except CorporateActionError as error:
                    panel.uncarriable.setdefault(security, []).append((day.session, stop, error))
                    break
                carried.append((security, day.session, stop, price))
    if panel.decimals is not None:
        panel = _in_unit_of(panel, [price for *_, price in carried])
    for security, start, stop, price in carried:
        panel.values[security, start:stop] = float(price) if panel.decimals is None else int(price * 10**panel.decimals)
    panel.values.flags.writeable = False
    return panel


def carried_price(day: ExDate, price: Fraction, tick: Fraction | None, basis: Basis, *, to_come: bool) -> Fraction:
    """Give the price from an ex-date on; on a session to come a parent stands with its child, which counts nothing."""
    day.require_unmixed("a suspension cannot be carried over its ex-date")
    if not day.of_kinds(ACTING_KINDS):
        return price
    if not to_come and any(action.price is None for action in day.of_kinds(("spin_off",))):
        raise CorporateActionError(
            f"{day.security} is suspended over its spin-off on {day.date}, so that nobody has priced it without the "
            "child: state the price of the child in `actions`"
        )
    if tick is None:
        raise CorporateActionError(
            f"{day.security} is suspended over its ex-date {day.date}: its reference price is rounded to the tick of "
            "its exchange, which is not known; fill `tick` in `securities`"
        )
    carried = day.ticked_reference_price(price, tick, basis)
    if carried == 0:
        what = f"{day.security} on {day.date}: the reference price rounds to 0; check the terms in `actions`"
        raise CorporateActionError(what)
    return carried


def _in_unit_of(panel: PricePanel, prices: list[Fraction]) -> PricePanel:
    """Give a panel whose price unit can hold these prices too: a tick may be finer than every close."""
    decimals = panel.decimals or 0
    finer = decimals
    while any((price * 10**finer).denominator != 1 for price in prices):
        finer += 1
    largest = max((price * 10**finer for price in prices), default=Fraction(0))
    if largest >= _INT64_LIMIT:
        raise MarketDataError(
            f"a reference price of {float(max(prices)):g} does not fit the price unit: check the ratios in `actions`"
        )
    if finer == decimals:
        wide = largest >= _INT32_LIMIT and panel.values.dtype == np.int32
        return replace(panel, values=panel.values.astype(np.int64)) if wide else panel
    if int(panel.values.max()) * 10 ** (finer - decimals) >= _INT64_LIMIT:
        raise MarketDataError(
            f"prices up to {float(panel.values.max()) / panel.unit:g} and reference prices of {finer} decimals do not "
            "fit one price unit: give a coarser `tick` in `securities`"
        )
    values = panel.values.astype(np.int64) * 10 ** (finer - decimals)
    if max(values.max(initial=0), largest) < _INT32_LIMIT:
        values = values.astype(np.int32)
    return replace(panel, values=values, decimals=finer)
