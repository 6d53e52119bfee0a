"""Mutated input: an error of ours or a result, never anything else, and within bounds of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import FintechIndexError

SCRIPT = Path(__file__).parent / "mutations.py"
MOST_SECONDS, MOST_MB = 20, 1_500


def batch(count, first):
    """What came of some mutants in a process of their own, so that one that ends it, or fills memory, is seen."""
    command = [sys.executable, "-X", "faulthandler", str(SCRIPT), "1", str(count), str(first)]
    env = {"PYTHONPATH": str(SCRIPT.parent.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_800, check=False, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_no_mutant_gives_anything_but_an_error_of_ours(whole):
    count, at_once = (20_000, 1_000) if whole else (80, 80)
    for first in range(0, count, at_once):
        found = batch(at_once, first)
        assert found["raw"] == []
        assert found["taken"] + found["refused"] == at_once
        assert found["refused"] > at_once // 2
        assert found["taken"] > at_once // 20
        assert found["slowest"] < MOST_SECONDS
        assert found["peak"] < MOST_MB


FLIPS = """
import sys
from pathlib import Path
from fintech_index.errors import FintechIndexError
from fintech_index.market._reading import read_table

path, every = Path(sys.argv[1]), int(sys.argv[2])
content = path.read_bytes()
for bit in range(0, 8 * len(content), every):
    flipped = bytearray(content)
    flipped[bit // 8] ^= 1 << bit % 8
    path.write_bytes(flipped)
    try:
        read_table(path)
    except FintechIndexError:
        pass
"""


def test_no_bit_of_a_parquet_file_ends_the_process(whole, tmp_path):
    """Of some bytes of a footer pyarrow makes an error that nobody can catch."""
    path = tmp_path / "prices.parquet"
    table = pa.table({"date": ["2020-01-06"] * 9, "security": ["A.SH"] * 9, "close": [1.0] * 9})
    pq.write_table(table, path)
    command = [sys.executable, "-X", "faulthandler", "-c", FLIPS, str(path), "1" if whole else "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


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
