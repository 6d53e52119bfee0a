"""Commands that are killed, at every call that changes a name or waits for the disk, and at any time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "kill_points.py"
POINTS = {"import": 15, "append": 30, "run": 25, "review": 10, "store": 15}  # at least, of all


@pytest.mark.processes
@pytest.mark.parametrize("case", POINTS)
def test_what_was_there_or_all_that_is_new(case, tmp_path, whole):
    """After each kill the old set or the new one is there, others' files are the very same, and nothing is left."""
    step, times = (1, 60) if whole else (5, 3)
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
