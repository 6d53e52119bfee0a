"""The rows: what is timed beside whom, the ratio that is wanted, and the floor below which `--quick` fails.

A ratio is the rival's best time over ours. Of several forms of a rival the fastest counts. Where a target is `at_most`,
the ratio is ours over the rival's.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "fintech-index"  # ours, among the rivals


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio to reach beside a rival; `floor` is that of `--quick`, on its small sizes."""

    rival: str
    wanted: float
    at_most: bool = False
    floor: float | None = None

    def met(self, ratio, bound=None):
        """Tell whether a ratio is as wanted, or within another bound."""
        bound = self.wanted if bound is None else bound
        return ratio <= bound if self.at_most else ratio >= bound


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `ours` is timed beside every rival that `module` knows; those without a target are for information.

    `paired`: the ratio is the median over pairs of runs side by side, as start-ups of processes vary.
    """

    id: str
    module: str
    title: str
    timed: str
    targets: tuple[Target, ...] = ()
    paired: bool = False
    quick: bool = False

    @property
    def node(self):
        """Where pytest finds it."""
        return f"{self.module}.py::test_{self.id.replace('-', '_')}"


ROWS = {
    row.id: row
    for row in (
        Row(
            "kernel",
            "test_levels",
            "One index: 5,000 sessions x 1,000 securities, 40 reviews of 100 names",
            "market value of every session, in exact integers; prices and holdings are laid out",
            (Target("numpy dense", 15, floor=6), Target("numpy members only", 3, floor=1.2)),
            quick=True,
        ),
        Row(
            "variants-of-return",
            "test_levels",
            "Price, gross and net return beside the price index alone",
            "from prices and holdings to levels",
            (Target("price alone", 1.3, at_most=True, floor=2.6),),
            quick=True,
        ),
        Row(
            "calculate",
            "test_levels",
            "The same index, from market, baskets and methodology to a rounded frame of three variants",
            "`fi.calculate(method, market, baskets).levels`",
            (Target("pandas", 40, floor=3), Target("bt", 1000), Target("vectorbt", 1000)),
            quick=True,
        ),
        Row(
            "calculate-dividends",
            "test_levels",
            "The same, with a cash dividend of every security in every year",
            "`fi.calculate(method, market, baskets).levels`; gross and net differ from price",
        ),
        Row(
            "variants",
            "test_variants",
            "200 variants of a methodology (40 counts x 5 caps): ranks, caps, index shares and levels",
            "`fi.sweep(variants, market).levels`, from the market and the variants on",
            (Target("numpy, one at a time", 100, floor=1.2),),
            quick=True,
        ),
        Row(
            "variants-10000",
            "test_variants",
            "10,000 variants (100 counts x 100 caps) beside 200",
            "`fi.sweep(variants, market).levels`",
            (Target("200 variants", 60, at_most=True),),
        ),
        Row(
            "ticks",
            "test_intraday",
            "50 million ticks of 1,000 securities, one index of 100 names: a level after every tick",
            "from columns of security and price to a column of levels",
            (Target("pandas", 30, floor=2.5),),
            quick=True,
        ),
        Row(
            "snapshots",
            "test_intraday",
            "50 million ticks, 64 indices, a market value at the end of each of 23,400 seconds",
            "from columns of second, security and price to market values of every second and index",
            (Target("polars", 40),),
            quick=True,
        ),
        Row(
            "store",
            "test_store",
            "Opening stored market data of 5 million rows",
            "`fi.MarketData.open(folder)` of a folder opened before, its content checked",
            (Target("pandas read_parquet and pivot", 80, floor=20),),
            quick=True,
        ),
        Row(
            "reviews",
            "test_reviews",
            "Reviews of a whole market: 100 names by half-yearly averages, with buffers and waterfalls",
            "`fi.review(method, market)` and the waterfall of every outcome, beside the reading of the closes",
        ),
        Row(
            "real",
            "test_real",
            "300 of 5,000 names over 19 years, with buffers, a limit, bands, caps and all actions: 20 variants",
            "`fi.sweep(variants, market)`: reviews, events and price levels",
            (Target("numpy", 1.0, floor=0.05),),
            quick=True,
        ),
        Row(
            "real-one",
            "test_real",
            "The same, one index",
            "`fi.calculate(method, market).levels`, three variants of return; rivals have price alone",
            (Target("numpy", 0.3),),
        ),
        Row(
            "help",
            "test_startup",
            "`fintech-index --help` beside `python -c 'import click'`",
            "the whole process",
            (Target("import click", 1.5, at_most=True, floor=2.0),),
            paired=True,
            quick=True,
        ),
        Row(
            "run",
            "test_startup",
            "`fintech-index run` on the embedded data beside `python -c 'import pandas, numba'`",
            "the whole process",
            (Target("import pandas, numba", 1.5, at_most=True, floor=2.0),),
            paired=True,
            quick=True,
        ),
    )
}
