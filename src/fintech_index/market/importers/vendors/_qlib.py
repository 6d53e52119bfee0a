"""qlib: features by instrument and day, adjusted, with the factor that takes the adjustment back.

https://github.com/microsoft/qlib, "data layer": a price is the exchange's times `factor`, a volume the exchange's over
it. Both are float32, so that a price comes back to the tick only where it has less than seven digits; one that does
not is flagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fintech_index.errors import VendorDataError
from fintech_index.market.importers._report import FLAGGED
from fintech_index.market.importers._vendor import Vendor, VendorTable

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market.importers._report import Report

_TICKS = 100  # a unit of currency
_NEAR = 0.1  # ticks, from which on a price does not come back


def _prepare(daily: pd.DataFrame, report: Report) -> pd.DataFrame:
    factor = daily["adjusted"]
    traded = daily["close"].notna()
    if (traded & ~(factor > 0)).any():
        raise VendorDataError("prices of qlib are adjusted, and rows without a $factor cannot be taken back")
    raw = daily.copy()
    for name in ("open", "high", "low", "close"):
        ticks = daily[name] / factor * _TICKS
        raw[name] = np.rint(ticks) / _TICKS
        if name == "close":
            off = daily[traded & ((ticks - np.rint(ticks)).abs() > _NEAR)]
            report.add_rows(
                FLAGGED, "daily", "the close less its factor is no multiple of the tick; rounded", off, "close"
            )
    raw["vol"] = np.rint(daily["vol"] * factor)
    return raw


QLIB = Vendor(
    "qlib",
    {
        "daily": VendorTable(
            {"instrument": "security", "datetime": "date", "$factor": "adjusted", "$volume": "vol"}
            | {f"${name}": name for name in ("open", "high", "low", "close")},
            ("features", "daily"),
            needed=True,
        )
    },
    prepare=_prepare,
)
