"""A process is told from another that has its number, and from itself whatever the clock says."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from drtool.host.owner import Owner


def test_this_process_is_alive_and_survives_being_written_down() -> None:
    owner = Owner.this_process()
    assert owner.pid == os.getpid()
    assert not owner.is_dead()
    written = Owner.parse(str(owner))
    assert written is not None
    assert not written.is_dead()


def test_a_process_that_has_ended_is_dead() -> None:
    script = "from drtool.host.owner import Owner; print(Owner.this_process())"
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    owner = Owner.parse(said)
    assert owner is not None
    assert owner.is_dead()


def test_a_process_that_has_ended_is_dead_even_where_nobody_has_asked_how() -> None:
    script = "from drtool.host.owner import Owner; print(Owner.this_process(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        owner = Owner.parse(process.stdout.readline().strip())
        assert owner is not None
        assert not owner.is_dead()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is over, and still there to be asked
        assert owner.is_dead()


def test_another_process_with_the_same_number_is_not_taken_for_it() -> None:
    owner = Owner.this_process()
    assert replace(owner, started=owner.started - 60).is_dead()
    assert replace(owner, boot="an earlier boot").is_dead()


def test_a_process_of_another_host_is_not_known_to_be_dead() -> None:
    assert replace(Owner.this_process(), host="elsewhere", boot="another boot", pid=2**22).is_alive() is None
    assert replace(Owner.this_process(), host="elsewhere", boot="").is_alive() is None


def test_a_host_that_was_given_another_name_is_the_same_host() -> None:
    assert replace(Owner.this_process(), host="elsewhere").is_alive() is True
    assert replace(Owner.this_process(), host="elsewhere", pid=2**22).is_alive() is False


def test_a_process_of_another_namespace_is_not_known_to_be_dead() -> None:
    """Containers may have their host's name, and each numbers its processes for itself."""
    owner = Owner.this_process()
    boot, _, namespace = owner.boot.partition(".")
    assert not replace(owner, pid=2**22, boot=f"{boot}.{int(namespace) + 1}").is_dead()
    assert replace(owner, pid=2**22, boot=f"{boot}.{namespace}").is_dead()
    assert replace(owner, pid=2**22, boot=boot).is_dead()  # as it was once written down


def test_a_process_that_only_its_own_account_can_see_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = replace(Owner.this_process(), pid=2**22)

    def hidden(_pid: int, _signal: int) -> None:
        raise PermissionError

    assert owner.is_dead()
    monkeypatch.setattr(os, "kill", hidden)
    assert not owner.is_dead()


def test_setting_the_clock_does_not_make_a_running_process_look_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner.this_process()
    booted, created = psutil.boot_time(), psutil.Process().create_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: booted + 7200)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _process: created + 7200)
    assert not owner.is_dead()


@pytest.mark.parametrize("text", ["", "host", "host/1", "host/one@2", "host/1@two"])
def test_what_is_no_owner_is_not_read_as_one(text: str) -> None:
    assert Owner.parse(text) is None


@pytest.mark.parametrize("pid", ["-5", "0", "99999999999999999999"])
def test_a_number_that_no_process_has_is_dead(pid: str) -> None:
    this = Owner.this_process()
    owner = Owner.parse(f"{this.host}/{pid}@1.00+{this.boot}")
    assert owner is not None
    assert owner.is_dead()


def test_where_the_system_hides_when_it_booted_a_running_drill_is_not_taken_for_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hidden() -> float:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/proc/stat")

    seen = Owner.this_process()
    with monkeypatch.context() as hardened:
        hardened.setattr(psutil, "boot_time", hidden)
        ours = Owner.parse(str(Owner.this_process()))
        assert ours is not None
        assert not ours.is_dead()
        assert not seen.is_dead()
    assert not ours.is_dead()
    gone = Owner.parse(str(ours).replace(f"/{ours.pid}@", "/4194303@"))
    assert gone is not None
    assert gone.is_dead()
