"""Reviews of a ranked index over a whole market, beside the reading of its closes by pandas.

    python benchmarks/reviews.py DATA      a folder of market data, such as a year of a whole market

An index of 100 names by six-month average capitalisation, without the tenth that trades least, with buffers and a
turnover limit of 10 %, reviewed in June and December: three baskets and their waterfalls. Beside it
`pandas.read_parquet` of date, security and close. Both are timed in turns, and the least time of each counts.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import pandas as pd

import fintech_index as fi
from fintech_index.methodology._loading import parse

ROUNDS = 15
METHOD = """
name = "top100"
base.date = {base}
eligibility.seasoning.months = 3
eligibility.turnover.drop_bottom = 0.10
ranking.by = "total_cap"
selection = {{ count = 100, buffer = {{ enter = 0.7, stay = 1.3 }}, turnover_limit = 0.10, reserve = 5 }}
weighting.single_cap = 0.10
review.months = [6, 12]
"""


def reviewed(method, market):
    """All baskets and waterfalls."""
    outcomes = fi.review(method, market).outcomes
    return outcomes, [outcome.waterfall for outcome in outcomes]


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(folder):
    market = fi.MarketData.open(folder)
    method = parse(METHOD.format(base=market.sessions[0]), where="benchmark")
    first = timed(lambda: reviewed(method, market))
    outcomes, waterfalls = reviewed(method, market)
    assert all(len(outcome.securities) == 100 for outcome in outcomes)
    assert all(len(waterfall) == len(market.securities) for waterfall in waterfalls)
    path = Path(folder) / "prices.parquet"
    reading, reviewing, baskets = [], [], []
    for _ in range(ROUNDS):
        reading.append(timed(lambda: pd.read_parquet(path, columns=["date", "security", "close"])))
        reviewing.append(timed(lambda: reviewed(method, market)))
        baskets.append(timed(lambda: fi.review(method, market)))
    read, whole, alone = min(reading), min(reviewing), min(baskets)
    print(f"{len(market.securities)} securities, {len(market.sessions)} sessions, {len(outcomes)} reviews of 100 names")
    print(f"read_parquet of the closes          {read * 1e3:7.1f} ms")
    print(f"reviews with waterfalls             {whole * 1e3:7.1f} ms   {whole / read:5.2f} x")
    print(f"reviews alone                       {alone * 1e3:7.1f} ms   {alone / read:5.2f} x")
    one = whole / len(outcomes)
    print(f"one review with its waterfall       {one * 1e3:7.1f} ms   {one / read:5.2f} x")
    print(f"the first call                      {first * 1e3:7.1f} ms")
    print(f"peak memory of the process          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
