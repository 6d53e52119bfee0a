"""Where the time of `fi.calculate` goes, stage by stage: ``python -m benchmarks.stages``.

The world is that of the row `calculate`: 5,000 sessions, 40 baskets of 100 of 1,000 securities, no corporate actions.
"""

from __future__ import annotations

import time

import fintech_index as fi
from benchmarks.worlds import make_index, make_panel
from fintech_index._kernels import _compiled  # noqa: F401 - loaded, as after the first large calculation
from fintech_index.events import apply_actions, place
from fintech_index.levels._divisor_changes import VARIANTS
from fintech_index.levels._divisors import chain
from fintech_index.levels._levels import published_levels
from fintech_index.levels._reviews import reviews_of
from fintech_index.levels._valuation import value

ROUNDS = 200


def best(work):
    """The least of many times, in ms, and the result."""
    least, result = float("inf"), work()
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        result = work()
        least = min(least, time.perf_counter() - begin)
    return least * 1e3, result


def main():
    world = make_index(make_panel(5000, 1000))
    method, market, baskets = world.method, world.market, world.fi_baskets
    first, _ = best(lambda: fi.calculate(method, market, baskets).levels)
    stages = {}
    stages["look up sessions and securities"], placed = best(lambda: place(baskets, market, method.name, 0, {}))
    stages["apply corporate actions: segments"], holdings = best(lambda: apply_actions(method, market, placed, 0))
    stages["market values, headroom looked at"], valuation = best(
        lambda: value(market, holdings.segments, 0, index=method.name)
    )
    stages["value new baskets"], reviews = best(lambda: reviews_of(method, market, placed, holdings, valuation))
    stages["chain divisors"], divisors = best(lambda: chain(method, market, holdings, valuation, reviews, [], None))
    stages["round levels"], _ = best(lambda: published_levels(valuation, divisors, VARIANTS, 4))
    print(f"{'fi.calculate(...).levels':<40}{first:8.3f} ms")
    for name, taken in stages.items():
        print(f"  {name:<38}{taken:8.3f} ms   {taken / first:5.0%}")
    print(f"  {'the rest: frame, objects, cold caches':<38}{first - sum(stages.values()):8.3f} ms")


if __name__ == "__main__":
    main()
