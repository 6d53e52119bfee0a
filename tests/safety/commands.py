"""Commands on tiny data, as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

MAIN = [sys.executable, "-c", "from fintech_index.cli import main; main()"]
OPEN = (
    "import sys; import fintech_index as fi; from fintech_index.market import _opening; _opening.STORED_FROM = 1; "
    "market = fi.MarketData.open(sys.argv[1], store=sys.argv[2]); print(int(market.panel.values.sum())); "
    "print(*market.notices, file=sys.stderr)"
)


def begin(*arguments, under="", **options):
    """Start a command; `under` stands before it, as in ``ulimit -f 1 &&``."""
    command = [*MAIN, *map(str, arguments)]
    if under:
        command = ["bash", "-c", f'{under} exec "$@"', "-", *command]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )


def run(*arguments, **options):
    """Run a command; give its exit code, and what it said on both outputs."""
    with begin(*arguments, **options) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def opened(folder, store):
    """Open a market with a store in a place, in a process of its own."""
    command = [sys.executable, "-c", OPEN, str(folder), str(store)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr
