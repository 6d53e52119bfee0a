"""Places that files are written to: links, devices, modes, and signals while something is written."""

from __future__ import annotations

import os
import signal
import time

import pytest

from fintech_index.market.tushare import import_tushare
from safety.commands import begin, run
from safety.kill_points import DAYS, TOML, bytes_of, vendor

pytestmark = pytest.mark.processes


@pytest.fixture
def tiny(tmp_path):
    """The arguments of a run on tiny data, but for where to write."""
    (tmp_path / "tiny.toml").write_text(TOML)
    import_tushare(vendor(tmp_path / "vendor", DAYS), tmp_path / "market")
    return ["run", tmp_path / "tiny.toml", "--data", tmp_path / "market", "--out"]


def test_a_link_in_the_set_and_a_loop_of_links(tiny, tmp_path):
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tiny-levels.csv").symlink_to(tmp_path / "victim")
    code, out, err = run(*tiny, tmp_path / "out")
    assert (code, out) == (2, "")
    assert "tiny-levels.csv: it is a link" in err
    assert (tmp_path / "victim").read_text() == "mine"
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    code, _, err = run(*tiny, tmp_path / "one")
    assert code == 2
    assert "cannot write to" in err
    assert "Traceback" not in err


def test_modes_of_the_umask(tiny, tmp_path):
    run(*tiny, tmp_path / "out", under="umask 077;")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert (modes, (tmp_path / "out").stat().st_mode & 0o777) == ({0o600}, 0o700)
    run(*tiny, tmp_path / "other", under="umask 022;")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "other").iterdir()} == {0o644}


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/null"])
def test_findings_go_to_devices(target, tmp_path):
    import_tushare(vendor(tmp_path / "vendor", DAYS), tmp_path / "market")
    code, out, err = run("data", "check", tmp_path / "market", "--out", target)
    assert (code, "Traceback" in err) == (0, False)
    assert ("gravity,table,date,security,what,size" in out) == (target == "/dev/stdout")
    assert not os.path.isfile("/dev/null")  # noqa: PTH113


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_at_any_time_leave_nothing_half_written(number, code, tmp_path, whole):
    first, second = vendor(tmp_path / "first", DAYS[:4]), vendor(tmp_path / "second", DAYS)
    import_tushare(first, tmp_path / "out")
    import_tushare(second, tmp_path / "other")
    before, codes = bytes_of(tmp_path / "out"), set()
    for at in range(20 if whole else 4):
        with begin("data", "import", "tushare", second, tmp_path / "out", "--append") as process:
            time.sleep(0.4 + 0.25 * at)
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
        codes.add(process.returncode)
        assert sorted(path.name for path in tmp_path.glob(".*")) == []
        if process.returncode == 0:
            break
        assert bytes_of(tmp_path / "out") == before or len(bytes_of(tmp_path / "out")) == len(before)
        if at:  # before that the interpreter is still starting
            assert "Traceback" not in err
    assert codes <= {0, code, 2, -number}
