from __future__ import annotations

import csv
import io
import json

import pytest

from fintech_index.methodology import shipped


def test_a_review_writes_its_outcome_and_reports(run, tmp_path):
    code, out, err = run("review", "composite", "--effective", "2020-06-15")
    assert code == 0
    path = tmp_path / "constituents" / "composite" / "2020-06-15.csv"
    assert path.read_bytes() == (shipped("constituents") / "composite" / "2020-06-15.csv").read_bytes()
    assert "notice: wrote: constituents/composite/2020-06-15.csv" in err
    for part in (
        "composite  effective 2020-06-15",
        "│ constituents     │ 47 ",
        "│ additions        │ 603927.SH ",
        "│ one-way turnover │ 7.23% ",
        "single_cap: 2 names, group_cap: BNK, group_cap: DAT, group_cap: WLT, group_cap: SEC; they move 19.51%",
        "│ not eligible     │ market 4, seasoning 2 ",
        "│ 600570.SH │ 恒生电子 │ stays    │ 13.8734% │ 10.0000% │ -3.8734% │         0.035 │",
    ):
        assert part in out
    again, _, err = run("review", "composite", "--effective", "2020-06-15")
    assert again == 0
    assert "is there already: constituents/composite/2020-06-15.csv" in err


def test_json_has_everything(run):
    _, out, _ = run("review", "wlt", "--format", "json", "--fund-size", "1000000000")
    (review,) = json.loads(out)
    assert review["effective"] == "2020-12-14"
    assert review["additions"] == ["300033.SZ", "300059.SZ", "300803.SZ", "601519.SH"]
    assert review["one_way_turnover"] == 1
    assert {row["security"] for row in review["changes"]} == set(review["additions"])
    late = next(row for row in review["waterfall"] if row["security"] == "688318.SH")
    assert (late["decision"], late["rule"]) == ("out", "seasoning")
    assert late["why"] == "listed on 2020-04-27, not more than 12 months before 2020-10-30"


def test_csv_has_the_changes(run):
    _, out, _ = run("review", "sec", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["effective"] for row in rows} == {"2020-01-02", "2020-06-15", "2020-12-14"}
    assert sum(float(row["change"]) for row in rows if row["effective"] == "2020-06-15") == pytest.approx(0, abs=1e-9)


def test_why_a_security_is_not_in(run, tmp_path):
    code, out, _ = run("review", "xiangmihu", "--why", "300803")
    assert code == 0
    assert out.count("300803.SZ") == 3
    assert "listed on 2019-11-18, not more than 6 months before 2020-04-30" in out
    assert "│ 2020-12-14 │ 300803.SZ │ 指南针 │ new " in out
    assert not (tmp_path / "constituents").exists()
    code, _, err = run("review", "xiangmihu", "--why", "300804", "--effective", "2020-06-15")
    assert code == 2
    assert "error: xiangmihu: '300804' is not in the universe of the review" in err
    _, out, _ = run("review", "bnk", "--why", "300059.SZ", "--effective", "2020-06-15", "--format", "csv")
    assert out.splitlines()[1].startswith('bnk,2020-06-15,300059.SZ,东方财富,out,scope,"category WLT, not BNK"')


