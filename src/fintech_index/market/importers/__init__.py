"""Importers of vendors' tables. These have faults: what is mended or left out is a row of the import report."""

from __future__ import annotations

from fintech_index.market.importers._importing import STEPS, Imported, import_tushare, import_vendor
from fintech_index.market.importers.vendors import VENDORS

__all__ = ["STEPS", "VENDORS", "Imported", "import_tushare", "import_vendor"]
