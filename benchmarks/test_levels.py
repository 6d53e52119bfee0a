"""Rows `kernel`, `variants-of-return`, `calculate`, `calculate-dividends`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.contestants.calculate import CALCULATE, DIVIDENDS
from benchmarks.contestants.kernel import KERNEL
from benchmarks.ours import contestant, ours_history, ours_levels, ours_market_values
from benchmarks.rows import NAME
from benchmarks.suite import Contest, Contestant, in_turns, same_numbers
from benchmarks.worlds import make_index, make_panel

RETURNS = ("price", "gross", "net")


@pytest.fixture(scope="module")
def kernel(run):
    world = make_index(make_panel(5000, 1000))
    return Contest("kernel", world, OF_KERNEL, same_numbers, run)


@pytest.fixture(scope="module")
def returns(run):
    world = make_index(make_panel(5000, 1000), dividends=True)
    return Contest("variants-of-return", world, OF_RETURNS, same_price, run)


@pytest.fixture(scope="module")
def calculated(run, panel):
    return prove_and_time("calculate", make_index(panel), OF_CALCULATE, run)


@pytest.fixture(scope="module")
def with_dividends(run, panel):
    return prove_and_time("calculate-dividends", make_index(panel, dividends=True), OF_DIVIDENDS, run)


def prove_and_time(row, world, contestants, run):
    """Make a contest of those who agree on finer levels, where rounding hides nothing."""
    finer = Contest(row, world.precise(), contestants, same_numbers, run)
    agreeing = [each for each in contestants if each.name in finer.works]
    return Contest(row, world, agreeing, same_but_for_ties(world.decimals), run)


def same_but_for_ties(decimals):
    """Published levels are equal; what floats have within their error of a tie may be one digit off."""

    def same(one, other, _):
        one, other = np.asarray(one), np.asarray(other)
        return one.shape == other.shape and bool(np.abs(one - other).max() < 1.5 * 10.0**-decimals)

    return same


def same_price(one, other, _):
    """The price levels of one result and of another that has more variants."""
    return np.array_equal(np.asarray(one).reshape(len(one), -1)[:, 0], np.asarray(other).reshape(len(other), -1)[:, 0])


def alone(world):
    """Levels of price return only."""
    ours_levels(world, RETURNS[:1])
    return lambda: ours_levels(world, RETURNS[:1])


def together(world):
    """Levels of price, gross and net return, from one market value."""
    ours_levels(world, RETURNS)
    return lambda: ours_levels(world, RETURNS)


OF_KERNEL = [contestant(ours_market_values, "segments"), *KERNEL]
OF_RETURNS = [
    Contestant(NAME, "price, gross and net", together, exact=True),
    Contestant("price alone", "", alone, exact=True),
]
OF_CALCULATE = [contestant(ours_history, "`fi.calculate`"), *CALCULATE]
OF_DIVIDENDS = [contestant(ours_history, "`fi.calculate`"), *DIVIDENDS]


@in_turns(OF_KERNEL)
def test_kernel(kernel, contestant, turn, benchmark):
    kernel.time(contestant, turn, benchmark)


@in_turns(OF_RETURNS)
def test_variants_of_return(returns, contestant, turn, benchmark):
    returns.time(contestant, turn, benchmark)


@in_turns(OF_CALCULATE)
def test_calculate(calculated, contestant, turn, benchmark):
    calculated.time(contestant, turn, benchmark)


@in_turns(OF_DIVIDENDS)
def test_calculate_dividends(with_dividends, contestant, turn, benchmark):
    with_dividends.time(contestant, turn, benchmark)
