"""jqdata: `get_price(..., fq=None)` (股, 元), `valuation` (万股), `finance.STK_XR_XD` per ten shares.

https://github.com/JoinQuant/jqdatasdk. Its default is `fq="pre"`, adjusted prices: with the column `factor` they are
told by factors other than 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.errors import VendorDataError
from fintech_index.market.importers._vendor import Vendor, VendorTable

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market.importers._report import Report


def _prepare(daily: pd.DataFrame, _: Report) -> pd.DataFrame:
    wrong = (daily["adjusted"] - 1).abs() > 1e-9  # noqa: PLR2004 - a factor of 1
    if wrong.any():
        raise VendorDataError(
            f"{int(wrong.sum())} rows of prices are adjusted (factor is not 1): ask jqdata with fq=None, whose factors "
            "are 1"
        )
    return daily


JQDATA = Vendor(
    "jqdata",
    {
        "daily": VendorTable(
            {"code": "security", "time": "date", "volume": "vol", "money": "amount", "factor": "adjusted"}
            | {name: name for name in ("open", "high", "low", "close", "pre_close")},
            ("price", "daily"),
            needed=True,
        ),
        "daily_basic": VendorTable(
            {"code": "security", "day": "date", "capitalization": "total_share", "circulating_cap": "float_share"},
            ("valuation",),
        ),
        "stock_basic": VendorTable(
            {"code": "security", "display_name": "name", "start_date": "listed"},
            ("securities",),
            {"end_date": "delisted"},
        ),
        "dividend": VendorTable(
            {
                "code": "security",
                "a_xr_date": "ex_date",
                "bonus_ratio_rmb": "cash_div_tax",
                "dividend_ratio": "stk_div",
                "transfer_ratio": "stk_co",
            },
            ("STK_XR_XD", "dividend"),
            {"a_registration_date": "record_date", "a_bonus_date": "pay_date"},
        ),
    },
    counts=10_000,
    terms_per=10,
    prepare=_prepare,
)
