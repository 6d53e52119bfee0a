"""Row `store`: market data that was opened before is opened again."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.contestants.store import STORE
from benchmarks.ours import contestant, ours_opened
from benchmarks.suite import Contest, in_turns
from benchmarks.worlds import CENTS, make_panel, write_folder


@pytest.fixture(scope="module")
def stored(run, tmp_path_factory):
    panel = make_panel(*((2500, 800) if run.quick else (5000, 1000)))
    world = SimpleNamespace(panel=panel, folder=tmp_path_factory.mktemp("market"))
    write_folder(world.folder, panel)
    return Contest("store", world, OF_STORE, same_closes, run)


def same_closes(one, other, _):
    """The same closes, as counts of 0.01: ours are integers of that unit, by security."""
    return bool(np.array_equal(counts(one), counts(other)))


def counts(panel):
    return panel.values.T if hasattr(panel, "values") else np.round(panel * CENTS).astype(np.int32)


OF_STORE = [contestant(ours_opened, "opened again"), *STORE]


@in_turns(OF_STORE)
def test_store(stored, contestant, turn, benchmark):
    stored.time(contestant, turn, benchmark)
