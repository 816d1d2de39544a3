"""The drill of `drtool verify`: one backup, restored with no scenario and asked the built-in questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drtool.backups.backup import Backup
from drtool.backups.encryption import KeySource
from drtool.backups.recognise import Format
from drtool.baseline.kept import Standing, standing_beside
from drtool.checks.sql import parse_zone
from drtool.drill.crew import Planned
from drtool.drill.options import VerifyOptions, as_arguments
from drtool.drill.restored import Database, Files
from drtool.drill.scenarios import Scenario
from drtool.errors import Unverifiable
from drtool.mariadb.accounts import parse_account
from drtool.mariadb.option_file import read_option_file
from drtool.mariadb.series import parse_series
from drtool.record.environment import Profile
from drtool.stores.lookup import known_scheme, refuse_pattern

if TYPE_CHECKING:
    from drtool.drill.drill import Drill


def verifications(locations: tuple[str, ...], options: VerifyOptions) -> list[Planned]:
    """Return the drills that verify backups, one each.

    Raises:
        WrongUse: an option or a location cannot be meant; a slip of the pen is no drill.
    """
    if options.backup_key:
        KeySource.parse(options.backup_key)
    if options.version:
        parse_series(options.version)
    if options.config:
        read_option_file(options.config)
    if options.zone:
        parse_zone(options.zone)
    for account in options.accounts:
        parse_account(account)
    for location in locations:
        known_scheme(location)
        refuse_pattern(location)
    said = (*as_arguments(options), "--")
    return [Planned(scenario=_scenario(one, options), command="verify", arguments=(*said, one)) for one in locations]


def _compare(drill: Drill, restored: Database | Files, backup: Backup) -> None:
    """Compare with a baseline that lies beside the backup, where it proves something."""
    standing = standing_beside(backup.store, backup.location, folder=isinstance(restored, Files))
    if standing is Standing.TRUSTED:
        restored.check_baseline()
    elif standing:
        drill._journal.deviation(f"The baseline beside {backup.location} is {standing}, so it was not compared")


def _scenario(location: str, options: VerifyOptions) -> Scenario:
    def conduct(drill: Drill) -> None:
        backup = drill.backup(location)
        if options.backup_key and backup.recognised.encryption:
            backup = drill.opened(backup, options.backup_key)
        if backup.recognised.format is Format.TAR and not backup.recognised.holds_database:
            _compare(drill, drill.restore_files(backup, zone=options.zone), backup)
            if options.freshness:
                raise Unverifiable("no-database", f"{location} holds files alone, and --freshness asks a database")
            of_a_database = {"--database": options.database, "--into": options.version, "--config": options.config}
            for name in (name for name, value in {**of_a_database, "--account": options.accounts}.items() if value):
                drill._journal.deviation(f"{location} holds files alone, so {name} was not used")
            return
        restored = drill.restore_mariadb(
            backup,
            database=options.database,
            zone=options.zone,
            version=options.version,
            config=str(options.config.absolute()) if options.config else None,
            accounts=options.accounts,
        )
        if options.freshness:
            restored.check_freshness(options.freshness)
        _compare(drill, restored, backup)

    return Scenario(
        name="verify",
        conduct=conduct,
        description=f"{location} restores and holds together",
        file=Path("(drtool verify)"),
        rto=options.rto,
        rpo=options.rpo,
        judge_rto_in=frozenset(Profile),
    )
