from __future__ import annotations

import csv
import io
import json
import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import pytest

import fintech_index as fi
from fintech_index.cli._sweep import _executor, _parsed
from fintech_index.methodology import load, shipped

COUNTS_AND_CAPS = ("--change", "selection.count=20,40", "--change", "weighting.single_cap=0.03,0.1,none")


def test_a_row_a_variant(run):
    code, out, err = run("sweep", "xiangmihu", *COUNTS_AND_CAPS)
    assert code == 0
    assert out.startswith("xiangmihu: 5 variants, price return")
    # As `fi.calculate` has it for the variant alone; 1,098.8464 / 1,000 is + 9.88 %
    assert "│              20 │                  0.1 │ 1,098.8464 │  +9.88% │" in out
    assert "2020-01-02 to 2020-12-31, 243 sessions; the line is the price level" in out
    assert "notice: selection.count=20, weighting.single_cap=0.03 cannot be calculated: xiangmihu, review" in err
    assert "notice: These levels reproduce the published methodology of 399699" in err


def test_every_level_is_that_of_the_variant_alone(run, tmp_path):
    code, out, err = run("sweep", "xiangmihu", *COUNTS_AND_CAPS, "--returns", "net", "--out", "swept")
    assert (code, out.startswith("xiangmihu: 5 variants, net return")) == (0, True)
    assert "notice: wrote 2 files to swept" in err
    levels = pd.read_csv(tmp_path / "swept" / "xiangmihu-sweep-levels-net.csv", dtype=str)
    name = "selection.count=40, weighting.single_cap=0.1"
    method = fi.variants(load("xiangmihu"), {"selection.count": [40], "weighting.single_cap": [0.1]})[name]
    alone = fi.calculate(method, fi.MarketData.open()).levels["net"]
    assert levels[name].tolist() == [f"{level:.4f}" for level in alone]
    assert levels["date"].tolist() == [str(date.date()) for date in alone.index]
    assert sorted(path.name for path in (tmp_path / "swept").iterdir()) == [
        "xiangmihu-sweep-levels-net.csv",
        "xiangmihu-sweep.csv",
    ]


def test_rows_for_machines_have_those_that_are_refused(run):
    _, out, _ = run("sweep", "xiangmihu", *COUNTS_AND_CAPS, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["selection.count"], row["weighting.single_cap"]) for row in rows] == [
        (count, cap) for count in ("20", "40") for cap in ("0.03", "0.1", "none")
    ]
    assert rows[0]["level"] == ""
    assert "the caps cannot be met" in rows[0]["refused"]
    assert (rows[1]["level"], rows[1]["refused"]) == ("1098.8464", "")
    assert float(rows[1]["period_return"]) == pytest.approx(1098.8464 / 1000 - 1)
    _, out, _ = run("sweep", "xiangmihu", *COUNTS_AND_CAPS, "--format", "json")
    found = json.loads(out)
    assert [row["level"] for row in found] == [None if row["level"] == "" else float(row["level"]) for row in rows]
    assert found[1]["first"] == "2020-01-02"


def test_values_are_written_as_in_the_file():
    said = ("a=30, 0.05", 'b=none,subscribe,"none"', "c=[6, 12],[12]", "d=true,2020-06-15", "e={ enter = 0.8, stay = 1.2 }", "f=1e-3,-2")  # fmt: skip
    found = _parsed(said)
    assert found["a"] == [30, 0.05]
    assert found["b"] == [None, "subscribe", "none"]
    assert found["c"] == [[6, 12], [12]]
    assert [str(each) for each in found["d"]] == ["True", "2020-06-15"]
    assert found["e"] == [{"enter": 0.8, "stay": 1.2}]
    assert found["f"] == [0.001, -2]
    (nested,) = _parsed(("g={ rule = none, of = [none, 汉字] }",))["g"]
    assert nested == {"rule": "none", "of": ["none", "汉字"]}  # only a whole key is left out


def test_levels_have_the_decimals_of_their_variant(run, tmp_path):
    decimals = ("xiangmihu", "--change", "rounding.level_decimals=2,3")
    _, out, _ = run("sweep", *decimals, "--format", "csv")
    assert [row["level"] for row in csv.DictReader(io.StringIO(out))] == ["1082.98", "1082.981"]
    _, table, _ = run("sweep", *decimals, "--out", "swept")
    assert "│                       2 │  1,082.98 │" in table
    levels = pd.read_csv(tmp_path / "swept" / "xiangmihu-sweep-levels-price.csv", dtype=str)
    assert levels.iloc[-1].tolist() == ["2020-12-31", "1082.98", "1082.981"]


