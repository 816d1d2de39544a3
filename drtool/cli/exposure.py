"""`drtool exposure`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, tzinfo

import click

from drtool.checks.sql import parse_zone
from drtool.cli import exit_codes
from drtool.cli.options import DURATION, ReadType, json_option
from drtool.cli.terminal import print_json, shows_colours
from drtool.errors import Unverifiable
from drtool.exposure import ExposureTerms, clock_ahead, exposures, head_check
from drtool.record.exposure import Exposure
from drtool.render.exposure_text import text
from drtool.stores import store_for


@click.command("exposure")
@click.argument("pattern", metavar="STORE_PATTERN")
@click.option("--since", type=DURATION, help="The period, such as 30d  [default: as far back as the store goes]")
@click.option("--rpo", type=DURATION, help="Hold the period against this RPO, such as 24h.")
@click.option(
    "--zone",
    type=ReadType("zone", parse_zone),
    help="Time zone of dates in names that name none, such as Europe/Berlin.",
)
@click.option("--as-one", is_flag=True, help="All that matches is backups of one thing, whatever the names say.")
@json_option
def command(
    pattern: str, since: timedelta | None, rpo: timedelta | None, zone: tzinfo | None, as_one: bool, as_json: bool
) -> int:
    """Tell how much a disaster would have lost at the worst moment of a period.

    From the store's listing, and the first bytes of the newest backup and of doubtful ones; nothing is restored.
    With --rpo, exit code 0 if it is met now and was over the whole period, 1 if not, 3 if that cannot be known.

    \b
    drtool exposure 's3://backups/shop/db-*.sql.zst' --since 30d --rpo 24h
    drtool exposure '/srv/backups/uploads-*.tar.zst' --json
    """
    store = store_for(pattern)
    found = list(store.find(pattern))
    looked_at = datetime.now(UTC)
    terms = ExposureTerms(
        pattern=pattern,
        since=looked_at - since if since else None,
        until=looked_at,
        looked_at=looked_at,
        objective_seconds=rpo.total_seconds() if rpo else None,
        zone=zone,
        as_one=as_one,
        clock_ahead_seconds=clock_ahead(store, found),
    )
    measured = exposures(terms, found, head_check(store))
    if as_json:
        print_json(measured[0] if len(measured) == 1 else measured)
    else:
        click.echo(_shown(measured))
    if not found:
        error = Unverifiable("store-empty", f"Nothing matches {pattern}")
        click.echo(f"drtool: {error} [{error.code}]", err=True)
    return exit_codes.of_verdicts(one.verdict for one in measured) if found else exit_codes.UNVERIFIED


def _shown(measured: tuple[Exposure, ...]) -> str:
    ascii_only = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    shown: list[str] = []
    said: list[str] = []
    for one in measured:
        shown.append(text(one, colour=shows_colours(), ascii_only=ascii_only, said=said))
        said.extend(one.warnings)
    return "\n\n\n".join(shown)
