"""Where no engine answers, it is said which was asked for, why it does not answer, and what helps."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from drtool.errors import Unverifiable
from drtool.sandbox.engine import Engine, _unreachable


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Docker's configuration of nobody: no context, no host."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def test_a_context_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "elsewhere")
    with pytest.raises(Unverifiable, match="There is no Docker context 'elsewhere'"):
        Engine.connect()


def test_the_context_that_the_environment_names_is_asked(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    folder = config / "contexts" / "meta" / hashlib.sha256(b"there").hexdigest()  # as Docker names them
    folder.mkdir(parents=True)
    endpoint = {"Host": "unix:///nowhere/docker.sock", "SkipTLSVerify": False}
    (folder / "meta.json").write_text(json.dumps({"Name": "there", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    monkeypatch.setenv("DOCKER_CONTEXT", "there")
    with pytest.raises(Unverifiable) as caught:
        Engine.connect()
    assert "unix:///nowhere/docker.sock" in caught.value.what


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "usermod -aG docker"),
        (NameError("name 'SSHHTTPAdapter' is not defined"), "pip install 'drtool[ssh]'"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), "Start Docker"),
    ],
)
def test_the_mend_fits_the_reason(error: Exception, mend: str) -> None:
    assert mend in _unreachable("unix:///var/run/docker.sock", error).mend
