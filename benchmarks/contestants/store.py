"""Rivals of the row `store`: from the Parquet file of prices to a panel of closes, float64 by session and security."""

from __future__ import annotations

import numpy as np

from benchmarks.suite import Contestants

STORE = Contestants()
COLUMNS = ["date", "security", "close"]


@STORE.add("pandas read_parquet and pivot", "text")
def pandas_pivot(world):
    """`pandas.read_parquet` of date, security and close, then `pivot`."""
    import pandas as pd

    path = world.folder / "prices.parquet"
    return lambda: (
        pd.read_parquet(path, columns=COLUMNS).pivot(index="date", columns="security", values="close").to_numpy()
    )


@STORE.add("pandas read_parquet and pivot", "categories")
def pandas_pivot_of_categories(world):
    """`pandas.read_parquet` of date, security and close, `security` read as categories, then `pivot`."""
    import pandas as pd

    path = world.folder / "prices.parquet"

    def work():
        frame = pd.read_parquet(path, columns=COLUMNS, read_dictionary=["security"])
        return frame.pivot(index="date", columns="security", values="close").to_numpy()

    return work


@STORE.add("pandas", "read_parquet, categories, places")
def pandas_categories(world):
    """`pandas.read_parquet` with `security` as categories; codes of date and security are the places of a grid."""
    import pandas as pd

    path = world.folder / "prices.parquet"

    def work():
        frame = pd.read_parquet(path, columns=COLUMNS, read_dictionary=["security"])
        row, dates = pd.factorize(frame["date"], sort=True)
        column, codes = pd.factorize(frame["security"], sort=True)
        grid = np.full((len(dates), len(codes)), np.nan)
        grid[row, column] = frame["close"]
        return grid

    return work


@STORE.add("polars", "read and pivot", needs=("polars",))
def polars_pivot(world):
    """`polars.read_parquet` of date, security and close, then `pivot`."""
    import polars as pl

    path = world.folder / "prices.parquet"
    return lambda: pl.read_parquet(path, columns=COLUMNS).pivot(on="security", index="date").drop("date").to_numpy()


@STORE.add("duckdb", "read and place", needs=("duckdb",))
def duckdb_place(world):
    """duckdb reads close in the order of date and security; a reshape, which a panel without a gap allows."""
    import duckdb

    query = f"select close from read_parquet('{world.folder / 'prices.parquet'}') order by date, security"
    return lambda: duckdb.sql(query).fetchnumpy()["close"].reshape(world.panel.shape[::-1])


@STORE.add("pyarrow", "read and reshape")
def pyarrow_reshape(world):
    """`pyarrow` reads close alone, in the order of the file; a reshape, as the file is known to be sorted and full."""
    import pyarrow.parquet as pq

    path = world.folder / "prices.parquet"
    shape = world.panel.shape[::-1]
    return lambda: np.asarray(pq.read_table(path, columns=["close"]).column("close")).reshape(shape)
