"""What a methodology is made of in Python: values of every kind, and what no file could hold, each once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import MethodologyError
from fintech_index.methodology import Methodology
from fintech_index.methodology._loading import parse
from fintech_index.methodology._shapes import paths_of, shape_at

LEAST = {"name": "dairy", "base.date": "2021-03-01"}


def made(**keys):
    return Methodology.from_dict(LEAST | {name.replace("__", "."): value for name, value in keys.items()})


def test_nested_and_dotted_keys_are_those_of_a_file():
    text = """
        name = "dairy"
        base = { date = 2021-03-01, value = 500 }
        weighting = { single_cap = 0.07, single_caps = { "A.B" = 0.2 } }
        eligibility.seasoning = { months = 3, months_by_board = { star = 24 } }
        selection = { count = 30, buffer = { enter = 25, stay = 1.5 } }
        review = { months = [3, 9], cutoff = { session = -2 } }
    """
    mapping = {
        "name": "dairy",
        "base": {"value": 500},
        "base.date": dt.date(2021, 3, 1),
        "weighting": {"single_cap": 0.07, "single_caps": {"A.B": "0.2"}},
        "eligibility": {"seasoning.months": 3, "seasoning": {"months_by_board": {"star": "24"}}},
        "selection.count": "30",
        "selection.buffer.enter": 25,
        "selection": {"buffer.stay": 1.5},
        "review": {"months": (3, "9"), "cutoff.session": -2, "announcement": None},
    }
    assert Methodology.from_dict(mapping) == parse(text, where="the same as text")


@pytest.mark.parametrize(
    "value",
    [0.07, "0.07", Decimal("0.07"), Fraction(7, 100), np.float64(0.07), np.float32(0.07), "7e-2"],
    ids=repr,
)
def test_a_number_is_the_decimal_that_it_is_written_as(value):
    assert made(weighting__single_cap=value).weighting.single_cap == Decimal("0.07")


@pytest.mark.parametrize("value", [40, "40", Decimal(40), np.int64(40), np.uint8(40)], ids=repr)
def test_a_whole_number(value):
    count = made(selection__count=value).selection.count
    assert count == 40
    assert type(count) is int


@pytest.mark.parametrize(
    "value",
    [
        "2021-03-01",
        dt.date(2021, 3, 1),
        dt.datetime(2021, 3, 1),  # noqa: DTZ001 - a date that came as a timestamp
        pd.Timestamp("2021-03-01"),
        np.datetime64("2021-03-01"),
    ],
    ids=repr,
)
def test_a_date(value):
    assert made(base__date=value).base.date == dt.date(2021, 3, 1)


@pytest.mark.parametrize("names", [["b", "a"], ("b", "a"), np.array(["b", "a"]), pd.Series(["b", "a"])], ids=repr)
def test_a_list(names):
    assert made(universe__securities=names).universe.securities == ("b", "a")


def test_a_section_of_another_methodology(xiangmihu):
    assert made(review=xiangmihu.review, base__date=dt.date(2025, 1, 2)).review == xiangmihu.review


def test_a_parent_of_the_catalogue():
    method = made(parent="bnk", weighting__single_cap=0.25)
    assert method.weighting.single_cap == Decimal("0.25")
    assert method.eligibility.scope.categories == ("BNK",)
    assert method.title == ""


def test_numbers_of_the_keys_of_an_index_stay_text():
    assert made(title="2021").title == "2021"
    assert made(weighting__nasdaq_100="1998").weighting.nasdaq_100 == "1998"


nested_list = []
nested_list.append(nested_list)
nested = {}
nested["weighting"] = nested


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"weighting.single_kap": 0.1}, "weighting.single_kap: no such key .* .did you mean 'single_cap'"),
        ({"weightning.single_cap": 0.1}, "weightning: no such key .* .did you mean 'weighting'"),
        ({"weighting.single_cap": 1.5}, "weighting.single_cap: 1.5: .* less than or equal to 1"),
        ({"weighting.single_cap": "a tenth"}, "weighting.single_cap: 'a tenth' is no number"),
        ({"weighting.single_cap": True}, "weighting.single_cap: True is no number"),
        ({"weighting.single_cap": Fraction(1, 7)}, "weighting.single_cap: 1/7 is no finite decimal"),
        ({"weighting.single_cap": float("nan")}, "weighting.single_cap: NaN: Input should be a finite number"),
        ({"weighting.single_cap": Decimal("-Infinity")}, "weighting.single_cap: -Infinity: .* finite number"),
        ({"weighting.single_cap": 10**5000}, "weighting.single_cap: a number is below 1e18"),
        ({"weighting.single_cap": "1e-999999999"}, "weighting.single_cap: a number is below 1e18 and has at most"),
        ({"selection.count": 40.0}, 'selection.count: 40.0 is neither "all" nor a whole number'),
        ({"selection.count": 1 + 2j}, "selection.count: .1.2j. cannot be in a file .text, numbers, dates"),
        ({"rounding.level_decimals": "four"}, "rounding.level_decimals: 'four': .* valid integer"),
        ({"base.date": "2021-02-30"}, "base.date: '2021-02-30' is no date .written 2020-01-02"),
        ({"base.date": dt.datetime(2021, 3, 1, 9)}, "base.date: 2021-03-01 09:00:00 has a time of day"),  # noqa: DTZ001
        ({"base": 5}, "base: is given twice"),
        ({"base": {"date": "2021-03-02"}}, "base.date: is given twice"),
        ({"base.date.day": 1}, "base.date: is given twice"),
        ({"review": 5}, "review: 5 is no table"),
        ({"review.months": 6}, "review.months: 6 is no list"),
        ({"review.months": nested_list}, "review.months is nested too deeply"),
        ({"weighting": nested}, "weighting.weighting is nested too deeply"),
        ({"weighting.single_caps": nested}, "weighting.single_caps is nested too deeply"),
        ({"universe.securities": {"a", "b"}}, "universe.securities: .* has no order .give a list"),
        ({"universe.securities": b"ab"}, "universe.securities: b'ab' cannot be in a file"),
        ({"universe.securities": [None, 1]}, "universe.securities.0: is None, which a list"),
        ({"title": "\udc80"}, "title: .* has half a character"),
        ({"returns.bonus_par_tax": "true"}, "returns.bonus_par_tax: 'true': .* valid boolean"),
        ({"base..date": 1}, "'base..date': a key is text such as"),
        ({7: 1}, "7: a key is text such as"),
        ({"weighting.single_caps": {7: 0.1}}, "weighting.single_caps.7: a key is text"),
        ({"parent": "xiangmihi"}, "no parent 'xiangmihi': .* did you mean 'xiangmihu'"),
        ({"parent": 7}, "parent: 7: Input should be a valid string"),
        ({"name": None}, "name: missing"),
    ],
    ids=lambda each: None if isinstance(each, str) else str(next(iter(each))),
)
def test_what_a_methodology_cannot_have(keys, message):
    with pytest.raises(MethodologyError, match=message):
        Methodology.from_dict(LEAST | keys, where="mine")


@pytest.mark.parametrize("given_instead", [None, 5, "name", [("name", "dairy")]])
def test_what_is_no_mapping(given_instead):
    with pytest.raises(MethodologyError, match="mine: a methodology is made of a mapping such as"):
        Methodology.from_dict(given_instead, where="mine")


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(MethodologyError, match="mine: 5 wrong in the methodology") as raised:
        Methodology.from_dict(
            {
                "base": {"date": {"2021-03-01"}, "value": 0},
                "weighting": {"single_cap": Fraction(1, 3)},
                "rounding.level_decimals": 99,
            },
            where="mine",
        )
    assert {problem.where for problem in raised.value.problems} == {
        "name",
        "base.date",
        "base.value",
        "weighting.single_cap",
        "rounding.level_decimals",
    }


def test_the_class_itself_takes_keys():
    assert fi.Methodology(name="dairy", base={"date": "2021-03-01"}) == made()
    with pytest.raises(MethodologyError, match="base: missing"):
        fi.Methodology(name="dairy")
    with pytest.raises(MethodologyError, match="made by Methodology.load, from_dict"):
        fi.Methodology({"name": "dairy"})


def test_every_key_has_a_shape():
    for path in paths_of(Methodology):
        assert any(shape_at(Methodology, path)), path
    assert shape_at(Methodology, "weighting.single_caps.A.B").kinds == {Decimal}
    assert shape_at(Methodology, "weighting.single_cap.more") is None
    assert shape_at(Methodology, "wait") is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.decimals(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(paths_of(Methodology)), ANYTHING, max_size=5))
def test_nothing_but_an_error_of_ours(keys):
    try:
        method = Methodology.from_dict(LEAST | keys)
    except MethodologyError:
        return
    assert Methodology.from_toml(method.to_toml()) == method
