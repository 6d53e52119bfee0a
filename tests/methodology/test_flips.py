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
    "selection.count": "50",
    "weighting.by": '"equal"',
    "weighting.single_cap": "0.09",
    "review.months": "[6]",
    "review.effective_after": '{ weekday = "friday", nth = 3 }',
    "review.cutoff_months_before": "1",
    "review.price_date_sessions_before": "4",
    "actions.basis": '"sequential"',
    "actions.special_dividend": '"gross"',
    "actions.restructuring": '"absorbed"',
    "returns.withholding_tax": "0.20",
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
    special = {"ex_date": "2020-08-03", "security": "300059.SZ", "kind": "special_dividend", "cash": 0.1}
    restructuring = {"ex_date": "2020-08-03", "security": "300033.SZ", "kind": "restructuring", "price": 100.0}
    tables["actions"] = pd.concat([tables["actions"], pd.DataFrame([special, restructuring])])
    status = pd.DataFrame([("300130.SZ", "st", "2020-01-01", None)], columns=["security", "kind", "start", "end"])
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
