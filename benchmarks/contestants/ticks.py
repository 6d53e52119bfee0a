"""Rivals of the row `ticks`: the level of one index after every tick.

The change of a tick is its price less the one before of its security, times index shares; changes are added up.
"""

from __future__ import annotations

import numpy as np

from benchmarks.suite import Contestants

TICKS = Contestants()


def leveled(tape, changes):
    """Add changes of value up, from the value of the opening on."""
    values = np.cumsum(changes, out=changes)
    values += tape.shares @ tape.opening
    return values / tape.divisor


@TICKS.add("pandas", "groupby, shift, cumsum")
def pandas_shift(tape):
    """A frame of security and price; `groupby.shift` gives the price before, `cumsum` adds the changes up."""
    import pandas as pd

    frame = pd.DataFrame({"security": tape.security, "price": tape.price})

    def work():
        before = frame.groupby("security", sort=False)["price"].shift()
        first = before.isna().to_numpy()
        before[first] = tape.opening[tape.security[first]]
        changes = (frame["price"] - before) * tape.shares[tape.security]
        return ((changes.cumsum() + tape.shares @ tape.opening) / tape.divisor).to_numpy()

    return work


@TICKS.add("pandas", "groupby, shift, cumsum of members' ticks alone")
def pandas_members(tape):
    """`groupby.shift` on the rows of members alone; their changes are put among those of all ticks, and added up."""
    import pandas as pd

    frame = pd.DataFrame({"security": tape.security, "price": tape.price})
    held = tape.shares > 0

    def work():
        chosen = held[tape.security]
        own = frame[chosen]
        before = own.groupby("security", sort=False)["price"].shift()
        first = before.isna().to_numpy()
        before[first] = tape.opening[own["security"].to_numpy()[first]]
        changes = np.zeros(len(frame))
        changes[chosen] = (own["price"] - before) * tape.shares[own["security"].to_numpy()]
        return leveled(tape, changes)

    return work


@TICKS.add("polars", "shift over, cum_sum", needs=("polars",))
def polars_shift(tape):
    """A lazy frame of security and price; `shift().over` gives the price before, `cum_sum` adds the changes up.

    Values are integers, but polars divides by a constant within a unit of the last place.
    """
    import polars as pl

    level = (pl.col("change").cum_sum() + int(tape.shares @ tape.opening)) / tape.divisor
    query = _polars_frame(tape).select(change=_polars_change(tape)).select(level)
    return lambda: query.collect().to_series().to_numpy()


@TICKS.add("polars", "shift over, cum_sum of members' ticks alone", needs=("polars",), exact=True)
def polars_members(tape):
    """`shift().over` on the rows of members alone; their changes are put among those of all ticks, and added up."""
    held = _by_security(tape.shares > 0)
    own = _polars_frame(tape).with_row_index("row").filter(held).select("row", change=_polars_change(tape))

    def work():
        found = own.collect()
        changes = np.zeros(len(tape.security), np.int64)
        changes[found["row"].to_numpy()] = found["change"].to_numpy()
        return leveled(tape, changes)

    return work


def _polars_frame(tape):
    import polars as pl

    return pl.DataFrame({"security": tape.security, "price": tape.price}).lazy()


def _by_security(values):
    """Look a value up for the security of every row."""
    import polars as pl

    return pl.lit(pl.Series(values)).gather(pl.col("security"))


def _polars_change(tape):
    import polars as pl

    before = pl.col("price").shift().over("security").fill_null(_by_security(tape.opening))
    return (pl.col("price") - before).cast(pl.Int64) * _by_security(tape.shares)


@TICKS.add("numpy", "argsort", exact=True)
def numpy_argsort(tape):
    """A stable argsort of the securities puts their ticks side by side; differences go back to their places."""
    return lambda: leveled(tape, _changes(tape, tape.security, tape.price))


@TICKS.add("numpy", "argsort of members' ticks alone", exact=True)
def numpy_members(tape):
    """A stable argsort of the securities of members' ticks alone; differences go to their places among all ticks."""
    held = tape.shares > 0

    def work():
        chosen = np.flatnonzero(held[tape.security])
        changes = np.zeros(len(tape.security), np.int64)
        changes[chosen] = _changes(tape, tape.security[chosen], tape.price[chosen])
        return leveled(tape, changes)

    return work


def _changes(tape, security, price):
    order = np.argsort(security.astype(np.int16), kind="stable")  # 16 bits are sorted by radix
    who, prices = security[order], price[order]
    before = np.empty_like(prices)
    before[1:] = prices[:-1]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    before[first] = tape.opening[who[first]]
    changes = np.empty(len(order), np.int64)
    changes[order] = (prices - before) * tape.shares[who]
    return changes
