"""Commands that are killed, at every call that changes a name or waits for the disk, and at any time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
SCRIPT = TESTS / "safety" / "kill_points.py"
POINTS = {"import": 15, "append": 30, "run": 25, "review": 10, "store": 15}  # at least, of all


@pytest.mark.processes
@pytest.mark.parametrize("case", POINTS)
def test_what_was_there_or_all_that_is_new(case, tmp_path, whole):
    """After each kill the old set or the new one is there, others' files are the very same, and nothing is left."""
    step, times = (1, 60) if whole else (10, 2)
    command = [sys.executable, str(SCRIPT), case, str(tmp_path), str(step), str(times)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["points"] >= POINTS[case] // step
    assert found["old"] + found["new"] == found["points"] + times
    assert found | {"points": 0, "old": 0, "new": 0} == {
        "points": 0,
        "old": 0,
        "new": 0,
        "bad": 0,
        "failed_again": 0,
        "left": [],
        "touched": 0,
        "whole": 0,
    }
    assert found["old"]
    if whole and case != "store":
        assert found["new"]


ROADS = ("import", "append", "run", "review", "store", "append-here", "run-here", "review-here")
SHORT = {
    ("append", "SIGKILL"),
    ("append-here", "TWICE"),
    ("run-here", "SIGKILL"),
    ("run-here", "SIGINT"),
    ("run", "SIGTERM"),
    ("store", "SIGTERM"),
}


def injected(case, what, place, most):
    """What came of a command of which one call after another was disturbed."""
    command = [sys.executable, str(TESTS / "safety" / "harness.py"), case, str(place), what, str(most)]
    environment = os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is what lets a system call go wrong")
@pytest.mark.parametrize(
    ("case", "what"),
    [
        pytest.param(case, what, marks=() if (case, what) in SHORT else pytest.mark.whole)
        for case in ROADS
        for what in ("SIGKILL", "TWICE", "SIGTERM", "SIGINT")
    ],
)
def test_every_system_call_may_be_the_last(case, what, tmp_path, whole):
    """At once, and one file after another; a signal that can be handled leaves nothing aside."""
    found = injected(case, what, tmp_path, 0 if whole else 3)
    assert found["faults"] == []
    assert found["points"] == found["old"] + found["new"]
    assert found["points"] >= (15 if whole else 3)
    ends = {"SIGTERM": {"143"}, "SIGINT": {"130"}, "SIGKILL": {"-9"}, "TWICE": {"-9", "0", "2"}}
    assert set(found["codes"]) <= ends[what]
