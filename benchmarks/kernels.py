"""From which size a compiled kernel pays, and from which a second thread: ``python -m benchmarks.kernels``.

Segments of 125 sessions, prices security-major, integer shares. The contestants agree before they are timed; times
are the best of several runs in one process, as ratios to numpy. `_kernels/dispatch.py` takes its sizes from here.
"""

from __future__ import annotations

import resource
import time

import numpy as np

from fintech_index._kernels import _compiled, _market_value

LENGTH = 125
SIZES = [10**4, 10**5, 4 * 10**5, 10**6, 4 * 10**6, 2 * 10**7, 10**8]


def market(products):
    random = np.random.default_rng(1)
    segments = max(products // LENGTH, 1)
    sessions = 5000
    securities = min(max(segments * LENGTH // sessions, 1), 1000)
    start = np.sort(random.integers(0, sessions // LENGTH, segments)) * LENGTH
    prices = random.integers(100, 10**5, (securities, sessions)).astype(np.int32)
    security = random.integers(0, securities, segments)
    return prices, security, start, start + LENGTH, random.integers(1, 10**8, segments)


def best(kernel, columns, repeats):
    times = []
    for _ in range(repeats):
        out = np.zeros(columns[0].shape[1], np.int64)
        begin = time.perf_counter()
        kernel(*columns, out)
        times.append(time.perf_counter() - begin)
    return min(times), out


def narrow(prices, security, start, stop, shares, out):
    """Eight segments at once, in 32 x 32 bits."""
    columns = prices.view(np.uint32), security, start, stop, shares.astype(np.uint32)
    _compiled.add_narrow_segments(*columns, out.view(np.uint64))


def side_by_side(prices, security, start, stop, shares, out):
    """The same on all threads."""
    cuts = _compiled.cuts_between(start, stop, _compiled.threads())
    columns = prices.view(np.uint32), security, start, stop, shares.astype(np.uint32)
    _compiled.add_narrow_segments_in_parallel(*columns, out.view(np.uint64), cuts)


CONTESTANTS = {
    "numpy": _market_value.add_segments,
    "compiled": _compiled.add_segments,
    "narrow": narrow,
    "side by side": side_by_side,
}


def main():
    for kernel in CONTESTANTS.values():  # compile, and start the threads
        best(kernel, market(10**4), 2)
    print(f"{_compiled.threads()} threads; times as fast as numpy:")
    print(f"{'products':>12} {'numpy ms':>10} " + " ".join(f"{name:>14}" for name in list(CONTESTANTS)[1:]))
    for products in SIZES:
        columns = market(products)
        timed = {name: best(kernel, columns, 3 if products >= 10**7 else 25) for name, kernel in CONTESTANTS.items()}
        (numpy_time, expected), *others = timed.values()
        assert all(np.array_equal(out, expected) for _, out in others)
        ratios = " ".join(f"{numpy_time / taken:>14.1f}" for taken, _ in others)
        print(f"{products:>12,} {numpy_time * 1e3:>10.3f} {ratios}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
