"""`drtool verify`."""

from __future__ import annotations

from typing import Any

import click

from drtool.cli.options import options, values_of
from drtool.drill.options import DrillOptions, VerifyOptions


@click.command("verify")
@click.argument("backups", metavar="BACKUP...", nargs=-1, required=True)
@options(VerifyOptions)
@options(DrillOptions)
def command(backups: tuple[str, ...], **values: Any) -> int:
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
    # With the Docker SDK, which takes a third of a second to import and help needs none of.
    from drtool.cli.drills import carry_out
    from drtool.drill.verification import verifications

    return carry_out(verifications(backups, values_of(VerifyOptions, values)), values_of(DrillOptions, values))
