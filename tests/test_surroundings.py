"""The tests come out the same whatever the shell is that they are started from."""

from __future__ import annotations

import os

import pytest

from tests.conftest import of_no_person


def test_what_a_shell_brings_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "TERM", "CLICOLOR_FORCE", "LESS", "GIT_DIR", "SSH_AUTH_SOCK", "MYSQL_PWD", "MAKEFLAGS"):
        monkeypatch.setenv(name, "50")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    before = dict(os.environ)
    with pytest.MonkeyPatch.context() as environment:
        of_no_person(environment)
        assert "50" not in os.environ.values()
        assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:1"
    assert dict(os.environ) == before


def test_files_are_made_for_all_to_read() -> None:
    usual = os.umask(0o022)
    assert usual == 0o022
