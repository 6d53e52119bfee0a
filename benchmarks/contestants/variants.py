"""Rivals of the row `variants`: for every count and cap, ranks, caps, index shares, and a level chained over reviews.

A result is (numbers of the variants, levels of shape (sessions, those variants)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import fintech_index as fi
from benchmarks.suite import Contestants

VARIANTS = Contestants()
BASE = 1000.0
FACTOR = 1e12  # capping factors have 12 decimals


@dataclass(frozen=True)
class Reviewed:
    """One review as a rival has it prepared: floats of every security, and the closes that its basket needs.

    `closes` is of shape (securities, sessions): those held, after the close that the basket takes over at.
    """

    total_cap: np.ndarray
    free_float: np.ndarray
    value: np.ndarray
    closes: np.ndarray
    start: int
    stop: int


def prepared(world):
    """Lay out every review: capitalisations at its price date, and a block of closes of its own."""
    closes, sessions = world.panel.closes, world.panel.shape[1]
    total, free_float = (counts.astype(np.float64) for counts in world.counted)
    starts = [effective for _, effective in world.reviews]
    reviews = []
    for number, (price_date, start) in enumerate(world.reviews):
        stop = [*starts, sessions][number + 1]
        price = closes[:, price_date]
        block = np.ascontiguousarray(closes[:, max(start - 1, 0) : stop])
        value = price * free_float[number]
        reviews.append(Reviewed(price * total[number], free_float[number], value, block, start, stop))
    return reviews


def index_shares(values, free_float, cap):
    """Index shares: the closed form of a single cap, factors rounded half up to 12 decimals, shares to whole ones.

    With the largest k capped, the others keep their values, and each of the k has the value cap * rest / (1 - k * cap).
    """
    if cap is None:
        return free_float
    descending = -np.sort(-values)
    rest = np.cumsum(descending[::-1])[::-1]
    capped = np.arange(len(values)) * cap
    ceilings = cap * rest / (1 - capped)
    fits = (capped < 1) & (descending <= ceilings)
    ceiling = ceilings[np.argmax(fits)]
    factors = np.minimum(np.floor(ceiling / values * FACTOR + 0.5) / FACTOR, 1)
    return np.floor(free_float * factors + 0.5)


def chain_on(level, review, values):
    """Write a review's part of a level (or of several, by row): values have the close before it in front."""
    if review.start == 0:
        level[..., : review.stop] = BASE * values / values[..., :1]
    else:
        before = level[..., review.start - 1, None] / values[..., :1]
        level[..., review.start : review.stop] = before * values[..., 1:]


def rounded(world, levels):
    return np.round(levels.T, world.decimals)


@VARIANTS.add("numpy, one at a time", "gathered rows", within=1e-9)
def one_at_a_time(world):
    """For each variant and review: the top by `argpartition`, the closed-form cap, a matmul of the members' closes."""
    reviews, variants = prepared(world), world.variants

    def one(count, cap):
        level = np.empty(world.panel.shape[1])
        for review in reviews:
            top = np.argpartition(-review.total_cap, count - 1)[:count]
            shares = index_shares(review.value[top], review.free_float[top], cap)
            chain_on(level, review, shares @ review.closes.take(top, axis=0))
        return level

    return lambda: (range(len(variants)), rounded(world, np.stack([one(count, cap) for count, cap in variants])))


@VARIANTS.add("numpy, ranks shared", "a variant at a time", within=1e-9)
def ranks_shared(world):
    """Each review is ranked once and its closes put in that order; then cap, shares and matmul, a variant at a time."""
    reviews, variants = prepared(world), world.variants

    def work():
        levels = np.empty((len(variants), world.panel.shape[1]))
        for review in reviews:
            value, free_float, closes = in_rank_order(review, max(world.counts))
            for row, (count, cap) in enumerate(variants):
                shares = index_shares(value[:count], free_float[:count], cap)
                chain_on(levels[row], review, shares @ closes[:count])
        return range(len(variants)), rounded(world, levels)

    return work


