"""Errors are for people: what happened, why, what to do next."""

from __future__ import annotations

import errno
import subprocess

import pymysql
import pytest

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse, finding_of


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DrtoolError("c", "It broke"), "It broke."),
        (DrtoolError("c", "It broke", why="rust"), "It broke: rust."),
        (DrtoolError("c", "It broke", mend="Oil it"), "It broke. Oil it."),
        (DrtoolError("c", "It broke", why="rust", mend="Oil it"), "It broke: rust. Oil it."),
        (DrtoolError("c", "It broke.", why="rust.", mend="Oil it."), "It broke.: rust. Oil it."),
        (DrtoolError("c", "It broke", why="the library said: rust.", mend="Oil it."),
         "It broke: the library said: rust. Oil it."),
    ],
)  # fmt: skip
def test_the_parts_become_sentences_with_one_full_stop_each(error: DrtoolError, text: str) -> None:
    assert str(error) == text


def test_the_parts_stay_apart_for_the_record() -> None:
    error = RestoreFailed("backup-missing", "There is no backup", why="nothing matches", mend="Check the pattern")
    assert (error.code, error.what, error.why, error.mend) == (
        "backup-missing", "There is no backup", "nothing matches", "Check the pattern",
    )  # fmt: skip


def test_what_a_script_gives_an_error_becomes_text() -> None:
    error = RestoreFailed(404, OSError("no answer"), why=None, mend=7)  # type: ignore[arg-type]
    assert (error.code, error.what, error.why, error.mend) == ("404", "no answer", "", "7")


@pytest.mark.parametrize(
    "quoting",
    [pymysql.err.IntegrityError(1062, "Duplicate entry 'jane@example.org'"),
     subprocess.CalledProcessError(1, ["curl", "-u", "jane@example.org:hush"])],
)  # fmt: skip
def test_what_quotes_rows_or_arguments_is_told_by_its_kind(quoting: Exception) -> None:
    for error in (RestoreFailed("app-down", quoting), RestoreFailed("app-down", "It is down", why=quoting)):  # type: ignore[arg-type]
        assert "jane" not in f"{error} {error.what} {error.why} {error.args}"
        assert type(quoting).__name__ in str(error)


@pytest.mark.parametrize("kind", [WrongUse, RestoreFailed, Unverifiable])
def test_every_kind_can_be_caught_as_one(kind: type[DrtoolError]) -> None:
    with pytest.raises(DrtoolError):
        raise kind("code", "What happened")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/x"),
            "path-refused",
            "/srv/x cannot be used: Permission",
        ),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
            "path-refused",
            "TMPDIR cannot",
        ),
        (OSError(errno.EIO, "Input/output error"), "drtool-mistake", "OSError at test_errors.py"),
        (KeyError("jane@example.org"), "drtool-mistake", "KeyError at test_errors.py"),
        (WrongUse("bad-name", "That is no name"), "bad-name", "That is no name"),
    ],
)
def test_whatever_happens_is_told_with_a_code_and_quotes_nothing(error: Exception, code: str, text: str) -> None:
    with pytest.raises(type(error)) as raised:
        raise error
    found = finding_of(raised.value)
    assert (found.code, text in str(found)) == (code, True), found
    assert "jane" not in str(found)


@pytest.mark.parametrize(("debug", "shown"), [("1", True), ("0", False), ("", False), (None, False)])
def test_the_whole_traceback_of_a_mistake_is_shown_to_whoever_asks_for_it(
    debug: str | None, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if debug is None:
        monkeypatch.delenv("DRTOOL_DEBUG", raising=False)
    else:
        monkeypatch.setenv("DRTOOL_DEBUG", debug)
    with pytest.raises(KeyError) as raised:
        raise KeyError("order 7")
    assert finding_of(raised.value).code == "drtool-mistake"
    assert ("Traceback" in capsys.readouterr().err) == shown
    finding_of(WrongUse("bad-name", "That is no name"))
    assert capsys.readouterr().err == ""
