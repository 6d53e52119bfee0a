"""tushare: 手, 千元, 万股, terms a share. https://tushare.pro/document/2?doc_id=27 and its neighbours."""

from __future__ import annotations

from fintech_index.market.importers._vendor import Vendor, VendorTable

_ROW = {"ts_code": "security", "trade_date": "date"}

TUSHARE = Vendor(
    "tushare",
    {
        "daily": VendorTable(
            _ROW | {name: name for name in ("open", "high", "low", "close", "pre_close", "vol", "amount")},
            ("daily",),
            needed=True,
        ),
        "daily_basic": VendorTable(
            _ROW | {name: name for name in ("close", "total_share", "float_share", "free_share")},
            ("daily_basic",),
            needed=True,
        ),
        "suspend_d": VendorTable(
            _ROW | {"suspend_timing": "suspend_timing", "suspend_type": "suspend_type"}, ("suspend_d",)
        ),
        "stock_basic": VendorTable(
            {"ts_code": "security", "name": "name", "list_date": "listed"},
            ("stock_basic",),
            {"enname": "name_en", "area": "city", "market": "market", "delist_date": "delisted"},
        ),
        "dividend": VendorTable(
            {"ts_code": "security"}
            | {name: name for name in ("div_proc", "stk_div", "cash_div_tax", "record_date", "ex_date", "pay_date")},
            ("dividend",),
            {"end_date": "end_date"},
        ),
        "namechange": VendorTable(
            {"ts_code": "security"} | {name: name for name in ("name", "start_date", "end_date")}, ("namechange",)
        ),
        "index_weight": VendorTable(
            {"index_code": "index_code", "con_code": "security", "trade_date": "date", "weight": "weight"},
            ("index_weight",),
        ),
    },
    volume=100,
    amount=1_000,
    counts=10_000,
    implemented="实施",
)
