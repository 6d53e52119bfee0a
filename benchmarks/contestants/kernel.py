"""Rivals of the row `kernel`: the market value of an index at every session, in counts of 0.01."""

from __future__ import annotations

import numpy as np

from benchmarks.suite import Contestants

KERNEL = Contestants()


def by_basket(world, value):
    """Fill an array of sessions basket by basket."""

    def work():
        out = np.empty(world.panel.shape[1])
        for number, basket in enumerate(world.baskets):
            out[basket.start : basket.stop] = value(number, basket)
        return out

    return work


@KERNEL.add("numpy dense", "matmul")
def dense_matmul(world):
    """Day-major panel of float64, one matmul a basket with zeros for who is out."""
    closes = np.ascontiguousarray(world.panel.prices.T, dtype=np.float64)
    shares = world.dense_shares
    return by_basket(world, lambda number, basket: closes[basket.start : basket.stop] @ shares[number])


@KERNEL.add("numpy dense", "einsum")
def dense_einsum(world):
    """Day-major panel of float64, one einsum a basket with zeros for who is out."""
    closes = np.ascontiguousarray(world.panel.prices.T, dtype=np.float64)
    shares = world.dense_shares
    return by_basket(
        world, lambda number, basket: np.einsum("ts,s->t", closes[basket.start : basket.stop], shares[number])
    )


@KERNEL.add("numpy members only", "gathered rows")
def members_gathered(world):
    """Security-major panel of float64; a basket gathers its members' closes, then one matmul."""
    closes = world.panel.prices.astype(np.float64)
    shares = [basket.shares.astype(np.float64) for basket in world.baskets]
    return by_basket(world, lambda number, basket: shares[number] @ closes[basket.members, basket.start : basket.stop])


@KERNEL.add("numpy members only", "taken rows")
def members_taken(world):
    """Security-major panel of float64, cut at the baskets beforehand; `take` of the members, then one matmul."""
    shares = [basket.shares.astype(np.float64) for basket in world.baskets]
    blocks = [
        np.ascontiguousarray(world.panel.prices[:, basket.start : basket.stop], dtype=np.float64)
        for basket in world.baskets
    ]
    return by_basket(world, lambda number, basket: shares[number] @ blocks[number].take(basket.members, axis=0))


@KERNEL.add("numpy members only", "integers, a row at a time", exact=True)
def integer_rows(world):
    """Security-major panel of int64; each holding's slice times its shares is added to the sessions, exactly."""
    prices = world.panel.prices.astype(np.int64)
    security, start, stop, shares = (column.tolist() for column in world.segments)

    def work():
        out = np.zeros(prices.shape[1], np.int64)
        for row, begin, end, count in zip(security, start, stop, shares, strict=True):
            out[begin:end] += prices[row, begin:end] * count
        return out

    return work


@KERNEL.add("numpy members only", "integers, gathered rows", exact=True)
def integer_gathered(world):
    """Security-major panel of int64; a basket gathers its members' prices, and an integer matmul adds them up."""
    prices = world.panel.prices.astype(np.int64)

    def work():
        out = np.empty(prices.shape[1], np.int64)
        for basket in world.baskets:
            out[basket.start : basket.stop] = basket.shares @ prices[basket.members, basket.start : basket.stop]
        return out

    return work


@KERNEL.add("numpy cut beforehand", "matmul")
def cut_beforehand(world):
    """Each basket's members' closes are cut out before the time starts: finding them, half of the work, is left out."""
    shares = [basket.shares.astype(np.float64) for basket in world.baskets]
    blocks = [
        world.panel.prices[basket.members, basket.start : basket.stop].astype(np.float64) for basket in world.baskets
    ]
    return by_basket(world, lambda number, _: shares[number] @ blocks[number])


@KERNEL.add("numpy whole panel", "product and sum")
def whole_panel(world):
    """Day-major panel of float64 times a panel of shares, summed over securities."""
    closes = np.ascontiguousarray(world.panel.prices.T, dtype=np.float64)
    shares = shares_by_session(world)
    return lambda: (closes * shares).sum(axis=1)


