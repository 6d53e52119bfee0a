"""Rows `real` and `real-one`: the methodology that people have, over a whole market of many years."""

from __future__ import annotations

import numpy as np
import pytest

import fintech_index as fi
from benchmarks.contestants.real import REAL
from benchmarks.ours import contestant
from benchmarks.suite import Contest, in_turns
from benchmarks.whole_market import WholeMarket, write_whole_market


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_whole_market(folder, *((500, 6) if run.quick else (5000, 19)))
    return folder


@pytest.fixture(scope="module")
def real(run, folder):
    return Contest("real", WholeMarket(folder, 60 if run.quick else 300), OF_MANY, same_levels, run)


@pytest.fixture(scope="module")
def real_one(run, folder):
    return Contest("real-one", WholeMarket(folder, 60 if run.quick else 300, many=1), OF_ONE, same_levels, run)


def same_levels(one, other, _):
    """The same published levels but for ties of the last place, which floats may round the other way."""
    return one.shape == other.shape and bool(np.abs(one - other).max() < 1.5e-4 * max(1, one.max() / 1000))


def sweep(world):
    """`fi.sweep` of the variants: reviews, events and price levels."""
    return fi.sweep(world.variants, world.market).levels.to_numpy()


def calculate(world):
    """`fi.calculate` from an opened market: reviews, events, and levels of three variants of return."""
    return fi.calculate(next(iter(world.variants.values())), world.market).levels[["price"]].to_numpy()


OF_MANY = [contestant(sweep, "`fi.sweep`"), *REAL]
OF_ONE = [contestant(calculate, "`fi.calculate`"), *REAL]


@in_turns(OF_MANY)
def test_real(real, contestant, turn, benchmark):
    real.time(contestant, turn, benchmark)


@in_turns(OF_ONE)
def test_real_one(real_one, contestant, turn, benchmark):
    real_one.time(contestant, turn, benchmark)
