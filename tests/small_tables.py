"""Two securities on two sessions, nothing wrong with them."""

from __future__ import annotations

PRICES = {
    "date": ["2020-01-06", "2020-01-06", "2020-01-07", "2020-01-07"],
    "security": ["600000.SH", "300001.SZ", "600000.SH", "300001.SZ"],
    "close": [10.0, 20.5, 10.1, 20.25],
}
SECURITIES = {
    "security": ["600000.SH", "300001.SZ"],
    "name": ["浦发银行", "特锐德"],
    "exchange": ["XSHG", "XSHE"],
    "board": ["main", "chinext"],
    "currency": ["CNY", "CNY"],
}
