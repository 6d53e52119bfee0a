"""How time and memory grow with the work: ``python -m benchmarks.scaling --help``.

Every size is measured in a fresh process, so that its peak memory is its own. A line of the plot that runs beside the
dashed one grows as the work does.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

import fintech_index as fi
from benchmarks.machine import machine, versions
from benchmarks.ours import ours_history, ours_sweep
from benchmarks.report import shown, table
from benchmarks.whole_market import WholeMarket, write_whole_market
from benchmarks.worlds import VariantsWorld, make_index, make_panel, write_folder

MILLION = 1_000_000
SESSIONS, NAMES, SESSIONS_A_REVIEW = 5000, 100, 125
ROUNDS = 3
EXAMPLES = """
examples:
  python -m benchmarks.scaling --table docs/scaling.md --plot docs/scaling.png
  python -m benchmarks.scaling sessions securities --rows 5
"""


def by_sessions(count, _):
    """`fi.calculate`, so many sessions of an index of 100 names."""
    world = make_index(make_panel(count, NAMES, every_day=True), count // SESSIONS_A_REVIEW, NAMES)
    return with_world(world)


def by_securities(count, _):
    """`fi.calculate`, 5,000 sessions of an index of so many names."""
    return with_world(make_index(make_panel(SESSIONS, count), SESSIONS // SESSIONS_A_REVIEW, count))


def with_world(world):
    """Make what `fi.calculate` is given, and give the call."""
    _ = world.method, world.market, world.fi_baskets
    return lambda: ours_history(world)


def by_variants(count, _):
    """`fi.sweep`, so many variants: a fifth of them counts, each with five caps."""
    counts = range(40, 40 + count // 5)
    world = VariantsWorld(make_panel(SESSIONS, max(1000, *counts)), tuple(counts), (0.03, 0.05, 0.07, 0.10, None))
    _ = world.market
    return lambda: ours_sweep(world)


def whole_market(securities, years, many):
    """`fi.sweep` of so many variants of a seventeenth of so many names, over so many years."""

    def prepare(size, folder):
        own = {"securities": securities, "years": years, "many": many}
        own |= {name: size for name, value in own.items() if value is None}
        place = Path(folder) / "market"
        write_whole_market(place, own["securities"], own["years"])
        world = WholeMarket(place, own["securities"] // 17, many=own["many"])
        _ = world.market, world.variants
        return lambda: fi.sweep(world.variants, world.market)

    return prepare


def store_written(rows, folder):
    """Write the folder of so many rows."""
    return lambda: write_folder(folder, make_panel(SESSIONS, rows // SESSIONS))


def store_opened(_, folder):
    """`fi.MarketData.open` of the folder."""
    return lambda: fi.MarketData.open(folder)


@dataclass(frozen=True)
class Series:
    """One line of the plot: steps that are measured at each size, the last of them after those before."""

    title: str
    unit: str
    sizes: tuple[int, ...]
    steps: tuple[tuple[str, object, int], ...]  # name, what makes the work, rounds


SERIES = {
    "sessions": Series("fi.calculate, 100 names", "sessions", (5000, 20_000, 80_000), (("", by_sessions, ROUNDS),)),
    "securities": Series(
        "fi.calculate, 5,000 sessions", "securities held", (25, 100, 400), (("", by_securities, ROUNDS),)
    ),
    "variants": Series("fi.sweep", "variants", (200, 800, 3200), (("", by_variants, ROUNDS),)),
    "real-securities": Series(
        "real, 20 variants, 19 years", "securities", (1000, 5000), (("", whole_market(None, 19, 20), 1),)
    ),
    "real-years": Series(
        "real, 20 variants, 5,000 securities", "years", (5, 19), (("", whole_market(5000, None, 20), 1),)
    ),
    "real-variants": Series(
        "real, 5,000 securities, 19 years", "variants", (20, 200), (("", whole_market(5000, 19, None), 1),)
    ),
    "rows": Series(
        "MarketData.open",
        "rows",
        (5 * MILLION, 20 * MILLION, 80 * MILLION),
        (("write", store_written, 0), ("first", store_opened, 0), ("again", store_opened, ROUNDS)),
    ),
}


def one(name, step, size, folder):
    """Measure one size in this process, and print seconds, peak memory, and what the work itself added to memory.

    With rounds the work runs once before, so that nothing is compiled or read for the first time.
    """
    _, make, rounds = SERIES[name].steps[step]
    work = make(size, folder)
    if rounds:
        work()
    seconds = min(seconds_of(work) for _ in range(max(rounds, 1)))
    whole = peak()
    own = None
    if rounds and restarted_peak():
        before = resident()
        work()
        own = max(peak_since_restart() - before, 0)
    print(json.dumps({"seconds": seconds, "peak_mb": whole, "own_mb": own}))


def seconds_of(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def peak():
    """Peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def release_unused():
    """Give memory back that is free, so that what is resident is in use."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)


def restarted_peak():
    """Let the system count the peak anew, where it can: on Linux."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def resident():
    return _status("VmRSS")


