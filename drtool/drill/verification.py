"""The drill of `drtool verify`: one backup, restored with no scenario and asked the built-in questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drtool.backups.encryption import KeySource
from drtool.backups.recognise import Format
from drtool.checks.sql import parse_zone
from drtool.drill.options import VerifyOptions
from drtool.drill.planning import Planned
from drtool.drill.restored import compare_unasked
from drtool.drill.scenarios import Scenario
from drtool.errors import Unverifiable
from drtool.mariadb.accounts import parse_account
from drtool.mariadb.charsets import parse_charset
from drtool.mariadb.option_file import read_option_file
from drtool.mariadb.selection import Selection
from drtool.mariadb.series import parse_series
from drtool.record.environment import Profile
from drtool.stores.lookup import known_scheme, refuse_pattern
from drtool.stores.pattern import parse_inside

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
    if options.charset:
        parse_charset(options.charset)
    if options.zone:
        parse_zone(options.zone)
    Selection.parse(options.only)
    if options.inside:
        parse_inside(options.inside)
    for account in options.accounts:
        parse_account(account)
    for location in locations:
        known_scheme(location)
        refuse_pattern(location)
    return [Planned.of(_scenario(location, options)) for location in locations]


def _scenario(location: str, options: VerifyOptions) -> Scenario:
    def conduct(drill: Drill) -> None:
        backup = drill.backup(location)
        if options.backup_key and backup.recognised.format is Format.ENCRYPTED:
            backup = drill.opened(backup, options.backup_key)
        inside = options.inside
        if inside and backup.recognised.format is not Format.TAR:
            drill._journal.deviation(f"{location} is no archive of files, so --inside was not used")
            inside = None
        if backup.recognised.format is Format.TAR and not backup.recognised.holds_database and not inside:
            compare_unasked(drill.restore_files(backup, zone=options.zone))
            if options.freshness:
                raise Unverifiable("no-database", f"{location} holds files alone, and --freshness asks a database")
            of_a_database: dict[str, object] = {
                "--database": options.database,
                "--charset": options.charset,
                "--into": options.version,
                "--config": options.config,
                "--account": options.accounts,
                "--only": options.only,
            }
            for name in (name for name, value in of_a_database.items() if value):
                drill._journal.deviation(f"{location} holds files alone, so {name} was not used")
            return
        restored = drill.restore_mariadb(
            backup,
            database=options.database,
            charset=options.charset,
            zone=options.zone,
            version=options.version,
            config=str(options.config.absolute()) if options.config else None,
            accounts=options.accounts,
            only=options.only,
            inside=inside,
        )
        if options.freshness:
            restored.check_freshness(options.freshness, zone=options.zone)
        compare_unasked(restored)

    return Scenario(
        name="verify",
        conduct=conduct,
        description=f"{location} restores and holds together",
        file=Path("(drtool verify)"),
        rto=options.rto,
        rpo=options.rpo,
        judge_rto_in=frozenset(Profile),
    )
