"""Every key of a review's rules, flipped on a market where it matters, changes a digit or gives a message."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.errors import FintechIndexError
from fintech_index.methodology import catalogue, shipped
from fintech_index.methodology._loading import parse
from review_worlds import review_market

DIVIDEND = {"ex_date": "2020-06-10", "security": "600002.SH", "kind": "cash_dividend", "cash": 1.0}
BONUS = {"ex_date": "2020-06-10", "security": "600001.SH", "kind": "bonus", "ratio": 0.05}
ISSUANCE = {"ex_date": "2020-06-10", "security": "600003.SH", "kind": "issuance", "total": 3000, "free_float": 2500}
LEAVES = {"ex_date": "2020-08-03", "security": "600001.SH", "kind": "delisting"}
GROWN = {"effective": "2020-06-10", "security": "600003.SH", "total": 3000, "float": 3000, "free_float": 2500}
ST = ("600002.SH", "st", "2020-03-10", "2020-04-10")

RISERS = [  # they rank first and fourth at the review, and were fifth and sixth
    {"effective": "2020-01-20", "security": code, "total": total, "float": total, "free_float": free}
    for code, total, free in (("300006.SZ", 20000, 900), ("300005.SZ", 13500, 4000))
]


def ranked(settings="", ranking='ranking.by = "total_cap"'):
    more = f", {settings}" if settings else ""
    return f"{ranking}\nselection = {{ count = 4{more} }}"


CASES = {
    "eligibility.scope.exchanges": ("", 'eligibility.scope.exchanges = ["XSHG"]'),
    "eligibility.scope.boards": ("", 'eligibility.scope.boards = ["main"]'),
    "eligibility.scope.cities": ("", 'eligibility.scope.cities = ["Beijing"]'),
    "eligibility.scope.categories": ("", 'eligibility.scope.categories = ["PAY", "SEC"]'),
    "eligibility.scope.cni_fields": ("", 'eligibility.scope.cni_fields = ["ledger"]'),
    "eligibility.seasoning.months": ("", "eligibility.seasoning.months = 6"),
    "eligibility.seasoning.months_by_board": ("", "eligibility.seasoning.months_by_board = { star = 6 }"),
    "eligibility.status.exclude": ("", 'eligibility.status.exclude = ["st"]\neligibility.status.lookback_months = 3'),
    "eligibility.status.lookback_months": (
        'eligibility.status.exclude = ["st"]',
        'eligibility.status = { exclude = ["st"], lookback_months = 3 }',
    ),
    "eligibility.status.when": (
        'eligibility.status.exclude = ["st"]',
        'eligibility.status = { exclude = ["st"], when = "monthly" }',
    ),
    "eligibility.conduct.exclude": ("", 'eligibility.conduct = { exclude = ["st"], lookback_months = 3 }'),
    "eligibility.conduct.lookback_months": (
        'eligibility.conduct.exclude = ["st"]',
        'eligibility.conduct = { exclude = ["st"], lookback_months = 3 }',
    ),
    "eligibility.price.at_least": ("", "eligibility.price.at_least = 10.01"),
    "eligibility.float.cap_at_least": ("", "eligibility.float.cap_at_least = 30700.01"),
    "eligibility.float.ratio_at_least": ("", "eligibility.float.ratio_at_least = 0.5"),
    "eligibility.turnover.at_least": ("", "eligibility.turnover.at_least = 100.01"),
    "eligibility.turnover.drop_bottom": ("", "eligibility.turnover.drop_bottom = 0.15"),
    "eligibility.turnover.lookback_months": (
        "eligibility.turnover.at_least = 600",
        "eligibility.turnover = { at_least = 600, lookback_months = 1 }",
    ),
    "ranking.by": (ranked(), ranked(ranking='ranking.by = "turnover"')),
    "ranking.lookback_months": (ranked(), ranked(ranking="ranking.lookback_months = 1")),
    "ranking.ties": ("selection.count = 5", 'selection.count = 5\nranking.ties = "turnover"'),
    "selection.count": (ranked(), "selection.count = 5"),
    "selection.at_least": ("", "selection.at_least = 9"),
    "selection.buffer": (ranked(), ranked("buffer = { enter = 1, stay = 7 }")),
    "selection.turnover_limit": (ranked(), ranked("turnover_limit = 0.25")),
    "selection.fast_entry_rank": (
        f"{ranked()}\neligibility.seasoning.months = 6",
        f"{ranked('fast_entry_rank = 8')}\neligibility.seasoning.months = 6",
    ),
    "selection.reserve": (
        f'{ranked()}\nactions.replacement = "newcomer"',
        f'{ranked("reserve = 2")}\nactions.replacement = "newcomer"',
    ),
    "selection.relax": (
        "selection.count = 7\neligibility.price.at_least = 10",
        'selection = { count = 7, relax = ["price"] }\neligibility.price.at_least = 10',
    ),
    "free_float.by": ("", 'free_float.by = "ftse"'),
    "weighting.by": ("", 'weighting.by = "total_cap"'),
    "weighting.by score": ("", 'weighting.by = "score"'),
    "weighting.single_cap": ("", "weighting.single_cap = 0.20"),
    "weighting.single_caps": (
        "weighting.single_cap = 0.25",
        "weighting = { single_cap = 0.25, single_caps = { PAY = 0.15 } }",
    ),
    "weighting.group_cap": ("", "weighting.group_cap = 0.30"),
    "weighting.group_caps": (
        "weighting.group_cap = 0.4",
        "weighting = { group_cap = 0.4, group_caps = { BNK = 0.2 } }",
    ),
    "weighting.group_by": ("weighting.group_cap = 0.4", 'weighting = { group_cap = 0.4, group_by = "issuer" }'),
    "weighting.top": ("", "weighting.top = { count = 2, cap = 0.35 }"),
    "weighting.large": ("", "weighting.large = { over = 0.15, cap = 0.45 }"),
    "weighting.minimum_weight": ("", "weighting.minimum_weight = 0.05"),
    "weighting.nasdaq_100": ("", 'weighting.nasdaq_100 = "2023"'),
    "weighting.nasdaq_100 1998": ("", 'weighting.nasdaq_100 = "1998"'),
    "weighting.relax": ("weighting.single_cap = 0.1", 'weighting = { single_cap = 0.1, relax = ["single_cap"] }'),
    "weighting.prices_as_of": (
        "weighting.single_cap = 0.2",
        'weighting = { single_cap = 0.2, prices_as_of = "effective" }',
    ),
    "weighting.shares_as_of": ("", 'weighting.shares_as_of = "effective"'),
    "review.effective_on": ("", "review.effective_on = { session = 1 }"),
    "review.effective_after": ("", 'review.effective_after = { weekday = "friday", nth = 3 }'),
    "review.cutoff": (
        "eligibility.seasoning.months = 3",
        "eligibility.seasoning.months = 3\nreview.cutoff = { sessions_before = 1 }",
    ),
    "review.price_date": ("", "review.price_date = { sessions_before = 2 }"),
    "review.announcement": ("", 'review.announcement = { weekday = "friday", nth = 2, move = -60 }'),
    "review.share_freeze": (
        'actions.share_changes = "at_once"',
        'actions.share_changes = "at_once"\nreview.share_freeze = true',
    ),
}


@pytest.fixture(scope="module")
def world():
    counts = {
        "300005.SZ": (5.2, 10000, 4000, 500.0, "2019-10-01", "Beijing", "SEC", "ledger", "five", 3.0)
    }  # ties a cap
    return review_market([DIVIDEND, BONUS, ISSUANCE, LEAVES], [ST], [GROWN, *RISERS], counts)


def outcome(settings, market):
    """All that a methodology decides or says, or the error that it ends in."""
    text = f'name = "small"\nbase = {{ date = 2020-01-06, value = 1000 }}\nreview.months = [6]\n{settings}\n'
    try:
        history = fi.calculate(parse(text, where="flipped"), market)
        return [frame.to_csv() for frame in (history.levels, history.divisors, history.holdings)], history.notices
    except FintechIndexError as error:
        return str(error)


@pytest.mark.parametrize("key", CASES)
def test_a_flipped_key_changes_a_digit_or_gives_a_message(key, world):
    one, other = (outcome(settings, world) for settings in CASES[key])
    assert one != other
    assert "wrong in the methodology" not in str(one) + str(other)


def test_every_key_of_a_review_is_flipped():
    from test_docs import keys

    sections = ("eligibility", "ranking", "selection", "free_float", "weighting", "review")
    wanted = {key for key in keys() if key.split(".")[0] in sections}
    elsewhere = {"weighting.notional", "review.months", "review.sessions"}  # test_flips
    assert wanted - elsewhere <= {key.split(" ")[0] for key in CASES}


# For each key that a file of the family has of its own, another value.
FAMILY = {
    "parent": '"composite"',
    "eligibility.scope.categories": '["SEC", "PAY"]',
    "eligibility.scope.cni_fields": '["financial-security", "internet-finance"]',
    "eligibility.scope.cities": '["Beijing"]',
    "selection.at_least": "50",
    "weighting.single_cap": "0.12",
    "weighting.group_by": '"cni_field"',
    "weighting.group_cap": "0.14",
}
OTHER = {
    "composite": {"parent": '"bnk"', "weighting.single_cap": "0.09"},
    "pay": {"eligibility.scope.categories": '["SEC"]'},
}


def lines_of(name):
    section = ""
    for at, line in enumerate(shipped("methodology", f"{name}.toml").read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            section = line.strip("[]") + "."
        elif " = " in line and not line.startswith("#"):
            key = line.split(" = ")[0]
            if key not in ("name", "title", "title_zh", "description", "label", "source", "effective"):
                yield at, section + key


FLIPPED = [(name, at, key) for name in catalogue() if name != "xiangmihu" for at, key in lines_of(name)]


@pytest.fixture(scope="module")
def relabelled():
    """The embedded market with payments as insurance, and devices as online lending, so that these have names."""
    folder = shipped("constituents", "market")
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("prices", "shares")}
    tables |= {name: pd.read_csv(folder / f"{name}.csv") for name in ("securities", "actions")}
    tables["securities"]["category"] = tables["securities"]["category"].replace({"PAY": "INS", "DEV": "LND"})
    return fi.MarketData.from_tables(**tables)


@pytest.mark.parametrize(("name", "at", "key"), FLIPPED, ids=str)
def test_a_key_of_the_family_flipped_makes_another_index(name, at, key, market, relabelled):
    text = shipped("methodology", f"{name}.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    lines[at] = f"{key.split('.')[-1]} = {OTHER.get(name, {}).get(key, FAMILY[key])}"
    assert tomllib.loads("\n".join(lines)) != tomllib.loads(text)

    def decided(source):
        try:
            where = relabelled if name in ("ins", "lnd") else market
            history = fi.calculate(parse(source, where="flipped"), where)
        except FintechIndexError as error:
            return str(error)
        return history.levels.to_csv(), history.holdings.to_csv()

    assert decided("\n".join(lines)) != decided(text)
