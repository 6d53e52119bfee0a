from __future__ import annotations

import pytest

import fintech_index as fi
from fintech_index.errors import MethodologyError, RequestError


def test_the_last_key_changes_fastest(make_method):
    made = fi.variants(make_method(), {"selection.count": [2, 3], "weighting.single_cap": [0.6, None]})
    assert list(made) == [
        "selection.count=2, weighting.single_cap=0.6",
        "selection.count=2, weighting.single_cap=none",
        "selection.count=3, weighting.single_cap=0.6",
        "selection.count=3, weighting.single_cap=none",
    ]
    assert [each.selection.count for each in made.values()] == [2, 2, 3, 3]
    assert [str(each.weighting.single_cap) for each in made.values()] == ["0.6", "None", "0.6", "None"]


def test_what_does_not_change_is_the_same_object(make_method):
    base = make_method('ranking.by = "total_cap"\nselection.count = 1')
    made = list(fi.variants(base, {"selection.count": [2, 3], "weighting.single_cap": [0.6, 0.7]}).values())
    assert all(each.ranking is base.ranking for each in made)
    assert made[0].selection is made[1].selection


def test_keys_of_tables_in_sections(xiangmihu):
    made = fi.variants(xiangmihu, {"eligibility.seasoning.months": [1, 12], "review.months": [[6, 12], [3]]})
    assert [each.eligibility.seasoning.months for each in made.values()] == [1, 1, 12, 12]
    assert [each.review.months for each in made.values()] == [(6, 12), (3,)] * 2


def test_a_rule_that_is_changed_is_nobody_elses(xiangmihu):
    assert xiangmihu.weighting.source
    (made,) = fi.variants(xiangmihu, {"weighting.single_cap": [0.05]}).values()
    assert (made.weighting.label, made.weighting.source) == (None, "")
    assert made.review.source == xiangmihu.review.source


def test_no_changes_are_the_base_itself(make_method):
    base = make_method()
    assert fi.variants(base, {}) == {base.name: base}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"selection.cuont": [1]}, r"no key 'selection.cuont' .*: did you mean 'selection.count'\?"),
        ({"currency": ["CNY"]}, "no key 'currency'"),
        ({"selection.count": 50}, "a sequence such as"),
        ({"selection.count": []}, "a sequence such as"),
        ({"review.sessions": "all"}, "a sequence such as"),
        ({"selection.count": [2, 2]}, "has values twice: 2"),
        (
            {"selection.count": range(1, 1002), "selection.reserve": range(1, 1002)},
            "1,002,001 variants of a sweep; at most 250,000 are taken",
        ),
    ],
)
def test_requests_that_cannot_be(make_method, changes, message):
    with pytest.raises(RequestError, match=message):
        fi.variants(make_method(), changes)


def test_all_that_are_no_methodology_are_named_together(make_method):
    with pytest.raises(MethodologyError, match="4 wrong in the variants of small") as error:
        fi.variants(make_method(), {"selection.count": [0, 2], "weighting.single_cap": [0.6, 1.6]})
    assert "selection.count=0, weighting.single_cap=0.6" in str(error.value)
