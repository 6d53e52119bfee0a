from __future__ import annotations

import csv
import datetime as dt
import io
from fractions import Fraction

import pytest

import fintech_index as fi
from fintech_index.errors import OutcomeFileError
from fintech_index.methodology import catalogue, shipped
from fintech_index.publication import encode_outcome, read_outcome, read_outcomes

PUBLISHED = shipped("constituents")
STARTED = [name for name in catalogue() if any((PUBLISHED / name).glob("*.csv"))]


@pytest.mark.parametrize("name", STARTED)
def test_the_published_outcomes_of_the_family_come_out_again_byte_for_byte(name, market):
    baskets = fi.review(fi.Methodology.load(name), market)
    published = read_outcomes(PUBLISHED, name)
    assert [each.effective for each in published] == [outcome.effective for outcome in baskets.outcomes]
    for each, outcome in zip(published, baskets.outcomes, strict=True):
        same = encode_outcome(outcome) == each.content  # a comparison of megabytes is nothing to read
        assert same, f"{name} {each.effective}"


def test_all_have_outcomes_but_those_that_never_start():
    assert set(catalogue()) - set(STARTED) == {"ins", "lnd"}
    assert len(list(PUBLISHED.glob("*/*.csv"))) - len(list((PUBLISHED / "market").glob("*.csv"))) == 43


def test_a_row_has_what_a_fund_needs(market):
    outcome = fi.review(fi.Methodology.load("composite"), market).outcome("2020-06-15")
    rows = list(csv.DictReader(io.StringIO(encode_outcome(outcome).decode())))
    assert [row["security"] for row in rows] == sorted(row["security"] for row in rows)
    row = next(row for row in rows if row["security"] == "300059.SZ")
    assert row | {"methodology_sha256": "", "inputs_sha256": "", "outcome_sha256": ""} == {
        "index": "composite",
        "effective": "2020-06-15",
        "announcement": "",
        "price_date": "2020-06-08",
        "cutoff": "2020-04-30",
        "security": "300059.SZ",
        "name": "东方财富",
        "free_float": row["free_float"],
        "capping_factor": row["capping_factor"],
        "index_shares": row["index_shares"],
        "price": row["price"],
        "weight": row["weight"],
        "rank": "1",
        "decision": "stays",
        "methodology_sha256": "",
        "inputs_sha256": "",
        "outcome_sha256": "",
    }
    assert round(int(row["free_float"]) * float(row["capping_factor"])) == int(row["index_shares"])
    values = [Fraction(row["price"]) * int(row["index_shares"]) for row in rows]
    for each, value in zip(rows, values, strict=True):
        assert abs(Fraction(each["weight"]) - value / sum(values)) <= Fraction(1, 2 * 10**12)
    assert abs(Fraction(row["weight"]) - Fraction(1, 10)) < Fraction(1, 10**10)  # the cap, but for rounded factors


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "composite").mkdir()
    for path in (PUBLISHED / "composite").glob("*.csv"):
        (tmp_path / "composite" / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_an_edited_file_is_refused(folder):
    path = folder / "composite" / "2020-06-15.csv"
    assert read_outcome(path).effective == dt.date(2020, 6, 15)
    path.write_text(path.read_text(encoding="utf-8").replace("stays", "new", 1), encoding="utf-8")
    with pytest.raises(OutcomeFileError, match=r"2020-06-15.csv was changed after it was written"):
        read_outcome(path)


def test_two_outcomes_of_one_date_and_a_wrong_name_and_index_are_told_together(folder):
    own = folder / "composite"
    text = (own / "2020-06-15.csv").read_bytes()
    (own / "2020-06-16.csv").write_bytes(text)
    (own / "2021-06-15.csv").write_bytes((own / "2020-12-14.csv").read_bytes())
    (own / "2020-12-14.csv").unlink()
    (own / "2020-01-02.csv").write_bytes((PUBLISHED / "bnk" / "2020-01-02.csv").read_bytes())
    with pytest.raises(OutcomeFileError) as caught:
        read_outcomes(folder, "composite")
    assert str(caught.value).splitlines()[1:] == [
        "  2020-01-02.csv: is of the index 'bnk', in the folder of 'composite'",
        "  2020-06-16.csv: is effective 2020-06-15, as 2020-06-15.csv is: one date has one outcome",
        "  2021-06-15.csv: is effective 2020-12-14, which its name does not say",
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "its columns must be index, effective"),
        (b"a,b\n1,2\n", "its columns must be index, effective"),
        (b"\xff\xfe", "not UTF-8"),
        (b'"', "is no outcome file"),
        (b"index,\n" * 3, "its columns must be"),
    ],
)
def test_what_is_no_outcome_file(tmp_path, content, what):
    path = tmp_path / "2020-06-15.csv"
    path.write_bytes(content)
    with pytest.raises(OutcomeFileError, match=what):
        read_outcome(path)


def test_short_rows_are_named(folder):
    path = folder / "composite" / "2020-06-15.csv"
    path.write_text(path.read_text(encoding="utf-8") + "composite,2020-06-15\n", encoding="utf-8")
    with pytest.raises(OutcomeFileError, match="line 49: has 2 fields, not 17"):
        read_outcome(path)
    with pytest.raises(OutcomeFileError, match="cannot read .*: No such file"):
        read_outcome(folder / "composite" / "2021-01-01.csv")
