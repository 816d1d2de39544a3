"""Why a container did not outlive what it was started for, or why what ran in it ended too early."""

from __future__ import annotations

import time

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.sandbox.container import Container, Stopped

_STOP_SECONDS = 3.0
# So the server logs a shutdown that came by a signal; one that came by SQL names the account (10.4 and later).
_BY_SIGNAL = "(initiated by: unknown)"


def raise_if_cut_short(container: Container, *, finished: bool) -> None:
    """Raise why a script in a container ended before its end, or why its server did not outlive it.

    Raises:
        RestoreFailed: what was restored is to blame.
        Unverifiable: something else is.
    """
    if finished and container.why_stopped() is None:
        return
    if failure := stop_failure(container):
        raise failure
    what = "The restore was cut short from outside"
    raise Unverifiable("restore-cut-short", what, why="its process in the sandbox was killed")


def stop_failure(container: Container) -> DrtoolError | None:
    """Return what made a container stop, or None when it runs on; it is given a moment, for the engine to notice."""
    stopped = container.why_stopped()
    deadline = time.monotonic() + _STOP_SECONDS
    while stopped is None and time.monotonic() < deadline:
        time.sleep(0.1)
        stopped = container.why_stopped()
    if stopped is None:
        return None
    if stopped is Stopped.OUT_OF_MEMORY:
        return Unverifiable("out-of-memory", "The sandbox ran out of memory")
    if stopped is Stopped.CRASHED:
        return RestoreFailed("server-crashed", "The server crashed over the restored data")
    if stopped is Stopped.ENDED and _BY_SIGNAL not in container.last_words():
        return RestoreFailed("server-stopped", "The server was stopped by a statement of the dump")
    return Unverifiable("restore-cut-short", "The sandbox was stopped from outside", why=str(stopped))