def peak_since_restart():
    return _status("VmHWM")


def _status(key):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


def measured(name, sizes):
    """Measure a series in processes of their own; give a dict a size and step."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for number, (step, _, _) in enumerate(SERIES[name].steps):
                print(f"{name} {size:,} {step}", file=sys.stderr, flush=True)
                command = [sys.executable, "-m", "benchmarks.scaling", "--one", name, str(number), str(size), folder]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                said = done.stderr.strip().splitlines()
                result = (
                    json.loads(done.stdout)
                    if done.returncode == 0
                    else {"note": f"FAILED: {said[-1] if said else f'exit code {done.returncode}'}"}
                )
                if step != "write" or "note" in result:
                    found.append({"size": size, "step": step} | result)
    return found


def lines_of(results):
    """Give the table: every size with its time and memory, and each beside those of the smallest size."""
    rows = []
    for name, found in results.items():
        series, smallest = SERIES[name], {}
        for each in found:
            what = f"{series.title}{', ' if each['step'] else ''}{each['step']}"
            size = f"{each['size']:,} {series.unit}"
            if "note" in each:
                rows.append([what, size, each["note"], "", "", ""])
                continue
            first = smallest.setdefault(each["step"], each)
            times = (
                f"{each['size'] / first['size']:.3g} x the work, {each['seconds'] / first['seconds']:.3g} x the time"
            )
            own = "" if each["own_mb"] is None else f"{each['own_mb']:,.1f} MB"
            rows.append([what, size, shown(each["seconds"]), times, own, f"{each['peak_mb']:,.0f} MB"])
    return table(["what", "size", "time", "growth", "memory of the work", "peak of the process"], rows)


def report(results):
    """Make the Markdown of all series."""
    lines = ["# Scaling", "", "Written by `python -m benchmarks.scaling`."]
    lines += [
        "Every size is measured in a fresh process; its peak has the making of the inputs in it, and the memory of"
    ]
    lines += ["the work is what the work added at most to what was there before it.", ""]
    lines += [*table(["machine", ""], (machine() | versions()).items()), "", *lines_of(results)]
    return "\n".join(lines) + "\n"


def plot(results, path):
    """Draw time beside work, both as multiples of the smallest size, on logarithmic axes, with a line of slope 1."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    most = 1
    for name, found in results.items():
        for step in dict.fromkeys(each["step"] for each in found):
            timed = [each for each in found if each["step"] == step and "seconds" in each]
            if not timed:
                continue
            work = [each["size"] / timed[0]["size"] for each in timed]
            times = [each["seconds"] / timed[0]["seconds"] for each in timed]
            most = max(most, *work)
            start = f"{timed[0]['size']:,} {SERIES[name].unit}: {shown(timed[0]['seconds'])}"
            title = f"{SERIES[name].title}{', ' if step else ''}{step} ({start})"
            axes.plot(work, times, marker="o", label=title)
    axes.plot([1, most], [1, most], linestyle="--", color="grey", label="as the work grows (slope 1)")
    axes.set(
        xscale="log", yscale="log", xlabel="work, multiple of the smallest", ylabel="time, multiple of the smallest"
    )
    axes.set_title("Time as the work grows")
    axes.legend(fontsize="small")
    figure.savefig(path, dpi=150, metadata={"Software": None})


def arguments(given=None):
    """Parse the command line: series to measure, sizes of each, and where the table and the plot go."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling",
        description="How time and memory grow with sessions, securities, variants and rows of stored data.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("series", nargs="*", metavar="SERIES", help=f"of {', '.join(SERIES)}; all where none is named")
    for name, series in SERIES.items():
        shown_sizes = " ".join(str(size // (MILLION if name == "rows" else 1)) for size in series.sizes)
        unit = "millions of rows" if name == "rows" else series.unit
        parser.add_argument(f"--{name}", nargs="+", type=int, metavar="N", help=f"{unit} (default: {shown_sizes})")
    parser.add_argument("--table", type=Path, help="write the table here, instead of printing it")
    parser.add_argument("--plot", type=Path, help="draw the plot here, as PNG (needs matplotlib)")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args(given)
    unknown = [name for name in chosen.series if name not in SERIES]
    if unknown:
        parser.error(f"no series {', '.join(unknown)}; there are {', '.join(SERIES)}")
    return chosen


def main():
    chosen = arguments()
    if chosen.one:
        name, step, size, folder = chosen.one
        one(name, int(step), int(size), Path(folder))
        return
    results = {}
    for name in chosen.series or SERIES:
        sizes = getattr(chosen, name.replace("-", "_"))
        unit = MILLION if name == "rows" else 1
        results[name] = measured(name, [size * unit for size in sizes] if sizes else SERIES[name].sizes)
    text = report(results)
    if chosen.table is None:
        print(text)
    else:
        chosen.table.write_text(text, encoding="utf-8")
    if chosen.plot is not None:
        plot(results, chosen.plot)


if __name__ == "__main__":
    main()
