"""The documents say what is so: tutorial blocks are run, figures compared, tables and keys held against the code."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fintech_index as fi
from fintech_index.levels import GATES
from fintech_index.market._column_names import OTHER_NAMES
from fintech_index.market._contract import ACTION_COLUMNS, TABLES
from fintech_index.methodology import Methodology
from fintech_index.methodology._fields import Rule
from fintech_index.methodology._reviewing import Eligibility

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_block_of_the_first_hour(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((DOCS / "first-hour.md").read_text(encoding="utf-8"))
    namespace = {}
    printed = None
    for kind, text in blocks:
        if kind == "text":
            assert printed == text
        else:
            printed = run_python(text, namespace) if kind == "python" else run_shell(text, tmp_path)
    assert [kind for kind, _ in blocks].count("text") >= 10


def run_python(text, namespace):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "first-hour.md", "exec"), namespace)  # noqa: S102
    return out.getvalue()


def run_shell(text, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PATH": path},
        check=False,
    )
    assert done.returncode in (0, 141), done.stderr  # 141: `head` closes the pipe
    return done.stdout


def test_the_lines_of_a_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ((kind, text),) = BLOCK.findall((DOCS / "in-python.md").read_text(encoding="utf-8"))
    printed = run_python(text, {}).splitlines()
    assert kind == "python"
    assert 500 < float(printed[0]) < 2000
    assert printed[1] == "[]"
    assert "selection.count=20, weighting.single_cap=0.06" in printed[2]
    assert printed[-1].startswith("<MarketData: ")


def test_other_names_of_columns_are_those_of_the_contract():
    text = (DOCS / "data-contract.md").read_text(encoding="utf-8").split("## In memory")[1].split("## Codes")[0]
    of_tables = ("name", "record_date", "pay_date", "currency", "rate")  # further names of columns that say themselves
    shown = text.lower()
    missing = [
        name
        for column, names in OTHER_NAMES.items()
        for name in names
        if column not in of_tables and name.removesuffix("constituent code") not in shown
    ]
    assert missing == []


def test_gates_are_documented():
    text = (DOCS / "data-contract.md").read_text(encoding="utf-8").split("## Gates")[1]
    assert [gate for gate in GATES if f"`{gate}`" not in text] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_shows_what_run_prints(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = BLOCK.search(text[text.index("```text") :])[2]
    printed = run_shell("fintech-index run", ROOT)
    assert shown == printed


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_python_of_the_readme_runs(name):
    blocks = [text for kind, text in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if kind == "python"]
    assert len(blocks) == 1
    run_python(blocks[0], {})


@pytest.mark.parametrize("heading", ["Run", "Test"])
def test_the_readme_has_one_command_under_each_heading(heading):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (command,) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(command.splitlines()) == 1
    assert command.startswith("python3 -m venv .venv && ")


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")) + sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_data_contract_has_every_table_column_and_kind():
    text = (DOCS / "data-contract.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        section = text.split(f"\n## {table.name}\n")[1].split("| column |")[1].split("\n\n")[0]
        rows = {
            cells[1]: cells for cells in (line.split("|") for line in section.splitlines() if line.startswith("| `"))
        }
        written = {name.strip().strip("`"): "yes" in cells[2] for name, cells in rows.items()}
        assert written == {column.name: column.required for column in table.columns if column.name != "known"}, (
            table.name
        )
    for kind in ACTION_COLUMNS:
        assert f"`{kind}`" in text


def keys(model=Methodology, path=""):
    for name, field in model.model_fields.items():
        section = field.annotation
        if name in ("label", "source", "effective"):
            continue
        if isinstance(section, type) and issubclass(section, Rule | Eligibility):
            yield from keys(section, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_the_page_on_methodology_files_has_every_key():
    text = (DOCS / "methodology-file.md").read_text(encoding="utf-8")
    missing = [key for key in keys() if f"`{key}`" not in text]
    assert missing == []


@pytest.mark.parametrize("name", ["xiangmihu.md", "xiangmihu.zh.md"])
def test_the_methodology_pages_have_the_figures_of_the_file(name, xiangmihu):
    text = (DOCS / "methodology" / name).read_text(encoding="utf-8")
    for figure in (
        "2020-01-02",
        "1000",
        "10 %",
        "2020-06-15",
        "2020-12-14",
        "2020-06-08",
        "2020-12-07",
        "0.423389431030",
        "46",
        "47",
        "48",
    ):
        assert figure in text
    for path, rule in xiangmihu.rules().items():
        if rule.label is None:
            continue  # not in the file
        assert f"`{path}`" in text
        row = next(line for line in text.splitlines() if line.startswith(f"| `{path}`"))
        assert rule.label.value in row


@pytest.mark.parametrize("name", ["family.md", "family.zh.md"])
def test_the_pages_of_the_family_have_what_the_outcomes_say(name, market):
    from fintech_index.methodology import catalogue

    text = (DOCS / "methodology" / name).read_text(encoding="utf-8")
    assert all(f"`{index}`" in text for index in catalogue())
    published = ROOT / "constituents" / "composite"
    for outcome in fi.review(fi.Methodology.load("composite"), market).outcomes:
        moved = f"{float(outcome.weighted.caps.moved):.2%}".replace("%", " %")
        seal = (published / f"{outcome.effective}.csv").read_text(encoding="utf-8").splitlines()[1].rpartition(",")[2]
        assert f"| {outcome.effective} | {len(outcome.securities)} | {moved} | `{seal[:12]}` |" in text
        held = {said.partition(": ")[2] for said in outcome.weighted.caps.binding if said.startswith("group_cap")}
        assert held == {"BNK", "SEC", "WLT", "DAT"}


def test_the_first_block_on_sweeps_runs():
    kind, text = BLOCK.findall((ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8"))[0]
    assert kind == "python"
    assert "weighting.single_cap=none, review.months=[12]" in run_python(text, {})
