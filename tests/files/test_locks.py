from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from fintech_index.errors import WriteError
from fintech_index.files import BusyError, locked, writing

HOLD = """
import sys, time
from pathlib import Path
from fintech_index.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_gone_when_it_is_given_back(tmp_path):
    with locked(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()
    assert list(tmp_path.iterdir()) == []


def test_who_comes_second_waits(tmp_path):
    order = []

    def second():
        with locked(tmp_path / "lock"):
            order.append("second")

    with locked(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_who_waits_too_long_says_for_whom(tmp_path, monkeypatch):
    monkeypatch.setenv("FINTECH_INDEX_MOST_SECONDS_WAITED", "0")
    with locked(tmp_path / "lock"), pytest.raises(BusyError, match=r"another process \(process \d+\) is writing here"):  # noqa: SIM117
        with locked(tmp_path / "lock"):
            pass
    with writing(tmp_path / "out"), pytest.raises(WriteError, match="cannot write to .*out: another process"):  # noqa: SIM117
        with writing(tmp_path / "out"):
            pass


@pytest.mark.processes
def test_the_lock_of_a_killed_process_is_free(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        process.kill()
    assert (tmp_path / "lock").exists()
    with locked(tmp_path / "lock"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match=r"symbolic links|Too many"), locked(tmp_path / "lock"):
        pass
    assert not (tmp_path / "target").exists()


def test_a_place_without_locks_keeps_no_file_of_ours(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("filelock.lock_descriptor", fail)
    with pytest.raises(WriteError, match="No locks available"), writing(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".out.fintech-index-lock").touch()  # somebody else's
    with pytest.raises(WriteError, match="No locks available"), writing(tmp_path / "out"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".out.fintech-index-lock"]
