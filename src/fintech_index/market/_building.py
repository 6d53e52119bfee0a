"""Laying out a large price table into files, part by part: never more of it in memory than the result takes.

Only a table without fault is laid out like this. Where a part has any, the table is read as a whole, so that all its
problems are reported together, and in the same words.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fintech_index.errors import FintechIndexError
from fintech_index.market._actions import Actions
from fintech_index.market._adjusted import refuse_adjusted
from fintech_index.market._carried_closes import carried, decimal_places, integers_for, require_room
from fintech_index.market._conforming import conform
from fintech_index.market._contract import PRICES
from fintech_index.market._laid_out import LaidOut, refuse_shifted, sessions_of
from fintech_index.market._parquet import open_parquet, written_out
from fintech_index.market._stored import reserved
from fintech_index.market._trading import HUNDRED, Amounts, Trading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from fintech_index.market._adjusted import PreCloses
    from fintech_index.market._securities import Securities

_ROWS_A_PART = 1 << 15
_NONE = -1  # in place of an amount
_MOST = 2.0**62


class UnfitError(Exception):
    """A price table that has to be read as a whole."""


class Builder:
    """Lays out the price table of a Parquet file into arrays in a folder.

    Parameters
    ----------
    prices : Path
    tables : mapping of str to Table
        The other tables, which conform to the contract.
    securities : Securities
    folder : Path
        An empty folder, for the arrays.
    """

    def __init__(self, prices: Path, tables: Mapping[str, pa.Table], securities: Securities, folder: Path) -> None:
        self.prices, self.tables, self.securities, self.folder = prices, tables, securities, folder

    def lay_out(self) -> LaidOut:
        """Lay out the table.

        Raises
        ------
        UnfitError
            It cannot be laid out part by part.
        """
        try:
            return self._lay_out()
        except (FintechIndexError, OSError, pa.ArrowException, ValueError) as error:
            raise UnfitError(str(error)) from error

    def _lay_out(self) -> LaidOut:
        self._look_over()
        refuse_shifted(self.dates, self.securities)
        self.sessions, future_sessions = sessions_of(self.tables.get("sessions"), self.dates)
        shape = len(self.securities), len(self.sessions)
        require_room(shape, self.rows)
        closes = self._array("closes", integers_for(self.most), shape)
        amounts = self._array("amounts", np.int64, shape) if self.with_amounts else None
        sessions_by_calendar = self._fill(closes, amounts)
        if np.count_nonzero(closes) != self.rows:
            raise UnfitError("rows with one key")
        sums = None if amounts is None else self._running(closes, amounts)
        actions = Actions(self.tables["actions"], self.securities, self.sessions)
        panel = carried(closes, self.decimals, actions.ex_dates, self.securities.tick)
        refuse_adjusted(panel, actions, codes=self.securities.codes, pre_closes=self._pre_closes())
        trading = Trading(None if sums is None else lambda: sums)
        return LaidOut(self.sessions, future_sessions, actions, panel, trading, sessions_by_calendar)

    def _parts(self, columns: tuple[str, ...]) -> Iterator[pa.Table]:
        """Give the rows, part by part, typed; refuse any that is not as it should be."""
        file, names = open_parquet(self.prices, columns)
        with file:
            # One iterator a row group: each holds on to what it has read until it ends.
            for batch in chain.from_iterable(
                file.iter_batches(_ROWS_A_PART, row_groups=[group], columns=names)
                for group in range(file.num_row_groups)
            ):
                part = written_out(pa.Table.from_batches([batch]), str(self.prices))
                part.validate(full=True)
                problems: list[Any] = []
                conforming = conform(part, PRICES, problems)
                if problems:
                    raise UnfitError(str(problems[0]))
                if len(conforming) < len(part) or ("volume" in columns and _has_untraded(conforming)):
                    raise UnfitError("rows that were not traded")
                yield conforming

    def _look_over(self) -> None:
        """Find the days, the price unit and the largest close, and which columns are filled."""
        self.rows, self.decimals, largest = 0, 0, 0.0
        self.with_amounts = self.with_pre_closes = self.without_amount = False
        dates: NDArray[np.datetime64] = np.array([], "datetime64[D]")
        for part in self._parts(PRICES.column_names):
            if part.column("known").null_count < len(part):
                raise UnfitError("rows that became known later")
            closes = part.column("close").to_numpy()
            decimals = decimal_places(closes)
            if decimals is None:
                raise UnfitError("closes that are no decimals")
            self.decimals, largest = max(self.decimals, decimals), max(largest, closes.max(initial=0))
            dates = np.union1d(dates, part.column("date").to_numpy().astype("datetime64[D]"))
            self.with_amounts |= part.column("amount").null_count < len(part)
            self.with_pre_closes |= part.column("pre_close").null_count < len(part)
            self.rows += len(part)
        if self.rows == 0 or largest * 10**self.decimals >= 2**53:
            raise UnfitError("no rows, or closes that are no decimals of one unit")
        self.dates, self.most = dates, round(largest * 10**self.decimals)

    def _fill(self, closes: NDArray[Any], amounts: NDArray[np.int64] | None) -> dict[str, NDArray[np.int64]]:
        """Write every row to its place; give the sessions on which each calendar has prices."""
        calendars = sorted(set(self.securities.calendar))
        calendar = np.array([calendars.index(name) for name in self.securities.calendar], np.int64)
        is_open = np.zeros((len(calendars), closes.shape[1]), np.bool_)
        unit, total = 10**self.decimals, 0.0
        for part in self._parts(("date", "security", "close", "amount")):
            rows, columns = self._places(part)
            closes[rows, columns] = np.rint(part.column("close").to_numpy() * unit)
            is_open[calendar[rows], columns] = True
            if amounts is not None:
                hundredths = np.rint(part.column("amount").to_numpy() * HUNDRED)
                total += float(np.nansum(hundredths))
                self.without_amount |= bool(np.isnan(hundredths).any())
                amounts[rows, columns] = np.where(np.isnan(hundredths), _NONE, hundredths)
        if total >= _MOST:
            raise UnfitError("amounts that do not fit 64 bits")
        return {name: np.flatnonzero(is_open[at]) for at, name in enumerate(calendars) if is_open[at].any()}

    def _places(self, part: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        numbers = self.securities.numbers_in(part.column("security"), unknown=-1)
        if (numbers < 0).any():
            raise UnfitError("an unknown security")
        return numbers, np.searchsorted(self.sessions, part.column("date").to_numpy().astype("datetime64[D]"))

    def _running(self, closes: NDArray[Any], amounts: NDArray[np.int64]) -> Amounts:
        """Turn amounts by security and session into running sums over the rows that there are, security by security."""
        sums, missing = self._array("running", np.int64, (self.rows + 1,)), None
        if self.without_amount:
            missing = self._array("missing", np.int64, (self.rows + 1,))
        offsets = np.zeros(len(closes) + 1, np.int64)
        for security, (row, own) in enumerate(zip(closes, amounts, strict=True)):
            begin = offsets[security]
            traded = own[row > 0]
            end = offsets[security + 1] = begin + len(traded)
            sums[begin + 1 : end + 1] = sums[begin] + np.cumsum(np.maximum(traded, 0))
            if missing is not None:
                missing[begin + 1 : end + 1] = missing[begin] + np.cumsum(traded == _NONE)
        (self.folder / "amounts.npy").unlink()
        return Amounts(offsets, sums, missing)

    def _pre_closes(self) -> Iterator[PreCloses]:
        if self.with_pre_closes:
            for part in self._parts(("date", "security", "close", "pre_close")):
                rows, columns = self._places(part)
                yield rows.astype(np.int32), columns.astype(np.int32), part.column("pre_close").to_numpy()

    def _array(self, name: str, kind: type, shape: tuple[int, ...]) -> NDArray[Any]:
        return reserved(self.folder / f"{name}.npy", np.dtype(kind), shape)


def _has_untraded(prices: pa.Table) -> bool:
    return bool(pc.any(pc.less(prices.column("volume"), 1)).as_py())
