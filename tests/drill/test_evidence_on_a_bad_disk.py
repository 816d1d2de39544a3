"""Evidence cannot be lost quietly: at each point where a drill writes, the disk is full, read-only, gone, or gives way.

A drill that passes is carried out by the command line, signed, with a fault at one of its writing points.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from drtool.audit.audit import audit
from drtool.cli.drills import carry_out
from drtool.drill import conduct as module
from drtool.drill.beginning import Begun
from drtool.drill.options import DrillOptions
from drtool.drill.planning import Planned
from drtool.drill.recording import Course
from drtool.drill.scenarios import Scenario
from drtool.errors import Unverifiable
from drtool.evidence import chain
from drtool.record.model import decode
from drtool.record.verdicts import Check, Verdict
from tests.evidence.builder import new_key

MOMENTARY = {"full for a moment", "torn", "short"}
MODES = (
    "full",
    "torn",
    *(pytest.param(mode, marks=pytest.mark.long) for mode in ("full for a moment", "read-only", "gone", "short")),
)


class Disk:
    """What is done to files of one folder is counted over all processes; from one point on, or there, it fails."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = os.fspath(folder)
        self._count = mmap.mmap(-1, 8)
        self._fault: tuple[int, str] | None = None
        self._plain_write = os.write
        for name in ("open", "mkdir", "rename", "replace", "fsync", "posix_fallocate", "write"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))
        monkeypatch.setattr(io, "open", self._watched_open(io.open))

    def begins(self, fault: tuple[int, str] | None) -> None:
        self._fault = fault
        self._count[:8] = bytes(8)

    @property
    def points(self) -> int:
        return int.from_bytes(self._count[:8], "big")

    def _due(self) -> str | None:
        self._count[:8] = (self.points + 1).to_bytes(8, "big")
        if self._fault is None:
            return None
        at, mode = self._fault
        return mode if self.points == at or (self.points > at and mode not in MOMENTARY) else None

    def _is_ours(self, subject: Any) -> bool:
        with suppress(OSError):
            path = Path(f"/proc/self/fd/{subject}").readlink() if isinstance(subject, int) else os.fspath(subject)
            return str(path).startswith(self._folder)
        return False

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(subject: Any, *arguments: Any, **named: Any) -> Any:
            writes = name != "open" or (arguments and arguments[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if not (writes and self._is_ours(subject)) or (mode := self._due()) is None:
                return call(subject, *arguments, **named)
            if name == "write" and mode in {"torn", "short"}:
                (content,) = arguments
                written = self._plain_write(subject, content[: len(content) // 2])
                if mode == "short":
                    return written
            raise _refusal(mode)

        return watched

    def _watched_open(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if mode[0] == "r" or not self._is_ours(file):
                return call(file, mode, *arguments, **named)
            if (fault := self._due()) is not None:
                raise _refusal(fault)
            stream = call(file, mode, *arguments, **named)
            plain = stream.write

            def write(content: Any) -> Any:
                if (fault := self._due()) is None:
                    return plain(content)
                if fault in {"torn", "short"}:
                    plain(content[: len(content) // 2])
                raise _refusal(fault)

            if isinstance(stream, io.TextIOWrapper):
                return _Text(stream, write)
            return stream

        return opened


class _Text:
    """A text file whose `write` is another."""

    def __init__(self, stream: io.TextIOWrapper, write: Callable[[Any], Any]) -> None:
        self._stream = stream
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _refusal(mode: str) -> OSError:
    number = {"read-only": errno.EROFS, "gone": errno.ENOENT}.get(mode, errno.ENOSPC)
    return OSError(number, os.strerror(number))


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path / "reports", monkeypatch)


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DrillOptions:
    def drill(begun: Begun, _scenario: Scenario, course: Course, _telling: object) -> None:
        check = Check(
            resource="db", name="there", question="SELECT 1", expected="1", observed="1", outcome=Verdict.PASSED,
            builtin=True, elapsed_seconds=0.1,
        )  # fmt: skip
        begun.journal.check(check)
        course.completed = True

    monkeypatch.setattr(module, "_drill", drill)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "site"))
    return DrillOptions(reports=tmp_path / "reports", key=new_key(tmp_path / "key"))


def drilled(options: DrillOptions, disk: Disk, fault: tuple[int, str] | None) -> int:
    made = Scenario(name="shop", conduct=lambda _drill: None, description="A drill.", file=Path(__file__))
    disk.begins(fault)
    try:
        return carry_out([Planned.of(made)], options)
    except Unverifiable as error:  # before it could begin; the command line prints it so
        print(f"drtool: {error} [{error.code}]", file=sys.stderr)
        return 3
    finally:
        disk.begins(None)


def test_nothing_fails_without_a_fault(options: DrillOptions, disk: Disk) -> None:
    assert drilled(options, disk, None) == 0
    assert audit(options.reports).problems == ()


@pytest.mark.parametrize("mode", MODES)
def test_wherever_the_disk_gives_way_nothing_is_lost_quietly(
    mode: str, options: DrillOptions, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Scenario(name="shop", conduct=lambda _drill: None, description="A drill.", file=Path(__file__))
    assert carry_out([Planned.of(made)], options) == 0
    points = disk.points
    assert points > 23
    for point in range(1, points + 1):
        capsys.readouterr()
        code = drilled(options, disk, (point, mode))
        said = capsys.readouterr()
        assert "Traceback" not in said.err + said.out
        ledger = chain.read((options.reports / "ledger.jsonl").read_bytes())
        assert ledger.breaks == (), (point, mode)
        newest = [entry for entry in ledger.entries if entry.event == "start"][-1]
        ends = [entry for entry in ledger.entries if entry.drill_id == newest.drill_id and entry.event == "end"]
        if mode in MOMENTARY and (options.reports / newest.drill_id).exists():
            assert ends, (point, mode)
        if code == 0:
            record = decode((options.reports / newest.drill_id / "report.json").read_bytes())
            assert ends, (point, mode)
            assert (record.verdict, record.signed) == (Verdict.PASSED, True)
            assert (options.reports / newest.drill_id / "report.json.sig").exists()
        else:
            assert code == 3, (point, mode)
            assert "drtool: " in said.err or "UNVERIFIED" in said.out, (point, mode)
    assert drilled(options, disk, None) == 0, "the next drill is as it ought to be"
