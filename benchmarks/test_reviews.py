"""Row `reviews`: reviews of a whole market with their waterfalls, beside the reading of its closes.

An index of 100 names by six-month average capitalisation, without the tenth that trades least, with buffers and a
turnover limit of 10 %, reviewed in June and December.
"""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

import fintech_index as fi
from benchmarks.rows import NAME
from benchmarks.suite import Contest, Contestant, in_turns
from benchmarks.worlds import make_panel, write_folder
from fintech_index.methodology._loading import parse

METHOD = """
name = "top100"
base.date = {base}
eligibility.seasoning.months = 3
eligibility.turnover.drop_bottom = 0.10
ranking.by = "total_cap"
selection = {{ count = 100, buffer = {{ enter = 0.7, stay = 1.3 }}, turnover_limit = 0.10, reserve = 5 }}
weighting.single_cap = 0.10
review.months = [6, 12]
"""


@pytest.fixture(scope="module")
def reviewed(run, tmp_path_factory):
    folder = run.market
    if folder is None:
        folder = tmp_path_factory.mktemp("market")
        write_folder(folder, make_panel(320, 500 if run.quick else 4000), amounts=True)
    market = fi.MarketData.open(folder)
    method = parse(METHOD.format(base=market.sessions[0]), where="benchmark")
    world = SimpleNamespace(folder=folder, market=market, method=method)
    return Contest("reviews", world, OF_REVIEWS, whole, run)


def whole(outcomes, other, _):
    """Every basket has its 100 names; what reads closes has nothing to agree on."""
    return all(len(each.securities) == 100 for each in outcomes) and other is not None


def with_waterfalls(world):
    """`fi.review`, and the waterfall of every outcome: each security of the market, and what keeps it out."""

    def work():
        outcomes = fi.review(world.method, world.market).outcomes
        assert all(len(each.waterfall) == len(world.market.securities) for each in outcomes)
        return outcomes

    return work


def baskets_alone(world):
    """`fi.review`, without waterfalls."""
    return lambda: fi.review(world.method, world.market)


def reading_closes(world):
    """`pandas.read_parquet` of date, security and close."""
    return lambda: pd.read_parquet(world.folder / "prices.parquet", columns=["date", "security", "close"])


OF_REVIEWS = [
    Contestant(NAME, "baskets and waterfalls", with_waterfalls),
    Contestant("baskets alone", "", baskets_alone),
    Contestant("pandas", "read_parquet of the closes", reading_closes),
]


@in_turns(OF_REVIEWS)
def test_reviews(reviewed, contestant, turn, benchmark):
    reviewed.time(contestant, turn, benchmark)