def test_notices_are_those_of_the_variants(run):
    """A section that is changed is the user's own, and no longer published but not applied."""
    not_applied = "xiangmihu: the rule eligibility.conduct (violation, loss within 12 months) is published but not"
    _, _, err = run("sweep", "xiangmihu", "--change", "selection.count=40")
    assert not_applied in err
    _, _, err = run("sweep", "xiangmihu", "--change", "eligibility.conduct.lookback_months=6")
    assert "notice: These levels reproduce the published methodology of 399699" in err
    assert "published but not applied" not in err


def test_notices_of_the_data(run, tmp_path):
    folder = shutil.copytree(shipped("constituents", "market"), tmp_path / "market")
    actions = (folder / "actions.csv").read_text(encoding="utf-8")
    (folder / "actions.csv").write_text(actions.replace("2020-06-05,600570.SH", "2020-06-06,600570.SH"), "utf-8")
    code, _, err = run("sweep", "xiangmihu", "--change", "selection.count=40", "--data", folder)
    assert code == 0
    assert "notice: the ex-date 2020-06-06 of 600570.SH is no session: its actions apply on 2020-06-08" in err


def test_who_interrupts_a_sweep_does_not_wait_for_the_rest_of_it(monkeypatch):
    shut = []
    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", lambda _, **how: shut.append(how))

    def interrupted():
        with _executor(2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert shut == [{"cancel_futures": True}]


def test_processes_begin_anew_where_none_can_be_served(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])  # as on Windows
    with _executor(2) as pool:
        assert pool._mp_context.get_start_method() == "spawn"


@pytest.mark.processes
def test_processes_give_the_same(run):
    alone = run("sweep", "xiangmihu", *COUNTS_AND_CAPS, "--format", "csv")
    assert run("sweep", "xiangmihu", *COUNTS_AND_CAPS, "--format", "csv", "--processes", "2") == alone


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["xiangmihu"], "Missing option '--change'"),
        (["xiangmihi", "--change", "selection.count=3"], "no index 'xiangmihi' in the catalogue"),
        (["xiangmihu", "--change", "selection.count"], "--change selection.count: a key and its values are missing"),
        (["xiangmihu", "--change", "selection.count=30;40"], "'30;40' is neither \"all\" nor a whole number"),
        (["xiangmihu", "--change", "selection.relax=[none]"], "selection.relax=[none]: 'none' is not finished or not known"),
        (["xiangmihu", "--change", "selection.count=[30"], "values that cannot be read"),
        (["xiangmihu", "--change", "selection.count=30]\nmore = [1"], "values that cannot be read"),
        (["xiangmihu", "--change", "selection.count=" + "[" * 3000], "values that cannot be read"),
        (["xiangmihu", "--change", "selection.count=" + "9" * 5000], "values that cannot be read"),
        (["xiangmihu", "--change", "selection.cuont=30"], "no key 'selection.cuont' of a methodology can be varied: did you mean 'selection.count'?"),
        (["xiangmihu", "--change", "selection.count=many"], "selection.count=many: 'many' is neither"),
        (["xiangmihu", "--change", "selection.count=2,3", "--change", "weighting.single_cap=0.01"], "error: no variant can be calculated"),
        (["xiangmihu", "--change", "selection.count=30", "--processes", "0"], "0 is not in the range x>=1"),
        (["xiangmihu", "--change", "selection.count=30", "--data", "nowhere"], "there is no folder nowhere"),
    ],
)  # fmt: skip
def test_bad_input(run, arguments, message):
    code, out, err = run("sweep", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_all_that_is_wrong_is_said_at_once(run):
    _, _, err = run("sweep", "xiangmihu", "--change", "a", "--change", "b=[1", "--change", "c=1", "--change", "c=2")
    assert [line.split(":")[0] for line in err.splitlines()[1:]] == [
        "  --change a",
        "  --change b=[1",
        "  --change c=2",
    ]
    _, _, err = run("sweep", "xiangmihu", "--change", "selection.cuont=1", "--change", "weihgting.by=equal")
    assert err.startswith("error: 2 changes that cannot be made\n")
    assert "selection.cuont" in err
    assert "weihgting.by" in err
