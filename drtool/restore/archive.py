"""Restores a tar archive into a volume of the sandbox."""

from __future__ import annotations

import docker.types
from docker.models.containers import Container

from drtool.backups.encryption import Unlocking
from drtool.backups.recognise import Recognised
from drtool.errors import RestoreFailed
from drtool.restore.diagnosis import stream_failure, tar_failure
from drtool.restore.pipeline import Outcome, Progress, run_pipeline
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Limits, MountedBackup, Sandbox

TARGET = "/restored"
"""Where the files lie in the container."""

# What it takes to give files back their owners and modes; no CAP_MKNOD, so no device node comes to be.
_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"]


def start_file_sandbox(
    sandbox: Sandbox, resource: str, image: Image, backup: MountedBackup, *, limits: Limits
) -> Container:
    """Start a container with an empty volume to restore files into.

    Any image with tar and the decompressors will do; the MariaDB image has them and is there already.
    """
    volume = docker.types.Mount(target=TARGET, source=sandbox.volume(f"{resource}-data"), type="volume")
    return sandbox.run(
        resource,
        image,
        ["tail", "-f", "/dev/null"],
        user="0:0",
        limits=limits,
        mounts=[volume, *backup.mounts],
        tmpfs={},
        capabilities=_CAPABILITIES,
    )


def unpack(
    sandbox: Sandbox,
    container: Container,
    archive: Recognised,
    *,
    source: str,
    unlocking: Unlocking | None,
    disk_limit_bytes: int,
    progress: Progress,
) -> Outcome:
    """Unpack an archive through the pipe `read | decompress | tar`, keeping modes, owners, links and times.

    Returns:
        How the pipe ended, whether or not it ended well: see `raise_archive_failure`.

    Raises:
        Unverifiable: the engine, the container or the disk gave out.
    """
    return run_pipeline(
        sandbox.engine,
        container,
        compression=archive.compression,
        sink="tar",
        target=TARGET,
        arguments=[],
        reader="0:0",
        disk_limit_bytes=disk_limit_bytes,
        progress=progress,
        source=source,
        unlocking=unlocking,
    )


def raise_archive_failure(outcome: Outcome, archive: Recognised) -> None:
    """Raise what went wrong: a damaged stream first, then tar's complaints."""
    if failure := stream_failure(outcome, archive.compression) or tar_failure(outcome):
        raise failure


def end_failure(outcome: Outcome) -> RestoreFailed | None:
    """Return what the archive's end says: without its end mark it may have been cut between two members."""
    if outcome.end == "complete":
        return None
    if outcome.end == "followed":
        return RestoreFailed(
            "archive-trailing-garbage",
            "Something follows the archive's end mark, where tar never looks",
            mend="Look whether two writers share this file; what lies behind the mark would not be restored",
        )
    return RestoreFailed(
        "archive-end-missing",
        "The archive has no end mark: it was cut short between two files",
        mend="Look whether the backup job or its upload was interrupted, or ran out of disk",
    )
