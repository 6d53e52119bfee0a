"""What reviews share depends on the rules that they share, and on no others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import fintech_index as fi
from fintech_index.index_view import for_index
from fintech_index.reviews import ReviewCache, _cache, all_dates, rank, screen
from review_worlds import review_market

RULES = """
review.months = [6]
selection.count = 2
eligibility.seasoning.months = 1
eligibility.status.exclude = ["st"]
eligibility.price.at_least = 5
eligibility.float.ratio_at_least = 0.1
eligibility.turnover = { drop_bottom = 0.2, lookback_months = 1 }
ranking = { by = { total_cap = 1, turnover = 1 }, lookback_months = 2 }
"""


def only_read(method):
    """The methodology without what is said not to be read: asking for it is an error."""
    read = {name: getattr(method, name) for name in type(method).model_fields if name not in _cache._UNREAD}
    groups = {name: getattr(method.weighting, name) for name in (*_cache._GROUPS, "grouped")}
    return SimpleNamespace(**read, weighting=SimpleNamespace(**groups))


@pytest.mark.parametrize("more", ["", 'calendar.sessions = "all"', "fx.carry_sessions = 3"])
def test_nothing_else_is_read(make_method, more):
    method, market = make_method(f"{RULES}{more}"), review_market()
    less = only_read(method)
    seen = for_index(less, market)
    assert seen.sessions.tolist() == for_index(method, market).sessions.tolist()
    for dates in all_dates(method, seen):
        screening = screen(less, seen, dates)
        assert screening.failed.tolist() == screen(method, seen, dates).failed.tolist()
        order = rank(less, seen, screening.eligible, dates.cutoff).order
        assert order.tolist() == rank(method, seen, screening.eligible, dates.cutoff).order.tolist()


def test_what_has_the_same_rules_is_made_once(make_method):
    market, shared = review_market(), ReviewCache()
    made = [shared.screen(make_method(f"{RULES}{more}"), market, dates) for more in ("", "weighting.single_cap = 0.6")
            for dates in all_dates(make_method(RULES), market)[:1]]  # fmt: skip
    assert made[0] is made[1]


def test_other_rules_waivers_dates_and_securities_are_others(make_method):
    market, shared = review_market(), ReviewCache()
    one, other = make_method(RULES), make_method(f"{RULES}eligibility.conduct.exclude = ['st']")
    first, second = all_dates(one, market)[:2]
    screened = [
        shared.screen(one, market, first),
        shared.screen(other, market, first),
        shared.screen(one, market, second),
    ]
    screened.append(shared.screen(one, market, first, ("status",)))
    assert len({id(each) for each in screened}) == 4
    every = np.arange(4)
    ranked = [shared.rank(one, market, every, first.cutoff), shared.rank(one, market, every[1:], first.cutoff)]
    assert [len(each.order) for each in ranked] == [4, 3]


def test_a_group_that_nobody_is_in_is_refused_though_others_were_screened(make_method):
    """What a cap says of groups is looked at with the screening, so that it is among the rules of one."""
    market, shared = review_market(), ReviewCache()
    good, bad = (
        make_method(RULES),
        make_method(f'{RULES}weighting.group_by = "board"\nweighting.group_caps = {{ mian = 0.5 }}'),
    )
    dates = all_dates(good, market)[0]
    shared.screen(good, market, dates)
    with pytest.raises(fi.FintechIndexError, match="mian"):
        shared.screen(bad, market, dates)
