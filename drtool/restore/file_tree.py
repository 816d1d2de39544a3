"""From a tar archive to a folder in the sandbox: provision, unpack, look at the end."""

from __future__ import annotations

from datetime import tzinfo

from docker.models.containers import Container

from drtool.backups.backup import Backup
from drtool.backups.recognise import Format
from drtool.record import Phase
from drtool.restore import archive
from drtool.restore.context import RestoreContext
from drtool.restore.cut_short import raise_if_cut_short
from drtool.sandbox.sandbox import Limits


def restore_archive(
    context: RestoreContext, backup: Backup, name: str, *, limits: Limits, zone: tzinfo | None
) -> Container:
    """Restore a tar archive into an empty folder of a container without a network.

    Raises:
        RestoreFailed: the archive does not unpack.
        Unverifiable: the sandbox could not be made or was lost.
    """
    context.claim(name, backup, (Format.TAR,))
    image = context.image(None)
    mounted = context.within_reach(backup, name, image)
    with context.journal.step(Phase.PROVISION, f"make an empty folder for {name}", resource=name):
        container = archive.start_file_sandbox(context.sandbox, name, image, mounted, limits=limits)
    context.note_container(name, image, limits, {}, None)
    context.prove_isolated(name, container)
    with context.restoring(backup, name) as step:
        outcome = archive.unpack(
            context.sandbox,
            container,
            backup.recognised,
            source=mounted.source,
            unlocking=backup.unlocking,
            disk_limit_bytes=limits.disk_bytes,
            progress=step.progress,
        )
        context.note_read(backup, outcome, step)
        raise_if_cut_short(container, outcome)
        archive.raise_archive_failure(outcome, backup.recognised)
    context.check_end(
        name,
        outcome,
        failure=archive.end_failure(outcome),
        knowable=True,
        question="the archive ends with tar's end mark",
    )
    context.came_back(backup, name, outcome, zone=zone)
    return container
