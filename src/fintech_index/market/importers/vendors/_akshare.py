"""akshare: `stock_zh_a_hist` with adjust="" (手, 元), and dividends per ten shares.

Source: https://akshare.akfamily.xyz, "stock data".

A table of prices for all securities has the column 股票代码, as the function gives it. Adjusted prices of akshare have
no column that says so: they are refused where the exchange's gaps are missing on ex-dates.
"""

from __future__ import annotations

from fintech_index.market.importers._vendor import Vendor, VendorTable

AKSHARE = Vendor(
    "akshare",
    {
        "daily": VendorTable(
            {
                "日期": "date",
                "股票代码": "security",
                "开盘": "open",
                "收盘": "close",
                "最高": "high",
                "最低": "low",
                "成交量": "vol",
                "成交额": "amount",
            },
            ("stock_zh_a_hist", "daily"),
            needed=True,
        ),
        "dividend": VendorTable(
            {"代码": "security", "送转股份-送转总比例": "stk_div", "现金分红-现金分红比例": "cash_div_tax"}
            | {"股权登记日": "record_date", "除权除息日": "ex_date", "方案进度": "div_proc"},
            ("stock_fhps_em", "dividend"),
        ),
    },
    volume=100,
    terms_per=10,
    implemented="实施分配",
)
