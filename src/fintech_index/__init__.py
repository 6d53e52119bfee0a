"""fintech-index: an index engine in a package. It computes levels from prices, shares and corporate actions, exactly.

The names below are imported when they are first used, so that a command that needs no data starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fintech_index.capping import cap
    from fintech_index.errors import FintechIndexError
    from fintech_index.events import price_adjustment_factor, special_dividend_factor
    from fintech_index.levels import History, State, calculate
    from fintech_index.market import MarketData, reference_price
    from fintech_index.market.importers import import_tushare, import_vendor
    from fintech_index.methodology import Methodology
    from fintech_index.reviews import Baskets, review
    from fintech_index.sweeps import Sweep, sweep, variants

__version__ = "0.1.0"

_HOMES = {
    "Baskets": "reviews",
    "FintechIndexError": "errors",
    "History": "levels",
    "MarketData": "market",
    "Methodology": "methodology",
    "State": "levels",
    "Sweep": "sweeps",
    "calculate": "levels",
    "cap": "capping",
    "import_tushare": "market.importers",
    "import_vendor": "market.importers",
    "price_adjustment_factor": "events",
    "reference_price": "market",
    "review": "reviews",
    "special_dividend_factor": "events",
    "sweep": "sweeps",
    "variants": "sweeps",
}

__all__ = [
    "Baskets",
    "FintechIndexError",
    "History",
    "MarketData",
    "Methodology",
    "State",
    "Sweep",
    "calculate",
    "cap",
    "import_tushare",
    "import_vendor",
    "price_adjustment_factor",
    "reference_price",
    "review",
    "special_dividend_factor",
    "sweep",
    "variants",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'fintech_index' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"fintech_index.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
