"""baostock: `query_history_k_data_plus` with adjustflag="3" (股, 元), dividends a share (http://baostock.com)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fintech_index.errors import VendorDataError
from fintech_index.market.importers._vendor import Vendor, VendorTable

if TYPE_CHECKING:
    import pandas as pd

    from fintech_index.market.importers._report import Report

_UNADJUSTED = 3


def _prepare(daily: pd.DataFrame, _: Report) -> pd.DataFrame:
    wrong = daily["adjusted"].notna() & (daily["adjusted"] != _UNADJUSTED)
    if wrong.any():
        raise VendorDataError(
            f"{int(wrong.sum())} rows of prices are adjusted (adjustflag is not 3): ask baostock for adjustflag='3'"
        )
    return daily


BAOSTOCK = Vendor(
    "baostock",
    {
        "daily": VendorTable(
            {"date": "date", "code": "security", "preclose": "pre_close", "volume": "vol", "adjustflag": "adjusted"}
            | {name: name for name in ("open", "high", "low", "close", "amount")},
            ("history_k_data", "daily"),
            needed=True,
        ),
        "dividend": VendorTable(
            {
                "code": "security",
                "dividOperateDate": "ex_date",
                "dividCashPsBeforeTax": "cash_div_tax",
                "dividStocksPs": "stk_div",
            },
            ("dividend_data", "dividend"),
            {"dividReserveToStockPs": "stk_co", "dividRegistDate": "record_date", "dividPayDate": "pay_date"},
        ),
        "stock_basic": VendorTable(
            {"code": "security", "code_name": "name", "ipoDate": "listed"}, ("stock_basic",), {"outDate": "delisted"}
        ),
    },
    prepare=_prepare,
)
