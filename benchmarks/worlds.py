"""Made worlds of prices, baskets and dividends: the same numbers for the same seed and size.

Prices are int32 counts of 0.01, security-major. Every world is small enough to be built in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import fintech_index as fi
from fintech_index.methodology._loading import parse

FIRST_SESSION = "2004-10-25"
CENTS = 100  # counts of the price unit in one unit of currency
TAX = 0.1
SESSIONS_A_YEAR = 250
DIVIDEND_DECIMALS = 3
ROWS_A_GROUP = 1_000_000


@dataclass(frozen=True)
class Panel:
    """Closes of a market: `prices` int32 of shape (securities, sessions), every security traded on every session."""

    dates: np.ndarray
    codes: tuple[str, ...]
    prices: np.ndarray

    @property
    def shape(self):
        return self.prices.shape

    @cached_property
    def closes(self):
        """Closes in units of currency, float64, security-major: what a rival of floats is given."""
        return self.prices / CENTS

    def frame(self):
        """Closes as a wide DataFrame, a column a security; pandas then holds it security-major, as it likes best."""
        return pd.DataFrame(self.closes.T, index=pd.DatetimeIndex(self.dates), columns=list(self.codes), copy=False)

    def long(self, first=0, last=None):
        """Closes of sessions from `first` up to `last` as an Arrow table of date, security and close, by date."""
        dates, prices = self.dates[first:last], self.prices[:, first:last]
        place = pa.array(np.tile(np.arange(len(self.codes), dtype=np.int32), len(dates)))
        return pa.table(
            {
                "date": pa.array(np.repeat(dates, len(self.codes)).astype("datetime64[D]")),
                "security": pa.DictionaryArray.from_arrays(place, list(self.codes)).cast(pa.string()),
                "close": pa.array((prices.T / CENTS).ravel()),
            }
        )


def make_panel(sessions, securities, seed=1, *, every_day=False):
    """Closes that walk at random around drifts of their own, 1.2 % a session."""
    random = np.random.default_rng(seed)
    walk = random.normal(0.0001, 0.012, (securities, sessions)).astype(np.float32)
    np.cumsum(walk, axis=1, out=walk)
    np.exp(walk, out=walk)
    walk *= random.uniform(10 * CENTS, 100 * CENTS, (securities, 1)).astype(np.float32)
    prices = np.clip(walk, 50, 2_000_000, out=walk).astype(np.int32)
    if every_day:
        dates = np.datetime64("1800-01-01") + np.arange(sessions)
    else:
        dates = pd.bdate_range(FIRST_SESSION, periods=sessions).to_numpy()
    codes = tuple(f"{300000 + number:06d}.SZ" for number in range(securities))
    return Panel(dates.astype("datetime64[s]"), codes, prices)


@dataclass(frozen=True)
class Basket:
    """What an index holds from the open of session `start` to the close before `stop`."""

    start: int
    stop: int
    members: np.ndarray
    shares: np.ndarray

    @property
    def chained(self):
        """Sessions whose closes its part of the chain needs: its own, and the close that it takes over at."""
        return slice(max(self.start - 1, 0), self.stop)


@dataclass(frozen=True)
class Dividends:
    """Cash dividends, ordered by session; `cash` is in units of currency, a share."""

    session: np.ndarray
    security: np.ndarray
    cash: np.ndarray


@dataclass(frozen=True)
class IndexWorld:
    """One index on a panel: baskets one after another, with or without dividends, and how levels are rounded."""

    panel: Panel
    baskets: tuple[Basket, ...]
    dividends: Dividends | None = None
    base_value: int = 1000
    decimals: int = 4

    @cached_property
    def segments(self):
        """Security, start, stop and shares of every holding: the arguments of a kernel, basket by basket."""
        security = np.concatenate([basket.members for basket in self.baskets])
        start, stop = (
            np.concatenate([np.full(len(basket.members), getattr(basket, side)) for basket in self.baskets])
            for side in ("start", "stop")
        )
        shares = np.concatenate([basket.shares for basket in self.baskets])
        order = np.lexsort((security, start))
        return security[order], start[order], stop[order], shares[order]

    @cached_property
    def dense_shares(self):
        """Index shares of every security in every basket, 0 for who is out: (baskets, securities), float64."""
        dense = np.zeros((len(self.baskets), self.panel.shape[0]))
        for row, basket in zip(dense, self.baskets, strict=True):
            row[basket.members] = basket.shares
        return dense

    @cached_property
    def market(self):
        """What `fi.calculate` is given: the panel, and the dividends as actions."""
        return fi.MarketData.from_tables(self.panel.long(), actions=self.actions())

    def actions(self):
        """The dividends as a table of the data contract, or None."""
        if self.dividends is None:
            return None
        return pd.DataFrame(
            {
                "ex_date": self.panel.dates[self.dividends.session],
                "security": np.array(self.panel.codes)[self.dividends.security],
                "kind": "cash_dividend",
                "cash": self.dividends.cash,
            }
        )

    @cached_property
    def fi_baskets(self):
        codes = np.array(self.panel.codes)
        frames = [
            pd.DataFrame(
                {
                    "effective": self.panel.dates[basket.start],
                    "security": codes[basket.members],
                    "index_shares": basket.shares,
                }
            )
            for basket in self.baskets
        ]
        return fi.Baskets.from_frame(pd.concat(frames))

    @cached_property
    def method(self):
        base = self.panel.dates[0].astype("datetime64[D]")
        text = f"""
            name = "benchmark"
            base = {{ date = {base}, value = {self.base_value} }}
            returns.withholding_tax = {TAX}
            rounding.level_decimals = {self.decimals}
        """
        return parse(text, where="benchmark")

    def precise(self):
        """The same index with levels of 12 digits and more, on which contestants show that they agree."""
        finer = replace(self, base_value=9_999, decimals=8)
        for made in ("market", "fi_baskets"):
            finer.__dict__[made] = getattr(self, made)
        return finer


def make_index(panel, reviews=40, names=100, seed=2, *, dividends=False):
    """An index of the `names` largest at each of so many reviews, evenly spaced; capping makes shares uneven."""
    random = np.random.default_rng(seed)
    securities, sessions = panel.shape
    counts = np.exp(random.normal(18, 1, securities))
    edges = np.linspace(0, sessions, reviews + 1).astype(int)
    baskets = []
    for start, stop in pairwise(edges):
        value = panel.prices[:, max(start - 1, 0)] * counts
        members = np.sort(np.argpartition(-value, names - 1)[:names])
        shares = (counts[members] * random.uniform(0.2, 1, names)).astype(np.int64) + 1
        baskets.append(Basket(int(start), int(stop), members, shares))
    return IndexWorld(panel, tuple(baskets), make_dividends(panel) if dividends else None)


def make_dividends(panel, seed=3):
    """A cash dividend of 1 to 3 % of the close before, once a year and security, on a session of its own."""
    random = np.random.default_rng(seed)
    securities, sessions = panel.shape
    years = np.arange(0, sessions - SESSIONS_A_YEAR + 1, SESSIONS_A_YEAR)
    session = (years[:, None] + random.integers(1, SESSIONS_A_YEAR, (len(years), securities))).ravel()
    security = np.tile(np.arange(securities), len(years))
    order = np.lexsort((security, session))
    session, security = session[order], security[order]
    cash = panel.closes[security, session - 1] * random.uniform(0.01, 0.03, len(session))
    cash = np.maximum(np.round(cash, DIVIDEND_DECIMALS), 10.0**-DIVIDEND_DECIMALS)
    return Dividends(session, security, cash)


def write_folder(folder, panel, *, amounts=False, seed=4):
    """Write a panel as a folder of market data: securities, prices, shares, actions, each as Parquet.

    `amounts` adds the column that reviews by turnover read. Counts are of the first session, and again once a year.
    """
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    securities = pa.table(
        {
            "security": list(panel.codes),
            "name": list(panel.codes),
            "exchange": ["XSHE"] * len(panel.codes),
            "board": ["chinext"] * len(panel.codes),
            "currency": ["CNY"] * len(panel.codes),
        }
    )
    pq.write_table(securities, folder / "securities.parquet")
    pq.write_table(pa.Table.from_pandas(share_counts(panel), preserve_index=False), folder / "shares.parquet")
    actions = {"ex_date": pa.date32(), "security": pa.string(), "kind": pa.string()}
    pq.write_table(pa.schema(actions).empty_table(), folder / "actions.parquet")
    step = max(ROWS_A_GROUP // len(panel.codes), 1)
    writer = None
    for first in range(0, len(panel.dates), step):
        part = panel.long(first, first + step)
        if amounts:
            traded = part.column("close").to_numpy() * random.uniform(1e4, 1e6, len(part))
            part = part.append_column("amount", pa.array(np.round(traded, 2)))
        writer = writer or pq.ParquetWriter(folder / "prices.parquet", part.schema)
        writer.write_table(part)
    writer.close()


def share_counts(panel, seed=5):
    """The table `shares`: counts at the first session, and new ones, 2 % more on average, once a year."""
    random = np.random.default_rng(seed)
    securities, sessions = panel.shape
    starts = np.arange(0, sessions, SESSIONS_A_YEAR)
    grown = np.cumprod(1 + random.uniform(0, 0.04, (len(starts), securities)), axis=0)
    total = (np.exp(random.normal(20, 1.2, securities)) * grown).astype(np.int64) + 1000
    free_float = (total * random.uniform(0.2, 0.9, securities)).astype(np.int64)
    return pd.DataFrame(
        {
            "effective": np.repeat(panel.dates[starts], securities),
            "security": np.tile(np.array(panel.codes), len(starts)),
            "total": total.ravel(),
            "float": free_float.ravel(),
            "free_float": free_float.ravel(),
        }
    )


@dataclass(frozen=True)
class VariantsWorld:
    """A market with share counts, a methodology by count and single cap, and the variants of it.

    Ranks are by total capitalisation at the price date, which is the cut-off as well; weights by free float.
    """

    panel: Panel
    counts: tuple[int, ...]
    caps: tuple[float | None, ...]
    decimals: int = 4

    @cached_property
    def shares(self):
        return share_counts(self.panel)

    @cached_property
    def market(self):
        return fi.MarketData.from_tables(self.panel.long(), shares=self.shares)

    @property
    def variants(self):
        """Count and cap of every variant, the cap fastest."""
        return [(count, cap) for count in self.counts for cap in self.caps]

    @property
    def sample(self):
        """Five of the variants, for those who would take too long with all."""
        return range(0, len(self.variants), len(self.variants) // 5)

    def method(self, count=100, cap=None):
        text = f"""
            name = "benchmark"
            base.date = {self.panel.dates[0].astype("datetime64[D]")}
            selection.count = {count}
            ranking = {{ by = "total_cap", lookback_months = 0 }}
            review = {{ months = [6, 12], cutoff = {{ sessions_before = 5 }}, price_date = {{ sessions_before = 5 }} }}
            rounding.level_decimals = {self.decimals}
        """
        return parse(text + (f"weighting.single_cap = {cap}\n" if cap is not None else ""), where="benchmark")

    @cached_property
    def reviews(self):
        """Sessions of price date and effective date of each review; the base is its own for both."""
        baskets = fi.review(self.method(count=1), self.market)
        effective, first = np.unique(baskets.effective, return_index=True)
        sessions = self.panel.dates.astype("datetime64[D]")
        return tuple(
            (int(price_date), int(session))
            for price_date, session in zip(
                np.searchsorted(sessions, baskets.price_date[first]), np.searchsorted(sessions, effective), strict=True
            )
        )

    def precise(self):
        """The same with levels of 12 digits, on which contestants show that they agree."""
        finer = replace(self, decimals=8)
        for made in ("shares", "market", "reviews"):
            finer.__dict__[made] = getattr(self, made)
        return finer

    @cached_property
    def counted(self):
        """Total and free-float shares of every security at each price date: two int64 arrays (reviews, securities)."""
        at = [price_date for price_date, _ in self.reviews]
        updates = np.arange(0, self.panel.shape[1], SESSIONS_A_YEAR)
        row = np.searchsorted(updates, at, side="right") - 1
        shape = (len(updates), self.panel.shape[0])
        return tuple(self.shares[name].to_numpy().reshape(shape)[row] for name in ("total", "free_float"))
