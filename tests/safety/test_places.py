"""Places that files are written to: links, devices, modes, and signals while something is written."""

from __future__ import annotations

import os
import signal
import time

import pytest

from fintech_index.market.importers import import_tushare
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


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_no_file_of_a_set_may_take_the_place_of(kind, tiny, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "tiny-levels.csv").write_text("old")
    if kind == "pipe":
        os.mkfifo(out / "tiny-holdings.csv")
    else:
        (out / "tiny-holdings.csv").mkdir()
    code, said, err = run(*tiny, out)
    assert (code, said) == (2, "")
    assert f"tiny-holdings.csv: it is a {kind}" in err
    assert (out / "tiny-levels.csv").read_text() == "old"
    assert len(list(out.iterdir())) == 2


def test_below_a_file_and_onto_a_device(tiny, tmp_path):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file" / "x", "/dev/null"):
        code, said, err = run(*tiny, out)
        assert (code, said) == (2, "")
        assert (err.count("\n"), "Traceback" in err) == (1, False), err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="root alone can give folders away")
def test_a_parent_and_a_folder_that_may_not_be_written_to(tiny, tmp_path):
    """In a folder of one's own the files take their places one by one; another's stays as it is."""
    as_others = 'set -- setpriv --bounding-set=-dac_override,-dac_read_search -- "$@";'
    place = tmp_path / "place"
    for out in (place / "own", place / "other"):
        out.mkdir(parents=True)
        (out / "tiny-levels.csv").write_text("old")
    for folder in (place, place / "other"):
        os.chown(folder, 65534, 65534)
    code, _, err = run(*tiny, place / "own", under=as_others)
    assert (code, len(list((place / "own").iterdir()))) == (0, 3), err
    code, _, err = run(*tiny, place / "other", under=as_others)
    assert (code, "Permission denied" in err, "Traceback" in err) == (2, True, False), err
    assert bytes_of(place / "other") == {"tiny-levels.csv": b"old"}
    assert sorted(path.name for path in place.iterdir()) == ["other", "own"]


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
