"""Rivals of the row `real`: reviews, shares through bonus issues, and price levels, as a quant writes them in floats.

A result is an array of published price levels, of shape (sessions, variants).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import fintech_index as fi
from benchmarks.suite import Contestants

REAL = Contestants()
FACTOR = 1e12  # capping factors have 12 decimals


@dataclass(frozen=True)
class Dense:
    """Everything of the market as dense arrays of shape (securities, sessions), and the dates of reviews."""

    closes: np.ndarray
    grown: np.ndarray  # what a share of the first session has become by bonus issues
    counted: dict  # running sums over traded sessions: of closes x all shares, of amounts, and of the sessions
    total: np.ndarray
    free_float: np.ndarray
    reviews: list  # (from session, cut-off, price date, effective)
    since_2015: np.ndarray


def dense(world):
    """Lay the market out; not timed."""
    market, table = world.market, pd.read_parquet(world.folder / "prices.parquet")
    number = {code: at for at, code in enumerate(market.securities.codes)}
    shape = len(number), len(market.sessions)
    closes = market.panel.values / market.panel.unit  # noqa: PD011 - no pandas here
    rows = table["security"].map(number).to_numpy(), np.searchsorted(market.sessions, _days(table["date"]))
    amount, traded = np.zeros(shape), np.zeros(shape)
    amount[rows], traded[rows] = table["amount"], 1
    total, free_float = _counts(world, number, shape)
    actions = pd.read_parquet(world.folder / "actions.parquet")
    bonus = actions[actions["kind"] == "bonus"]
    grown = np.ones(shape)
    for code, session, ratio in zip(
        bonus["security"], np.searchsorted(market.sessions, _days(bonus["ex_date"])), bonus["ratio"], strict=True
    ):
        grown[number[code], session:] *= 1 + ratio
    sums = {"cap": closes * total * traded, "amount": np.round(amount, 2), "days": traded}
    running = {name: np.cumsum(np.pad(each, ((0, 0), (1, 0))), axis=1) for name, each in sums.items()}
    dates = [outcome.dates for outcome in fi.review(world.method, market).outcomes]
    reviews = [
        (_year_before(market.sessions, each.cutoff), each.cutoff, each.price_date, each.effective) for each in dates
    ]
    return Dense(closes, grown, running, total, free_float, reviews, market.sessions >= np.datetime64("2015-03-01"))


def _days(column):
    return column.to_numpy().astype("datetime64[D]")


def _year_before(sessions, cutoff):
    day = pd.Timestamp(sessions[cutoff]) - pd.DateOffset(months=12)
    return int(np.searchsorted(sessions, np.datetime64(day, "D"), side="right"))


def _counts(world, number, shape):
    table = pd.read_parquet(world.folder / "shares.parquet")
    counts = np.zeros((2, *shape))
    sessions = np.searchsorted(world.market.sessions, _days(table["effective"]))
    columns = zip(table["security"], sessions, table["total"], table["free_float"], strict=True)
    for code, session, total, free_float in columns:
        counts[0, number[code], session:], counts[1, number[code], session:] = total, free_float
    return counts


def ranking(data, review):
    """The more traded half of what is listed at a cut-off, by average capitalisation, the largest first."""
    start, cutoff, _, _ = review
    cap, amount, days = (
        data.counted[name][:, cutoff + 1] - data.counted[name][:, start] for name in ("cap", "amount", "days")
    )
    listed = np.flatnonzero(data.closes[:, cutoff] > 0)
    traded = amount[listed] / np.maximum(days[listed], 1)
    kept = np.sort(listed[np.argsort(-traded, kind="stable")[: len(listed) - len(listed) // 2]])
    return kept[np.argsort(-cap[kept] / np.maximum(days[kept], 1), kind="stable")]


def selected(order, members, count, enter, stay):
    """Who is in: incumbents while they are eligible, and at most a tenth that changes, beyond the buffers."""
    if members is None:
        return order[:count]
    incumbent = np.isin(order, members)
    limit = max(count // 10 - (len(members) - int(incumbent.sum())), 0)
    chosen = incumbent.copy()
    chosen[np.flatnonzero(~chosen)[: count - int(chosen.sum())]] = True
    entering = np.flatnonzero(~chosen)[:limit]
    leaving = np.flatnonzero(chosen & incumbent)[::-1][:limit]
    for better, worse in zip(entering, leaving, strict=False):
        if better > worse or not (better < enter or worse >= stay):
            break
        chosen[worse], chosen[better] = False, True
    return order[chosen]


def index_shares(data, members, price_date, cap):
    """Free float in CSI's bands, capped singly: factors rounded half up to 12 decimals, shares to whole ones."""
    total, percent = data.total[members, price_date], 100 * data.free_float[members, price_date]
    low, tens = np.ceil(percent / total), np.ceil(percent / (10 * total)) * 10
    tens = np.where(percent > 80 * total, 100, tens)
    banded = np.where(percent <= 15 * total, low, tens)
    counted = np.floor(total * banded / 100 + 0.5)
    if not data.since_2015[price_date]:
        counted = np.where(percent <= 10 * total, percent / 100, np.floor(total * tens / 100 + 0.5))
    values = data.closes[members, price_date] * counted
    descending = -np.sort(-values)
    rest = np.cumsum(descending[::-1])[::-1]
    fewer_than = int(np.ceil(1 / cap - 1e-9))
    ceilings = cap * rest[:fewer_than] / (1 - np.arange(min(fewer_than, len(values))) * cap)
    held = int(np.argmax(descending[:fewer_than] <= ceilings * (1 + 1e-12)))
    factors = np.where(np.argsort(np.argsort(-values)) < held, ceilings[held] / values, 1.0)
    return np.floor(counted * (np.floor(factors * FACTOR + 0.5) / FACTOR) + 0.5)


