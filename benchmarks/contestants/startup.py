"""Processes of the rows `help` and `run`: ours, and the imports that it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.rows import NAME
from benchmarks.suite import Contestant

COMMAND = str(Path(sys.executable).parent / "fintech-index")


def process(rival, form, *command):
    """Make a contestant of a process: started, and waited for."""

    def prepare(_):
        return lambda: subprocess.run(command, check=True, capture_output=True).returncode

    prepare.__doc__ = f"`{' '.join(Path(word).name for word in command)}`"
    return Contestant(rival, form, prepare, exact=True, once=True)


def importing(modules):
    """Make a contestant of a Python that imports modules and ends."""
    return process(f"import {modules}", "", sys.executable, "-c", f"import {modules}")


HELP = [process(NAME, "--help", COMMAND, "--help"), importing("click")]
RUN = [process(NAME, "run", COMMAND, "run"), importing("pandas, numba")]
