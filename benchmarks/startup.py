"""How long commands take to start, beside what they cannot do without: ``python benchmarks/startup.py``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "fintech-index")
PAIRS = {
    "--help beside `import click`": ([COMMAND, "--help"], [sys.executable, "-c", "import click"]),
    "list beside `import click`": ([COMMAND, "list"], [sys.executable, "-c", "import click"]),
    "run beside `import pandas, numba`": ([COMMAND, "run"], [sys.executable, "-c", "import pandas, numba"]),
}


def taken(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - begin


def main():
    for what, (ours, baseline) in PAIRS.items():
        taken(ours), taken(baseline)
        pairs = [(taken(ours), taken(baseline)) for _ in range(15)]
        one, other = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"{what}: {one * 1e3:.0f} ms / {other * 1e3:.0f} ms = {one / other:.2f}")


if __name__ == "__main__":
    main()
