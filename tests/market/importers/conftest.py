from __future__ import annotations

import pandas as pd
import pytest

DAYS = [day.strftime("%Y%m%d") for day in pd.bdate_range("2020-06-01", periods=8)]


def daily_row(code, date, close, pre_close=None, vol=1000.5, amount=2571.196):
    pre_close = close if pre_close is None else pre_close
    return {
        "ts_code": code,
        "trade_date": date,
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "pre_close": pre_close,
        "vol": vol,
        "amount": amount,
    }


def basic_row(code, date, close, free, floating=200.0, total=300.0):
    return {
        "ts_code": code,
        "trade_date": date,
        "close": close,
        "total_share": total,
        "float_share": floating,
        "free_share": free,
    }


@pytest.fixture
def vendor(tmp_path):
    """Write tushare's tables; give the folder."""

    def write(form="parquet", **tables):
        folder = tmp_path / "vendor"
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            frame = pd.DataFrame(rows)
            if form == "parquet":
                frame.to_parquet(folder / f"{name}.parquet")
            else:
                frame.to_csv(folder / f"{name}.csv", index=False)
        return folder

    return write


@pytest.fixture
def plain():
    """Two securities over eight sessions, nothing wrong with them."""
    daily = [daily_row(code, date, 10.0) for code in ("600000.SH", "300001.SZ") for date in DAYS]
    basic = [basic_row(row["ts_code"], row["trade_date"], 10.0, 100.1234) for row in daily]
    return {
        "daily": daily,
        "daily_basic": basic,
        "suspend_d": {"ts_code": [], "trade_date": [], "suspend_timing": [], "suspend_type": []},
    }
