"""Output is whole or an error; standard error and signals end a command with the exit code that is documented."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from fintech_index import __version__
from fintech_index.cli import _streams, main
from fintech_index.cli._list import list_indices
from fintech_index.methodology import shipped

FULL = "error: standard output: No space left on device\n"
CLOSED = "error: standard output: it is closed\n"
VERSION = f"fintech-index, version {__version__}\n"
F_SETPIPE_SZ = 1031  # Linux
ROWS = ["run", "xiangmihu", "--format", "csv"]
OF_EVERY_KIND = [["--help"], ["--version"], ["list"], ["list", "--format", "json"]]
OF_EVERY_COMMAND = [
    *(["run", "xiangmihu", "--format", form] for form in ("table", "csv", "json", "parquet")),
    ["constituents", "xiangmihu", "--date", "2020-06-12"],
    ["explain", "xiangmihu", "--date", "2020-06-12"],
    ["events", "xiangmihu", "--start", "2020-06-01", "--end", "2020-06-12"],
    ["review", "xiangmihu"],
    ["sweep", "xiangmihu", "--change", "selection.count=20"],
    ["data", "check", str(shipped("constituents", "market"))],
    ["new", "mine"],
]
buffers = pytest.mark.parametrize("python", [[], ["-u"]], ids=["", "unbuffered"])


@pytest.fixture(autouse=True)
def buffered(monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def command(*arguments, python=()):
    return [sys.executable, *python, "-m", "fintech_index", *arguments]


def in_a_shell(arguments, redirection, cwd, python=(), before=""):
    """Run a command with a redirection; give exit code, standard output and standard error."""
    shell = ["sh", "-c", f'{before}"$@" {redirection}', "sh", *command(*arguments, python=python)]
    done = subprocess.run(shell, capture_output=True, text=True, cwd=cwd, check=False)
    return done.returncode, done.stdout, done.stderr


def a_script(code, **options):
    """Start the command line with the command `list` replaced by a function ``f``."""
    script = f"import os, sys, time, click\nfrom fintech_index.cli import main, _list\n{code}\n"
    script += "_list.list_indices.callback = lambda **_: f()\nmain()"
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    return subprocess.Popen([sys.executable, "-c", script, "list"], **options)


# Standard output that takes nothing


@buffers
@pytest.mark.parametrize(("redirection", "line"), [("> /dev/full", FULL), (">&-", CLOSED)])
@pytest.mark.parametrize("arguments", OF_EVERY_KIND, ids=" ".join)
def test_a_full_device_and_no_standard_output(tmp_path, arguments, redirection, line, python):
    assert in_a_shell(arguments, redirection, tmp_path, python) == (2, "", line)


def test_levels_to_a_full_device(tmp_path):
    assert in_a_shell(ROWS, "> /dev/full", tmp_path, ["-u"]) == (2, "", FULL)


@pytest.mark.processes
@pytest.mark.parametrize(("redirection", "line"), [("> /dev/full", FULL), (">&-", CLOSED)])
def test_every_command(tmp_path, redirection, line):
    code = "import sys\nfrom fintech_index.cli import main\n"
    code += f"for each in {OF_EVERY_COMMAND}:\n    try: main(each)\n    except SystemExit as end: print(end.code, file=sys.stderr)"
    shell = ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-c", code]
    done = subprocess.run(shell, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, f"{line}2\n" * len(OF_EVERY_COMMAND))


@buffers
def test_a_file_that_may_not_grow(tmp_path, python):
    done = in_a_shell(["list", "--format", "json"], "> list.json", tmp_path, python, before="ulimit -f 1; ")
    assert done == (2, "", "error: standard output: File too large\n")
    assert (tmp_path / "list.json").stat().st_size in (512, 1024)  # as the shell counts blocks


@pytest.mark.processes
def test_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"only root can mount a small disk: {mounted.stderr}")
    try:
        assert in_a_shell(ROWS, "> disk/levels.csv", tmp_path) == (2, "", FULL)
        assert (disk / "levels.csv").stat().st_size == 8192
    finally:
        subprocess.run(["umount", disk], check=True)


def test_no_standard_output_where_none_is_needed(tmp_path):
    assert in_a_shell([*ROWS, "--out", "out"], ">&-", tmp_path)[0] == 0
    assert (tmp_path / "out" / "xiangmihu-levels.csv").read_text().startswith("index,date,price")


def test_a_file_that_is_opened_later_does_not_become_standard_output(tmp_path):
    code = "def f():\n    with open('said', 'w') as file: print(file.fileno() > 2, os.get_inheritable(1), file=file)"
    started = a_script(code, cwd=tmp_path, preexec_fn=lambda: os.closerange(0, 3))
    started.communicate()
    assert (started.returncode, (tmp_path / "said").read_text()) == (0, "True True\n")


def test_some_file_systems_refuse_only_when_a_file_is_closed(monkeypatch, tmp_path):
    def refuse(_):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with (tmp_path / "file").open("wb", buffering=0) as raw:
        writer = _streams.WholeWriter(raw, may_be_lost=False)
        writer.write(b"all of it")
        writer.finish()
        with monkeypatch.context() as patched:
            patched.setattr(os, "close", refuse)
            with pytest.raises(_streams.Ended) as ended:
                writer.finish()
    assert (ended.value.code, ended.value.line) == (2, "error: standard output: Disk quota exceeded")


# Standard output that does not block


@pytest.fixture
def narrow():
    """A pipe of a page of memory, the end for writing of which does not block."""
    read, write = os.pipe()
    fcntl.fcntl(write, F_SETPIPE_SZ, 4096)
    os.set_blocking(write, False)
    yield read, write
    for each in (read, write):
        try:
            os.close(each)
        except OSError as error:
            assert error.errno == errno.EBADF  # noqa: PT017 - the test closed it


@buffers
def test_all_is_written_to_a_reader_that_takes_its_time(narrow, tmp_path, python):
    read, write = narrow
    arguments = ["list", "--format", "json"]
    expected = subprocess.run(command(*arguments), capture_output=True, check=True, cwd=tmp_path).stdout
    done = subprocess.Popen(command(*arguments, python=python), stdout=write, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(write)
    found = b""
    while some := os.read(read, 1500):
        found += some
        time.sleep(0.01)
    assert done.communicate() == (None, b"")
    assert (done.returncode, found) == (0, expected)
    assert len(found) > 4096


def test_a_reader_that_takes_nothing_is_waited_for_only_so_long(narrow, monkeypatch):
    monkeypatch.setattr(_streams, "_PATIENCE", 0.2)
    writer = _streams.WholeWriter(io.FileIO(narrow[1], "wb", closefd=False), may_be_lost=False)
    start = time.monotonic()
    with pytest.raises(_streams.Ended) as ended:
        writer.write(b"x" * 5000)
    assert 0.2 <= time.monotonic() - start < 2
    assert ended.value.code == 2
    assert ended.value.line == "error: standard output: nothing could be written for 0.2 seconds"
    assert len(os.read(narrow[0], 9999)) == 4096
    assert writer.write(b"more") == 4  # is dropped: what comes after a gap is worth nothing
    os.set_blocking(narrow[0], False)
    with pytest.raises(BlockingIOError):
        os.read(narrow[0], 1)


@pytest.mark.processes
def test_ten_seconds(narrow, tmp_path):
    start = time.monotonic()
    done = subprocess.Popen(command(*ROWS), stdout=narrow[1], stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert done.communicate()[1] == "error: standard output: nothing could be written for 10 seconds\n"
    assert done.returncode == 2
    assert 10 < time.monotonic() - start < 20


def with_a_closed_pipe(which, run):
    read, write = os.pipe()
    os.close(read)
    try:
        done = run(**{which: write})
        return *done.communicate(), done.returncode
    finally:
        os.close(write)


@buffers
@pytest.mark.parametrize("arguments", OF_EVERY_KIND, ids=" ".join)
def test_a_closed_pipe(tmp_path, arguments, python):
    def run(stdout):
        return subprocess.Popen(command(*arguments, python=python), stdout=stdout, stderr=subprocess.PIPE, cwd=tmp_path)

    assert with_a_closed_pipe("stdout", run) == (None, b"", 141)


@pytest.mark.parametrize("end", ["", "; sys.exit(1)"])
def test_a_pipe_that_is_found_closed_at_the_last_flush(end):
    done = with_a_closed_pipe("stdout", lambda stdout: a_script(f"def f(): sys.stdout.write('x'){end}", stdout=stdout))
    assert done == (None, "", 141)


@buffers
@pytest.mark.parametrize("redirection", ["2> /dev/full", "2>&-"])
def test_standard_error_that_takes_nothing_changes_nothing(tmp_path, redirection, python):
    assert in_a_shell(["--version"], redirection, tmp_path, python) == (0, VERSION, "")
    assert in_a_shell(["list", "--no-such"], redirection, tmp_path, python) == (2, "", "")
    assert in_a_shell(["run", "xiangmihi"], redirection, tmp_path, python) == (2, "", "")
    assert in_a_shell(["--version"], f"> /dev/full {redirection}", tmp_path, python) == (2, "", "")
    assert in_a_shell(["--version"], f">&- {redirection}", tmp_path, python) == (2, "", "")


NOTICE = "from fintech_index.cli._options import notice\ndef f(): notice('a', 'b'); print('out'); "


@pytest.mark.parametrize(
    ("end", "code"), [("", 0), ("click.get_current_context().exit(1)", 1), ("raise OSError(5, 'no')", 2)]
)
def test_notices_that_cannot_be_said_are_lost(end, code):
    out, _, found = with_a_closed_pipe("stderr", lambda stderr: a_script(NOTICE + end, stderr=stderr))
    assert (out, found) == ("out\n", code)
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = a_script(NOTICE + end, stderr=full)
        assert (done.communicate()[0], done.returncode) == ("out\n", code)


# Signals

SLOW = """
def f():
    try:
        print("ready", file=sys.stderr, flush=True)
        time.sleep(30)
    finally:
        time.sleep(0.4)
        print("cleaned", file=sys.stderr)
