"""A setting that nothing reads is worse than none: every key of xiangmihu.toml, flipped, changes a digit or gives a message."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.methodology import shipped
from fintech_index.methodology._loading import parse

DESCRIPTIVE = {"title", "title_zh", "description", "label", "source"}

# For each key, another value as TOML.
FLIPS = {
    "name": '"other"',
    "notice": '"something else"',
    "currency": '"HKD"',
    "base.date": "2020-01-03",
    "base.value": "1001",
    "base.effective": "2020-01-03",
    "eligibility.seasoning.months": "3",
    "eligibility.seasoning.months_by_board": "{ star = 1 }",
    "eligibility.status.exclude": "[]",
    "eligibility.conduct.exclude": '["loss"]',
    "eligibility.status.lookback_months": "12",
    "eligibility.status.when": '"monthly"',
    "eligibility.conduct.lookback_months": "6",
    "selection.count": "50",
    "selection.at_least": "50",
    "free_float.by": '"csi"',
    "weighting.prices_as_of": '"effective"',
    "weighting.shares_as_of": '"effective"',
    "review.sessions": '"all"',
    "weighting.by": '"equal"',
    "calendar.sessions": '"any"',
    "calendar.home": '"XHKG"',
    "weighting.single_cap": "0.09",
    "review.months": "[6]",
    "review.effective_after": '{ weekday = "friday", nth = 3 }',
    "review.cutoff": "{ months_before = 1, session = -1 }",
    "review.price_date": "{ sessions_before = 4 }",
    "actions.basis": '"sequential"',
    "actions.reference_price": '"exchange"',
    "actions.off_session": '"refuse"',
    "actions.special_dividend": '"gross"',
    "actions.rights": '"msci_ex"',
    "actions.restructuring": '"absorbed"',
    "actions.share_changes": '"at_once"',
    "actions.spin_off": '"stays"',
    "actions.acquirer": '"unchanged"',
    "actions.replacement": '"pro_rata"',
    "actions.capping_factors": '"reset"',
    "returns.withholding_tax": "0.20",
    "returns.dividends": '"points"',
    "returns.bonus_par_tax": "true",
    "chaining.on": '"published"',
    "rounding.level_decimals": "3",
    "rounding.divisor_digits": "17",
    "rounding.capping_factor_decimals": "6",
    "rounding.share_decimals": "2",
}
DATED_AFTER_THE_BASE = "2020-01-03"  # what flips an `effective`: the label no longer fits


def keys_of(data, path=()):
    for key, value in data.items():
        if isinstance(value, dict) and ".".join((*path, key)) not in FLIPS:
            yield from keys_of(value, (*path, key))
        elif key not in DESCRIPTIVE:
            yield ".".join((*path, key))


TEXT = shipped("methodology", "xiangmihu.toml").read_text(encoding="utf-8")
DATA = tomllib.loads(TEXT)
KEYS = sorted(keys_of(DATA))


@pytest.fixture(scope="module")
def eventful():
    """The embedded market with an ST name, a special dividend and a restructuring, so that every rule of xiangmihu has something to decide."""
    folder = shipped("constituents", "market")
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("prices", "shares")}
    tables |= {name: pd.read_csv(folder / f"{name}.csv") for name in ("securities", "actions")}
    monday = "2020-08-03"
    happened = [
        {"ex_date": monday, "security": "300059.SZ", "kind": "special_dividend", "cash": 0.1},
        {"ex_date": monday, "security": "300033.SZ", "kind": "restructuring", "price": 100.0},
        {"ex_date": "2020-08-02", "security": "600570.SH", "kind": "cash_dividend", "cash": 0.1},  # a Sunday
        {"ex_date": monday, "security": "000997.SZ", "kind": "rights", "ratio": 0.3, "price": 5.0},
        {"ex_date": monday, "security": "002152.SZ", "kind": "issuance", "total": 3 * 10**9, "free_float": 2 * 10**9},
        {"ex_date": monday, "security": "002065.SZ", "kind": "spin_off", "child": "688999.SH", "ratio": 0.1},
        {"ex_date": "2020-11-02", "security": "300377.SZ", "kind": "merger", "acquirer": "300348.SZ", "ratio": 0.5},
        {"ex_date": monday, "security": "300674.SZ", "kind": "bonus", "ratio": 0.1, "source": "profit"},
    ]
    tables["actions"] = pd.concat([tables["actions"], pd.DataFrame(happened)])
    tables["prices"] = tables["prices"][
        ~((tables["prices"]["security"] == "300377.SZ") & (tables["prices"]["date"].astype(str) >= "2020-11-02"))
    ]
    more = {"688999.SH": monday, "00001.HK": "2020-10-05"}  # a child; and a market open in the Golden Week
    prices = pd.DataFrame({"date": list(more.values()), "security": list(more), "close": 5.0})
    tables["prices"] = pd.concat([tables["prices"].astype({"date": str}), prices])
    described = [("688999.SH", "XSHG", "star", "CNY"), ("00001.HK", "XHKG", "main", "HKD")]
    described = pd.DataFrame(described, columns=["security", "exchange", "board", "currency"])
    tables["securities"] = pd.concat([tables["securities"], described.assign(name="", listed="2020-12-30")])
    status = pd.DataFrame(
        [("300130.SZ", "st", "2020-01-01", None), ("000948.SZ", "st", "2020-01-01", "2020-02-03")],
        columns=["security", "kind", "start", "end"],
    )
    return fi.MarketData.from_tables(**tables, status=status)


def outcome(text, market):
    """All that a methodology decides or says, or the error that it ends in."""
    try:
        history = fi.calculate(parse(text, where="flipped"), market)
        frames = (history.levels, history.divisors, history.holdings)
    except FintechIndexError as error:
        return str(error)
    return [frame.to_csv() for frame in frames], history.method.name, history.notices


def flipped(key):
    *section, name = key.split(".")
    lines, inside, done = TEXT.splitlines(), not section, False
    for at, line in enumerate(lines):
        if line.startswith("["):
            inside = line == f"[{'.'.join(section)}]"
        elif inside and line.startswith(f"{name} ="):
            value = FLIPS.get(key, DATED_AFTER_THE_BASE if name == "effective" else None)
            assert value is not None, f"{key} has no other value in FLIPS"
            lines[at] = f"{name} = {value}"
            done = True
    assert done, f"{key} is not in the file"
    return "\n".join(lines)


def label_of(section):
    rule = DATA
    for part in section:
        rule = rule[part]
    return rule["label"]


@pytest.mark.parametrize("key", [key for key in KEYS if not key.endswith(".effective")])
def test_a_flipped_key_changes_a_digit_or_gives_a_message(key, eventful):
    assert outcome(flipped(key), eventful) != outcome(TEXT, eventful)


def test_a_universe_of_ones_own_changes_what_is_held(eventful):
    own = TEXT.replace("[universe]", '[universe]\nsecurities = ["300059.SZ", "300033.SZ"]').replace(
        "single_cap = 0.10\n", ""
    )
    assert outcome(own, eventful) != outcome(TEXT.replace("single_cap = 0.10\n", ""), eventful)


EARLY = [
    key for key in KEYS if key.endswith(".effective") and label_of(key.split(".")[:-1]) in ("published", "assumed")
]


@pytest.mark.parametrize("key", EARLY)
def test_an_effective_date_after_the_base_must_be_labelled_so(key, eventful):
    assert "its label must be" in outcome(flipped(key), eventful)


SESSIONS = [str(day.date()) for day in pd.bdate_range("2020-01-06", periods=3)]


def small(actions=(), closes=None, fx=None):
    """Two securities, A in Shanghai and B in Hong Kong where `fx` has rates."""
    codes = ["600000.SH", "00001.HK" if fx is not None else "600001.SH"]
    closes = closes or {codes[0]: [15.0, 15.0, 10.0], codes[1]: [20.0, 20.0, 20.0]}
    rows = [(date, who, own[at]) for who, own in closes.items() for at, date in enumerate(SESSIONS) if own[at]]
    counts = pd.DataFrame({"effective": SESSIONS[0], "security": codes, "total": 1000, "float": 500, "free_float": 400})
    return fi.MarketData.from_tables(
        pd.DataFrame(rows, columns=["date", "security", "close"]),
        counts,
        pd.DataFrame(actions) if actions else None,
        fx=fx,
    )


BONUS = {"ex_date": SESSIONS[2], "security": "600000.SH", "kind": "bonus", "ratio": 0.5}
ISSUANCE = {"ex_date": SESSIONS[2], "security": "600000.SH", "kind": "issuance", "total": 1040, "free_float": 440}
CLOSED = {"600000.SH": [15.0, 15.0, 10.0], "00001.HK": [20.0, None, 20.0]}  # Hong Kong on the second session
EVERY_DAY = pd.DataFrame({"date": SESSIONS, "currency": "HKD", "rate": 0.9})
RATES = pd.DataFrame({"date": SESSIONS[:2], "currency": "HKD", "rate": 0.9})


@pytest.mark.parametrize(
    ("one", "other", "market"),
    [
        ('weighting.by = "equal"', 'weighting = { by = "equal", notional = 1000000 }', small()),
        (
            'weighting.by = "price"',
            'weighting.by = "price"\nactions.price_weight_splits = "factor"',
            small([BONUS]),
        ),
        (
            'actions.share_changes = "at_once"',
            'actions = { share_changes = "at_once", share_change_threshold = 0.05 }',
            small([ISSUANCE]),
        ),
        ('actions.share_changes = "at_once"', 'actions.share_changes = "csi"', small([ISSUANCE])),
        ("", "fx.carry_sessions = 1", small(fx=RATES)),
        ('calendar.sessions = "any"', 'calendar.sessions = "all"', small(closes=CLOSED, fx=EVERY_DAY)),
    ],
    ids=["notional", "price_weight_splits", "share_change_threshold", "share_changes", "carry_sessions", "sessions"],
)
def test_a_key_that_xiangmihu_does_not_have(one, other, market):
    head = f'name = "small"\nbase = {{ date = {SESSIONS[0]}, value = 1000 }}\n'
    assert outcome(head + one, market) != outcome(head + other, market)
