"""Who carries out a drill: a process, named so that others can tell whether it still runs."""

from __future__ import annotations

import math
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Owner:
    """The identity of a process.

    Attributes:
        host: the name of its host.
        pid: its process id.
        started: its start in seconds since the host booted; epoch seconds would move whenever the clock is set.
        boot: which boot of the host that was, and in which of its namespaces the process has this number; empty where
            the system does not tell.
    """

    host: str
    pid: int
    started: float
    boot: str = ""

    @classmethod
    def this_process(cls) -> Owner:
        """Return the identity of the running process."""
        process = psutil.Process()
        return cls(platform.node(), process.pid, _started(process), _boot())

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """Read an owner back from its text, or return None when the text is not of our making."""
        host, _, rest = text.rpartition("/")
        pid, _, rest = rest.partition("@")
        started, _, boot = rest.partition("+")
        try:
            return cls(host, int(pid), float(started), boot)
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}@{self.started:.2f}" + (f"+{self.boot}" if self.boot else "")

    def is_dead(self) -> bool:
        """Tell whether the process is known to be gone; one of another host, or that we cannot see, is not."""
        return self.is_alive() is False

    def is_alive(self) -> bool | None:
        """Tell whether the process runs; None for one of another host, or that we cannot see.

        The host's name alone proves nothing: it may have been changed, and a container has one of its own.
        """
        (boot, _, namespace), (ours, _, here) = self.boot.partition("."), _boot().partition(".")
        if boot != ours or not boot:
            if self.host != platform.node():
                return None
            if boot:
                return False
        if namespace and namespace != here:
            return None
        try:
            process = psutil.Process(self.pid)
            # A zombie has ended; whoever started it has not asked how, and the first process of a container never may.
            if abs(_started(process) - self.started) > 1.0 or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return True if math.isfinite(_started(process)) else None
        except (psutil.NoSuchProcess, ValueError, OverflowError):
            return None if _is_there(self.pid) else False  # it cannot be where the number is no process's
        except psutil.AccessDenied:
            return None


def _started(process: psutil.Process) -> float:
    # Both are reckoned from the same wall clock, so that their difference does not depend on it.
    try:
        return process.create_time() - psutil.boot_time()
    except FileNotFoundError:  # a unit with ProcSubset=pid; what is no number is neither the same as another nor not
        return math.nan


def _is_there(pid: int) -> bool:
    """Tell whether there is such a process, though /proc may show us our own alone (hidepid)."""
    try:
        os.kill(pid, 0) if pid > 0 else None
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        pass
    return False


def _boot() -> str:
    try:
        # Containers with their host's name number their processes each for itself.
        boot = _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else ""
        return f"{boot}.{_PID_NAMESPACE.stat().st_ino}"
    except (OSError, UnicodeDecodeError):
        return ""