"""


def ready(code, **options):
    started = a_script(code, **options)
    assert started.stderr.readline() == "ready\n"
    return started


@pytest.mark.processes
@pytest.mark.parametrize(
    ("number", "line"), [("INT", "interrupted"), ("TERM", "interrupted by SIGTERM"), ("HUP", "interrupted by SIGHUP")]
)
@pytest.mark.parametrize("second", ["INT", "TERM", None])
def test_a_signal_ends_a_command_after_its_cleanup(number, line, second):
    number = signal.Signals[f"SIG{number}"]
    started = ready(SLOW)
    started.send_signal(number)
    if second:
        time.sleep(0.2)
        started.send_signal(signal.Signals[f"SIG{second}"])
    assert started.communicate(timeout=10) == ("", f"cleaned\n{line}\n")
    assert started.returncode == 128 + number


@pytest.mark.processes
def test_a_later_signal_ends_a_cleanup_that_hangs():
    started = ready(f"from fintech_index.cli import _streams\n_streams._CLEANUP = 0.1\n{SLOW.replace('0.4', '30')}")
    started.send_signal(signal.SIGINT)
    time.sleep(0.3)
    started.send_signal(signal.SIGTERM)
    assert started.communicate(timeout=10) == ("", "interrupted by SIGTERM\n")
    assert started.returncode == 143


@pytest.mark.processes
def test_a_signal_that_the_caller_ignores_stays_ignored():
    def ignore():
        for each in (signal.SIGHUP, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)

    started = ready(SLOW.replace("30", "1"), preexec_fn=ignore)
    for each in (signal.SIGHUP, signal.SIGINT):
        started.send_signal(each)
    assert started.communicate(timeout=10) == ("", "cleaned\n")
    assert started.returncode == 0


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_command_whose_reader_takes_nothing(narrow, tmp_path, number):
    os.set_blocking(narrow[1], True)
    started = subprocess.Popen(command(*ROWS), stdout=narrow[1], stderr=subprocess.STDOUT, cwd=tmp_path)
    while _streams._ready(narrow[1], 0):
        time.sleep(0.1)
    time.sleep(0.3)
    started.send_signal(number)
    assert started.wait(10) == 128 + number


@pytest.mark.processes
def test_what_is_left_of_the_output_when_a_signal_comes_goes_nowhere(narrow):
    os.write(narrow[1], b"x" * 4096)
    os.set_blocking(narrow[1], True)
    started = ready(SLOW.replace("try:", "try:\n        sys.stdout.write('rest')"), stdout=narrow[1])
    started.send_signal(signal.SIGTERM)
    assert started.wait(5) == 143
    assert started.communicate()[1] == "cleaned\ninterrupted by SIGTERM\n"
    assert os.read(narrow[0], 9999) == b"x" * 4096


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError(), 2, "error: there is not memory enough for this: calculate fewer indices"),
        (RecursionError("maximum"), 2, "error: something is nested too deeply for this: make"),
        (PermissionError(13, "Permission denied", "there.csv"), 2, "error: there.csv: Permission denied\n"),
        (OSError("of a library"), 2, "error: of a library\n"),
        (BrokenPipeError(32, "Broken pipe"), 2, "error: Broken pipe\n"),  # of a connection
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_errors_that_reach_the_top(run, monkeypatch, error, code, message):
    def fail(**_):
        raise error

    monkeypatch.setattr(list_indices, "callback", fail)
    found, out, err = run("list")
    assert (found, out, len(err.splitlines())) == (code, "", 1)
    assert err.startswith(message)


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def as_a_shell_does():
    with pytest.raises(SystemExit, match="0"):
        main()


def test_only_a_command_line_handles_signals_and_only_while_it_runs(run, monkeypatch):
    seen = []
    monkeypatch.setattr(list_indices, "callback", lambda **_: seen.append([signal.getsignal(each) for each in SIGNALS]))
    monkeypatch.setattr(sys, "argv", ["fintech-index", "list"])
    before = [signal.getsignal(each) for each in SIGNALS]
    run("list")
    main(["list"], standalone_mode=False)
    as_a_shell_does()
    apart = threading.Thread(target=as_a_shell_does)
    apart.start()
    apart.join()
    assert seen[:2] == [before, before]
    assert not set(seen[2]) & set(before)
    assert seen[3:] == [before]
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_streams_are_as_they_were_after_a_call():
    code = """
import os, sys
from fintech_index.cli import main
before, at = (sys.stdout, sys.stderr), [os.fstat(each) for each in (0, 1, 2)]
print("before")
print(main(["--version"], standalone_mode=False))
print(main(["run", "none"], standalone_mode=False))
assert (sys.stdout, sys.stderr) == before
assert [each.errors for each in before] == ["strict", "backslashreplace"]
assert [os.fstat(each)[:3] for each in (0, 1, 2)] == [each[:3] for each in at]
"""
    python = [sys.executable, "-X", "dev", "-W", "error", "-c", code]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(python, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == f"before\n{VERSION}0\n2\n"
    assert done.stderr.startswith("error: ")


def test_a_stream_that_lacks_characters_shows_question_marks(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command("list"), capture_output=True, cwd=tmp_path, check=True, env=environment)
    assert b"????" in done.stdout
    foreign = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", foreign)
        main(["list"], standalone_mode=False)
    assert (b"????" in foreign.buffer.getvalue(), foreign.errors) == (True, "strict")
