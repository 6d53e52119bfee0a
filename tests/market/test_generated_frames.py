"""Tables of every kind give a market or one clear error: 500 here, as many as one likes by `generated_frames`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("generated_frames", Path(__file__).with_name("generated_frames.py"))
generated_frames = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(generated_frames)


def test_a_market_or_an_error_of_ours():
    found = [generated_frames.run(seed) for seed in range(500)]
    assert found.count("market") >= 50
    assert set(found) <= {"market", "MarketDataError", "RequestError"}
