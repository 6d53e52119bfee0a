"""``python -m benchmarks``: run the suites, row by row, and report the ratios."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.machine import machine, versions
from benchmarks.report import judged, markdown, wrong
from benchmarks.rows import ROWS

HERE = Path(__file__).parent
NO_TESTS = 5  # what pytest exits with where nothing was collected
EXAMPLES = """
examples:
  python -m benchmarks --quick                        numpy, pandas and start-up on small sizes, judged by floors
  python -m benchmarks kernel calculate               two rows in full
  python -m benchmarks --out docs/performance.md      all rows, and the report as a file
  python -m benchmarks --quick ticks --ticks 1000000  one row while working on it, with every rival installed

rows:
"""


def arguments(given=None):
    """Parse the command line."""
    listed = "\n".join(f"  {row.id:<22}{row.title}" for row in ROWS.values())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="How fast fintech-index is: ratios beside rivals that agree with it, measured in one run.",
        epilog=EXAMPLES + listed,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("row", nargs="*", metavar="ROW", help="rows to run; all of them where none is named")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small sizes; without rows: those that need numpy and pandas alone. Exits 1 under a floor",
    )
    parser.add_argument("--out", type=Path, help="write the report here, instead of printing it")
    parser.add_argument("--json", type=Path, help="keep what was measured, as JSON")
    parser.add_argument("--ticks", type=int, help="so many ticks instead of 50 million")
    parser.add_argument("--market", type=Path, help="a folder of market data for `reviews`, instead of a made one")
    chosen = parser.parse_args(given)
    unknown = [name for name in chosen.row if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return chosen


def measured(row, options):
    """Run a row in a process of its own; give its timings, notes and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        timed, facts = Path(folder) / "timed.json", Path(folder) / "facts.json"
        command = [sys.executable, "-m", "pytest", "-q", "-c", str(HERE / "pytest.ini"), str(HERE / row.node)]
        command += [f"--benchmark-json={timed}", f"--facts={facts}", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parent)
        result = {"timings": [], "notes": {}}
        if facts.exists():
            result |= json.loads(facts.read_text(encoding="utf-8"))
        if timed.exists() and timed.stat().st_size:
            benchmarks = json.loads(timed.read_text(encoding="utf-8"))["benchmarks"]
            result["timings"] = [
                each["extra_info"] | {name: each["stats"][name] for name in ("min", "median", "rounds")}
                for each in benchmarks
            ]
        if done.returncode not in (0, NO_TESTS):
            errors = [line[2:].strip() for line in done.stdout.splitlines() if line.startswith("E ")]
            result["error"] = errors[0] if errors else f"pytest exited with {done.returncode}"
    return result


def measured_again_if_under(row, options, *, quick):
    """Measure a row; in a quick run that misses a floor once more, since the machine may have been busy."""
    result = measured(row, options)
    if quick and any(each.under_the_floor for each in judged(row, result)):
        print("  under a floor; measured again", file=sys.stderr, flush=True)
        result = measured(row, options)
    return result


def main():
    """Run the rows asked for; exit with 1 where a ratio is under its floor, or contestants disagree."""
    chosen = arguments()
    if find_spec("pytest_benchmark") is None:
        print(
            "pytest-benchmark is not installed: pip install -e '.[benchmarks]', or it alone for --quick",
            file=sys.stderr,
        )
        return 2
    rows = [ROWS[name] for name in chosen.row] or [row for row in ROWS.values() if row.quick or not chosen.quick]
    options = [f"--{name}={value}" for name in ("ticks", "market") if (value := getattr(chosen, name)) is not None]
    options += ["--quick"] * chosen.quick + ["--plain"] * (chosen.quick and not chosen.row)
    run = {"quick": chosen.quick, "machine": machine(), "versions": versions(), "results": {}}
    problems = []
    for row in rows:
        print(f"{row.id} ...", file=sys.stderr, flush=True)
        result = run["results"][row.id] = measured_again_if_under(row, options, quick=chosen.quick)
        verdicts = judged(row, result)
        for each in verdicts:
            print(
                f"  beside {each.target.rival}: {each.measured} {each.said(quick=chosen.quick)}",
                file=sys.stderr,
                flush=True,
            )
        problems += wrong(row, result)
        if chosen.quick:
            problems += [
                f"{row.id}: {each.measured} beside {each.target.rival} is under the floor of {each.target.floor:g} x"
                for each in verdicts
                if each.under_the_floor
            ]
    text = markdown(rows, run)
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(run, indent=1), encoding="utf-8")
    if chosen.out is not None:
        chosen.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
