"""Our side of every row, each behind one function: what changes with the package's insides changes here alone."""

from __future__ import annotations

import numpy as np

import fintech_index as fi
from benchmarks.rows import NAME
from benchmarks.suite import Contestant
from benchmarks.worlds import CENTS
from fintech_index._kernels import _compiled  # noqa: F401 - loaded, as after the first large calculation
from fintech_index._kernels.dispatch import add_segments, round_levels
from fintech_index.intraday import levels_after_ticks, values_at
from fintech_index.levels._calculate import calculation_of


def ours_market_values(world):
    """Market value at every session, int64 counts of 0.01."""
    out = np.zeros(world.panel.shape[1], np.int64)
    add_segments(world.panel.prices, *world.segments, out)
    return out


def ours_levels(world, returns):
    """Levels of `returns` ("price", or "price", "gross", "net") from prices and segments, without frames.

    An array of shape (sessions, returns), price first, rounded; divisors are given, as the close before has left them.
    """
    if "divisors" not in world.__dict__:
        divisors = calculation_of(world.method, world.market, world.fi_baskets).divisors
        world.__dict__["divisors"] = {
            each: (np.array(steps.sessions), 10**world.decimals / steps.floats())
            for each, steps in divisors.steps.items()
        }
    values = ours_market_values(world) / CENTS
    levels = np.empty((len(returns), len(values)))
    for each, rounded in zip(returns, levels, strict=True):
        round_levels(values, *world.divisors[each], rounded)
    return levels.T / 10**world.decimals


def ours_history(world):
    """`fi.calculate`: from market, baskets and methodology to the rounded frame of three variants."""
    return fi.calculate(world.method, world.market, world.fi_baskets).levels


def ours_sweep(world):
    """`fi.sweep`: the price levels of all variants, one column each, the last key of the product fastest."""
    if "methods" not in world.__dict__:  # as the rivals have their counts and caps
        keys = {"selection.count": list(world.counts), "weighting.single_cap": list(world.caps)}
        world.__dict__["methods"] = fi.variants(world.method(), keys)
    return fi.sweep(world.methods, world.market, returns="price").levels


def ours_levels_after_ticks(tape):
    """The level after every tick, one index, float64: market value, exact in int64, over `tape.divisor`."""
    return levels_after_ticks(tape.security, tape.price, tape.opening, tape.shares, tape.divisor)


def ours_snapshots(tape):
    """Market values of all indices at the end of every second, int64 of shape (seconds, indices)."""
    ends = np.searchsorted(tape.second, np.arange(tape.seconds, dtype=tape.second.dtype), side="right")
    return values_at(tape.security, tape.price, ends, tape.opening, tape.holdings.T)


def ours_opened(world):
    """`fi.MarketData.open` of a folder that was opened before: the panel of closes."""
    return fi.MarketData.open(world.folder).panel


def contestant(work, form):
    """Make a contestant of one of these functions: nothing to prepare but the world."""

    def prepare(world):
        work(world)  # objects of the world are made on first use, and are no part of the work
        return lambda: work(world)

    prepare.__doc__ = work.__doc__
    return Contestant(NAME, form, prepare, exact=True)
