from __future__ import annotations

import numpy as np
import pandas as pd

import fintech_index as fi

DAYS = [day.strftime("%Y-%m-%d") for day in pd.bdate_range("2022-05-09", periods=25)]


def test_one_history_under_two_codes_is_said():
    closes = 5 + np.arange(25) / 100
    wide = pd.DataFrame({"833533.BJ": closes, "920533.BJ": closes, "600004.SH": closes[::-1]}, index=DAYS)
    found = [finding for finding in fi.MarketData.from_tables(wide).check().findings if "same closes" in finding.what]
    assert [(finding.gravity, finding.security) for finding in found] == [("doubt", "920533.BJ")]
    assert "the same closes as 833533.BJ in all 25 sessions" in found[0].what


def test_a_sessions_table_decides_what_a_session_is():
    """2022-05-01 to 04 were holidays; a market of one's own may be open."""
    prices = pd.DataFrame({"date": ["2022-04-29", "2022-05-03"], "security": "600004.SH", "close": 10.0})
    whose = {"sessions": {"date": ["2022-04-29", "2022-05-03"]}}
    assert any("no session of XSHG" in each.what for each in fi.MarketData.from_tables(prices).check().findings)
    assert not any("session" in each.what for each in fi.MarketData.from_tables(prices, **whose).check().findings)
