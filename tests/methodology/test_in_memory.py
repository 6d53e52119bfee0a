"""Methodologies made and changed in Python, and written back as TOML."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import MethodologyError, RequestError
from fintech_index.methodology import catalogue, methodology_hash
from fintech_index.methodology._loading import parse

SMALL = {"name": "small", "base.date": "2021-03-01", "weighting.single_cap": 0.15, "selection.count": 30}


def read_back(method):
    return parse(method.to_toml(), where="what was written")


def test_tables_and_paths_are_the_same_methodology():
    flat = fi.Methodology.from_dict(SMALL)
    deep = fi.Methodology.from_dict(
        {
            "name": "small",
            "base": {"date": dt.date(2021, 3, 1)},
            "weighting": {"single_cap": Decimal("0.15")},
            "selection": {"count": 30},
        }
    )
    assert flat == deep
    assert hash(flat) == hash(deep)
    assert (
        repr(flat) == "<Methodology small: base 2021-03-01, 30 names, by free_float_cap, single_cap 0.15, no reviews>"
    )


def test_a_parent_fills_what_is_left_out():
    child = fi.Methodology.from_dict({"name": "child", "parent": "composite", "weighting.single_cap": "0.2"})
    assert child.base == fi.Methodology.load("composite").base
    assert child.weighting.single_cap == Decimal("0.2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weighting.single_cop": 0.1}, "weighting.single_cop: no such key .*did you mean 'single_cap'"),
        ({"weighting.single_cap": "a tenth"}, "weighting.single_cap"),
        ({"weighting.single_cap": 1.5}, "weighting.single_cap"),
        ({"base.date": "2021-02-30"}, "base.date"),
        ({"base": 7}, "base"),
        ({7: 7}, "a key is text"),
        ({"selection..count": 7}, "a key is text"),
        ({"name.first": "x"}, "name: is given twice"),
    ],
)
def test_what_a_methodology_may_not_have(changes, message):
    with pytest.raises(MethodologyError, match=message):
        fi.Methodology.from_dict({"name": "small", "base.date": "2021-03-01"} | changes)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(MethodologyError) as raised:
        fi.Methodology.from_dict({"name": "x", "base.date": "soon", "selection.count": -3, "colour": "red"})
    assert {problem.where for problem in raised.value.problems} == {"base.date", "selection.count", "colour"}


def test_replace_gives_another_and_leaves_this():
    before = fi.Methodology.load("xiangmihu")
    after = before.replace(**{"weighting.single_cap": "0.05", "selection.count": 40, "name": "mine"})
    assert (after.name, after.weighting.single_cap, after.selection.count) == ("mine", Decimal("0.05"), 40)
    assert (before.name, before.weighting.single_cap) == ("xiangmihu", Decimal("0.10"))
    assert after.replace(**{"weighting.single_cap": None}).weighting.single_cap is None
    with pytest.raises(MethodologyError, match="weighting.single_cpa: no such key .*did you mean"):
        before.replace(**{"weighting.single_cpa": 0.1})
    with pytest.raises(MethodologyError, match="weighting.single_cap"):
        before.replace(**{"weighting.single_cap": -1})


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_shipped_file_is_written_as_it_is(name):
    method = fi.Methodology.load(name)
    assert method.to_toml() == catalogue()[name].read_text(encoding="utf-8")
    tidy = fi.Methodology.from_dict(method.model_dump(exclude_unset=True))
    assert methodology_hash(read_back(tidy)) == methodology_hash(method)


def test_what_is_replaced_is_replaced_in_its_place():
    method = fi.Methodology.load("xiangmihu").replace(**{"weighting.single_cap": "0.08"})
    text = method.to_toml()
    assert "# docs/methodology/xiangmihu.md explains it" in text
    assert 'single_cap = "0.08"' in text or "single_cap = 0.08" in text
    assert read_back(method) == method


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "weighting.single_cap": st.decimals("0.05", "1", places=3),
            "selection.count": st.integers(1, 500),
            "rounding.level_decimals": st.integers(0, 6),
            "base.value": st.decimals("1", "5000", places=2),
            "title": st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=20),
            "eligibility.price.at_least": st.decimals("0.01", "9", places=2),
        },
    )
)
def test_what_is_written_is_read_back(changes):
    method = fi.Methodology.from_dict(SMALL | changes)
    assert read_back(method) == method
    assert methodology_hash(read_back(method)) == methodology_hash(method)


def test_copies_and_pickles_are_equal():
    method = fi.Methodology.load("shenzhen").replace(**{"selection.at_least": 2})
    for other in (copy.copy(method), copy.deepcopy(method), pickle.loads(pickle.dumps(method))):  # noqa: S301 - our own
        assert other == method
        assert other.to_toml() == method.to_toml()


def test_a_pickle_of_another_version_is_refused(monkeypatch):
    sent = pickle.dumps(fi.Methodology.load("xiangmihu"))
    monkeypatch.setattr(fi, "__version__", "99.0")
    with pytest.raises(RequestError, match=r"a Methodology of fintech-index .* cannot be taken by 99\.0"):
        pickle.loads(sent)  # noqa: S301 - our own


def test_only_the_interface_is_shown():
    shown = [name for name in dir(fi.Methodology.load("xiangmihu")) if not name.startswith("_")]
    assert {"from_dict", "load", "replace", "to_toml", "weighting"} <= set(shown)
    assert not [name for name in shown if name.startswith(("model_", "parse_", "dict", "json"))]


@pytest.mark.parametrize(
    ("encoding", "message"),
    [("utf-8-sig", None), ("gb18030", "it looks like GBK; save it as UTF-8"), ("utf-16", "is UTF-16 text, by its byte order mark")],
)  # fmt: skip
def test_encodings_of_a_file(tmp_path, encoding, message):
    path = tmp_path / "own.toml"
    path.write_bytes('name = "own"\ntitle_zh = "我的指数"\nbase.date = 2021-03-01\n'.encode(encoding))
    if message is None:
        assert fi.Methodology.load(path).title_zh == "我的指数"
    else:
        with pytest.raises(MethodologyError, match=message):
            fi.Methodology.load(path)
