"""Rivals of the row `snapshots`: market values of many indices at the end of every second, (seconds, indices)."""

from __future__ import annotations

import numpy as np

from benchmarks.suite import Contestants

SNAPSHOTS = Contestants()


def valued(tape, prices):
    """Market values from a grid of last prices by second and security, float64."""
    return prices @ tape.holdings.T.astype(np.float64)


@SNAPSHOTS.add("polars", "last a second, pivot, forward fill, dot", needs=("polars",))
def polars_group_by(tape):
    """`group_by` second and security for the last, sorted, `pivot` to a column a security, `forward_fill`; dot."""
    frame = _polars_frame(tape)
    return lambda: valued(tape, _polars_filled(tape, frame.group_by("second", "security").agg(_last()).collect()))


@SNAPSHOTS.add("polars", "last a second by one key, pivot, forward fill, dot", needs=("polars",))
def polars_one_key(tape):
    """`group_by` one number of second and security for the last price, sorted, `pivot`, `forward_fill`; dot."""
    import polars as pl

    securities = len(tape.opening)
    frame = _polars_frame(tape).group_by(key=pl.col("second") * securities + pl.col("security")).agg(_last())
    parted = frame.select(second=pl.col("key") // securities, security=pl.col("key") % securities, price="price")
    return lambda: valued(tape, _polars_filled(tape, parted.collect()))


@SNAPSHOTS.add("polars", "unique, pivot, forward fill, dot", needs=("polars",))
def polars_unique(tape):
    """`unique` of second and security keeps the last, sorted, `pivot` to a column a security, `forward_fill`; dot."""
    frame = _polars_frame(tape)
    return lambda: valued(tape, _polars_filled(tape, frame.unique(["second", "security"], keep="last").collect()))


def _polars_frame(tape):
    import polars as pl

    return pl.DataFrame({"second": tape.second, "security": tape.security, "price": tape.price}).lazy()


def _last():
    import polars as pl

    return pl.col("price").last()


def _polars_filled(tape, last):
    import polars as pl

    names = [str(number) for number in range(len(tape.opening))]
    ordered = last.sort("second", "security")  # pivot is many times as fast on what is sorted
    wide = ordered.pivot(on="security", index="second", values="price", on_columns=list(range(len(names))))
    every = pl.DataFrame({"second": np.arange(tape.seconds, dtype=np.int32)})
    grid = every.join(wide, on="second", how="left", maintain_order="left").select(names)
    filled = grid.select(
        pl.col(name).forward_fill().fill_null(int(price)) for name, price in zip(names, tape.opening, strict=True)
    )
    return filled.cast(pl.Float64).to_numpy()


@SNAPSHOTS.add("pandas", "drop duplicates, pivot, ffill, dot")
def pandas_pivot(tape):
    """`drop_duplicates` of second and security keeps the last, `pivot` to a column a security, `ffill`; `dot`."""
    frame = _pandas_frame(tape)
    return lambda: _pandas_valued(
        tape,
        frame.drop_duplicates(["second", "security"], keep="last").pivot(
            index="second", columns="security", values="price"
        ),
    )


@SNAPSHOTS.add("pandas", "groupby last, unstack, ffill, dot")
def pandas_groupby(tape):
    """`groupby` second and security for the last price, `unstack` to a column a security, `ffill`; `dot`."""
    frame = _pandas_frame(tape)
    return lambda: _pandas_valued(tape, frame.groupby(["second", "security"])["price"].last().unstack())


def _pandas_frame(tape):
    import pandas as pd

    return pd.DataFrame({"second": tape.second, "security": tape.security, "price": tape.price})


def _pandas_valued(tape, wide):
    grid = wide.reindex(index=range(tape.seconds), columns=range(len(tape.opening))).ffill()
    filled = grid.fillna(dict(enumerate(tape.opening.tolist())))
    return filled.dot(tape.holdings.T.astype(np.float64)).to_numpy()


@SNAPSHOTS.add("numpy", "scatter, accumulate, matmul")
def numpy_scatter(tape):
    """Prices are written to a grid by second and security, the last one stays; rows are carried on; a matmul.

    That of several writes to one cell the last one stays is what numpy does, and no promise of it: the check that
    contestants agree is what stands for it.
    """

    def work():
        grid = np.zeros((tape.seconds + 1, len(tape.opening)), np.int32)
        grid[0] = tape.opening
        grid[tape.second + 1, tape.security] = tape.price
        row = np.where(grid > 0, np.arange(len(grid), dtype=np.int32)[:, None], 0)
        np.maximum.accumulate(row, axis=0, out=row)
        return valued(tape, np.take_along_axis(grid, row, axis=0)[1:].astype(np.float64))

    return work
