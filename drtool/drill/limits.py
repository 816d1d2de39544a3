"""How much of the engine's host a restore may take, as a scenario says it."""

from __future__ import annotations

from drtool.amounts import parse_size
from drtool.errors import WrongUse
from drtool.sandbox.sandbox import Limits


def limits_of(memory: str, disk: str | None) -> Limits:
    """Return the limits of a sandbox.

    Raises:
        WrongUse: one is no size, or the engine takes no so little.
    """
    limits = Limits(memory_bytes=parse_size(memory), disk_bytes=parse_size(disk) if disk else 0)
    if limits.memory_bytes < 6 << 20:  # the engine takes no less
        raise WrongUse("bad-size", f"memory={memory!r} is too little for any sandbox", mend='Write it as memory="2GiB"')
    return limits
