"""A forked process ends by itself or by a signal, and whoever made it knows how."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drtool.host.child import Child, die_of_signals, how_it_ended, wait_for_any
from tests import pace


def _nothing() -> None:
    pass


def _raises() -> None:
    raise ValueError


def _leaves() -> None:
    raise SystemExit(0)


def _says() -> None:
    subprocess.run("echo out; echo err >&2; cat", shell=True, check=True)  # noqa: S602 (ours)


def _sleeps() -> None:
    die_of_signals()
    time.sleep(600)


@pytest.mark.parametrize(
    ("work", "status"), [(_nothing, 0), (_raises, 1), (_leaves, 1), (lambda: os._exit(7), 7), (os.abort, -6)]
)
def test_how_it_ended_is_known(work: Callable[[], None], status: int) -> None:
    import faulthandler

    was_enabled = faulthandler.is_enabled()
    faulthandler.disable()
    try:
        child = Child(work)
    finally:
        if was_enabled:
            faulthandler.enable()
    assert child.wait() == status
    assert child.status() == status, "it may be asked again"
    child.send(signal.SIGKILL)


def test_without_a_descriptor_for_its_end_it_is_waited_for_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    child = Child(_sleeps)
    assert child.status() is None
    child.send(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM


def test_of_several_the_first_that_ends_is_enough() -> None:
    slow, quick = Child(_sleeps), Child(_nothing)
    ours, theirs = os.pipe()
    while quick.status() is None:
        assert wait_for_any([slow, quick], [ours], 10.0) == []
    os.write(theirs, b"x")
    assert wait_for_any([slow, quick], [ours], 10.0) == [ours]
    slow.send(signal.SIGKILL)
    assert slow.wait() == -signal.SIGKILL
    os.close(ours)
    os.close(theirs)


def test_what_it_prints_goes_where_it_is_told(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as stream:
        child = Child(_says, talk=stream.fileno())
        assert child.wait() == 0
    assert said.read_text() == "out\nerr\n"


def test_it_is_asked_to_stop_when_nobody_watches_it_any_more(tmp_path: Path) -> None:
    told = tmp_path / "told"

    def watched() -> None:
        signal.signal(signal.SIGTERM, lambda *_: (told.write_text("SIGTERM"), os._exit(0)))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        (tmp_path / "ready").touch()
        time.sleep(600)

    def watching() -> None:
        Child(watched)
        while not (tmp_path / "ready").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)

    assert Child(watching).wait() == -signal.SIGKILL
    deadline = time.monotonic() + pace.seconds(10)
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert told.read_text() == "SIGTERM"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, "ended with status 0"),
        (-11, "was ended by SIGSEGV"),
        (-9, "was ended by SIGKILL ("),
        (-40, "was ended by signal 40"),
    ],
)
def test_how_it_ended_in_words(status: int, said: str) -> None:
    assert how_it_ended(status).startswith(said)
