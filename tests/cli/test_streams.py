"""Standard streams that are closed or full, or that nobody reads any more: drtool does its work all the same."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drtool.cli import exit_codes, main
from drtool.cli.terminal import shows_colours
from drtool.record.model import encode
from drtool.render.counting import Counting
from tests.render import records

FULL = Path("/dev/full")


def run(*arguments: str | Path, closed: int | None = None, **streams: Any) -> subprocess.CompletedProcess[bytes]:
    """Run drtool with other streams, or with one of them closed."""
    command = [sys.executable, "-m", "drtool", *map(str, arguments)]
    if closed is not None:
        command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *command]
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(command, timeout=60, check=False, **given | streams)


@pytest.fixture
def nobody() -> Any:
    """The writing end of a pipe that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    yield writes
    os.close(writes)


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed_is_none_to_complain_of(closed: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    ran = run("baseline", tmp_path, "--out", tmp_path / "b.json", "--unsigned", closed=closed)
    assert ran.returncode == exit_codes.PASSED, ran
    assert (tmp_path / "b.json").stat().st_size
    assert run("--version", closed=closed).returncode == exit_codes.PASSED


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has it")
def test_on_a_full_disk_what_is_printed_is_said_not_to_be_whole() -> None:
    with FULL.open("wb") as full:
        ran = run("--version", stdout=full)
        talked_to_nobody = run("nonsense", stderr=full)
    assert ran.returncode == exit_codes.UNVERIFIED
    assert b"what it printed is not whole: No space left on device" in ran.stderr
    assert talked_to_nobody.returncode == exit_codes.WRONG_USE


def test_whoever_has_read_enough_changes_no_code(nobody: int) -> None:
    ran = run("--help", stdout=nobody)
    assert (ran.returncode, ran.stderr) == (exit_codes.PASSED, b"")
    assert run("nonsense", stdout=nobody, stderr=nobody).returncode == exit_codes.WRONG_USE


def test_a_baseline_that_could_not_be_written_whole_is_none(tmp_path: Path, nobody: int) -> None:
    (tmp_path / "a").write_text("a")
    ran = run("baseline", tmp_path, stdout=nobody)
    assert ran.returncode == exit_codes.UNVERIFIED
    assert b"standard output: Broken pipe" in ran.stderr
    assert b"[baseline-unwritable]" in ran.stderr


def test_in_a_folder_that_is_gone_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    script = f'cd {tmp_path}/gone && rmdir {tmp_path}/gone && exec "$@"'
    command = [sys.executable, "-P", "-m", "drtool", "doctor"]
    ran = subprocess.run(["sh", "-c", script, "sh", *command], capture_output=True, timeout=60, check=False)
    assert ran.returncode == exit_codes.WRONG_USE
    assert b"[no-such-folder]" in ran.stderr


def test_a_folder_that_may_not_be_entered_is_no_mistake_in_a_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root may enter all, so that it is the system's answer that is put in place of its own."""

    def refused(_folder: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".")

    monkeypatch.setattr("os.chdir", refused)
    monkeypatch.setattr(sys, "argv", ["drtool", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == exit_codes.WRONG_USE
    assert "may not be entered" in capsys.readouterr().err


def test_an_argument_that_is_empty_is_not_the_working_folder(tmp_path: Path) -> None:
    for arguments in (("verify", "", "--unsigned"), ("baseline", "", "--unsigned")):
        ran = run(*arguments, cwd=tmp_path)
        assert ran.returncode == exit_codes.WRONG_USE, ran
        assert not [*tmp_path.rglob("*.json")]


def test_a_sign_that_the_terminal_cannot_write_ends_nothing_and_json_is_utf_8_everywhere(tmp_path: Path) -> None:
    record = replace(records.failed(), owner="Jörg \N{EN DASH} nights")
    report = tmp_path / "report.json"
    report.write_bytes(encode(record))
    latin = {**os.environ, "PYTHONIOENCODING": "iso-8859-1"}
    shown = run("show", report, env=latin)
    assert shown.returncode == exit_codes.UNVERIFIED
    assert b"J\xf6rg \\u2013 nights" in shown.stdout
    assert "Jörg \N{EN DASH} nights" in run("show", report, "--json", env=latin).stdout.decode("utf-8")
    known = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    assert "Jörg \N{EN DASH} nights" in run("show", report, env=known).stdout.decode()


@pytest.mark.parametrize(("settings", "shown"), [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({}, True)])
def test_a_terminal_that_knows_no_escapes_gets_none(
    settings: dict[str, str], shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NO_COLOR", "TERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    counting = Counting()
    counting.end()
    assert (shows_colours(), "\x1b" in capsys.readouterr().err) == (shown, shown)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert shows_colours()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert shows_colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not shows_colours()


def test_a_file_or_folder_that_refuses_is_named_and_is_no_mistake_of_drtools(tmp_path: Path) -> None:
    (tmp_path / "scenarios").touch()
    (tmp_path / "db.sql").write_text("-- MariaDB dump 10.19\n")
    ran = run("init", tmp_path / "db.sql", cwd=tmp_path, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "own")})
    assert ran.returncode == exit_codes.UNVERIFIED
    assert b"scenarios cannot be used: File exists" in ran.stderr
    assert b"[path-refused]" in ran.stderr
    (tmp_path / "scenarios").unlink()
    ran = run("init", tmp_path / "db.sql", cwd=tmp_path, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "own")})
    assert ran.returncode == exit_codes.PASSED, ran


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_baseline_that_is_stopped_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    source, target = tmp_path / "uploads", tmp_path / "baselines"
    source.mkdir()
    target.mkdir()
    with (source / "large").open("wb") as large:
        large.truncate(40 << 30)  # to read it takes longer than this test
    command = [sys.executable, "-m", "drtool", "baseline", str(source), "--out", str(target / "b.json"), "--unsigned"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        while not list(target.iterdir()):
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(number)
        said = running.communicate(timeout=30)[1]
    assert (running.returncode, list(target.iterdir())) == (exit_codes.INTERRUPTED, []), said
    assert "no baseline was written" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_stopped_while_it_imports_ends_with_its_own_code(
    number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(
        "import os, drtool.cli\n"
        "def slow():\n"
        f"    exec('os.kill(os.getpid(), {int(number)})\\nwhile True: pass', {{'os': os}})\n"  # as dataclass() does
        "drtool.cli.cli.callback = slow\n"
        "drtool.cli.main()\n"
    )
    ran = subprocess.run([sys.executable, "-m", "slow", "list"], cwd=tmp_path, capture_output=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (exit_codes.INTERRUPTED, b"\ndrtool: interrupted\n")


def test_a_device_is_not_replaced_by_a_baseline_and_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    pipe, link = tmp_path / "pipe", tmp_path / "latest.json"
    os.mkfifo(pipe)
    link.symlink_to("2026.json")
    refused = run("baseline", tmp_path / "up", "--out", pipe, "--unsigned")
    assert (refused.returncode, b"is no file" in refused.stderr) == (exit_codes.UNVERIFIED, True), refused
    assert pipe.is_fifo()
    refused = run("baseline", tmp_path / "up", "--out", "/proc/self/fd/1", "--unsigned")  # which is a pipe
    assert (refused.returncode, b"/fd/1 is no file" in refused.stderr) == (exit_codes.UNVERIFIED, True), refused
    assert run("baseline", tmp_path / "up", "--out", link, "--unsigned").returncode == exit_codes.PASSED
    assert link.is_symlink()
    assert (tmp_path / "2026.json").is_file()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["2026.json", "latest.json", "pipe", "up"]


def test_an_error_that_quotes_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    ran = run("audit", tmp_path / "a\x1b[31mb")
    assert ran.returncode == exit_codes.UNVERIFIED
    assert b"a\\x1b[31mb" in ran.stderr
    (tmp_path / "s\x1b[31m.py").write_text("raise ValueError('\\x1b[2J')")
    of_script = run("list", tmp_path / "s\x1b[31m.py")
    assert of_script.returncode == exit_codes.PASSED
    assert b"\\x1b[2J" in of_script.stdout
    assert b"\x1b" not in ran.stderr + of_script.stdout + of_script.stderr
