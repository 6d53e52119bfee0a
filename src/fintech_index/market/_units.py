"""Whether volumes are shares and amounts are money: their ratio is a price, and tells lots and thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 10_000  # that are looked at
_NEAR = (0.5, 2.0)


def doubt_units(prices: pa.Table, doubts: list[str]) -> None:
    """Say that amounts over volumes are no prices: with 手 (100 shares) they are 100 closes, with 千元 a thousandth."""
    volume, amount = prices.column("volume"), prices.column("amount")
    if volume.null_count == len(prices) or amount.null_count == len(prices):
        return
    columns = [prices.column(name).slice(0, _ROWS).to_numpy() for name in ("amount", "volume", "close")]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = columns[0] / columns[1] / columns[2]
    ratios = ratios[np.isfinite(ratios) & (ratios > 0)]
    if len(ratios) == 0:
        return
    ratio = float(np.median(ratios))
    if not _NEAR[0] < ratio < _NEAR[1]:
        doubts.append(
            f"prices: amounts are {ratio:.3g} times volume x close: volumes must be shares (a 手 is 100) and amounts "
            "money (千元 are 1,000); importers take vendors' units"
        )
