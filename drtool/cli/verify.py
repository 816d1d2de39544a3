"""`drtool verify`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drtool.backups.recognise import Format
from drtool.cli.drills import Planned, carry_out
from drtool.cli.options import DrillOptions, DurationType, drill_options
from drtool.record import Profile
from drtool.scenarios import Scenario
from drtool.stores.lookup import known_scheme

if TYPE_CHECKING:
    from drtool.drill import Drill


@click.command("verify")
@click.argument("backups", metavar="BACKUP...", nargs=-1, required=True)
@click.option("--rto", type=DurationType(), help="Recovery time objective, such as 30m.")
@click.option("--rpo", type=DurationType(), help="Recovery point objective, such as 24h.")
@click.option("--database", help="Where a dump goes that selects no database itself.")
@click.option(
    "--freshness", metavar="SQL", help="Query for the newest time in the data: a witness of the recovery point."
)
@drill_options
def command(
    backups: tuple[str, ...],
    rto: timedelta | None,
    rpo: timedelta | None,
    database: str | None,
    freshness: str | None,
    **values: Any,
) -> int:
    """Restore each BACKUP with no scenario, run the built-in checks, leave the same report.

    BACKUP is a path or s3://bucket/key: a MariaDB dump or a tar archive, plain or compressed with gzip, zstd or xz.
    A target given here is enforced in every profile.

    \b
    drtool verify /srv/backups/db-20261124.sql.zst --rto 30m --rpo 24h
    drtool verify s3://backups/uploads.tar.zst --json
    drtool verify db.sql --freshness 'SELECT MAX(ts) FROM shop.heartbeat'
    """

    def verification(location: str) -> Planned:
        def conduct(drill: Drill) -> None:
            backup = drill.backup(location)
            if backup.recognised.format is Format.TAR:
                drill.restore_files(backup)
                return
            restored = drill.restore_mariadb(backup, database=database)
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
        arguments = (*_arguments(rto, rpo, database, freshness), "--", location)
        return Planned(scenario=made, command="verify", arguments=arguments)

    for location in backups:
        known_scheme(location)  # so that a slip of the pen is wrong use, and no drill
    return carry_out([verification(location) for location in backups], DrillOptions.of(values))


def _arguments(rto: timedelta | None, rpo: timedelta | None, database: str | None, freshness: str | None) -> list[str]:
    given = {
        "--rto": f"{rto.total_seconds()}s" if rto else None,
        "--rpo": f"{rpo.total_seconds()}s" if rpo else None,
        "--database": database,
        "--freshness": freshness,
    }
    return [f"{name}={value}" for name, value in given.items() if value is not None]
