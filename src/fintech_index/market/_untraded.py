"""Rows of prices without a trade: a volume of none, or of less than a share, at an unchanged close."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def traded(prices: pa.Table, doubts: list[str]) -> pa.Table:
    """Leave out rows of prices that were not traded: vendors carry the last close through a suspension.

    A row of no volume at another close than the one before stays, since somebody gives a price; `doubts` takes both.
    """
    volume = prices.column("volume")
    if volume.null_count == len(prices):
        return prices
    none = pc.fill_null(pc.less(volume, 1), fill_value=False).to_numpy()
    if not none.any():
        return prices
    unchanged = none & _unchanged(prices)
    changed = int(np.count_nonzero(none & ~unchanged & ~_first_of_each(prices)))
    if changed:
        doubts.append(f"prices: {changed} rows of no volume at another close than the one before: they count as prices")
    if not unchanged.any():
        return prices
    doubts.append(
        f"prices: {np.count_nonzero(unchanged)} rows of no volume at an unchanged close: taken as suspensions"
    )
    return prices.filter(pa.array(~unchanged))


def _order(prices: pa.Table) -> np.ndarray:
    code = prices.column("security").combine_chunks().dictionary_encode()
    code = code.combine_chunks() if isinstance(code, pa.ChunkedArray) else code
    day = prices.column("date").to_numpy().astype(np.int64)
    return np.lexsort((day, code.indices.to_numpy(zero_copy_only=False)))


def _same_as_before(prices: pa.Table, order: np.ndarray) -> np.ndarray:
    """Tell which rows, ordered by security and day, have the security of the row before."""
    code = prices.column("security").combine_chunks().dictionary_encode()
    number = code.indices.to_numpy(zero_copy_only=False)[order]
    return np.append(False, number[1:] == number[:-1])


def _first_of_each(prices: pa.Table) -> np.ndarray:
    order = _order(prices)
    first = np.empty(len(prices), bool)
    first[order] = ~_same_as_before(prices, order)
    return first


def _unchanged(prices: pa.Table) -> np.ndarray:
    """Tell which rows have the close of the row before of their security, or the exchange's reference price."""
    order, close = _order(prices), prices.column("close").to_numpy()
    ordered = close[order]
    unchanged = np.empty(len(prices), bool)
    unchanged[order] = np.append(False, ordered[1:] == ordered[:-1]) & _same_as_before(prices, order)
    pre_close = prices.column("pre_close")
    if pre_close.null_count < len(prices):
        unchanged |= pre_close.to_numpy() == close
    return unchanged
