"""Lets one system call of a command fail, or be its last, by strace, and looks at what is there afterwards.

``python harness.py CASE FOLDER WHAT MOST`` imports everything once and forks a process for each call that changes something
of the place, or for MOST of them by chance, where that is not 0; strace is attached to it. WHAT is a signal that comes at the call (``SIGKILL``, ``SIGTERM``,
``SIGINT``), the error that the call gives (``ENOSPC``, ``EIO``), or ``TWICE``: killed, and killed again in the run after.
A CASE that ends in ``-here`` runs in the folder that it writes to, so that its files take their places one by one.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import fintech_index as fi
from fintech_index.cli import main
from fintech_index.errors import FintechIndexError
from fintech_index.files import writing
from fintech_index.market import _opening
from safety.kill_points import Case, bytes_of

CALLS = (
    "rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,fsync,fdatasync,"
    "openat,write,pwrite64,ftruncate,truncate,fallocate,chmod,fchmod,fchmodat,chown,fchown,flock,setxattr"
)
REMOVING = ("unlink", "unlinkat", "rmdir")  # what cannot be removed stays, until the next run
LINE = re.compile(r"(\d+) +(\w+)\((.*)")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")


class Traced:
    """A case whose command runs in processes that strace is attached to."""

    def __init__(self, name, place):
        self.here = name.endswith("-here")
        self.case = Case(name.removesuffix("-here"), place)
        self.is_market = self.case.name in ("import", "append", "store")
        self.log, self.said = place / "log", place / "said"
        self.target = self.case.out / "tiny" if self.case.name == "review" else self.case.out

    def arguments(self):
        case = self.case
        if case.name in ("import", "append"):
            append = case.name == "append"
            source = case.second if append else case.first
            return ["data", "import", "tushare", source, case.out, *(["--append"] if append else [])]
        if case.name == "store":
            return ["run", case.toml, "--data", case.out]
        return [case.name, case.toml, "--data", case.market, "--out", case.out]

    def prepare(self):
        self.case.prepare()
        self.target.mkdir(parents=True, exist_ok=True)
        return self.case.others()

    def run(self, *inject, traced=True):
        """Run the command; give its exit code."""
        process = os.fork()
        if not process:
            self._command()
        os.waitpid(process, os.WUNTRACED)
        strace = None
        if traced:
            command = ["strace", "-f", "-y", "-s", "300", "-o", str(self.log), "-e", f"trace={CALLS}", *inject]
            strace = subprocess.Popen([*command, "-p", str(process)], stderr=subprocess.PIPE, text=True)
            if "attached" not in (line := strace.stderr.readline()):
                raise RuntimeError(line)
        os.kill(process, signal.SIGCONT)
        code = waited(process)
        if strace is not None:
            strace.communicate()
        return code

    def _command(self):
        if self.here:
            os.chdir(self.target)
        said = os.open(self.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.kill(os.getpid(), signal.SIGSTOP)
        sys.argv = ["fintech-index", *map(str, self.arguments())]
        code = 3
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException as error:  # noqa: BLE001 - said by the exit code
            os.write(2, f"Traceback {error!r}".encode())
        os._exit(code)

    def points(self):
        """The calls that change something of the place: name, and its number among the process's calls of that name."""
        counts, found = {}, []
        for line in self.log.read_text(errors="replace").splitlines():
            if (match := LINE.match(line)) is None:
                continue
            process, name, rest = match.groups()
            number = counts[process, name] = counts.get((process, name), 0) + 1
            ours = str(self.case.out) in rest or f"{self.case.place}/." in rest
            ours = ours and f"{self.said}>" not in rest
            if ours and (name != "openat" or WRITING.search(rest)):
                found.append((name, number, rest))
        return found

    def state(self):
        """The files that are there, but for those of a store."""
        files = bytes_of(self.case.out) or {}
        return {name: content for name, content in files.items() if not name.startswith(".")}

    def settled(self):
        """What opens as a market before anything else of ours has run; what there is once a half-written set is whole."""
        if self.is_market and self.state():
            fi.MarketData.open(self.case.out, store=False)
        elif self.here:
            with writing(self.target):
                pass
        return self.state()