def test_the_waterfall_has_every_security(run):
    _, out, _ = run("review", "xiangmihu", "--waterfall", "--effective", "2020-06-15", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 53
    assert sum(float(row["weight"] or 0) for row in rows) == pytest.approx(1)
    _, out, _ = run("review", "xiangmihu", "--waterfall", "--effective", "2020-06-15")
    assert "xiangmihu  effective 2020-06-15  53 securities" in out


def test_check_goes_through_all_that_is_published(run):
    code, out, _ = run("review", "--check")
    assert code == 0
    assert "43 published outcomes in " in out
    assert ", 0 of which do not hold" in out
    code, out, _ = run("review", "composite", "--effective", "2020-06-15", "--check", "--format", "csv")
    assert (code, out.splitlines()[1]) == (0, 'composite,2020-06-15,holds,"47 constituents, byte for byte"')


def test_check_says_what_differs(run, tmp_path):
    run("review", "composite", "--effective", "2020-06-15")
    (tmp_path / "composite.toml").write_text('name = "composite"\nparent = "xiangmihu"\nweighting.single_cap = 0.09\n')
    code, out, _ = run("review", "composite.toml", "--check")
    assert code == 1
    assert "1 published outcomes in constituents, 1 of which do not hold" in out
    assert "│ differs │ the methodology is another one" in out
    code, _, err = run("review", "composite.toml", "--effective", "2020-06-15")
    assert code == 2
    assert "2020-06-15.csv is there, and recomputing gives another outcome: one date has one outcome" in err


def test_an_edited_outcome_is_an_error(run, tmp_path):
    run("review", "composite", "--effective", "2020-06-15")
    path = tmp_path / "constituents" / "composite" / "2020-06-15.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("stays", "fast", 1), encoding="utf-8")
    for arguments in (["--check"], ["--effective", "2020-06-15"]):
        code, _, err = run("review", "composite", *arguments)
        assert code == 2
        assert "2020-06-15.csv was changed after it was written: its outcome_sha256 does not match" in err


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "name an index; only --check goes through all of them"),
        (
            ["composite", "--effective", "2020-06-16"],
            "composite: no review takes effect on 2020-06-16; in the data: 2020-01-02, 2020-06-15, 2020-12-14",
        ),
        (
            ["composite", "--effective", "2021-06-15"],
            "composite: the review effective 2021-06-15 has its price date on 2021-06-07, and the data ends on 2020-12-31: wait for that close",
        ),
        (["composite", "--effective", "2029-06-15"], "the calendar of XSHG ends on"),
        (["ins"], "ins: it has not started"),
        (["nothing"], "no index 'nothing' in the catalogue"),
        (["ins", "--check"], "ins: no published outcome in "),
        (["composite", "--check", "--effective", "2020-06-16"], "no published outcome effective 2020-06-16"),
        (["--check", "--out", "elsewhere"], "there are no published outcomes in elsewhere"),
        (["composite", "--effective", "2019-06-14"], "composite: 2019-06-14 is before its base date 2020-01-02"),
        (["composite", "--check", "--why", "300059"], "--check and --why: one of them at a time"),
        (["composite", "--fund-size", "nan"], "--fund-size nan is no amount"),
        (["composite", "--fund-size", "inf"], "Invalid value for '--fund-size'"),
        (["composite", "--fund-size", "0"], "Invalid value for '--fund-size'"),
    ],
)
def test_bad_requests(run, arguments, what):
    code, out, err = run("review", *arguments)
    assert (code, out) == (2, "")
    assert what in err


def test_a_pro_forma_before_it_takes_effect(run, tmp_path):
    code, _, err = run("review", "composite", "--effective", "2021-06-15", "--waterfall")
    assert code == 2
    (tmp_path / "soon.toml").write_text(
        'name = "soon"\nparent = "composite"\nreview.months = [1]\nreview.price_date = { sessions_before = 6 }\n'
        "review.cutoff = { sessions_before = 6 }\n"
    )
    code, out, err = run("review", "soon.toml", "--effective", "2021-01-11")  # the second Friday is 8 January
    assert code == 0, err
    assert "│ price date       │ 2020-12-31 " in out


def test_counts_of_the_effective_date_are_waited_for(run, tmp_path):
    (tmp_path / "late.toml").write_text(
        'name = "late"\nparent = "xiangmihu"\nweighting.shares_as_of = "effective"\nreview.months = [1]\n'
        "review.price_date = { sessions_before = 6 }\nreview.cutoff = { sessions_before = 6 }\n"
    )
    code, _, err = run("review", "late.toml", "--effective", "2021-01-11")
    assert code == 2
    assert "has its counts on 2021-01-08, and the data ends on 2020-12-31: wait for that close" in err


def test_check_says_what_is_missing_and_what_it_cannot_check(run, tmp_path):
    run("review", "composite")
    (tmp_path / "constituents" / "composite" / "2020-06-15.csv").unlink()
    (tmp_path / "constituents" / "mine").mkdir()
    (tmp_path / "constituents" / "mine" / "2020-01-02.csv").write_text("edited")
    code, out, _ = run("review", "--check", "--format", "csv")
    assert code == 1
    rows = {(row["index"], row["effective"]): row["result"] for row in csv.DictReader(io.StringIO(out))}
    assert rows == {
        ("composite", "2020-01-02"): "holds",
        ("composite", "2020-06-15"): "missing",
        ("composite", "2020-12-14"): "holds",
        ("mine", ""): "not checked",
    }


def test_a_name_is_found_as_well_as_a_code(run):
    _, out, _ = run("review", "xiangmihu", "--why", "指南针", "--effective", "2020-06-15", "--format", "csv")
    assert out.splitlines()[1].startswith("xiangmihu,2020-06-15,300803.SZ,指南针,out,seasoning")


def test_an_index_cannot_be_called_as_the_folder_of_market_data(run, tmp_path):
    (tmp_path / "market.toml").write_text('name = "market"\nparent = "xiangmihu"\n')
    code, _, err = run("review", "market.toml")
    assert code == 2
    assert "give it another name" in err
