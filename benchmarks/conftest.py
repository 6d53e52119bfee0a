"""Options of the suites, and the facts of a run that pytest-benchmark does not write: who was left out, and memory."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.worlds import make_panel

MB = 1024  # of what getrusage counts in on Linux: kilobytes
NOTES = pytest.StashKey()


def pytest_addoption(parser):
    group = parser.getgroup("suites")
    group.addoption("--quick", action="store_true", help="small sizes")
    group.addoption(
        "--plain",
        action="store_true",
        help="no rivals but numpy and pandas, and of them those that a ratio is wanted beside",
    )
    group.addoption("--ticks", type=int, default=None, help="so many ticks instead of 50 million")
    group.addoption("--market", type=Path, default=None, help="a folder of market data for the row `reviews`")
    group.addoption("--facts", type=Path, default=None, help="where notes and peak memory are written, as JSON")


def pytest_configure(config):
    config.stash[NOTES] = {}


def pytest_benchmark_generate_machine_info():
    """Say nothing of the machine here: the report does, without names and paths, and does not take a second a row."""
    return {"machine": "see the report"}


def pytest_benchmark_generate_commit_info():
    """Ask no version control."""
    return {"commit": "see the report"}


def pytest_sessionfinish(session):
    path = session.config.getoption("--facts")
    if path is not None:
        peaks = [resource.getrusage(who).ru_maxrss // MB for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        facts = {"notes": session.config.stash[NOTES], "peak_mb": peaks[0], "peak_mb_of_children": peaks[1]}
        path.write_text(json.dumps(facts), encoding="utf-8")


@pytest.fixture(scope="session")
def run(pytestconfig):
    """What this run is: `quick`, `plain`, `ticks`, `market`; `notes` are written with the facts."""
    options = {name: pytestconfig.getoption(f"--{name}") for name in ("quick", "plain", "ticks", "market")}
    return SimpleNamespace(**options, notes=pytestconfig.stash[NOTES])


@pytest.fixture(scope="session")
def panel(run):
    """5,000 sessions; 1,000 securities, or 250 of them in a quick run."""
    return make_panel(5000, 250 if run.quick else 1000)
