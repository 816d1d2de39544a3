"""`drtool exposure`: the exit code says whether the RPO was held, and nothing is restored for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.cli import main

HOUR = timedelta(hours=1)
SQL = b"-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)\nSELECT 1;\n" * 100

Run = Callable[..., int]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a folder with a dump of each of the last ten days, the newest two hours old; one night is left out."""
    for ago in (*range(5), *range(6, 10)):
        put(tmp_path, datetime.now(UTC) - ago * 24 * HOUR - 2 * HOUR)
    return tmp_path


def put(folder: Path, at: datetime, content: bytes = SQL, name: str = "db-{:%Y%m%dT%H%M%SZ}.sql") -> Path:
    path = folder / name.format(at)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.fixture
def drtool(monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["drtool", "exposure", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run


def test_an_rpo_that_was_held_is_0_and_one_that_was_not_is_1(store: Path, drtool: Run) -> None:
    assert drtool(store / "db-*.sql", "--rpo", "49h") == 0
    assert drtool(store / "db-*.sql", "--rpo", "25h") == 1
    assert drtool(store / "db-*.sql", "--rpo", "25h", "--since", "3d") == 0


def test_without_an_rpo_there_is_nothing_to_miss(store: Path, drtool: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert drtool(store / "db-*.sql") == 0
    assert "RPA 2 h now, 48 h on " in " ".join(capsys.readouterr().out.split())


def test_what_cannot_be_known_is_3(tmp_path: Path, drtool: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert drtool(tmp_path / "db-*.sql", "--rpo", "1h") == 3
    assert "nothing matches" in capsys.readouterr().out
    assert drtool(tmp_path / "db-*.sql") == 3
    capsys.readouterr()
    assert drtool(tmp_path / "none" / "db-*.sql", "--rpo", "1h") == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "none" in printed.err


@pytest.mark.parametrize(
    "arguments", [("--rpo", "soon"), ("--since", "-1d"), ("--zone", "Mars/Olympus"), ("--zone", "../../etc/passwd")]
)
def test_wrong_use_is_2(arguments: tuple[str, str], store: Path, drtool: Run) -> None:
    assert drtool(store / "db-*.sql", *arguments) == 2


def test_json_is_one_document_and_nothing_else(store: Path, drtool: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert drtool(store / "db-*.sql", "--rpo", "25h", "--json") == 1
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert printed.err == ""
    assert document["verdict"] == "failed"
    assert document["verdict_now"] == "passed"
    assert document["point_count"] == 9
    assert document["missing_count"] == 1
    assert document["worst_rpa_seconds"] == pytest.approx(48 * 3600, abs=2)


def test_several_series_are_one_document_too(store: Path, drtool: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for ago in range(10):
        put(store, datetime.now(UTC) - ago * 24 * HOUR - HOUR, name="uploads-{:%Y%m%dT%H%M%SZ}.tar")
    assert drtool(store / "*", "--rpo", "25h", "--json") == 1
    assert [one["verdict"] for one in json.loads(capsys.readouterr().out)] == ["failed", "passed"]
    assert drtool(store / "*", "--rpo", "25h", "--json", "--as-one") == 0
    assert json.loads(capsys.readouterr().out)["series"] is None


def test_an_error_message_saved_as_the_newest_backup_is_found_by_its_first_bytes(
    store: Path, drtool: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    message = b"mariadb-dump: Got error: 2002: Can't connect to local server\n"
    put(store, datetime.now(UTC) - HOUR, message)
    assert drtool(store / "db-*.sql", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert "error message" in document["unusable"][0]["why"]
    assert document["current_rpa_seconds"] == pytest.approx(2 * 3600, abs=5)


def test_what_is_no_dump_and_no_archive_may_be_a_backup_all_the_same(store: Path, drtool: Run) -> None:
    for ago in range(4):
        put(store, datetime.now(UTC) - ago * 24 * HOUR - HOUR, os.urandom(9000), "vault-{:%Y%m%dT%H%M%SZ}.gpg")
    assert drtool(store / "vault-*.gpg", "--rpo", "25h") == 0


def test_a_name_in_the_store_cannot_steer_the_terminal(
    store: Path, drtool: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    put(store, datetime.now(UTC) - HOUR, b"", "db-\x1b[2J{:%Y%m%dT%H%M%SZ}.sql")
    assert drtool(store / "db-*.sql") == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\\x1b[2J" in printed
