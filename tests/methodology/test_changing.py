from __future__ import annotations

from decimal import Decimal

import pytest

import fintech_index as fi
from fintech_index.errors import MethodologyError
from fintech_index.methodology import Methodology, methodology_hash

LEAST = {"name": "dairy", "base.date": "2021-03-01"}


def test_the_original_stays_as_it_is(xiangmihu):
    before = xiangmihu.to_toml()
    other = xiangmihu.replace(**{"weighting.single_cap": "0.08", "selection.count": 40}, name="forty")
    assert (other.name, other.weighting.single_cap, other.selection.count) == ("forty", Decimal("0.08"), 40)
    assert (xiangmihu.name, xiangmihu.weighting.single_cap) == ("xiangmihu", Decimal("0.10"))
    assert xiangmihu.to_toml() == before
    assert other.review is xiangmihu.review


def test_it_is_what_variants_gives(xiangmihu):
    settings = {"selection.count": 35, "weighting.single_cap": None, "review.months": [3]}
    (variant,) = fi.variants(xiangmihu, {path: [value] for path, value in settings.items()}).values()
    replaced = xiangmihu.replace(settings)
    assert replaced == variant
    assert methodology_hash(replaced) == methodology_hash(variant)
    assert variant.to_toml() == replaced.to_toml()


def test_nothing_replaced_is_an_equal_one(xiangmihu):
    assert xiangmihu.replace() == xiangmihu


def test_a_key_that_is_left_out_has_its_default(xiangmihu):
    other = xiangmihu.replace({"rounding.level_decimals": None, "weighting.single_cap": None, "title": None})
    assert other.rounding.level_decimals == 4
    assert other.weighting.single_cap is None
    assert other.title == ""
    assert "single_cap" not in other.to_toml()


def test_a_changed_section_no_longer_says_where_its_rule_is_from(xiangmihu):
    other = xiangmihu.replace({"rounding.level_decimals": 2, "review.months": [12], "review.source": "our committee"})
    assert (other.rounding.label, other.rounding.source) == (None, "")
    assert (other.review.label, other.review.source) == (None, "our committee")
    assert other.weighting.source == xiangmihu.weighting.source


def test_keys_of_tables_within_sections():
    base = Methodology.from_dict(LEAST | {"weighting.single_caps": {"BNK": 0.2, "A.B": 0.3}})
    other = base.replace(
        {
            "weighting.single_caps.A.B": None,
            "weighting.single_caps.SEC": "0.4",
            "selection.count": 20,
            "selection.buffer.enter": 15,
            "selection.buffer.stay": 25,
            "review.cutoff.months_before": 1,
            "eligibility.seasoning.months_by_board.star": 6,
        }
    )
    assert other.weighting.single_caps == {"BNK": Decimal("0.2"), "SEC": Decimal("0.4")}
    assert other.selection.buffer_ranks(20) == (15, 25)
    assert (other.review.cutoff.months_before, other.review.cutoff.session) == (1, -1)
    assert other.eligibility.seasoning.months_for("star") == 6


def test_a_section_as_a_whole():
    base = Methodology.from_dict(LEAST | {"weighting.single_cap": 0.2, "rounding.level_decimals": 2})
    other = base.replace(weighting={"by": "equal"}, rounding=None)
    assert other == Methodology.from_dict(LEAST | {"weighting.by": "equal"})
    assert Methodology.from_toml(other.to_toml()) == other


def test_a_parent_keeps_what_can_be_said_on_it():
    composite = fi.Methodology.load("composite")
    assert composite.replace({"weighting.group_cap": None, "weighting.group_by": None}).parent == "xiangmihu"
    assert composite.replace({"rounding.level_decimals": None}).parent == "xiangmihu"
    assert composite.replace({"weighting.single_cap": None}).parent is None  # its parent has one
    assert composite.replace({"eligibility": {"status.exclude": ["st"]}}).parent is None
    alone = composite.replace(parent=None)
    assert alone.parent is None
    assert methodology_hash(alone) == methodology_hash(composite)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weighting.single_kap": 0.1}, "weighting.single_kap: no such key .did you mean 'weighting.single_cap'"),
        ({"wait": 1}, "wait: no such key"),
        ({5: 1}, "5: no such key"),
        ({"": 1}, ": no such key"),
        ({"weighting.single_cap.more": 1}, "weighting.single_cap.more: no such key"),
        ({"weighting.single_cap": 2}, "weighting.single_cap: 2: .* less than or equal to 1"),
        ({"weighting.single_cap": {0.1}}, "weighting.single_cap: .0.1. has no order"),
        ({"selection.buffer.enter": 5}, "a buffer has either stay or leave"),
        ({"weighting.by": "equal"}, "weighting: single_cap, prices_as_of, shares_as_of: for weights by capitalisation"),
        ({"weighting": 5}, "weighting: 5 is no table"),
        ({"weighting": {}, "weighting.by": "equal"}, "weighting: is given as a whole, and by single keys"),
        ({"weighting.by": "equal", "weighting": None}, "weighting: is given as a whole, and by single keys"),
        ({"name": None}, "name: missing"),
        ({"name": "Dairy"}, "name: 'Dairy'"),
        ({"base": None}, "base: missing"),
        ({"parent": "bnk"}, "parent: cannot be replaced, since its rules are filled in"),
    ],
    ids=lambda each: None if isinstance(each, str) else str(next(iter(each))),
)
def test_what_cannot_be_replaced(xiangmihu, settings, message):
    with pytest.raises(
        MethodologyError, match="^xiangmihu with (.|\n)*" + message.replace("prices_as_of, shares_as_of", ".*")
    ):
        xiangmihu.replace(settings)


def test_all_that_cannot_be_replaced_is_said_at_once(xiangmihu):
    with pytest.raises(MethodologyError) as raised:
        xiangmihu.replace({"wait": 1, "weighting.single_cap": {1}, "rounding.level_decimals": 99})
    assert [problem.where for problem in raised.value.problems] == [
        "wait",
        "weighting.single_cap",
        "rounding.level_decimals",
    ]


def test_what_is_no_mapping(xiangmihu):
    with pytest.raises(MethodologyError, match="replaced by their paths"):
        xiangmihu.replace("name")
