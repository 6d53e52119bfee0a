"""Importer of tushare's tables. Vendors' data has faults: what is mended or left out is a row of the import report."""

from __future__ import annotations

from fintech_index.market.tushare._importing import STEPS, Imported, import_tushare

__all__ = ["STEPS", "Imported", "import_tushare"]