@VARIANTS.add("numpy, ranks shared", "all variants in one matmul", within=1e-9)
def all_in_one_matmul(world):
    """Each review is ranked once; index shares of all variants are one matrix, and one matmul gives all values."""
    reviews, variants = prepared(world), world.variants

    def work():
        levels = np.empty((len(variants), world.panel.shape[1]))
        for review in reviews:
            value, free_float, closes = in_rank_order(review, max(world.counts))
            shares = np.zeros((len(variants), max(world.counts)))
            for row, (count, cap) in enumerate(variants):
                shares[row, :count] = index_shares(value[:count], free_float[:count], cap)
            chain_on(levels, review, shares @ closes)
        return range(len(variants)), rounded(world, levels)

    return work


def in_rank_order(review, count):
    """Value, free float and closes of the top, the largest first."""
    order = np.argsort(-review.total_cap, kind="stable")[:count]
    return review.value[order], review.free_float[order], review.closes.take(order, axis=0)


@VARIANTS.add("fi.calculate", "one at a time", within=1e-9, parts=True, once=True)
def calculated(world):
    """`fi.calculate` of five variants one after another, reviews and all."""
    sample = world.sample
    methods = [world.method(*world.variants[number]) for number in sample]
    market = world.market
    return lambda: (sample, np.stack([fi.calculate(each, market).levels["price"].to_numpy() for each in methods], 1))


@VARIANTS.add("polars", "levels alone", needs=("polars",), within=1e-9, parts=True)
def polars_levels(world):
    """Levels alone of five variants, index shares given: a lazy join of closes to holdings, grouped and summed."""
    import polars as pl

    reviews, (closes, held) = prepared(world), (pl.from_arrow(table).lazy() for table in long_tables(world))
    query = (
        closes.join(held, on=["review", "security"])
        .group_by("variant", "review", "session")
        .agg((pl.col("close") * pl.col("shares")).sum().alias("value"))
        .sort("variant", "review", "session")
    )
    return lambda: levels_of_values(world, reviews, query.collect()["value"].to_numpy())


@VARIANTS.add("duckdb", "levels alone", needs=("duckdb",), within=1e-9, parts=True)
def duckdb_levels(world):
    """Levels alone of five variants, index shares given: a join and a `group by` in SQL, on tables loaded before."""
    import duckdb

    reviews, connection = prepared(world), duckdb.connect()
    for name, table in zip(("closes", "held"), long_tables(world), strict=True):
        connection.register("given", table)
        connection.execute(f"create table {name} as select * from given")
        connection.unregister("given")
    query = """
        select sum(close * shares) as value from closes join held using (review, security)
        group by variant, review, session order by variant, review, session
    """
    return lambda: levels_of_values(world, reviews, connection.execute(query).fetchnumpy()["value"])


def levels_of_values(world, reviews, values):
    """Chain the levels of the sample from values by variant, review and session."""
    values = values.reshape(len(world.sample), -1)
    levels = np.empty((len(world.sample), world.panel.shape[1]))
    at = 0
    for review in reviews:
        length = review.closes.shape[1]
        chain_on(levels, review, values[:, at : at + length])
        at += length
    return world.sample, rounded(world, levels)


def long_tables(world):
    """Closes by review, session and security, and holdings by variant, review and security, of the sample."""
    import pyarrow as pa

    securities = world.panel.shape[0]
    reviews = prepared(world)
    lengths = [review.closes.shape[1] for review in reviews]
    session = np.concatenate(
        [np.arange(each.stop - length, each.stop) for each, length in zip(reviews, lengths, strict=True)]
    )
    closes = pa.table(
        {
            "review": np.repeat(np.repeat(np.arange(len(reviews)), lengths), securities),
            "session": np.repeat(session, securities),
            "security": np.tile(np.arange(securities), len(session)),
            "close": np.concatenate([review.closes.T.ravel() for review in reviews]),
        }
    )
    parts = []
    for variant in world.sample:
        count, cap = world.variants[variant]
        for number, review in enumerate(reviews):
            top = np.argpartition(-review.total_cap, count - 1)[:count]
            shares = index_shares(review.value[top], review.free_float[top], cap)
            parts.append((np.full(count, variant), np.full(count, number), top, shares))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return closes, pa.table(columns, names=["variant", "review", "security", "shares"])
