"""A site of its own for these tests: its keys and configuration, never those of whoever runs them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from drtool.cli import main
from drtool.keys.signing import make_site_key
from drtool.record.verdicts import Verdict
from tests.evidence.builder import Site


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON document it printed."""
        document: dict[str, Any] = json.loads(self.output)
        return document

    @property
    def codes(self) -> list[str]:
        """The codes of the problems in that document."""
        return [problem["code"] for problem in self.result["problems"]]


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep every test away from the real configuration, keys and agent; return the configuration's folder."""
    config = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    for name in ("DRTOOL_SIGNING_KEY", "DRTOOL_REPORTS", "SSH_AUTH_SOCK", "SSH_ASKPASS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return config


@pytest.fixture
def agent(apart: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ssh-agent of our own; its socket's path is short, wherever temporary files are."""
    with TemporaryDirectory(dir="/tmp") as folder:
        socket = Path(folder, "agent")
        with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL) as process:
            while not socket.exists():
                assert process.poll() is None, "the agent has ended"
                time.sleep(0.01)
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            yield socket
            process.terminate()


@pytest.fixture
def drtool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a drtool command as its user does, up to the exit code."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["drtool", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        output, errors = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return Ended(exit_.value.code, output, errors)

    return run


@pytest.fixture
def site(apart: Path, tmp_path: Path) -> Site:
    """A site with a key of its own and no drills yet."""
    return Site(reports=tmp_path / "reports", config=apart, key=make_site_key())


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with five drills, made once; not to be written to."""
    folder = tmp_path_factory.mktemp("untouched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        made = Site(reports=folder / "reports", config=folder / "config", key=make_site_key())
    for verdict in (Verdict.PASSED, Verdict.PASSED, Verdict.FAILED, Verdict.PASSED):
        made.drill(verdict)
    made.drill(scenario="mail_monthly")
    return made


@pytest.fixture
def evidence(untouched: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A copy of the five drills' evidence, to be tampered with, on the machine that pinned their key."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(untouched.config))
    return untouched.copied_to(tmp_path / "reports")
