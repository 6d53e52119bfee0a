"""What a vendor's tables are called, their columns, units and forms: one description a vendor, one engine for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from fintech_index.market.importers._report import Report

TEXT, NUMBER, DATE = "text", "number", "date"

# Our names of the columns that the engine reads, by table, and what each holds.
COLUMNS = {
    "daily": {
        "security": TEXT,
        "date": DATE,
        "open": NUMBER,
        "high": NUMBER,
        "low": NUMBER,
        "close": NUMBER,
        "pre_close": NUMBER,
        "vol": NUMBER,
        "amount": NUMBER,
        "adjusted": NUMBER,
    },
    "daily_basic": {
        "security": TEXT,
        "date": DATE,
        "close": NUMBER,
        "total_share": NUMBER,
        "float_share": NUMBER,
        "free_share": NUMBER,
    },
    "suspend_d": {"security": TEXT, "date": DATE, "suspend_timing": TEXT, "suspend_type": TEXT},
    "stock_basic": {
        "security": TEXT,
        "name": TEXT,
        "name_en": TEXT,
        "city": TEXT,
        "market": TEXT,
        "listed": DATE,
        "delisted": DATE,
    },
    "dividend": {
        "security": TEXT,
        "div_proc": TEXT,
        "stk_div": NUMBER,
        "stk_co": NUMBER,
        "cash_div_tax": NUMBER,
        "record_date": DATE,
        "ex_date": DATE,
        "pay_date": DATE,
        "end_date": DATE,
    },
    "namechange": {"security": TEXT, "name": TEXT, "start_date": DATE, "end_date": DATE},
    "index_weight": {"index_code": TEXT, "security": TEXT, "date": DATE, "weight": NUMBER},
}


@dataclass(frozen=True, slots=True)
class VendorTable:
    """One table of a vendor.

    Attributes
    ----------
    columns : dict of str to str
        Their names to ours; all of them must be there.
    files : tuple of str
        What the file, or the folder of files, may be called.
    optional : dict of str to str
        Further names of theirs to ours.
    needed : bool
        Whether there is no import without it.
    """

    columns: dict[str, str]
    files: tuple[str, ...]
    optional: dict[str, str] = field(default_factory=dict)
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's tables and units.

    Attributes
    ----------
    name : str
    tables : dict of str to VendorTable
        By what the engine calls them.
    volume, amount, counts : int
        Shares of one unit of volume, CNY of one of amount, shares of one of share counts.
    terms_per : int
        The shares that terms of dividends are per: 1 or 10.
    implemented : str
        What `div_proc` says of final terms; "" where the table has final terms alone.
    prepare : callable, optional
        Looks the rows of prices over before anything else: refuses adjusted ones, leaves out what did not trade.
    """

    name: str
    tables: dict[str, VendorTable]
    volume: int = 1
    amount: int = 1
    counts: int = 1
    terms_per: int = 1
    implemented: str = ""
    prepare: Callable[[pd.DataFrame, Report], pd.DataFrame] | None = None
