"""`drtool archive`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import click

from drtool.archive.layout import Location, is_archive
from drtool.archive.retention import Mode
from drtool.cli import exit_codes
from drtool.cli.options import PathType, TextType, given, json_option, options, reports_option
from drtool.cli.terminal import print_json
from drtool.drill.options import ARCHIVE, DrillOptions
from drtool.errors import WrongUse
from drtool.host.plain import printable


@click.command("archive")
@click.argument("places", metavar="[REPORTS] [s3://bucket/prefix]", type=TextType(), nargs=-1)
@reports_option
@options(DrillOptions, "archive_retention", "archive_mode")
@json_option
def command(
    places: tuple[str, ...],
    reports: Path,
    archive_retention: timedelta | None,
    archive_mode: Mode | None,
    as_json: bool,
) -> int:
    """Add to an archive what it lacks of the evidence in a reports folder.

    Nothing that is there is written again, so it may be done as often as you like. Without a place it is the one that
    DRTOOL_ARCHIVE names. Exit code 3 where something that should be there is not.

    \b
    drtool archive s3://evidence/shop
    drtool archive /srv/reports s3://evidence/shop --archive-retention 2557d --archive-mode compliance
    """
    from drtool.archive.whole import keep_all  # with boto3, which takes 0.2 s to import

    archives = [place for place in places if is_archive(place)]
    folders = [PathType(file_okay=False).convert(place, None, None) for place in places if not is_archive(place)]
    if len(archives) > 1 or len(folders) > 1 or (folders and given("reports")):
        raise WrongUse("two-places", "There is one reports folder and one archive at a time")
    if not (chosen := archives[0] if archives else os.environ.get(ARCHIVE)):
        raise WrongUse("no-archive", "No archive was named", mend=f"Name one, s3://bucket/prefix, here or in {ARCHIVE}")
    folder = folders[0] if folders else reports
    result = keep_all(Location.parse(chosen), folder, mode=archive_mode, period=archive_retention)
    if as_json:
        print_json(result)
    else:
        click.echo(f"Archive  {result.archive}: {result.drills} drills of {result.reports}")
        click.echo(f"Added    {result.files_added} files, {result.entries_added} ledger entries")
        for name in result.left_out:
            click.echo(f"Left out {name}: it runs, was abandoned, or is no drill; `drtool audit` tells", err=True)
        for problem in result.problems:
            click.echo(f"drtool: {printable(problem)}", err=True)
    return exit_codes.UNVERIFIED if result.problems else exit_codes.PASSED
