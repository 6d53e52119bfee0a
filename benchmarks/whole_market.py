"""The world of the row `real`: a market as people have it, and variants of an index as people keep one.

Securities list over the years and are suspended on one day in a hundred; each pays a dividend a year, and one in seven
of these days brings a bonus. The index takes 300 of those that are traded more, by twelve months' average
capitalisation, with buffers, a turnover limit, bands of the free float and a single cap.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import fintech_index as fi
from fintech_index.methodology._loading import parse

if TYPE_CHECKING:
    from pathlib import Path

YEAR = 243  # sessions
CAPS = ("0.02", "0.03", "0.05", "0.10")
BUFFERS = ((0.8, 1.2), (0.67, 1.33), (0.93, 1.07), (0.87, 1.13), (1.0, 1.0))  # of the count: enter, stay
METHOD = """
name = "broad"
base = {{ date = {base} }}
selection = {{ count = {count}, buffer = {{ enter = 0.8, stay = 1.2 }}, turnover_limit = 0.10 }}
eligibility.turnover = {{ drop_bottom = 0.5, lookback_months = 12 }}
ranking = {{ by = "total_cap", lookback_months = 12 }}
free_float = {{ by = "csi" }}
weighting = {{ single_cap = 0.10 }}
review = {{ months = [6, 12] }}
"""


@dataclass(frozen=True)
class WholeMarket:
    """A made market in a folder, and an index with its variants."""

    folder: Path
    count: int
    many: int = 20

    @cached_property
    def market(self):
        return fi.MarketData.open(self.folder)

    @cached_property
    def method(self):
        base = self.market.sessions[YEAR + 20]
        return parse(METHOD.format(base=base, count=self.count), where="benchmark")

    @cached_property
    def variants(self):
        """`many` variants: caps by buffers, and finer caps where there are more."""
        caps = CAPS if self.many <= len(CAPS) * len(BUFFERS) else tuple(f"{0.02 + 0.002 * at:.3f}" for at in range(40))
        chosen = itertools.islice(itertools.product(caps, BUFFERS), self.many)
        return {
            f"{cap} {enter}": parse(
                METHOD.format(base=self.method.base.date, count=self.count)
                .replace("single_cap = 0.10", f"single_cap = {cap}")
                .replace("enter = 0.8, stay = 1.2", f"enter = {enter}, stay = {stay}"),
                where="benchmark",
            )
            for cap, (enter, stay) in chosen
        }


def write_whole_market(folder, securities, years, seed=7):
    """Write the market: `securities`, `prices` (with amounts), `shares` and `actions`, each as Parquet."""
    random = np.random.default_rng(seed)
    dates = pd.bdate_range("2006-11-27", periods=years * YEAR).to_numpy().astype("datetime64[D]")
    listed = np.sort(random.integers(0, int(len(dates) * 0.95), securities))
    listed[: securities // 4] = 0
    codes = np.array([f"{600000 + at:06d}.SH" if at % 2 else f"{at:06d}.SZ" for at in range(securities)])
    closes = _paths(random, listed, len(dates))
    actions, counts = _happened(random, closes, listed, dates, codes)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(actions, preserve_index=False), folder / "actions.parquet")
    pq.write_table(pa.Table.from_pandas(counts, preserve_index=False), folder / "shares.parquet")
    known = {"security": codes, "name": codes, "board": "main", "currency": "CNY", "listed": dates[listed].astype(str)}
    known = pd.DataFrame(known).assign(exchange=np.where(np.arange(securities) % 2 == 1, "XSHG", "XSHE"))
    pq.write_table(pa.Table.from_pandas(known, preserve_index=False), folder / "securities.parquet")
    _write_prices(random, folder / "prices.parquet", closes, listed, dates, codes)


def _paths(random, listed, sessions):
    """Closes in cents: geometric walks between 1 and 3,000."""
    paths = np.empty((len(listed), sessions), np.int32)
    for at in range(len(listed)):
        walk = np.cumsum(random.normal(0.0002, 0.022, sessions))
        paths[at] = np.round(np.clip(random.uniform(4, 40) * np.exp(walk - walk[0]), 1, 3000) * 100)
    return paths


def _happened(random, closes, listed, dates, codes):
    """Dividends and bonus issues, prices lower after these, and the counts of shares that they leave."""
    actions, counts = [], []
    total = random.integers(5 * 10**7, 5 * 10**9, len(codes))
    part = random.uniform(0.2, 0.8, len(codes))
    for at, code in enumerate(codes):
        n = int(total[at])
        counts.append((dates[listed[at]], code, n, int(n * part[at])))
        for year in range(0, len(dates), YEAR):
            session = year + int(random.integers(60, 200))
            if session >= len(dates) or session <= listed[at] + 5:
                continue
            cash = max(round(closes[at, session] / 100 * 0.012, 3), 0.01)
            actions.append((dates[session], code, "cash_dividend", cash, None))
            if random.random() < 0.15:
                ratio = float(random.choice([0.1, 0.2, 0.3, 0.5]))
                actions.append((dates[session], code, "bonus", None, ratio))
                closes[at, session:] = np.maximum(np.round(closes[at, session:] / (1 + ratio)), 50)
                n = int(n * (1 + ratio) + 0.5)
                counts.append((dates[session], code, n, int(n * part[at])))
    actions = pd.DataFrame(actions, columns=["ex_date", "security", "kind", "cash", "ratio"])
    counts = pd.DataFrame(counts, columns=["effective", "security", "total", "free_float"])
    return actions, counts.assign(float=counts["total"])


def _write_prices(random, path, closes, listed, dates, codes):
    there = (np.arange(len(dates)) >= listed[:, None]) & (random.random(closes.shape) >= 0.01)
    there[np.arange(len(codes)), listed] = True
    writer = None
    for begin in range(0, len(dates), YEAR):
        session, security = np.nonzero(there[:, begin : begin + YEAR].T)
        close = closes[security, begin + session] / 100
        columns = {
            "date": pa.array(dates[begin + session]),
            "security": pa.DictionaryArray.from_arrays(pa.array(security.astype(np.int32)), pa.array(codes)),
            "close": pa.array(close),
            "amount": pa.array(np.round(close * random.integers(10**5, 5 * 10**6, len(close)), 2)),
        }
        part = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    writer.close()