def shares_by_session(world):
    """Index shares of every session and security, float64."""
    lengths = [basket.stop - basket.start for basket in world.baskets]
    return np.repeat(world.dense_shares, lengths, axis=0)


@KERNEL.add("pandas", "wide, mul and sum")
def pandas_wide(world):
    """A frame of closes times a frame of shares, summed over columns."""
    import pandas as pd

    closes = world.panel.frame() * 100
    shares = pd.DataFrame(shares_by_session(world), index=closes.index, columns=closes.columns)
    return lambda: closes.mul(shares).sum(axis=1)


@KERNEL.add("pandas", "dot a basket")
def pandas_dot(world):
    """A frame of closes; a basket takes its sessions and members, and `dot` with its shares."""
    import pandas as pd

    closes = world.panel.frame() * 100
    held = [pd.Series(basket.shares.astype(float), closes.columns[basket.members]) for basket in world.baskets]

    def work():
        return pd.concat(
            [
                closes.iloc[basket.start : basket.stop, basket.members].dot(shares)
                for basket, shares in zip(world.baskets, held, strict=True)
            ]
        )

    return work


@KERNEL.add("polars", "wide", needs=("polars",), exact=True)
def polars_wide(world):
    """A column of int64 prices and one of shares for every security; `sum_horizontal` of their products."""
    import polars as pl

    shares = shares_by_session(world).astype(np.int64)
    frame = pl.DataFrame(
        {f"p{row}": prices for row, prices in enumerate(world.panel.prices.astype(np.int64))}
        | {f"q{row}": np.ascontiguousarray(column) for row, column in enumerate(shares.T)}
    )
    products = [pl.col(f"p{row}") * pl.col(f"q{row}") for row in range(shares.shape[1])]
    return lambda: frame.select(pl.sum_horizontal(products)).to_series().to_numpy()


@KERNEL.add("polars", "long, join and group by", needs=("polars",), exact=True)
def polars_long(world):
    """A frame of session, basket, security, price joined to the baskets' shares; lazy, so that it plans as it likes."""
    import polars as pl

    prices, held = (pl.from_arrow(table).lazy() for table in long_tables(world))
    query = (
        prices.join(held, on=["basket", "security"])
        .group_by("session")
        .agg((pl.col("price") * pl.col("shares")).sum().alias("value"))
        .sort("session")
    )
    return lambda: query.collect().get_column("value").to_numpy()


@KERNEL.add("duckdb", "join and group by", needs=("duckdb",), exact=True)
def duckdb_join(world):
    """A join of prices to the baskets' shares and a `group by`, in SQL, on tables that duckdb has loaded."""
    import duckdb

    connection = duckdb.connect()
    for name, table in zip(("prices", "held"), long_tables(world), strict=True):
        connection.register("given", table)
        connection.execute(f"create table {name} as select * from given")
        connection.unregister("given")
    query = """
        select sum(price * shares)::bigint as value from prices join held using (basket, security)
        group by session order by session
    """
    return lambda: connection.execute(query).fetchnumpy()["value"]


def long_tables(world):
    """Prices by session and security, with the number of the basket held then; and the shares of each basket."""
    import pyarrow as pa

    securities, sessions = world.panel.shape
    lengths = [basket.stop - basket.start for basket in world.baskets]
    basket_of = np.repeat(np.arange(len(world.baskets), dtype=np.int32), lengths)
    prices = pa.table(
        {
            "session": np.repeat(np.arange(sessions, dtype=np.int32), securities),
            "basket": np.repeat(basket_of, securities),
            "security": np.tile(np.arange(securities, dtype=np.int32), sessions),
            "price": world.panel.prices.T.astype(np.int64).ravel(),
        }
    )
    held = pa.table(
        {
            "basket": np.repeat(
                np.arange(len(world.baskets), dtype=np.int32), [len(basket.members) for basket in world.baskets]
            ),
            "security": np.concatenate([basket.members for basket in world.baskets]).astype(np.int32),
            "shares": np.concatenate([basket.shares for basket in world.baskets]),
        }
    )
    return prices, held
