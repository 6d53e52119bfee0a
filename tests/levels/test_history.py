from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import RequestError
from fintech_index.rounding import round_half_up

GOLDEN = Path(__file__).parent.parent / "golden" / "xiangmihu-2020.csv"
VARIANTS = ("price", "gross", "net")


def test_the_golden_series(history):
    """243 sessions in three variants, from an independent calculation in fractions; every digit."""
    golden = pd.read_csv(GOLDEN, dtype=str)
    assert [str(date.date()) for date in history.levels.index] == golden["date"].tolist()
    for variant in VARIANTS:
        assert [f"{level:.4f}" for level in history.levels[variant]] == golden[variant].tolist()
        assert history.divisors[variant].tolist() == [Decimal(value) for value in golden[f"div_{variant}"]]
    assert history.counts.tolist() == golden["constituents"].astype(int).tolist()
    assert history.exact


def test_nothing_depends_on_the_callers_decimal_context(history, xiangmihu, market):
    with localcontext(prec=9):
        again = fi.calculate(xiangmihu, market)
        divisors, factors = again.divisors, again.constituents("2020-06-15")["capping_factor"]
    assert divisors.equals(history.divisors)
    assert factors.equals(history.constituents("2020-06-15")["capping_factor"])


def test_published_market_value_over_published_divisor_is_the_level(history):
    for variant in VARIANTS:
        for value, divisor, level in zip(
            history.market_values, history.divisors[variant], history.levels[variant], strict=True
        ):
            assert round_half_up(Fraction(value) / Fraction(divisor), 4) == round(level * 10**4)


def test_ex_dates_of_2020(history, market):
    held = {(row.date, row.security) for row in history.divisor_changes.itertuples() if row.cause == "cash_dividend"}
    assert len(held) == 35
    bonus = {
        (day.security, day.date)
        for who in range(len(market.securities))
        for day in market.actions.ex_dates(who)
        if day.bonus and (pd.Timestamp(market.sessions[day.session]), day.security) in held
    }
    assert len(bonus) == 12


def test_holdings_are_segments_without_gaps_or_overlaps(history):
    assert list(history.holdings.columns) == ["security", "start", "stop", "index_shares"]
    for _, own in history.holdings.groupby("security"):
        assert (own["stop"].iloc[:-1].to_numpy() == own["start"].iloc[1:].to_numpy()).all()
        assert own["stop"].isna().tolist() == [False] * (len(own) - 1) + [True]


def test_constituents_of_a_day_with_a_bonus(history):
    """300059 went ex 2 for 10 on 2020-05-21: free float and index shares are those after it."""
    before, after = (
        history.constituents("2020-05-20").loc["300059.SZ"],
        history.constituents("2020-05-21").loc["300059.SZ"],
    )
    assert before["free_float"] == 4708694989
    assert after["free_float"] == 5650433987  # x 1.2 = 5650433986.8
    assert before["index_shares"] == 1993611692
    assert after["index_shares"] == 2392334030  # x 1.2 = 2392334030.4
    assert before["capping_factor"] == after["capping_factor"] == Decimal("0.423389431030")


def test_weights_add_up_and_are_ordered(history):
    for date in ("2020-01-02", "2020-06-15", "2020-12-31"):
        weights = history.weights(date)
        assert weights.sum() == pytest.approx(1, abs=1e-15)
        assert weights.index.is_monotonic_increasing
        assert history.constituents(date)["weight"].is_monotonic_decreasing


@pytest.mark.parametrize("date", ["2020-01-03", "2020-05-21", "2020-06-12", "2020-06-15", "2020-12-14"])
def test_points_add_up_to_the_change_of_the_level(history, date):
    frame = history.explain(date)
    change = history.levels.diff().loc[date]
    for variant in VARIANTS:
        assert frame[variant].sum() == pytest.approx(change[variant], abs=1e-9)
        assert abs(frame[frame["kind"] == "rounding"][variant].iloc[0]) <= 1e-4


def test_a_dividend_is_points_of_gross_and_net_return(history):
    events = history.explain("2020-05-21").query("kind == 'event'").set_index("security")
    assert events.loc["300059.SZ", "cause"] == "cash_dividend"
    assert events.loc["300059.SZ", "price"] == 0
    # 0.034 x 1993611692 shares, and 90 % of it, over the divisors of the day
    paid = Fraction("0.034") * 1993611692
    assert events.loc["300059.SZ", "gross"] == pytest.approx(
        float(paid / Fraction(history.divisors.loc["2020-05-21", "gross"]))
    )
    assert events.loc["300059.SZ", "net"] == pytest.approx(
        float(paid * Fraction(9, 10) / Fraction(history.divisors.loc["2020-05-21", "net"]))
    )


def test_notices_say_that_this_is_a_reproduction(history):
    assert history.notices[0].startswith("These levels reproduce the published methodology of 399699")
    assert "eligibility.conduct (violation, loss within 12 months) is published but not applied" in history.notices[1]


@pytest.mark.parametrize("ask", ["constituents", "weights", "state", "explain"])
def test_a_date_that_is_no_session(history, ask):
    with pytest.raises(
        RequestError, match="2020-06-13 is no session of the market data; the nearest: 2020-06-12, 2020-06-15"
    ):
        getattr(history, ask)("2020-06-13")


def test_the_base_has_nothing_before_it(history):
    with pytest.raises(RequestError, match="is the base session"):
        history.explain("2020-01-02")


def test_a_history_says_what_it_is(history):
    assert repr(history) == "<History of xiangmihu: 243 sessions, 2020-01-02 to 2020-12-31>"
    assert repr(history.baskets) == "<Baskets: 3, effective 2020-01-02, 2020-06-15, 2020-12-14>"
    assert isinstance(history, fi.History)
