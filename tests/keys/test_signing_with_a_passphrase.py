"""A key file with a passphrase: asked for on the terminal and nowhere else, refused at once where there is none."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import pace
from tests.evidence.builder import new_key

PROJECT = Path(__file__).parents[2]
PASSPHRASE = b"correct horse"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return new_key(tmp_path / "key", passphrase=PASSPHRASE.decode())


@pytest.fixture
def window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A display with a program that asks in a window; return the file that is there once it was started."""
    opened, program = tmp_path / "opened", tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {opened}\necho wrong\n")
    program.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody")  # drills get as far as the engine
    return opened


def drill(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "drtool", "verify", *map(str, arguments)]


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command: list[str]) -> None:
        self._child, self._terminal = pty.fork()
        if self._child == 0:
            os.chdir(PROJECT)
            os.execv(command[0], command)  # noqa: S606
        self.said = b""

    def until(self, wanted: bytes) -> None:
        """Read until it has said something, since this was last asked."""
        fresh = b""
        while wanted not in fresh:
            try:
                fresh += os.read(self._terminal, 1024)
            except OSError as error:  # the other end is gone
                raise AssertionError(f"it ended without {wanted!r}: {self.said + fresh!r}") from error
        self.said += fresh

    def types(self, line: bytes) -> None:
        os.write(self._terminal, line + b"\n")

    def ended(self) -> int:
        """Read the rest, and return its exit code."""
        while True:
            try:
                fresh = os.read(self._terminal, 1024)
            except OSError:
                break
            self.said += fresh
        code = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        os.close(self._terminal)
        return code


def test_on_a_terminal_it_is_asked_for_there_and_the_drill_is_signed(key: Path, window: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    terminal = Terminal(drill(tmp_path / "db.sql", "--key", key, "--reports", reports))
    for _ in ("before the drill", "when its report is signed"):
        terminal.until(b"Enter passphrase")
        terminal.types(PASSPHRASE)
    assert terminal.ended() == 3  # there is no engine
    assert b"has a passphrase, to be typed now and again whenever a report is signed" in terminal.said
    assert PASSPHRASE not in terminal.said
    (record,) = reports.glob("*/report.json")
    assert record.with_name("report.json.sig").exists()
    assert json.loads(record.read_bytes())["signed"] is True
    assert not window.exists()


def test_a_wrong_one_is_said_and_nothing_is_begun(key: Path, window: Path, tmp_path: Path) -> None:
    terminal = Terminal(drill(tmp_path / "db.sql", "--key", key, "--reports", tmp_path / "reports"))
    terminal.until(b"Enter passphrase")
    terminal.types(b"wrong")
    assert terminal.ended() == 3
    assert b"the passphrase was wrong" in terminal.said
    assert not (tmp_path / "reports").exists()
    assert not window.exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_without_a_terminal_it_is_one_error_at_once_and_nothing_is_begun(
    jobs: int, key: Path, window: Path, tmp_path: Path
) -> None:
    command = drill(*[tmp_path / "db.sql"] * jobs, "--jobs", jobs, "--key", key, "--reports", tmp_path / "reports")
    began = time.monotonic()
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, start_new_session=True)
    assert time.monotonic() - began < pace.seconds(10.0)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"drtool: The signing key {key} cannot sign: it has a passphrase, and ")
    assert done.stderr.endswith(f"Hand it to an agent: `ssh-add {key}`. [key-locked]\n")
    assert not (tmp_path / "reports").exists()
    assert not window.exists()


def test_drills_side_by_side_do_not_ask_on_a_terminal_that_they_do_not_have(
    key: Path, window: Path, tmp_path: Path
) -> None:
    backups = [tmp_path / "db.sql"] * 2
    terminal = Terminal(drill(*backups, "--jobs", "2", "--key", key, "--reports", tmp_path / "reports"))
    assert terminal.ended() == 3
    assert b"it has a passphrase, and drills side by side cannot ask for it" in terminal.said
    assert b"Enter passphrase" not in terminal.said
    assert not (tmp_path / "reports").exists()
