"""An empty server to restore a database into: started, its isolation proven, entered in the journal."""

from __future__ import annotations

from typing import Any

from pymysql.connections import Connection

from drtool.backups.backup import Backup
from drtool.errors import Unverifiable
from drtool.mariadb import accounts
from drtool.mariadb.known_state import known_state
from drtool.mariadb.series import numbers
from drtool.mariadb.sql import rows_of
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.interface import DatabaseOptions
from drtool.restore.server_settings import ServerSettings, server_settings
from drtool.restore.timestamps import zone_file
from drtool.sandbox.image import DEFAULT_SERIES, Image
from drtool.sandbox.sandbox import MountedBackup
from drtool.sandbox.server import Server
from drtool.sandbox.start_failure import plugin_missing


def image_for(context: RestoreContext, backup: Backup, options: DatabaseOptions) -> Image:
    """Find the image of the series that the backup was made with, or of the newer one that the scenario asks for.

    Raises:
        Unverifiable: there is none, or the scenario asks for an older one.
    """
    series = backup.recognised.series
    if options.version is None:
        return context.image(series)
    if series and numbers(options.version) < numbers(series):
        what = f"The backup was made by MariaDB {series} and cannot be restored into the older {options.version}"
        raise Unverifiable("version-older", what)
    return context.image(options.version, exact=True)


def is_upgrade(made_by: str | None, options: DatabaseOptions) -> bool:
    """Tell whether the scenario asks for another series than the one of the server that the backup is of."""
    return options.version is not None and not (made_by or "").startswith(f"{options.version}.")


def settings_for(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> ServerSettings:
    """Choose what the server is started with, and enter what of production's option file was left out.

    Raises:
        WrongUse: the scenario sets what the sandbox must set.
        Unverifiable: a key file is not there.
    """
    series = options.version or backup.recognised.series or DEFAULT_SERIES
    chosen = server_settings(options.config, series, options.settings, options.folder)
    if (config := options.config) is None:
        return chosen
    for reason, names in chosen.left_out.items():
        context.journal.deviation(
            f"{name}: of {config.path.name} these were not applied, since {reason}: {', '.join(names)}"
        )
    if not config.of_server(series):
        groups = ", ".join(dict.fromkeys(f"[{option.group}]" for option in config.options)) or "it is empty"
        context.journal.deviation(f"{name}: nothing in {config.path.name} is for this server: {groups}")
    return chosen


def provision(
    context: RestoreContext, backup: Backup, name: str, image: Image, mounted: MountedBackup, options: DatabaseOptions
) -> Server:
    """Start an empty server for a backup that is within reach, and prove that nothing gets out of it.

    Raises:
        WrongUse: the scenario sets what the sandbox must set.
        Unverifiable: it does not start as it should, or is not isolated.
    """
    chosen = settings_for(context, backup, name, options)
    with context.journal.step(Phase.PROVISION, f"start an empty MariaDB for {name}", resource=name):
        server = Server.start(
            context.sandbox,
            name,
            image,
            mounted,
            profile=context.terms.profile,
            limits=options.limits,
            settings=chosen.applied,
            files=chosen.files,
            defaults=chosen.defaults,
            zone=zone_file(options.zone) if options.zone and not backup.recognised.says_zone else None,
        )
        accounts.mark(server.first)
        check_plugins(context, name, server.first, chosen)
    note_server(context, backup, name, image, server, options)
    context.prove_isolated(name, server.container)
    return server


def check_plugins(context: RestoreContext, name: str, connection: Connection[Any], chosen: ServerSettings) -> None:
    """Check that a server has the plugins that it was started with: it starts without them, too.

    Raises:
        Unverifiable: it lacks some that it needs; those that it may lack are entered.
    """
    asked = "SELECT plugin_library FROM information_schema.plugins WHERE plugin_status = 'ACTIVE'"
    active = {str(library or "").removesuffix(".so") for (library,) in rows_of(connection, asked)}
    missing = [library for library in chosen.plugins if library not in active]
    if needed := [library for library in missing if chosen.plugins[library]]:
        raise plugin_missing(needed)
    if missing:
        named = [f"the plugin {library}" for library in missing]
        options = [option.removeprefix("loose_") for option in chosen.applied]
        named += [option for option in options if f"{option}_".startswith(tuple(f"{one}_" for one in missing))]
        context.journal.deviation(
            f"{name}: these were not applied, since the image does not have the plugin: {', '.join(named)}"
        )


def note_server(
    context: RestoreContext, backup: Backup, name: str, image: Image, server: Server, options: DatabaseOptions
) -> None:
    """Enter the server that a backup is restored into, and where it is another than the one that it came from."""
    limits, config, asked = options.limits, options.config, options.version
    context.note_container(name, image, limits, server.settings, server.version, config=config, requested_series=asked)
    with context.journal.step(Phase.PREPARE, f"note what {name} is set to", resource=name):
        server.known = known_state(server.first)
    note_server_version(context, backup, server, options)


def note_server_version(
    context: RestoreContext, backup: Backup, server: Server, options: DatabaseOptions | None = None
) -> None:
    """Enter where the server is another than the backup's, and raise `Unverifiable` where another was asked for."""
    series = backup.recognised.series
    if options and options.version:
        if not server.version.startswith(f"{options.version}."):
            what = f"{options.version} was asked for, and the image has MariaDB {server.version}"
            raise Unverifiable("image-of-another-series", what)
        return
    if series and not server.version.startswith(f"{series}."):
        context.journal.deviation(
            f"The backup was made by MariaDB {series} and restored into {server.version}; the drill says "
            "nothing of a recovery into the server it came from."
        )
    elif series is None:
        made_by = backup.recognised.server_version or "a server it does not name"
        context.journal.deviation(f"The dump was made by {made_by} and restored into MariaDB {server.version}.")
