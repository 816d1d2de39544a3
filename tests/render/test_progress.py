"""What is shown while a drill runs: a line that changes on a terminal, plain lines in a log, never anything else."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from dataclasses import replace

import pytest

from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Verdict
from drtool.render import progress
from drtool.render.progress import Progress
from tests.render import parts, records, rewording

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def a_step(name: str = "restore it", outcome: Verdict = Verdict.PASSED, size_bytes: int | None = None) -> Step:
    """Return a step that took two seconds."""
    return Step(
        phase=Phase.RESTORE,
        name=name,
        started_at=parts.START,
        offset_seconds=0.0,
        elapsed_seconds=2.0,
        size_bytes=size_bytes,
        counted=True,
        outcome=outcome,
    )


def watch(stream: io.StringIO) -> str:
    """Watch a step with another in it, and return what was written."""
    shown = Progress(stream)
    shown.step_started(Phase.START, "start the shop")
    shown.step_started(Phase.RESTORE, "restore it")
    shown.step_progress(512 * 1024, 1024 * 1024, 256 * 1024.0)
    shown.step_ended(a_step(size_bytes=1024 * 1024))
    shown.note("the dump was made by another server")
    shown.step_ended(replace(a_step("start the shop", Verdict.FAILED), phase=Phase.START))
    return stream.getvalue()


def test_a_log_gets_plain_lines_and_one_for_each_step() -> None:
    assert watch(io.StringIO()).splitlines() == [
        "restore   restore it ok  2.0 s, 1.0 MiB at 512 KiB/s",
        "          the dump was made by another server",
        "start     start the shop FAILED  2.0 s",
    ]


def test_a_terminal_gets_a_line_that_changes() -> None:
    stream = Terminal()
    shown = Progress(stream)
    shown.step_started(Phase.START, "start the shop")
    shown.step_started(Phase.RESTORE, "restore it")
    shown.step_progress(512 * 1024, 1024 * 1024, 256 * 1024.0)
    deadline = time.monotonic() + 5
    while "50 % of 1.0 MiB, 256 KiB/s: restore it" not in stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.02)
    shown.step_ended(a_step())
    shown.step_ended(a_step("start the shop"))
    assert "50 % of 1.0 MiB, 256 KiB/s: restore it" in stream.getvalue()


def test_a_terminal_gets_its_cursor_back() -> None:
    written = watch(Terminal())
    assert "\x1b[?25l" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_colour_is_for_terminals_and_for_who_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    green = "\x1b[32mok"
    assert green in watch(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert green not in watch(Terminal())


def test_a_log_that_forces_colour_still_gets_no_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    written = watch(io.StringIO())
    assert "\x1b[?25l" not in written
    assert "\r" not in written


def test_a_terminal_that_can_do_nothing_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in watch(Terminal())


def test_a_long_step_is_heard_of_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PLAIN_EVERY_SECONDS", -1.0)
    stream = io.StringIO()
    shown = Progress(stream)
    shown.step_started(Phase.RESTORE, "restore it")
    shown.step_progress(1024, 0, 1024.0)
    assert re.fullmatch(r"restore   \d+ ms, 1\.0 KiB, 1\.0 KiB/s: restore it\n", stream.getvalue())


@pytest.mark.parametrize("stream_type", [io.StringIO, Terminal])
def test_nothing_that_a_backup_or_a_scenario_says_can_steer_the_terminal(stream_type: type[io.StringIO]) -> None:
    stream = stream_type()
    shown = Progress(stream)
    record = rewording.hostile()
    shown.step_started(Phase.RESTORE, record.steps[0].name)
    shown.note(rewording.EVIL)
    shown.step_ended(record.steps[0])
    for check in record.checks:
        shown.check_done(check)
    written = ANSI.sub("", stream.getvalue()).replace("\n", "").replace("\r", "")
    assert not {one for one in written if unicodedata.category(one)[0] == "C" or one in "\u2028\u2029"}
    assert "[red]" not in written
    assert "owned" in written


def test_checks_that_passed_are_not_shown_and_others_are() -> None:
    stream = io.StringIO()
    shown = Progress(stream)
    for check in records.failed().checks:
        shown.check_done(check)
    assert stream.getvalue().splitlines() == [
        "          db: backup is complete: FAILED: expected it does, observed it does not",
        "          db: there are orders: FAILED: expected at least 1, observed 0",
    ]
