from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fintech_index.files import NotOrdinaryError, open_ordinary, read_at_most


def test_no_more_is_read_than_may_be(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_at_most(tmp_path / "file", 5) == b"12345"
    assert read_at_most(tmp_path / "file", 4) is None


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_only_ordinary_files_are_opened(tmp_path, kind, monkeypatch):
    """And nobody waits for a pipe that has no writer."""
    monkeypatch.chdir(tmp_path)
    path = Path("it")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    elif kind == "device":
        path = Path("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(OSError, match=rf"it is a {kind}|No such device|Is a directory"):
        open_ordinary(path)
    if kind != "socket":  # which cannot be opened at all
        with pytest.raises(NotOrdinaryError):
            open_ordinary(path)
