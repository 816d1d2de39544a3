"""`drtool verify`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drtool.backups.encryption import KeySource
from drtool.backups.recognise import Format
from drtool.cli.drills import Planned, carry_out
from drtool.cli.options import DrillOptions, DurationType, drill_options
from drtool.drill.scenarios import Scenario
from drtool.mariadb.accounts import parse_account
from drtool.mariadb.option_file import read_option_file
from drtool.mariadb.series import parse_series
from drtool.record.environment import Profile
from drtool.stores.lookup import known_scheme

if TYPE_CHECKING:
    from drtool.drill.drill import Drill


@click.command("verify")
@click.argument("backups", metavar="BACKUP...", nargs=-1, required=True)
@click.option("--rto", type=DurationType(), help="Recovery time objective, such as 30m.")
@click.option("--rpo", type=DurationType(), help="Recovery point objective, such as 24h.")
@click.option("--database", help="Where a dump goes that selects no database itself.")
@click.option(
    "--freshness", metavar="SQL", help="Query for the newest time in the data: a witness of the recovery point."
)
@click.option(
    "--into", "version", metavar="SERIES", help="A newer MariaDB to restore into and upgrade to, such as 11.8."
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Production's option file: what the data needs of it is applied.",
)
@click.option(
    "--backup-key",
    metavar="WHERE",
    envvar="DRTOOL_BACKUP_KEY",
    help="Where the key of an encrypted backup is: env:VARIABLE, file:PATH or agent.",
)
@click.option("--account", "accounts", metavar="USER@HOST", multiple=True, help="Comes from elsewhere than the backup.")
@drill_options
def command(
    backups: tuple[str, ...],
    rto: timedelta | None,
    rpo: timedelta | None,
    database: str | None,
    freshness: str | None,
    version: str | None,
    config: Path | None,
    accounts: tuple[str, ...],
    backup_key: str | None,
    **values: Any,
) -> int:
    """Restore each BACKUP with no scenario, run the built-in checks, leave the same report.

    BACKUP is a path or s3://bucket/key: a MariaDB dump, a physical backup, a folder of dumps (with a slash at its end),
    or a tar archive; plain, compressed with gzip, bzip2, xz, zstd or lz4, encrypted, split. A target given here is
    enforced in every profile.

    \b
    drtool verify /srv/backups/db-20261124.sql.zst --rto 30m --rpo 24h
    drtool verify s3://backups/uploads.tar.zst --json
    drtool verify db.sql --into 11.8 --config production.cnf
    drtool verify db.sql --freshness 'SELECT MAX(ts) FROM shop.heartbeat'
    """
    given = {
        "--rto": f"{rto.total_seconds()}s" if rto else None,
        "--rpo": f"{rpo.total_seconds()}s" if rpo else None,
        "--database": database,
        "--freshness": freshness,
        "--into": version,
        "--config": str(config) if config else None,
        "--backup-key": backup_key,
    }
    if backup_key:
        KeySource.parse(backup_key)
    if version:
        parse_series(version)  # so that a slip of the pen is wrong use, and no drill
    if config:
        read_option_file(config)
    for account in accounts:
        parse_account(account)

    def verification(location: str) -> Planned:
        def conduct(drill: Drill) -> None:
            backup = drill.backup(location)
            if backup_key and backup.recognised.encryption:
                backup = drill.opened(backup, backup_key)
            if backup.recognised.format is Format.TAR and not backup.recognised.holds_database:
                drill.restore_files(backup)
                return
            restored = drill.restore_mariadb(
                backup,
                database=database,
                version=version,
                config=str(config.absolute()) if config else None,
                accounts=accounts,
            )
            if freshness:
                restored.check_freshness(freshness)

        made = Scenario(
            name="verify",
            conduct=conduct,
            description=f"{location} restores and holds together",
            file=Path("(drtool verify)"),
            rto=rto,
            rpo=rpo,
            judge_rto_in=frozenset(Profile),
        )
        arguments = (*_arguments(given, accounts), "--", location)
        return Planned(scenario=made, command="verify", arguments=arguments)

    for location in backups:
        known_scheme(location)  # so that a slip of the pen is wrong use, and no drill
    return carry_out([verification(location) for location in backups], DrillOptions.of(values))


def _arguments(given: dict[str, str | None], accounts: tuple[str, ...]) -> list[str]:
    return [
        *(f"{name}={value}" for name, value in given.items() if value is not None),
        *(f"--account={account}" for account in accounts),
    ]
