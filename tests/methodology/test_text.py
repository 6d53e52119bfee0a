"""A methodology is written as text that is read back as the same one, with comments and order where it had a text."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fintech_index as fi
from fintech_index.errors import MethodologyError, RequestError, WriteError
from fintech_index.methodology import Methodology, catalogue, methodology_hash, template
from fintech_index.methodology._plain import given_tables
from fintech_index.methodology._writing import same, tidy, written

LEAST = {"name": "dairy", "base.date": "2021-03-01"}
PARTS = st.decimals("0.001", 1, places=3)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True),
        "title": st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        "currency": st.sampled_from(["CNY", "USD"]),
        "base.date": st.dates(dt.date(2024, 5, 1), dt.date(2030, 1, 1)),
        "base.value": st.integers(1, 10**6) | st.decimals(1, 1000, places=4),
        "weighting.single_cap": st.none() | PARTS | st.floats(0.001, 1),
        "weighting.single_caps": st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), PARTS),
        "selection.count": st.just("all") | st.integers(1, 500),
        "review.months": st.lists(st.integers(1, 12), unique=True).map(sorted),
        "review.cutoff.months_before": st.integers(0, 12),
        "eligibility.status.exclude": st.lists(st.text("abc", max_size=3), max_size=3),
        "eligibility.turnover.at_least": PARTS,
        "returns.withholding_tax": st.none() | PARTS.filter(lambda part: part < 1),
        "rounding.level_decimals": st.none() | st.integers(0, 4),
        "actions": st.none() | st.just({"rights": "weight_neutral"}),
        "notice": st.none() | st.just('Two\nlines, a \\ and a " quote'),
    },
)


def assert_the_same(one, other):
    assert one == other
    assert methodology_hash(one) == methodology_hash(other)
    assert same(given_tables(one, every=True), given_tables(other, every=True))


@pytest.mark.parametrize("name", catalogue())
def test_a_file_is_written_as_it_is(name):
    method = Methodology.load(name)
    assert method.to_toml() == catalogue()[name].read_text(encoding="utf-8")
    assert_the_same(Methodology.from_dict(given_tables(method)), method)
    alone = method.replace(parent=None)
    assert_the_same(Methodology.from_toml(alone.to_toml()), alone)


@given(st.sampled_from(list(catalogue())), CHANGES)
def test_whatever_is_replaced_is_read_back(name, changes):
    try:
        method = Methodology.load(name).replace(changes)
    except MethodologyError:
        return  # rules that do not go together
    assert_the_same(Methodology.from_toml(method.to_toml()), method)
    if name == "xiangmihu":
        assert method.to_toml().startswith("# 国证香蜜湖金融科技指数 (399699), reproduced.")


@given(CHANGES, st.sampled_from([None, "xiangmihu", "bnk"]))
def test_whatever_is_made_of_a_dict_is_read_back(keys, parent):
    try:
        method = Methodology.from_dict(LEAST | keys | {"parent": parent})
    except MethodologyError:
        return
    assert_the_same(Methodology.from_toml(method.to_toml()), method)
    assert_the_same(Methodology.from_dict(given_tables(method)), method)


FILE = """\
# Dairy, as the board has it
name = "dairy"     # short
base.date = 2021-03-01
base.value = 100.00

# how much a name may weigh
[weighting]
source = "minutes of May"
single_cap = 0.10  # ten percent
# of groups
group_cap = 0.40

# when
[review]
months = [6]       # June
cutoff = { session = -1, months_before = 1 }  # the last of May
"""


def test_only_what_is_replaced_changes_its_line():
    other = Methodology.from_toml(FILE).replace(
        {
            "title": "Milk",
            "base.value": "250.50",
            "weighting.single_cap": 0.2,
            "weighting.group_cap": None,
            "weighting.source": "minutes of June",
            "weighting.group_caps": {"CHN": "0.30"},
            "review.cutoff.session": -2,
            "fx.carry_sessions": 3,
            "eligibility.status.exclude": ["st"],
        }
    )
    expected = """\
# Dairy, as the board has it
name = "dairy"     # short
title = "Milk"
base.date = 2021-03-01
base.value = 250.50

