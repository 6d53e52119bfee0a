from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import fintech_index as fi
from fintech_index.errors import MethodologyError, RequestError
from fintech_index.methodology import catalogue, shipped
from fintech_index.methodology._loading import parse

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 'name = "x"\nbase.date = 2020-01-02\n'


def test_the_catalogue_has_xiangmihu(xiangmihu):
    assert "xiangmihu" in catalogue()
    assert xiangmihu.weighting.single_cap == Decimal("0.10")
    assert xiangmihu.eligibility.seasoning.months_for("star") == 12
    assert xiangmihu.eligibility.seasoning.months_for("chinext") == 6


def test_every_rule_of_the_catalogue_has_a_label_a_source_and_a_date():
    for name in catalogue():
        for path, rule in fi.Methodology.load(name).rules().items():
            if not rule.model_fields_set:
                continue  # not in the file
            assert rule.label, path
            assert rule.source, path
            assert rule.effective, path


def test_every_key_of_xiangmihu_is_written_down(xiangmihu):
    import tomllib

    data = tomllib.loads(shipped("methodology", "xiangmihu.toml").read_text(encoding="utf-8"))
    not_read = {"notional", "group_by", "price_weight_splits"}  # refused, with its other settings
    for section, rule in xiangmihu.rules().items():
        if not rule.model_fields_set:
            continue  # all constituents trade in CNY, all that are eligible enter, and other screens there are none
        written = data
        for part in section.split("."):
            written = written[part]
        defaulted = set(type(rule).model_fields) - set(written)
        asks = {name for name in defaulted if getattr(rule, name)}
        assert asks <= not_read, section


def test_a_path_is_taken_as_one(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(LEAST)
    assert fi.Methodology.load(path).name == fi.Methodology.load(str(path)).name == "x"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (
            "[weighting]\nsingle_kap = 0.10",
            "weighting.single_kap",
            r"no such key \(its value is 0.10\) \(did you mean 'single_cap'\?\)",
        ),
        ("[weightning]\nby = 1", "weightning", "did you mean 'weighting'"),
        ('weighting.by = "gdp"', "weighting.by", "'gdp' is not finished or not known .allowed: 'free_float_cap'"),
        ('weighting = { by = "equal", single_cap = 0.1 }', "weighting", "single_cap: for weights by capitalisation"),
        ("weighting.notional = 5", "weighting", "notional is for weights by equal, not by free_float_cap"),
        ('calendar.home = "XHKG"', "calendar", 'home is read with sessions = "home" only'),
        ("fx.carry_sessions = -1", "fx.carry_sessions", "greater than or equal to 0"),
        ('actions.rights = "sell"', "actions.rights", "allowed: 'subscribe', 'weight_neutral' or 'msci_ex'"),
        (
            "actions.share_change_threshold = 0.05",
            "the file",
            'share_change_threshold is read with share_changes = "at',
        ),
        ('actions.price_weight_splits = "factor"', "the file", "price_weight_splits is read where weighting.by is pri"),
        ('actions.capping_factors = "reset"', "the file", 'capping_factors = "reset" needs a cap in weighting'),
        ("returns.bonus_par_tax = 1", "returns.bonus_par_tax", "valid boolean"),
        ("weighting.single_cap = 1.5", "weighting.single_cap", "1.5: Input should be less than or equal to 1"),
        ("weighting.single_cap = 0", "weighting.single_cap", "0: Input should be greater than 0"),
        ('chaining.on = "ful"', "chaining.on", "allowed: 'full' or 'published'"),
        ("review.months = [12, 6]", "review", "months must ascend"),
        ("review.months = [13]", "review.months.0", "less than or equal to 12"),
        (
            'review.effective_after = { weekday = "sunday", nth = 1 }',
            "review.effective_after.weekday",
            "allowed: 'monday'",
        ),
        ("returns.withholding_tax = 1", "returns.withholding_tax", "less than 1"),
        ('currency = "yuan"', "currency", "'yuan'"),
        ('base.value = "1000"', "base.value", "a number must be written without quotes"),
        ("base.value = true", "base.value", "True is no number"),
        ("weighting.single_cap = 1e-999999999", "weighting.single_cap", "a number is below 1e18 and has at most 28"),
        ("returns.withholding_tax = 1e-29", "returns.withholding_tax", "a number is below 1e18 and has at most 28"),
        ("actions.share_change_threshold = 1e999999999", "actions.share_change_threshold", "below 1e18"),
        ("base.value = 1e5000", "base.value", "below 1e18"),
        ('rounding.level_decimals = "4"', "rounding.level_decimals", "'4': Input should be a valid integer"),
        ("review.months = [true]", "review.months.0", "True: Input should be a valid integer"),
        ("base.value = 999999999\nrounding.level_decimals = 8", "the file", "more digits than a float64 holds"),
        ("review.price_date.sessions_before = -1", "review.price_date.sessions_before", "greater than or equal to 0"),
        ("universe.securities = []", "universe.securities", "has no item \\(name at least 1"),
        ('eligibility.status.label = "guessed"', "eligibility.status.label", "allowed: 'published'"),
        (
            "returns.effective = 2024-01-01",
            "the file",
            "returns.label: this rule is effective 2024-01-01, after the base date",
        ),
        ('returns.label = "published, not applied"', "the file", "only rules of eligibility"),
    ],
)
def test_a_wrong_key_or_value_says_what_is_allowed(text, where, what):
    with pytest.raises(MethodologyError, match=f"{where}: .*{what}"):
        parse(LEAST + text, where="bad.toml")


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(MethodologyError) as raised:
        parse("[weighting]\nsingle_kap = 1\n[rounding]\nlevel_decimals = 99", where="bad.toml")
    assert [problem.where for problem in raised.value.problems] == [
        "name",
        "base",
        "weighting.single_kap",
        "rounding.level_decimals",
    ]


def test_names_that_are_no_index():
    with pytest.raises(MethodologyError, match="no index 'xiangmihi' in the catalogue: did you mean 'xiangmihu'"):
        fi.Methodology.load("xiangmihi")


@pytest.mark.parametrize("name", ["../up", "UPPER", "", "a" * 65, "a b"])
def test_a_name_cannot_be_a_path(name):
    with pytest.raises(MethodologyError, match="name: "):
        parse(f'name = "{name}"\nbase.date = 2020-01-02', where="bad.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name = ", "is not TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"#" * ((1 << 20) + 1), "larger than 1,048,576 bytes of a methodology file"),
        (b"a = " + b"[" * 20000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "a number that is too long"),
        (b"a = 1e99999999999999999999999", "a number that is too long"),
    ],
    ids=["no toml", "no text", "too large", "too deep", "long", "longer"],
)
def test_files_that_cannot_be_read(tmp_path: Path, content, message):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(MethodologyError, match=message):
        fi.Methodology.load(path)


def test_a_name_of_another_kind():
    with pytest.raises(RequestError, match="a methodology must be a"):
        fi.Methodology.load(None)


@pytest.mark.parametrize("name", ["a" * 300, "a" * 300 + ".toml", "a\0.toml"])
def test_names_that_cannot_be_files(name):
    with pytest.raises(MethodologyError):
        fi.Methodology.load(name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MethodologyError, match="cannot read .*No such file"):
        fi.Methodology.load(tmp_path / "none.toml")