def settings(world):
    """Count, and cap, enter and stay of each variant, as floats and ranks."""
    for method in world.variants.values():
        enter, stay = method.selection.buffer_ranks(world.count)
        yield world.count, float(method.weighting.single_cap), enter, stay


def levels_of(data, orders, setting, value_of):
    """The price levels of one variant, chained over its reviews; `value_of` adds up a basket over sessions."""
    count, cap, enter, stay = setting
    base, sessions = data.reviews[0][3], data.closes.shape[1]
    levels, members, divisor, before = np.empty(sessions - base), None, None, 0.0
    ends = [*(review[3] for review in data.reviews[1:]), sessions]
    for (_, _, price_date, effective), order, stop in zip(data.reviews, orders, ends, strict=True):
        members = np.sort(selected(order, members, count, enter, stay))
        shares = index_shares(data, members, price_date, cap)
        begin = effective if divisor is None else effective - 1
        values = value_of(data, members, shares, price_date, begin, stop)
        if divisor is None:
            divisor = values[0] / 1000
        else:
            divisor *= values[0] / before
            values = values[1:]
        levels[effective - base : stop - base] = values / divisor
        before = values[-1]
    return levels


def numpy_value(data, members, shares, price_date, begin, stop):
    grown = data.grown[members, begin:stop] / data.grown[members, price_date, None]
    held = np.floor(shares[:, None] * grown + 0.5)
    return np.einsum("ij,ij->j", data.closes[members, begin:stop], held)


def pandas_value(data, members, shares, price_date, begin, stop):
    grown = data.grown_frame.iloc[begin:stop, members]
    held = np.floor(grown.div(data.grown_frame.iloc[price_date, members]).mul(shares) + 0.5)
    return data.close_frame.iloc[begin:stop, members].mul(held).sum(axis=1).to_numpy()


@REAL.add("numpy", "dense arrays, laid out beforehand", within=1e-9)
def numpy_dense(world):
    """Ranks, bands, caps and shares in float arrays; market values by `einsum` over the closes of the members."""
    data = dense(world)

    def work():
        orders = [ranking(data, review) for review in data.reviews]
        found = [levels_of(data, orders, setting, numpy_value) for setting in settings(world)]
        return np.round(np.array(found).T, 4)

    return work


@REAL.add("pandas", "frames of closes, laid out beforehand", within=1e-9)
def pandas_frames(world):
    """The same, with closes and bonus ratios in frames of (sessions, securities), multiplied and added up."""
    data = dense(world)
    frames = {"close_frame": pd.DataFrame(data.closes.T), "grown_frame": pd.DataFrame(data.grown.T)}
    for name, frame in frames.items():
        object.__setattr__(data, name, frame)

    def work():
        orders = [ranking(data, review) for review in data.reviews]
        found = [levels_of(data, orders, setting, pandas_value) for setting in settings(world)]
        return np.round(np.array(found).T, 4)

    return work


@REAL.add("polars", "frames of closes, laid out beforehand", needs=("polars",), within=1e-9)
def polars_frames(world):
    """The same, with closes and bonus ratios as columns of a security each, multiplied and added up by expressions."""
    import polars as pl

    data = dense(world)
    codes = [str(at) for at in range(len(data.closes))]
    closes = pl.DataFrame(data.closes.T, schema=codes, orient="row")
    grown = pl.DataFrame(data.grown.T, schema=[f"grown {code}" for code in codes], orient="row")

    def value(data, members, shares, price_date, begin, stop):
        own = [codes[member] for member in members]
        both = pl.concat(
            [
                closes.select(own).slice(begin, stop - begin),
                grown.select(f"grown {code}" for code in own).slice(begin, stop - begin),
            ],
            how="horizontal",
        )
        at_price_date = data.grown[members, price_date]
        terms = [
            pl.col(code) * (pl.col(f"grown {code}") / own_grown * count + 0.5).floor()
            for code, count, own_grown in zip(own, shares.tolist(), at_price_date.tolist(), strict=True)
        ]
        return both.select(pl.sum_horizontal(terms)).to_series().to_numpy()

    def work():
        orders = [ranking(data, review) for review in data.reviews]
        found = [levels_of(data, orders, setting, value) for setting in settings(world)]
        return np.round(np.array(found).T, 4)

    return work
