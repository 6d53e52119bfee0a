"""Mutated input: an error of ours or a result, never anything else, and within bounds of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import FintechIndexError

SCRIPT = Path(__file__).parent / "mutations.py"
MOST_SECONDS, MOST_MB = 20, 1_500


def test_no_mutant_gives_anything_but_an_error_of_ours(whole):
    count = 20_000 if whole else 150
    command = [sys.executable, str(SCRIPT), "1", str(count)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=7200,
        check=False,
        env={"PYTHONPATH": str(SCRIPT.parent.parent)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["raw"] == []
    assert found["taken"] + found["refused"] == found["mutants"] == count
    assert found["refused"] > count // 2
    assert found["slowest"] < MOST_SECONDS
    assert found["peak"] < MOST_MB


VALUES = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(["date", "security", "close", "volume", "amount", "known"]),
    values=st.lists(VALUES, min_size=3, max_size=3),
)
def test_any_values_of_a_column(make_method, column, values):
    prices = {"date": ["2020-01-06", "2020-01-07", "2020-01-08"], "security": "600000.SH", "close": 10.0}
    frame = pd.DataFrame(prices).astype({"security": object})
    frame[column] = pd.Series(values, dtype=object)
    shares = pd.DataFrame(
        {"effective": ["2020-01-01"], "security": "600000.SH", "total": 9, "float": 9, "free_float": 9}
    )
    with suppress(FintechIndexError):
        _ = fi.calculate(make_method(), fi.MarketData.from_tables(frame, shares=shares)).levels


@given(st.text(max_size=60))
def test_any_text_as_a_number_of_a_state(text):
    from fintech_index.levels import _state_text

    for read in (_state_text._fraction, _state_text._decimal, _state_text._whole):
        with suppress(ValueError, ZeroDivisionError):
            read(text)


def test_arrow_columns_without_chunks():
    empty = pa.table({name: pa.chunked_array([], pa.string()) for name in ("date", "security", "close")})
    with pytest.raises(FintechIndexError, match="prices: the table has no rows"):
        fi.MarketData.from_tables(empty)
