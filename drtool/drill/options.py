"""The options that drills are carried out with. Each is stated once, here: its type, its name, what it says of itself.

`cli/options.py` makes click's parameters of them, in this order.
"""

from __future__ import annotations

import dataclasses
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from drtool.archive.layout import Location
from drtool.archive.retention import Mode
from drtool.attest.authority import Authority
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.record.environment import Profile

ARCHIVE = "DRTOOL_ARCHIVE"
"""The variable with the place of the archive."""


@dataclass(frozen=True)
class Stated:
    """How an option is written.

    Attributes:
        name: on the command line.
        help: what it says of itself.
        variable: the environment variable that stands in for it.
        metavar: how its value is called; by its type if not given.
        path: what a path must be.
        bounds: the least and the greatest number.
        default_shown: whether the help names its default.
    """

    name: str
    help: str
    _: KW_ONLY
    variable: str | None = None
    metavar: str | None = None
    path: Literal["any", "folder", "file", "existing file", "results"] = "any"
    bounds: tuple[int, int] | None = None
    default_shown: bool = False


@dataclass(frozen=True, kw_only=True)
class OptionField:
    """An option as its field has it: the field's name, the type of each value, whether there may be several."""

    field: str
    type: type
    several: bool
    default: Any
    stated: Stated


# fmt: off
@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """How to carry out drills and what to print, as it was asked for."""

    at: Annotated[datetime | None, Stated("--at", "Disaster time, RFC 3339 with a zone  [default: now]")] = None
    profile: Annotated[Profile, Stated(
        "--profile", "faithful: stock server settings, what an RTO is judged by; fast: tuned for speed, for CI.",
        default_shown=True)] = Profile.FAITHFUL
    image: Annotated[str | None, Stated(
        "--image", "MariaDB image  [default: by the backup's version]", variable="DRTOOL_MARIADB_IMAGE")] = None
    keep: Annotated[bool, Stated(
        "--keep", "Leave the sandbox in place for a look; `drtool prune --kept` ends it.")] = False
    key: Annotated[Path | None, Stated("--key", "Signing key  [default: the site's own]")] = None
    unsigned: Annotated[bool, Stated("--unsigned", "Leave the report unsigned; every rendering will say so.")] = False
    authority: Annotated[Authority | None, Stated(
        "--tsa", "Have this time-stamp authority (RFC 3161) say when the report was there.",
        variable=TIMESTAMP_AUTHORITY)] = None
    statement: Annotated[bool, Stated(
        "--statement", "Write an in-toto statement about the drill too, signed with the same key.",
        variable="DRTOOL_STATEMENT")] = False
    archive: Annotated[Location | None, Stated(
        "--archive", "Put a copy of the evidence into this bucket, which must have Object Lock.",
        variable=ARCHIVE)] = None
    archive_retention: Annotated[timedelta | None, Stated(
        "--archive-retention",
        "Lock the archive's objects for so long, such as 2557d  [default: as long as the bucket does itself]",
        variable="DRTOOL_ARCHIVE_RETENTION")] = None
    archive_mode: Annotated[Mode | None, Stated(
        "--archive-mode",
        "compliance: nobody can end that; governance: who has the permission can  [default: the bucket's own]",
        variable="DRTOOL_ARCHIVE_MODE")] = None
    environment: Annotated[str, Stated(
        "--environment", "What the drill is part of, such as monthly or ci.",
        variable="DRTOOL_ENVIRONMENT", default_shown=True)] = "manual"
    time_limit: Annotated[timedelta | None, Stated(
        "--time-limit",
        "Stop a drill after so long  [default: as its scenario says, or 6h; more than 24h only by this]")] = None
    jobs: Annotated[int, Stated("--jobs", "Drills at a time.", bounds=(1, 64), default_shown=True)] = 1
    junit: Annotated[Path | None, Stated("--junit", "Write JUnit XML here too.", path="results")] = None
    reports: Annotated[Path, Stated(
        "--reports", "Folder of the evidence.",
        variable="DRTOOL_REPORTS", path="folder", default_shown=True)] = Path("reports")
    as_json: Annotated[bool, Stated("--json", "Print one JSON document and nothing else.")] = False


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """What `drtool verify` holds a backup to, and what it takes to restore it."""

    rto: Annotated[timedelta | None, Stated("--rto", "Recovery time objective, such as 30m.")] = None
    rpo: Annotated[timedelta | None, Stated("--rpo", "Recovery point objective, such as 24h.")] = None
    zone: Annotated[str | None, Stated(
        "--zone", "Time zone of times without one, in the backup and in its name, such as Europe/Berlin.")] = None
    database: Annotated[str | None, Stated("--database", "Where a dump goes that selects no database itself.")] = None
    charset: Annotated[str | None, Stated(
        "--charset", "Character set of a dump that names none itself, such as latin1  [default: utf8mb4]")] = None
    freshness: Annotated[str | None, Stated(
        "--freshness", "Query for the newest time in the data: a witness of the recovery point.",
        metavar="SQL")] = None
    version: Annotated[str | None, Stated(
        "--into", "A newer MariaDB to restore into and upgrade to, such as 11.8.", metavar="SERIES")] = None
    config: Annotated[Path | None, Stated(
        "--config", "Production's option file: what the data needs of it is applied.", path="existing file")] = None
    backup_key: Annotated[str | None, Stated(
        "--backup-key", "Where the key of an encrypted backup is: env:VARIABLE, file:PATH or agent.",
        metavar="WHERE", variable="DRTOOL_BACKUP_KEY")] = None
    only: Annotated[tuple[str, ...], Stated(
        "--only", "Restore this table or database alone: shop.orders, shop.log_*, blog.", metavar="NAME")] = ()
    inside: Annotated[str | None, Stated(
        "--inside", "Restore the dumps inside an archive of files that match, such as 'mysql/*.sql*'.",
        metavar="PATTERN")] = None
    accounts: Annotated[tuple[str, ...], Stated(
        "--account", "Comes from elsewhere than the backup.", metavar="USER@HOST")] = ()
# fmt: on


def options_of(values: type) -> tuple[OptionField, ...]:
    """Return the options that the fields of a value are, in their order."""
    hints = get_type_hints(values, include_extras=True)
    return tuple(_option(field, *get_args(hints[field.name])) for field in dataclasses.fields(values))


def _option(field: dataclasses.Field[Any], hint: Any, stated: Stated) -> OptionField:
    (kind,) = {one for one in get_args(hint) or (hint,) if one not in (NoneType, Ellipsis)}
    several = get_origin(hint) is tuple
    return OptionField(field=field.name, type=kind, several=several, default=field.default, stated=stated)
