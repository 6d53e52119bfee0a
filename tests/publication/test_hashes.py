from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.index_view import with_future_sessions
from fintech_index.methodology import shipped
from fintech_index.methodology._loading import parse
from fintech_index.publication import encode_outcome, inputs_hash, methodology_hash
from review_worlds import review_market

RANKED = 'name = "small"\nbase.date = 2020-01-06\nselection.count = 4\nreview.months = [6]\n'


def of(text):
    return methodology_hash(parse(text, where="test"))


def test_what_decides_nothing_is_not_in_the_hash_of_a_methodology():
    assert of(RANKED + 'title = "A title"\nselection.source = "A page"\n') == of(RANKED)
    assert of(RANKED + "weighting.by = 'free_float_cap'\n") == of(RANKED)  # as by default
    assert of(RANKED + "weighting.single_cap = 0.30\n") == of(RANKED + "weighting.single_cap = 0.3\n")


def test_what_decides_is_in_it():
    assert of(RANKED + "weighting.single_cap = 0.30\n") != of(RANKED)
    screened = RANKED + 'eligibility.conduct = { exclude = ["loss"] }\n'
    unapplied = RANKED + 'eligibility.conduct = { exclude = ["loss"], label = "published, not applied" }\n'
    assert of(screened) != of(unapplied)


def test_it_does_not_matter_which_file_of_a_family_says_a_rule():
    child = parse('name = "small"\nparent = "bnk"\n', where="test").model_copy(update={"name": "xiangmihu"})
    scoped = child.eligibility.model_copy(update={"scope": type(child.eligibility.scope)()})
    alike = child.model_copy(
        update={
            "eligibility": scoped,
            "selection": child.selection.model_copy(update={"at_least": 1}),
            "weighting": fi.Methodology.load("xiangmihu").weighting,
        }
    )
    assert methodology_hash(child) != methodology_hash(fi.Methodology.load("xiangmihu"))
    assert methodology_hash(alike) == methodology_hash(fi.Methodology.load("xiangmihu"))


@pytest.fixture(scope="module")
def tables():
    folder = shipped("constituents", "market")
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("prices", "shares")}
    return tables | {name: pd.read_csv(folder / f"{name}.csv") for name in ("securities", "actions")}


def up_to(tables, last):
    """What was known at a close: rows, and securities that had traded."""
    prices = tables["prices"][tables["prices"]["date"].astype(str) <= last]
    known = prices["security"].unique()
    return fi.MarketData.from_tables(
        prices,
        tables["shares"][
            (tables["shares"]["effective"].astype(str) <= last) & tables["shares"]["security"].isin(known)
        ],
        tables["actions"][(tables["actions"]["ex_date"] <= last) & tables["actions"]["security"].isin(known)],
        tables["securities"][tables["securities"]["security"].isin(known)],
    )


@pytest.mark.parametrize("last", ["2020-06-08", "2020-06-09", "2020-06-15", "2020-07-31"])
@pytest.mark.parametrize("name", ["composite", "shenzhen", "sec"])
def test_a_pro_forma_has_the_bytes_of_the_outcome_to_come(tables, market, name, last):
    method = fi.Methodology.load(name)
    early = with_future_sessions(method, up_to(tables, last), dt.date(2020, 6, 15))
    pro_forma = fi.review(method, early, end="2020-06-15").outcome("2020-06-15")
    assert encode_outcome(pro_forma) == encode_outcome(fi.review(method, market).outcome("2020-06-15"))


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ("", {"600001.SH": (10.5, 9000, 3070, 900.0, None, "Shenzhen", "PAY", "net", "one", 1.0)}),  # a close
        (
            "",
            {"600001.SH": (10.0, 9001, 3070, 900.0, None, "Shenzhen", "PAY", "net", "one", 1.0)},
        ),  # all shares, ranked by
        (
            "eligibility.turnover.at_least = 1",
            {"300006.SZ": (6.0, 8000, 900, 401.0, "2020-01-06", "Beijing", "SEC", "ledger", "six", 1.0)},
        ),
        (
            'eligibility.scope.cities = ["Beijing", "Shenzhen"]',
            {"300008.SZ": (8.0, 8000, 5000, 50.0, None, "Chengdu", "DLT", "safe", "eight", 1.0)},
        ),
        (
            "eligibility.seasoning.months = 3",
            {"688007.SH": (70.0, 600, 300, 100.0, "2020-03-03", "Wuhan", "DLT", "ledger", "seven", 1.0)},
        ),
        (
            "eligibility.price.at_least = 1",
            {"300008.SZ": (8.1, 8000, 5000, 50.0, None, "Wuhan", "DLT", "safe", "eight", 1.0)},
        ),
        (
            "eligibility.float.ratio_at_least = 0.01",
            {"300008.SZ": (8.0, 8000, 4999, 50.0, None, "Wuhan", "DLT", "safe", "eight", 1.0)},
        ),
        (
            'weighting.by = "score"',
            {"600001.SH": (10.0, 9000, 3070, 900.0, None, "Shenzhen", "PAY", "net", "one", 2.0)},
        ),
        (
            "weighting.group_cap = 0.9",
            {"600001.SH": (10.0, 9000, 3070, 900.0, None, "Shenzhen", "BNK", "net", "one", 1.0)},
        ),
    ],
)
def test_what_a_review_reads_is_in_the_hash_of_its_inputs(settings, change):
    method = parse(RANKED + settings, where="test")
    one, other = (
        inputs_hash(fi.review(method, review_market(rows=rows)).outcome("2020-06-15")) for rows in ({}, change)
    )
    assert one != other


@pytest.mark.parametrize(
    "change",
    [
        {
            "600001.SH": (10.0, 9000, 3070, 900.0, None, "Chengdu", "DLT", "other", "other", 9.0)
        },  # nothing looks at these
        {"300006.SZ": (6.0, 8000, 900, 4000.0, "2020-01-06", "Beijing", "SEC", "ledger", "six", 1.0)},  # nor at amounts
    ],
)
def test_what_it_does_not_read_is_not(change):
    method = parse(RANKED, where="test")
    one, other = (
        inputs_hash(fi.review(method, review_market(rows=rows)).outcome("2020-06-15")) for rows in ({}, change)
    )
    assert one == other


def test_a_status_is_read_where_a_rule_asks_for_it():
    method = parse(RANKED + 'eligibility.status.exclude = ["st"]\n', where="test")

    def hashed(*status):
        return inputs_hash(fi.review(method, review_market(status=status)).outcome("2020-06-15"))

    plain = hashed(("600001.SH", "loss", "2020-01-01", None))
    assert hashed(("600001.SH", "st", "2020-05-01", None)) == plain  # after the cut-off of 2020-04-30
    assert hashed(("300008.SZ", "st", "2020-04-30", None)) != plain
