"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from drtool.archive.layout import Location
from drtool.archive.retention import Mode
from drtool.attest.authority import Authority
from drtool.errors import WrongUse
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.record.environment import Profile
from drtool.times import parse_duration, parse_instant

ARCHIVE = "DRTOOL_ARCHIVE"
"""The variable with the place of the archive."""

Command = TypeVar("Command", bound=Callable[..., Any])


class DurationType(click.ParamType[timedelta]):
    """A duration such as `30m`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration that the text says; see `parse_duration`."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


class InstantType(click.ParamType[datetime]):
    """An RFC 3339 instant with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in UTC; see `parse_instant`."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


class AuthorityType(click.ParamType[Authority]):
    """The URL of a time-stamp authority, with a password only where no command line shows it."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Authority:
        """Return the authority at the URL; see `Authority.at`."""
        if isinstance(value, Authority):
            return value
        try:
            authority = Authority.at(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)
        given = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
        if authority.credentials is not None and given is ParameterSource.COMMANDLINE:
            self.fail(f"every user of this machine can read a password here; put the URL into {TIMESTAMP_AUTHORITY}")
        return authority


class LocationType(click.ParamType[Location]):
    """The place of an archive, such as `s3://bucket/prefix`."""

    name = "s3://bucket/prefix"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Location:
        """Return the place; see `Location.parse`."""
        if isinstance(value, Location):
            return value
        try:
            return Location.parse(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True, kw_only=True)
class DrillOptions:
    """How to carry out drills and what to print, as given on the command line."""

    reports: Path
    at: datetime | None
    profile: Profile
    image: str | None
    keep: bool
    key: Path | None
    unsigned: bool
    authority: Authority | None
    statement: bool
    archive: Location | None
    archive_retention: timedelta | None
    archive_mode: Mode | None
    environment: str
    jobs: int
    junit: Path | None
    as_json: bool

    @classmethod
    def of(cls, values: dict[str, Any]) -> DrillOptions:
        """Gather the values of the options that `drill_options` added."""
        mode = values["archive_mode"]
        return cls(**values | {"profile": Profile(values["profile"]), "archive_mode": Mode(mode) if mode else None})


reports_option = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports"),
    show_default=True,
    envvar="DRTOOL_REPORTS",
    help="Folder of the evidence.",
)
RETENTION_OPTIONS = (
    click.option(
        "--archive-retention",
        type=DurationType(),
        envvar="DRTOOL_ARCHIVE_RETENTION",
        help="Lock the archive's objects for so long, such as 2557d  [default: as long as the bucket does itself]",
    ),
    click.option(
        "--archive-mode",
        type=click.Choice([mode.value for mode in Mode], case_sensitive=False),
        envvar="DRTOOL_ARCHIVE_MODE",
        help="compliance: nobody can end that; governance: who has the permission can  [default: the bucket's own]",
    ),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")

_DRILL_OPTIONS = (
    click.option("--at", type=InstantType(), help="Disaster time, RFC 3339 with a zone  [default: now]"),
    click.option(
        "--profile",
        type=click.Choice([profile.value for profile in Profile]),
        default=Profile.FAITHFUL.value,
        show_default=True,
        help="faithful: stock server settings, what an RTO is judged by; fast: tuned for speed, for CI.",
    ),
    click.option("--image", envvar="DRTOOL_MARIADB_IMAGE", help="MariaDB image  [default: by the backup's version]"),
    click.option("--keep", is_flag=True, help="Leave the sandbox in place for a look; `drtool prune --kept` ends it."),
    click.option("--key", type=click.Path(path_type=Path), help="Signing key  [default: the site's own]"),
    click.option("--unsigned", is_flag=True, help="Leave the report unsigned; every rendering will say so."),
    click.option(
        "--tsa",
        "authority",
        type=AuthorityType(),
        envvar=TIMESTAMP_AUTHORITY,
        help="Have this time-stamp authority (RFC 3161) say when the report was there.",
    ),
    click.option(
        "--statement",
        is_flag=True,
        envvar="DRTOOL_STATEMENT",
        help="Write an in-toto statement about the drill too, signed with the same key.",
    ),
    click.option(
        "--archive",
        type=LocationType(),
        envvar=ARCHIVE,
        help="Put a copy of the evidence into this bucket, which must have Object Lock.",
    ),
    *RETENTION_OPTIONS,
    click.option(
        "--environment",
        envvar="DRTOOL_ENVIRONMENT",
        default="manual",
        show_default=True,
        help="What the drill is part of, such as monthly or ci.",
    ),
    click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Drills at a time."),
    click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML here too."),
    reports_option,
    json_option,
)


def drill_options(command: Command) -> Command:
    """Give a command the options that say how drills are carried out; `DrillOptions.of` gathers their values."""
    for option in reversed(_DRILL_OPTIONS):
        command = option(command)
    return command
