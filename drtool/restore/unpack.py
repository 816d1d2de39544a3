"""The step of a recovery in which a backup is unpacked into a folder of a container."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drtool.backups.backup import Backup
from drtool.errors import DrtoolError
from drtool.mariadb.selection import Selection
from drtool.restore.context import RestoreContext
from drtool.restore.diagnosis import stream_failure
from drtool.restore.pipeline import Outcome, run_pipeline
from drtool.sandbox.container import Container
from drtool.sandbox.loss import raise_if_cut_short

Failure = Callable[[Outcome], DrtoolError | None]
"""Tells what a sink complains of, if anything."""


def unpack(
    context: RestoreContext,
    backup: Backup,
    name: str,
    container: Container,
    *,
    sink: str,
    into: str,
    source: str,
    failure: Failure,
    arguments: Sequence[str] = (),
    then: Callable[[], object] | None = None,
    only: Selection | None = None,
) -> Outcome:
    """Unpack a backup through the pipe `read | decrypt | decompress | sink`.

    Args:
        context: the drill.
        backup: what to unpack.
        name: what the drill calls the resource.
        container: has the backup mounted, and reads and writes as root.
        sink: see `run_pipeline`, as for the other arguments.
        into: the folder that it is unpacked into.
        source: where the backup is.
        failure: tells what the sink complains of, where the stream into it was whole.
        arguments: for the sink.
        then: what is to be done with what was unpacked, as a part of the step.
        only: what of a physical backup is unpacked, where it is not all of it.

    Raises:
        RestoreFailed: it does not unpack.
        Unverifiable: the engine, the container or the disk gave out.
    """
    with context.restoring(backup, name) as step:
        outcome = run_pipeline(
            container,
            compression=backup.recognised.compression,
            sink=sink,
            target=into,
            arguments=arguments,
            reader="0:0",
            progress=step.progress,
            source=source,
            unlocking=backup.unlocking,
            only=only,
        )
        context.note_read(backup, outcome, step)
        raise_if_cut_short(container, finished=outcome.finished)
        if outcome.rooted:
            context.journal.deviation(
                f"{name}: all names in the archive begin at the root (tar -P); they were restored without that slash, "
                "into a folder of the sandbox"
            )
        if found := stream_failure(outcome, backup.recognised.compression) or failure(outcome):
            raise found
        if then:
            then()
    return outcome
