"""Rows `ticks` and `snapshots`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.contestants.snapshots import SNAPSHOTS
from benchmarks.contestants.ticks import TICKS as RIVALS
from benchmarks.ours import contestant, ours_levels_after_ticks, ours_snapshots
from benchmarks.suite import Contest, in_turns, same_numbers
from benchmarks.tapes import TICKS, make_tape

QUICK = 1_000_000


@pytest.fixture(scope="module")
def tape(run):
    return make_tape(run.ticks or (QUICK if run.quick else TICKS))


@pytest.fixture(scope="module")
def ticks(run, tape):
    return Contest("ticks", tape, OF_TICKS, same_numbers, run)


@pytest.fixture(scope="module")
def snapshots(run, tape):
    return Contest("snapshots", tape, OF_SNAPSHOTS, same_values, run)


def same_values(one, other, _):
    """Equal, whoever calculates: these values are integers below 2**53, which floats add up exactly."""
    return one.shape == other.shape and bool(np.array_equal(one, other))


OF_TICKS = [contestant(ours_levels_after_ticks, "every tick"), *RIVALS]
OF_SNAPSHOTS = [contestant(ours_snapshots, "every second"), *SNAPSHOTS]


@in_turns(OF_TICKS)
def test_ticks(ticks, contestant, turn, benchmark):
    ticks.time(contestant, turn, benchmark)


@in_turns(OF_SNAPSHOTS)
def test_snapshots(snapshots, contestant, turn, benchmark):
    snapshots.time(contestant, turn, benchmark)
