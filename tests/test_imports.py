"""What starts quickly imports little."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fintech_index as fi


def modules_after(code, cwd):
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=cwd)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["list", "--help"], ["run", "--help"], ["sweep", "--help"], ["data", "--help"]],
)
def test_help_imports_neither_pandas_nor_numba(arguments, tmp_path):
    found = modules_after(f"from fintech_index.cli import main; main({arguments})", tmp_path)
    assert not found & {"pandas", "numba", "numpy", "pyarrow", "pydantic", "rich"}


def test_list_imports_neither_pandas_nor_numba(tmp_path):
    assert not modules_after("from fintech_index.cli import main; main(['list'])", tmp_path) & {
        "pandas",
        "numba",
        "numpy",
        "pyarrow",
    }


@pytest.mark.parametrize("arguments", [["run"], ["constituents", "xiangmihu"], ["explain", "xiangmihu"]])
def test_a_daily_run_imports_no_numba(arguments, tmp_path):
    found = modules_after(f"from fintech_index.cli import main; main({arguments})", tmp_path)
    assert "pandas" in found
    assert not found & {"numba", "exchange_calendars", "scipy"}


def test_the_package_imports_nothing_until_it_is_asked(tmp_path):
    assert not modules_after("import fintech_index", tmp_path) & {
        "pandas",
        "numba",
        "numpy",
        "pyarrow",
        "pydantic",
        "click",
    }


def test_every_public_name_is_there():
    for name in fi.__all__:
        assert getattr(fi, name).__doc__
    assert set(fi.__all__) <= set(dir(fi))
    assert callable(fi.review)  # and not the module of that name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fi.nothing  # noqa: B018
