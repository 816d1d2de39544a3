"""An empty server to restore a database into: started, its isolation proven, entered in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from drtool.backups.backup import Backup
from drtool.record import Phase
from drtool.restore.context import RestoreContext
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Limits, MountedBackup
from drtool.sandbox.server import Server


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions:
    """What a scenario may say of a database's restore; see `Drill.restore_mariadb`."""

    database: str | None
    settings: Mapping[str, str]
    limits: Limits
    zone: tzinfo | None


def provision(
    context: RestoreContext, backup: Backup, name: str, image: Image, mounted: MountedBackup, options: DatabaseOptions
) -> Server:
    """Start an empty server for a backup that is within reach, and prove that nothing gets out of it.

    Raises:
        Unverifiable: it does not start, or is not isolated.
    """
    with context.journal.step(Phase.PROVISION, f"start an empty MariaDB for {name}", resource=name):
        server = Server.start(
            context.sandbox,
            name,
            image,
            mounted,
            profile=context.terms.profile,
            limits=options.limits,
            settings=options.settings,
        )
    context.note_container(name, image, options.limits, server.settings, server.version)
    note_server_version(context, backup, server)
    context.prove_isolated(name, server.container)
    return server


def note_server_version(context: RestoreContext, backup: Backup, server: Server) -> None:
    """Enter where the restored server is another than the one that the backup came from."""
    series = backup.recognised.series
    if series and not server.version.startswith(f"{series}."):
        context.journal.deviation(
            f"The backup was made by MariaDB {series} and restored into {server.version}; the drill says "
            "nothing of a recovery into the server it came from."
        )
    elif series is None:
        made_by = backup.recognised.server_version or "a server it does not name"
        context.journal.deviation(f"The dump was made by {made_by} and restored into MariaDB {server.version}.")