# how much a name may weigh
[weighting]
source = "minutes of June"
single_cap = 0.2  # ten percent
# of groups
group_caps = { CHN = 0.30 }

# when
[review]
months = [6]       # June
cutoff = { session = -2, months_before = 1 }  # the last of May

[eligibility.status]
exclude = ["st"]

[fx]
carry_sessions = 3
"""
    assert other.to_toml() == expected
    assert_the_same(Methodology.from_toml(expected), other)


def test_the_lines_of_a_new_index_keep_their_comments():
    text = template("dairy")
    other = Methodology.from_toml(text).replace({"weighting.single_cap": "0.25", "review.months": []})
    lines = zip(text.splitlines(), other.to_toml().splitlines(), strict=True)
    changed = [(before.partition("#")[2], after.partition("#")[2]) for before, after in lines if before != after]
    assert len(changed) == 2
    assert all(before == after != "" for before, after in changed)


def test_a_dict_gives_the_keys_that_were_given():
    keys = LEAST | {
        "weighting.by": "equal",  # brings treatments of its own with it
        "base.value": Decimal("1E+2"),
        "eligibility": {"seasoning": {"months_by_board": {"a b": 6}}, "scope.boards": ["main"]},
        "review": {"months": [3], "cutoff": {"session": 1}},
        "universe.securities": [f"{number:06}.SZ" for number in range(12)],
    }
    securities = "".join(f'    "{number:06}.SZ",\n' for number in range(12))
    assert (
        Methodology.from_dict(keys).to_toml()
        == f"""\
name = "dairy"

[base]
date = 2021-03-01
value = 1E+2

[weighting]
by = "equal"

[eligibility.seasoning]
months_by_board = {{ "a b" = 6 }}

[eligibility.scope]
boards = ["main"]

[review]
months = [3]
cutoff = {{ session = 1 }}

