"""Rows `variants` and `variants-10000`.

Every cap can be met with every count: 40 names at 3 % are 120 % of an index, while 20 names would be 60 %. So counts
begin at 40.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.contestants.variants import VARIANTS
from benchmarks.ours import contestant, ours_sweep
from benchmarks.rows import NAME
from benchmarks.suite import Contest, Contestant, in_turns
from benchmarks.worlds import VariantsWorld

CAPS = (0.03, 0.05, 0.07, 0.10, None)


@pytest.fixture(scope="module")
def world(run, panel):
    return VariantsWorld(panel, tuple(range(40, 200, 20) if run.quick else range(40, 240, 5)), CAPS)


@pytest.fixture(scope="module")
def variants(run, world):
    finer = Contest("variants", world.precise(), OF_VARIANTS, same_variants, run)
    agreeing = [each for each in OF_VARIANTS if each.name in finer.works]
    return Contest("variants", world, agreeing, same_but_for_ties, run)


@pytest.fixture(scope="module")
def many(run, world):
    caps = tuple(round(0.03 + 0.001 * step, 3) for step in range(100))
    several = {
        200: VariantsWorld(world.panel, tuple(range(40, 240, 5)), CAPS),
        10_000: VariantsWorld(world.panel, tuple(range(40, 240, 2)), caps),
    }
    for each in several.values():
        each.__dict__["market"] = world.market
    return Contest("variants-10000", several, OF_MANY, lambda *_: True, run)


def same_variants(one, other, contestant):
    """The levels of the variants that both have, within 1e-9: floats may round an index share apart."""
    one, other = in_common(one, other)
    return bool(np.allclose(one, other, rtol=contestant.within, atol=0))


def same_but_for_ties(one, other, _):
    one, other = in_common(one, other)
    return bool(np.abs(one - other).max() < 1.5e-4)


def in_common(one, other):
    numbers = [list(each[0]) for each in (one, other)]
    common = [number for number in numbers[0] if number in numbers[1]]
    return (
        np.asarray(levels)[:, [own.index(number) for number in common]]
        for own, (_, levels) in zip(numbers, (one, other), strict=True)
    )


def sweep(world):
    """`fi.sweep`: all variants from the market and the methodology on."""
    return range(len(world.variants)), ours_sweep(world)


def sweep_of(number):
    def prepare(worlds):
        """`fi.sweep` of so many variants."""
        ours_sweep(worlds[200])
        return lambda: ours_sweep(worlds[number])

    return prepare


OF_VARIANTS = [contestant(sweep, "`fi.sweep`"), *VARIANTS]
OF_MANY = [
    Contestant(NAME, "10,000 variants", sweep_of(10_000)),
    Contestant("200 variants", "", sweep_of(200)),
]


@in_turns(OF_VARIANTS)
def test_variants(variants, contestant, turn, benchmark):
    variants.time(contestant, turn, benchmark)


@in_turns(OF_MANY)
def test_variants_10000(many, contestant, turn, benchmark):
    many.time(contestant, turn, benchmark)
