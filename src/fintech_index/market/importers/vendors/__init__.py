"""The vendors whose tables can be imported, a file each."""

from __future__ import annotations

from fintech_index.market.importers.vendors._akshare import AKSHARE
from fintech_index.market.importers.vendors._baostock import BAOSTOCK
from fintech_index.market.importers.vendors._jqdata import JQDATA
from fintech_index.market.importers.vendors._qlib import QLIB
from fintech_index.market.importers.vendors._tushare import TUSHARE
from fintech_index.market.importers.vendors._wind import WIND

VENDORS = {vendor.name: vendor for vendor in (TUSHARE, AKSHARE, BAOSTOCK, JQDATA, QLIB, WIND)}

__all__ = ["VENDORS"]
