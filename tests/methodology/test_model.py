"""What a reader sees of a methodology: one line, its keys and methods; and how it is compared, copied and pickled."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

import fintech_index as fi
from fintech_index.errors import FintechIndexError, MethodologyError
from fintech_index.methodology import Methodology, catalogue

loaded = pickle.loads
LEAST = {"name": "dairy", "base.date": "2021-03-01"}


@pytest.mark.parametrize("name", catalogue())
def test_one_line_says_which_and_what(name):
    method = Methodology.load(name)
    line = repr(method)
    assert line == str(method)
    assert line.startswith(f"<Methodology {name}: ")
    assert "base 2020-01-02, by free_float_cap, single_cap 0." in line
    assert len(line) < 120
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({}, "<Methodology dairy: base 2021-03-01, by free_float_cap, no reviews>"),
        (
            {"title": "Milk and cheese", "selection.count": 40, "review.months": [3, 9]},
            '<Methodology dairy: "Milk and cheese", base 2021-03-01, 40 names, by free_float_cap, months 3, 9>',
        ),
        (
            {"title": "牛奶指数" * 20, "weighting.by": "equal"},
            '<Methodology dairy: "牛奶指数牛奶指数牛奶指数牛奶指数牛奶指数牛奶指数...", base 2021-03-01, by equal, no reviews>',
        ),
        (
            {"name": "d" * 64, "weighting.single_caps": {"CHN": 0.25}},
            f"<Methodology {'d' * 64}: base 2021-03-01, ...>",
        ),
        (
            {"title": "a\nb\x1b[31m"},
            '<Methodology dairy: "a b\\x1b[31m", base 2021-03-01, by free_float_cap, no reviews>',
        ),
    ],
    ids=["least", "all", "Chinese", "long", "control"],
)
def test_the_line_of_an_index_of_ones_own(keys, line):
    assert repr(Methodology.from_dict(LEAST | keys)) == line


def test_what_is_pydantics_is_not_listed(xiangmihu):
    own = {"load", "from_dict", "from_toml", "replace", "to_toml", "save", "rules", "notices"}
    listed = {name for name in dir(xiangmihu) if not name.startswith("_")}
    assert listed == own | set(Methodology.model_fields)
    assert {name for name in dir(xiangmihu.rounding) if not name.startswith("_")} == {
        *("label", "source", "effective"),
        *("level_decimals", "divisor_digits", "capping_factor_decimals", "share_decimals"),
    }
    assert "months_for" in dir(xiangmihu.eligibility.seasoning)
    assert xiangmihu.model_dump()["name"] == "xiangmihu"  # and works as before


@pytest.mark.parametrize(
    ("section", "name", "message"),
    [
        ("", "single_cap", "Methodology has no 'single_cap' of its own: it is weighting.single_cap"),
        ("", "session", "review.cutoff.session"),
        ("", "weightings", "Methodology has no 'weightings': did you mean 'weighting'"),
        ("", "to_tom", "did you mean 'to_toml'"),
        ("weighting", "singlecap", "Weighting has no 'singlecap': did you mean 'single_cap'"),
    ],
)
def test_attributes_that_there_are_not(xiangmihu, section, name, message):
    holder = getattr(xiangmihu, section) if section else xiangmihu
    with pytest.raises(AttributeError, match=message) as raised:
        getattr(holder, name)
    assert isinstance(raised.value, MethodologyError)
    assert not hasattr(holder, name)
    assert not hasattr(holder, f"_{name}")


def test_nothing_is_set_in_place(xiangmihu):
    with pytest.raises(
        AttributeError, match="Methodology.currency cannot be set to 'USD': .* method.replace"
    ) as raised:
        xiangmihu.currency = "USD"
    assert isinstance(raised.value, FintechIndexError)
    with pytest.raises(MethodologyError, match="Weighting.single_cap cannot be set to 0.05: .* method.replace"):
        xiangmihu.weighting.single_cap = 0.05
    with pytest.raises(MethodologyError, match="Methodology.currency cannot be set"):
        del xiangmihu.currency
    assert xiangmihu.currency == "CNY"


def test_comments_do_not_make_two_different():
    one = Methodology.from_toml('name = "dairy"  # milk\nbase.date = 2021-03-01')
    other = Methodology.from_dict(LEAST)
    assert one == other
    assert hash(one) == hash(other)
    assert one != other.replace(currency="USD")
    assert one != "dairy"
    assert {one: 1}[other] == 1


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, *(lambda each, p=p: loaded(pickle.dumps(each, p)) for p in range(6))],
)
def test_a_copy_is_equal_and_keeps_its_comments(copied):
    text = 'name = "dairy"  # milk\nbase.date = 2021-03-01\nweighting.single_caps = { CHN = 0.2 }\n'
    method = Methodology.from_toml(text)
    other = copied(method)
    assert other == method
    assert hash(other) == hash(method)
    assert other.to_toml() == text
    assert other.model_fields_set == method.model_fields_set


def test_copies_with_changes_are_checked(xiangmihu):
    assert xiangmihu.__replace__(currency="USD") == xiangmihu.replace(currency="USD")
    with pytest.raises(MethodologyError, match="currency: 'dollars'"):
        xiangmihu.__replace__(currency="dollars")


def test_a_pickle_of_another_version_is_refused_by_name(xiangmihu, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(fi, "__version__", "0.0.7")
        content = pickle.dumps(xiangmihu)
    with pytest.raises(FintechIndexError, match=rf"of fintech-index 0.0.7 .*{re.escape(fi.__version__)}"):
        loaded(content)


def test_a_pickle_names_no_class_that_another_version_may_not_have(xiangmihu):
    names = set(re.findall(rb"fintech_index[a-z_.]*", pickle.dumps(xiangmihu.replace(title="Other"), 0)))
    assert names == {b"fintech_index.travelling", b"fintech_index.methodology._model"}


def test_the_block_of_the_page_on_methodology_files_runs(tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "methodology-file.md"
    (block,) = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(block, page.name, "exec"), names)  # noqa: S102
    assert Methodology.load(tmp_path / "forty.toml") == names["forty"]
