"""Sums of closes over spans leave out the sessions on which a security did not trade."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.market import sums_of_closes

SESSIONS = pd.bdate_range("2020-01-06", periods=6)
CLOSES = {"600000.SH": [1.0, 2.0, None, None, 5.0, 6.0], "600001.SH": [None, 10.0, 11.0, 12.0, 13.0, None]}


@pytest.mark.parametrize("compiled", [False, True])
def test_suspended_sessions_are_left_out(monkeypatch, compiled):
    monkeypatch.setattr("fintech_index._kernels.dispatch.loaded", lambda: compiled)
    rows = [(day, who, close) for who, own in CLOSES.items() for day, close in zip(SESSIONS, own, strict=True) if close]
    panel = fi.MarketData.from_tables(
        pd.DataFrame(rows, columns=["date", "security", "close"]), sessions=pd.DataFrame({"date": SESSIONS})
    ).panel
    spans = np.array([(0, 0, 3), (0, 2, 4), (0, 3, 6), (1, 0, 2), (1, 1, 6)])
    sums = sums_of_closes(panel, *spans.T)
    # 1 + 2; nothing; 5 + 6; 10; 10 + 11 + 12 + 13, without the last session
    assert (sums / panel.unit).tolist() == [3, 0, 11, 10, 46]