def waited(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def injection(what, name, number):
    kind = f"error={what}" if what.startswith("E") else f"signal={'SIGKILL' if what == 'TWICE' else what}"
    return ["-e", f"inject={name}:{kind}:when={number}"]


class Findings:
    """How many points there were, what the command ended with, and every fault in words."""

    def __init__(self):
        self.points, self.old, self.new, self.codes, self.faults = 0, 0, 0, {}, []

    def look(self, traced, what, point, wanted, chance):
        """Let one call go wrong."""
        name, number, _ = point
        others = traced.prepare()
        code = traced.run(*injection(what, name, number))
        faults = []
        if what == "TWICE":
            second = chance.choice(wanted["points"])
            code = traced.run(*injection(what, second[0], second[1]))
        said = traced.said.read_text(errors="replace")
        self.codes[code] = self.codes.get(code, 0) + 1
        left = traced.case.left_aside()
        try:
            now = traced.settled()
        except (FintechIndexError, OSError) as error:
            now = None
            faults.append(f"does not open: {error}")
        self.old += now == wanted["old"]
        self.new += now == wanted["new"] != wanted["old"]
        if now not in (wanted["old"], wanted["new"]):
            faults.append(f"neither old nor new: {sorted(now or ())}")
        if others != traced.case.others():
            faults.append("others' files were touched")
        if what not in ("SIGKILL", "TWICE"):
            faults += ended_badly(what, name, code, said, left, now == wanted["new"], traced.case.name)
        if traced.case.name == "store":
            faults += store_is_wrong(wanted["said"], said if code == 0 else None)
        if left or now != wanted["old"] or traced.case.name == "store":  # else all is as it was before
            faults += again(traced, wanted, now)
        if traced.case.name == "store":
            faults += store_is_wrong(wanted["said"], traced.said.read_text(errors="replace"))
        if others != traced.case.others():
            faults.append("others' files were touched by the run after")
        self.points += 1
        self.faults += [f"{what} at {name} {number} {point[2][:160]}: {fault} | {said[-300:]}" for fault in faults]


def ended_badly(what, name, code, said, left, is_new, case):
    """What is wrong with how a command ended that could still clean up."""
    faults = []
    allowed = {"SIGTERM": (143, 0), "SIGINT": (130, 0)}.get(what, (0,) if case == "store" else (0, 2))
    if code not in allowed:
        faults.append(f"exit code {code}")
    if "Traceback" in said:
        faults.append("a traceback")
    if code == 0 and not is_new:
        faults.append("exit code 0 without the new set")
    if left and (what.startswith("SIG") or name not in REMOVING):
        faults.append(f"left aside: {left}")
    return faults


def store_is_wrong(wanted, said):
    """What is wrong with what a command said that opened a market with a store, or without one and with one notice."""
    if said is None:
        return []
    notices = [line for line in said.splitlines() if "has no store" in line or "is built anew" in line]
    rest = [line for line in said.splitlines() if line not in notices]
    return ["other levels"] * (rest != wanted.splitlines()) + ["more than one notice"] * (len(notices) > 1)


def again(traced, wanted, now):
    """What is wrong with the run after; an append that came through has nothing to add."""
    code = traced.run(traced=False)
    faults = []
    may_say_no = now == wanted["new"] != wanted["old"]
    if code and not (code == 2 and may_say_no):
        faults.append(f"the run after ends with {code}: {traced.said.read_text()[-300:]}")
    if traced.state() != wanted["new"]:
        faults.append("the run after does not give the new set")
    if left := traced.case.left_aside():
        faults.append(f"left after the run after: {left}")
    return faults


def inject(traced, what, most):
    traced.prepare()
    traced.case.command()  # what is compiled or loaded once
    traced.prepare()
    wanted = {"old": traced.state()}
    code = traced.run()
    wanted |= {"new": traced.state(), "points": traced.points(), "said": traced.said.read_text()}
    if code:
        raise RuntimeError(traced.said.read_text())
    chance, found, begun = random.Random(most), Findings(), time.monotonic()
    points = wanted["points"]
    for point in chance.sample(points, min(most, len(points))) if most else points:
        found.look(traced, what, point, wanted, chance)
    return vars(found) | {"seconds": round(time.monotonic() - begun, 1), "all": len(wanted["points"])}


if __name__ == "__main__":
    _opening.STORED_FROM = 1
    print(json.dumps(inject(Traced(sys.argv[1], Path(sys.argv[2])), sys.argv[3], int(sys.argv[4]))))
