"""Rows `help` and `run`: whole processes, in pairs."""

from __future__ import annotations

import pytest

from benchmarks.contestants.startup import HELP, RUN
from benchmarks.suite import Contest, in_turns, same_numbers

PAIRS = 15


@pytest.fixture(scope="module")
def helped(run):
    return Contest("help", None, HELP, same_numbers, run)


@pytest.fixture(scope="module")
def ran(run):
    return Contest("run", None, RUN, same_numbers, run)


@in_turns(HELP, PAIRS)
def test_help(helped, contestant, turn, benchmark):
    helped.time(contestant, turn, benchmark)


@in_turns(RUN, PAIRS)
def test_run(ran, contestant, turn, benchmark):
    ran.time(contestant, turn, benchmark)
