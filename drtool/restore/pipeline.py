"""Runs the restore pipe inside a container and tells, stage by stage, how it went."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files

from docker.models.containers import Container

from drtool.backups.compression import Compression
from drtool.errors import Unverifiable
from drtool.restore.disk_watch import DiskWatch
from drtool.sandbox import exec_stream
from drtool.sandbox.engine import Engine, engine_errors
from drtool.sandbox.sandbox import BACKUP_PATH

Progress = Callable[[int], None]
"""Is told how many bytes of the backup have been read so far."""

_SCRIPT = files("drtool.restore").joinpath("pipeline.sh").read_text(encoding="utf-8")
# MySQL's tool pads the hour with a blank, MariaDB's with a zero
_COMPLETED = re.compile(r"Dump completed on (\d{4}-\d\d-\d\d) +(\d{1,2})(:\d\d:\d\d)")


@dataclass(kw_only=True)
class Outcome:
    """How a pipe ended: each stage's exit status, what it complained of, and facts about the content.

    `finished` is false when the whole pipe was cut short from outside: then only the container can say why.
    """

    finished: bool = False
    statuses: dict[str, int] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    sha256: str | None = None
    end: str = "missing"
    end_detail: str = ""
    read_bytes: int = 0
    elapsed_seconds: float = 0.0

    @property
    def completed_wall(self) -> datetime | None:
        """The time in a dump's closing comment: the dump client's local time, its zone unknown."""
        found = _COMPLETED.search(self.end_detail)
        try:
            return datetime.fromisoformat(f"{found[1]} {int(found[2]):02}{found[3]}") if found else None
        except ValueError:
            return None

    def complaint(self, stage: str) -> str:
        """Return all that a stage wrote to its standard error, not fit for evidence as it is."""
        return "\n".join(self.errors.get(stage, []))


def run_pipeline(
    engine: Engine,
    container: Container,
    *,
    compression: Compression,
    sink: str,
    target: str,
    arguments: list[str],
    reader: str,
    disk_limit_bytes: int,
    progress: Progress,
) -> Outcome:
    """Restore the backup that is mounted in `container`.

    Args:
        engine: where the container runs.
        container: has the backup mounted, and a server or an empty folder to fill.
        compression: how the backup is compressed.
        sink: `sql` or `tar`.
        target: the folder in the container that fills up; what is free there is watched.
        arguments: for the sink: the database to load into, if any.
        reader: the user in the container that may read the backup, as `uid:gid`.
        disk_limit_bytes: how much the target may grow; 0 for as much as the disk has, less a reserve.
        progress: is told about twice a second how far reading has come.

    Raises:
        Unverifiable: the engine, the container or the disk gave out before the pipe had ended.
    """
    outcome = Outcome()
    started = time.monotonic()
    command = ["bash", "-c", _SCRIPT, "drtool", BACKUP_PATH, compression, sink, target, *arguments]
    with engine_errors("restoring"):
        disk = DiskWatch(engine, container, target, disk_limit_bytes)
        created = engine.client.api.exec_create(container.id, command, stderr=False, user=reader)
        for line in exec_stream.lines(engine.client, created["Id"]):
            name, _, rest = line.partition(" ")
            if name == "progress":
                position, free_kib = (int(number) for number in rest.split())
                disk.look(free_kib)
                outcome.read_bytes = position
                progress(position)
            elif name == "done":
                outcome.finished = True
            else:
                _take(outcome, name, rest)
        status = engine.client.api.exec_inspect(created["Id"])["ExitCode"]
    outcome.elapsed_seconds = time.monotonic() - started
    if status == 66:
        raise Unverifiable(
            "backup-unreadable",
            "The backup cannot be read inside the sandbox",
            mend="Check that the file's owner may read it and that Docker may mount its folder",
        )
    return outcome


def _take(outcome: Outcome, name: str, rest: str) -> None:
    if name in {"read", "decompress", "sink"}:
        outcome.statuses[name] = int(rest)
    elif name == "sha256":
        outcome.sha256 = rest if len(rest) == 64 else None
    elif name == "end":
        outcome.end, _, outcome.end_detail = rest.partition(" ")
    elif name.endswith(".err"):
        outcome.errors.setdefault(name.removesuffix(".err"), []).append(rest)
