"""`drtool doctor`."""

from __future__ import annotations

from pathlib import Path

import click
from tabulate import tabulate

from drtool.attest.authority import Authority
from drtool.cli import exit_codes
from drtool.cli.options import AuthorityType, json_option, options, reports_option
from drtool.cli.terminal import print_json, shows_colours
from drtool.drill.options import DrillOptions
from drtool.drill.readiness import Diagnosis, diagnoses
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.host.plain import printable


@click.command("doctor")
@click.argument("patterns", metavar="[STORE_PATTERN]...", nargs=-1)
@options(DrillOptions, "key", "image")
@click.option(
    "--tsa",
    "authority",
    type=AuthorityType(),
    envvar=TIMESTAMP_AUTHORITY,
    help="Time-stamp authority that must answer; it is asked for a time-stamp over nothing of value.",
)
@reports_option
@json_option
def command(
    patterns: tuple[str, ...],
    key: Path | None,
    image: str | None,
    authority: Authority | None,
    reports: Path,
    as_json: bool,
) -> int:
    """Tell whether drills can run here: one line each, with the mend.

    STORE_PATTERN names backups that must be within reach.

    \b
    drtool doctor
    drtool doctor 's3://backups/shop/db-*.sql.zst'
    """
    found = list(diagnoses(DrillOptions(key=key, image=image, authority=authority, reports=reports), patterns))
    if as_json:
        print_json(found)
    else:
        click.echo(tabulate([_row(one) for one in found], tablefmt="plain"), color=shows_colours())
    return exit_codes.PASSED if all(one.well for one in found) else exit_codes.UNVERIFIED


def _row(one: Diagnosis) -> tuple[str, str, str]:
    mark = click.style("ok", fg="green") if one.well else click.style("BAD", fg="red", bold=True)
    told = " ".join(f"{part.rstrip('. ')}." for part in (one.finding, one.mend) if part)
    return mark, printable(one.subject), printable(one.finding if one.well else f"{told} [{one.code}]")
