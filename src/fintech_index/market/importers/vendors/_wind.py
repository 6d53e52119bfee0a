"""Wind: AShareEODPrices (手, 千元), AShareEODDerivativeIndicator (万股), AShareDividend a share, as it names them."""

from __future__ import annotations

from fintech_index.market.importers._vendor import Vendor, VendorTable

_ROW = {"S_INFO_WINDCODE": "security", "TRADE_DT": "date"}

WIND = Vendor(
    "wind",
    {
        "daily": VendorTable(
            _ROW
            | {
                "S_DQ_OPEN": "open",
                "S_DQ_HIGH": "high",
                "S_DQ_LOW": "low",
                "S_DQ_CLOSE": "close",
                "S_DQ_PRECLOSE": "pre_close",
                "S_DQ_VOLUME": "vol",
                "S_DQ_AMOUNT": "amount",
            },
            ("AShareEODPrices", "daily"),
            needed=True,
        ),
        "daily_basic": VendorTable(
            _ROW
            | {
                "TOT_SHR_TODAY": "total_share",
                "FLOAT_A_SHR_TODAY": "float_share",
                "FREE_SHARES_TODAY": "free_share",
            },
            ("AShareEODDerivativeIndicator",),
        ),
        "stock_basic": VendorTable(
            {"S_INFO_WINDCODE": "security", "S_INFO_NAME": "name", "S_INFO_LISTDATE": "listed"},
            ("AShareDescription",),
            {"S_INFO_DELISTDATE": "delisted"},
        ),
        "dividend": VendorTable(
            {
                "S_INFO_WINDCODE": "security",
                "S_DIV_PROGRESS": "div_proc",
                "CASH_DVD_PER_SH_PRE_TAX": "cash_div_tax",
                "STK_DVD_PER_SH": "stk_div",
                "EX_DT": "ex_date",
            },
            ("AShareDividend",),
            {"EQY_RECORD_DT": "record_date", "DVD_PAYOUT_DT": "pay_date"},
        ),
        "index_weight": VendorTable(
            {"S_INFO_WINDCODE": "index_code", "S_CON_WINDCODE": "security", "TRADE_DT": "date", "I_WEIGHT": "weight"},
            ("AIndexHS300FreeWeight", "index_weight"),
        ),
    },
    volume=100,
    amount=1_000,
    counts=10_000,
    implemented="3",
)
