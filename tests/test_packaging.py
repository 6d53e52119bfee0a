"""The wheel holds all that the program needs, and runs away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)], check=True, capture_output=True
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_ships_methodologies_and_constituents(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "fintech_index/_shipped/methodology/xiangmihu.toml" in names
    assert "fintech_index/_shipped/constituents/market/prices.parquet" in names
    assert "fintech_index/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_an_installed_wheel_runs_from_anywhere(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, cwd=tmp_path)
    command = tmp_path / "venv" / "bin" / "fintech-index"
    done = subprocess.run([command, "run", "--format", "csv"], check=True, capture_output=True, text=True, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + 14 * 243 + 14  # one of the family starts 14 sessions before the end
    assert lines[243].startswith("xiangmihu,2020-12-31,1082.9813,1087.5410,1087.0841")
    check = subprocess.run([command, "review", "--check"], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert "43 published outcomes" in check.stdout
