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
    as_before, first = _beside_the_row_before(prices)
    unchanged = none & as_before
    changed = int(np.count_nonzero(none & ~unchanged & ~first))
    if changed:
        doubts.append(f"prices: {changed} rows of no volume at another close than the one before: they count as prices")
    if not unchanged.any():
        return prices
    doubts.append(
        f"prices: {np.count_nonzero(unchanged)} rows of no volume at an unchanged close: taken as suspensions"
    )
    return prices.filter(pa.array(~unchanged))


def _beside_the_row_before(prices: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Tell which rows have the close before of their security, or the exchange's price; and which are first."""
    code = prices.column("security").combine_chunks().dictionary_encode()
    code = code.combine_chunks() if isinstance(code, pa.ChunkedArray) else code
    number, close = code.indices.to_numpy(zero_copy_only=False), prices.column("close").to_numpy()
    order = np.lexsort((prices.column("date").to_numpy().astype(np.int64), number))
    same = np.append(False, number[order][1:] == number[order][:-1])
    unchanged, first = np.empty(len(prices), bool), np.empty(len(prices), bool)
    unchanged[order] = np.append(False, close[order][1:] == close[order][:-1]) & same
    first[order] = ~same
    pre_close = prices.column("pre_close")
    if pre_close.null_count < len(prices):
        unchanged |= pre_close.to_numpy() == close
    return unchanged, first
