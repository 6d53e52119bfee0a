"""What a state must remember, so that going on from it is the whole."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import CalculationError, CorporateActionError

SESSIONS = [day.date() for day in pd.bdate_range("2020-01-06", periods=8)]
STEADY = {who: [10.0] * 8 for who in ("A.SH", "B.SH", "C.SH", "D.SH")}


def own(*rows):
    """Baskets (session, price date, security, index shares); free float twice the shares, factor 0.5."""
    frame = pd.DataFrame(rows, columns=["effective", "price_date", "security", "index_shares"])
    for name in ("effective", "price_date"):
        frame[name] = [SESSIONS[at] for at in frame[name]]
    return fi.Baskets.from_frame(frame.assign(free_float=frame["index_shares"] * 2, capping_factor=0.5))


A_AND_B = own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100))


def on(session, security, kind, **terms):
    return {"ex_date": SESSIONS[session], "security": security, "kind": kind, **terms}


def correction(session, security, original, cash):
    return on(session, security, "dividend_correction", cash=cash, original_ex_date=SESSIONS[original])


def assert_goes_on_from_every_close(method, market, baskets):
    whole = fi.calculate(method, market, baskets)
    for at in range(7):
        state = fi.State.from_json(whole.state(SESSIONS[at]).to_json())
        rest = fi.calculate(method, market, baskets, resume=state)
        assert rest.levels.equals(whole.levels.iloc[at + 1 :])
        assert rest.divisors.equals(whole.divisors.iloc[at + 1 :])
        assert rest.state(SESSIONS[7]) == whole.state(SESSIONS[7])
    return whole


def test_what_waits(make_method, make_market):
    """A CSI change, a child before its first close, and a dividend that is corrected later."""
    closes = STEADY | {"K.SH": [None] * 5 + [4.0] * 3}
    happened = [
        on(2, "A.SH", "issuance", total=1100, free_float=300),
        on(2, "B.SH", "spin_off", child="K.SH", ratio=0.5),
        on(1, "B.SH", "cash_dividend", cash=1.0),
        correction(6, "B.SH", 1, 0.5),
    ]
    method = make_method('actions.share_changes = "csi"')
    whole = assert_goes_on_from_every_close(method, make_market(closes, happened), A_AND_B)
    found = whole.divisor_changes.query("variant == 'price'")
    assert [*zip(found["security"], found["cause"], strict=True)] == [("A.SH", "issuance"), ("K.SH", "spin_off")]


def test_a_child_that_is_a_constituent_already(make_method, make_market):
    spin_off = on(4, "A.SH", "spin_off", child="B.SH", ratio=0.5)
    whole = assert_goes_on_from_every_close(make_method(), make_market(STEADY, [spin_off]), A_AND_B)
    assert whole.constituents(SESSIONS[4])["index_shares"].to_dict() == {"A.SH": 100, "B.SH": 150}
    assert whole.constituents(SESSIONS[5])["index_shares"].to_dict() == {"A.SH": 100, "B.SH": 100}


def gone_by_delisting():
    closes = STEADY | {"A.SH": [10.0] * 4 + [None] * 4}
    return closes, [on(4, "A.SH", "delisting")], A_AND_B


def gone_by_review():
    return STEADY, [], own((0, 0, "A.SH", 100), (0, 0, "B.SH", 100), (4, 3, "B.SH", 100))


@pytest.mark.parametrize("gone", [gone_by_delisting, gone_by_review])
def test_a_correction_of_who_has_left(gone, make_method, make_market):
    closes, leaving, baskets = gone()
    market = make_market(closes, [*leaving, on(2, "A.SH", "cash_dividend", cash=1.0), correction(6, "A.SH", 2, 0.5)])
    whole = assert_goes_on_from_every_close(make_method(), market, baskets)
    told = whole.divisor_changes.query("cause == 'dividend_correction' and variant == 'gross'")
    assert told["amount"].tolist() == [-50]


def test_a_correction_of_a_dividend_before_the_base(make_method, make_market):
    market = make_market(STEADY, [on(1, "A.SH", "cash_dividend", cash=1.0), correction(6, "A.SH", 1, 0.5)])
    baskets = own((2, 2, "A.SH", 100), (2, 2, "B.SH", 100))
    whole = fi.calculate(make_method(), market, baskets)
    assert whole.divisor_changes.empty
    for at in (2, 4):
        assert fi.calculate(make_method(), market, resume=whole.state(SESSIONS[at])).divisor_changes.empty


def test_a_correction_goes_by_the_shares_that_the_dividend_was_paid_on(make_method, make_market):
    """One after another the cash is paid on 200 shares, and all of it is taken back."""
    closes = STEADY | {"A.SH": [10.0] * 2 + [4.0] * 6}
    happened = [
        on(2, "A.SH", "split", ratio=2.0),
        on(2, "A.SH", "cash_dividend", cash=1.0),
        correction(5, "A.SH", 2, -1.0),
    ]
    for basis, shares in (("pre", 100), ("sequential", 200)):
        history = fi.calculate(make_method(f'actions.basis = "{basis}"'), make_market(closes, happened), A_AND_B)
        gross = history.divisor_changes.query("variant == 'gross'")["amount"].tolist()
        assert gross == [-shares, shares]


def test_a_correction_of_a_special_dividend_is_one_of_the_price_index_too(make_method, make_market):
    happened = [on(2, "A.SH", "special_dividend", cash=1.0), correction(5, "A.SH", 2, -1.0)]
    method = make_method('actions.special_dividend = "net"')
    history = fi.calculate(method, make_market(STEADY, happened), A_AND_B)
    assert history.divisor_changes["amount"].tolist() == [-90, -100, -90, 90, 100, 90]
    neutral = make_method('actions.special_dividend = "weight_neutral"')
    with pytest.raises(CorporateActionError, match="has been reinvested in its shares .*; its correction is not calc"):
        fi.calculate(neutral, make_market(STEADY, happened), A_AND_B)


def test_a_forgotten_dividend_that_a_state_cannot_know(make_method, make_market):
    market = make_market(STEADY, [correction(6, "A.SH", 1, 0.5)])
    whole = fi.calculate(make_method(), market, A_AND_B)
    assert whole.divisor_changes["amount"].tolist() == [-50, -45]
    assert any("is taken as one that was forgotten" in text for text in whole.notices)
    with pytest.raises(
        CorporateActionError, match="correction on 2020-01-14 of a dividend of 2020-01-07, and the state"
    ):
        fi.calculate(make_method(), market, resume=whole.state(SESSIONS[3]))


def test_a_forgotten_dividend_of_who_has_left(make_method, make_market):
    market = make_market(
        STEADY | {"A.SH": [10.0] * 3 + [None] * 5}, [on(3, "A.SH", "delisting"), correction(5, "A.SH", 1, 1.0)]
    )
    whole = fi.calculate(make_method(), market, A_AND_B)
    assert whole.levels["gross"].iloc[-1] == 1111.1111  # 100 of 1000
    for at in (2, 3, 4):
        state = fi.State.from_json(whole.state(SESSIONS[at]).to_json())
        with pytest.raises(CorporateActionError, match="the state does not know the shares held then"):
            fi.calculate(make_method(), market, resume=state)


def test_a_state_from_before_a_rename_was_known(make_method, make_market):
    """Yesterday's data had A under its later code Z alone; today's says that it is A's."""
    closes = {"Z.SH": [10.0] * 8, "B.SH": [10.0] * 8}
    state = fi.calculate(make_method(), make_market(closes), own((0, 0, "Z.SH", 100), (0, 0, "B.SH", 100))).state(
        SESSIONS[5]
    )
    known = make_market(closes, [on(0, "A.SH", "rename", new_security="Z.SH")], {"B.SH": 1000})
    rest = fi.calculate(make_method(), known, resume=state)
    assert sorted(rest.weights(SESSIONS[7]).index) == ["A.SH", "B.SH"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda state: state["constituents"][0].update(index_shares=100.5),
        lambda state: state["constituents"][0].update(capping_factor="NaN"),
        lambda state: state["constituents"][0].update(capping_factor="-0.5"),
        lambda state: state["constituents"][0].update(float_ratio="0"),
        lambda state: state["constituents"][0].update(counted="2030-01-01"),
        lambda state: state["constituents"][0].update(total="-1"),
        lambda state: state["paid"]["shares"].append(
            {"security": "A.SH", "ex_date": "2030-01-01", "index_shares": "1"}
        ),
        lambda state: state["paid"]["shares"].extend(
            [{"security": "A.SH", "ex_date": "2020-01-06", "index_shares": "1"}] * 2
        ),
        lambda state: state["paid"].pop("begun"),
    ],
)
def test_a_state_that_was_edited(edit, make_method, make_market):
    data = json.loads(fi.calculate(make_method(), make_market(STEADY), A_AND_B).state(SESSIONS[3]).to_json())
    edit(data)
    with pytest.raises(CalculationError, match="this is not the state of an index"):
        fi.State.from_json(json.dumps(data))


def test_a_text_that_nests_too_deeply_is_no_state():
    with pytest.raises(CalculationError, match="this is not the state of an index"):
        fi.State.from_json("[" * 200_000)