[universe]
securities = [
{securities}]
"""
    )


def test_a_whole_number_and_a_decimal_are_two_things():
    for enter in (1, Decimal("1.0"), 1.0):
        method = Methodology.from_dict(LEAST | {"selection": {"count": 9, "buffer": {"enter": enter, "stay": 10}}})
        assert Methodology.from_toml(method.to_toml()).selection.buffer_ranks(9) == method.selection.buffer_ranks(9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.10"), "0.10"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("2E+3"), "2E+3"),
        (True, "true"),
        (dt.date(2021, 3, 1), "2021-03-01"),
        ('"\x7f\n\\', r'"\"\u007f\n\\"'),
        ({}, "{}"),
        ({"a.b": [1, "x"]}, '{ "a.b" = [1, "x"] }'),
    ],
    ids=repr,
)
def test_values_as_they_are_written(value, text):
    assert written(value) == text


def test_a_section_within_a_table_in_one_line():
    inline = 'name = "dairy"\nbase.date = 2021-03-01\neligibility = { status = { exclude = ["st"] } }  # who\n'
    other = Methodology.from_toml(inline).replace({"eligibility.price.at_least": 2})
    assert other.to_toml().splitlines()[2] == (
        'eligibility = { status = { exclude = ["st"] }, price = { at_least = 2 }}  # who'
    )
    assert_the_same(Methodology.from_toml(other.to_toml()), other)


def test_a_text_that_cannot_be_changed_in_place_is_written_anew():
    text = 'description = """\nname = 1\n"""\nname = "dairy"\nbase.date = 2021-03-01\n'
    other = Methodology.from_toml(text).replace(title="Milk")
    assert_the_same(Methodology.from_toml(other.to_toml()), other)


def test_what_a_parent_fills_in_is_written_where_it_has_to_be():
    method = Methodology.from_toml('name = "dairy"  # milk\nparent = "xiangmihu"\n')
    settings = [
        ({"rounding.level_decimals": 4}, "[rounding]\nlevel_decimals = 4\n"),  # of its own, not of the source
        ({"selection.at_least": None}, '[selection]\ncount = "all"\nat_least = 1\n'),
        ({"returns.label": "assumed"}, "[returns]\nwithholding_tax = 0.10\n"),
        ({"universe.label": "assumed"}, None),  # a section that has no rule takes over where it is from
    ]
    for changes, text in settings:
        other = method.replace(changes)
        assert_the_same(Methodology.from_toml(other.to_toml()), other)
        assert other.parent == (None if text is None else "xiangmihu")
        assert other.to_toml().startswith('name = "dairy"  # milk\n')
        assert text is None or text in other.to_toml()


def test_rules_that_were_changed_past_all_checks(xiangmihu):
    beyond = xiangmihu.model_copy(update={"currency": "yuan"})
    with pytest.raises(MethodologyError, match="xiangmihu, as it would be written: (.|\n)*currency: 'yuan'"):
        beyond.to_toml()


def test_a_copy_by_pydantic_is_written_with_its_rules(xiangmihu):
    other = xiangmihu.model_copy(update={"title": "Another"})
    assert Methodology.from_toml(other.to_toml()) == other


def test_a_file_is_saved_and_read_back(tmp_path):
    path = tmp_path / "dairy.toml"
    method = Methodology.from_toml(FILE)
    assert method.save(path) == path
    assert path.read_text(encoding="utf-8") == FILE
    other = Methodology.load(path).replace({"weighting.single_cap": "0.30"})
    assert other.save(str(path)) == path
    assert_the_same(Methodology.load(path), other)
    assert "# ten percent" in path.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".toml"] == ["dairy.toml"]


def test_a_file_away_from_its_parent_has_every_key_itself(tmp_path):
    (tmp_path / "dairy.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "cheese.toml").write_text('name = "cheese"  # hard\nparent = "dairy"\ncurrency = "EUR"\n')
    cheese = Methodology.load(tmp_path / "cheese.toml")
    cheese.save(tmp_path / "twin.toml")
    assert Methodology.load(tmp_path / "twin.toml") == cheese
    (tmp_path / "away").mkdir()
    cheese.save(tmp_path / "away" / "cheese.toml")
    alone = Methodology.load(tmp_path / "away" / "cheese.toml")
    assert (alone.parent, alone.currency, alone.weighting) == (None, "EUR", cheese.weighting)
    assert "# hard" in alone.to_toml()
    (tmp_path / "dairy.toml").unlink()
    assert Methodology.from_toml(cheese.to_toml()) == alone


def test_places_that_take_no_file(tmp_path, xiangmihu):
    with pytest.raises(RequestError, match="ends in .toml, not '.*dairy'"):
        xiangmihu.save(tmp_path / "dairy")
    with pytest.raises(RequestError, match="the path of a methodology must be a"):
        xiangmihu.save(5)
    (tmp_path / "dairy.toml").mkdir()
    with pytest.raises(WriteError):
        xiangmihu.save(tmp_path / "dairy.toml")


def test_text_of_another_kind():
    with pytest.raises(RequestError, match="the text of a methodology must be a str"):
        Methodology.from_toml(b"name")
    with pytest.raises(RequestError, match="the folder of its parents must be a"):
        Methodology.from_toml(FILE, folder=5)
    with pytest.raises(MethodologyError, match="my notes is not TOML"):
        Methodology.from_toml("name", where="my notes")
    assert Methodology.from_toml("\ufeff" + FILE).to_toml() == FILE


def test_tidy_needs_no_tables():
    assert tidy({"name": "dairy"}) == 'name = "dairy"\n'
    assert tidy({"base": {"value": 1}}) == "[base]\nvalue = 1\n"


def test_tomlkit_is_imported_when_a_text_is_changed_and_not_before(tmp_path):
    script = """
import sys, fintech_index as fi
method = fi.Methodology.load("composite")
method.to_toml(), fi.Methodology.from_dict({"name": "dairy", "base.date": "2021-03-01"}).to_toml()
assert "tomlkit" not in sys.modules
method.replace(title="Other").to_toml()
assert "tomlkit" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


def test_variants_are_written_too():
    for variant in fi.variants(fi.Methodology.load("composite"), {"weighting.single_cap": ["0.05", None]}).values():
        read = Methodology.from_toml(variant.to_toml())
        assert read.weighting == variant.weighting
        assert methodology_hash(read) == methodology_hash(variant)
