"""A sandbox for nothing: whether one can be made, what its image lacks, and how much room the engine's disk has."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from importlib.resources import files

from drtool.errors import Unverifiable
from drtool.sandbox.engine import Engine
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import RESTORED_PATH, Limits, Mount, Sandbox

_SCRIPT = files("drtool.sandbox").joinpath("trial.sh").read_text(encoding="utf-8")
_PROGRAMS = ("mariadbd", "mariadb", "mariadb-install-db", "socat", "perl")
_LIMITS = Limits(memory_bytes=64 * 2**20)


def try_sandbox(engine: Engine, image: Image) -> int:
    """Make a sandbox and take it away again; return how many bytes the engine's disk has free.

    Raises:
        Unverifiable: it cannot be made, or its image lacks what every drill of a database needs.
    """
    sandbox = Sandbox(engine, f"doctor-{secrets.token_hex(3)}", time_limit=timedelta(minutes=1), kept=False)
    try:
        volume = Mount(target=RESTORED_PATH, source=sandbox.volume("trial"))
        room = sandbox.room("trial", image, limits=_LIMITS, mounts=[volume])
        said = list(room.talk(_SCRIPT, RESTORED_PATH, *_PROGRAMS, doing="trying a sandbox"))
    finally:
        with suppress(Unverifiable):  # the first failure is the one that says more; `drtool prune` finds what is left
            sandbox.destroy()
    if lacking := [program for name, program in said if name == "lacks"]:
        raise Unverifiable("program-missing", f"The image {image.reference} has no {', '.join(lacking)}")
    return sum(int(free) for name, free in said if name == "free")
