"""`drtool audit`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from drtool.archive.layout import Location, is_archive
from drtool.attest.timestamp import Authorities
from drtool.audit.audit import audit
from drtool.audit.result import Scope
from drtool.cli import exit_codes, output
from drtool.cli.options import DURATION, LOCATION, PathType, ReadType, TextType, given, json_option, reports_option
from drtool.cli.terminal import print_json, shows_colours
from drtool.errors import WrongUse
from drtool.host.plain import visible
from drtool.render.audit_text import text
from drtool.render.index import index
from drtool.times import parse_duration, parse_instant

_USUAL_PAGE = "\0"  # no file can have that name
_HEAD = re.compile(r"[0-9a-fA-F]{64}")


def _moment(text: str) -> datetime:
    """Read an RFC 3339 instant with a zone, or a duration back from now."""
    return parse_instant(text) if re.match(r"\s*\d{4}-", text) else datetime.now(UTC) - parse_duration(text)


def _place(text: str) -> Path | Location:
    """Read the name of a folder, or the place of an archive."""
    return Location.parse(text) if is_archive(text) else Path(PathType(file_okay=False).convert(text, None, None))


_MOMENT = ReadType("time", _moment)


@click.command("audit")
@click.argument("place", metavar="[REPORTS]", required=False, type=ReadType("place", _place))
@reports_option
@click.option("--archive", type=LOCATION, help="Hold the reports folder against its archive in this bucket too.")
@click.option(
    "--allowed-signers",
    type=PathType(dir_okay=False),
    help="Keys to trust, got by another way than the reports  [default: those that this site pinned]",
)
@click.option(
    "--tsa-certificates",
    type=PathType(dir_okay=False),
    help="Certificates (PEM) of the time-stamp authorities to trust  [default: none, theirs are unknown]",
)
@click.option(
    "--head", "heads", metavar="HASH", multiple=True, help="A ledger head noted earlier; it must still be there."
)
@click.option("--since", type=_MOMENT, help="Drills that began at this time or later; 30d: in the last 30 days.")
@click.option("--until", type=_MOMENT, help="Drills that began at this time or earlier.")
@click.option("--cadence", type=DURATION, help="How often each must pass, such as 31d  [default: as its reports say]")
@click.option("--scenario", "scenarios", type=TextType(), multiple=True, help="Ask only its cadence  [default: of all]")
@click.option("--retired", type=TextType(), multiple=True, help="A scenario that nobody drills: it is never overdue.")
@click.option(
    "--html",
    "page",
    type=TextType(),
    metavar="[FILE]",
    is_flag=False,
    flag_value=_USUAL_PAGE,
    help=f"Write a page over all drills  [default: {output.NAME} in the reports folder]",
)
@json_option
def command(
    place: Path | Location | None,
    reports: Path,
    archive: Location | None,
    allowed_signers: Path | None,
    tsa_certificates: Path | None,
    heads: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    cadence: timedelta | None,
    scenarios: tuple[str, ...],
    retired: tuple[str, ...],
    page: str | None,
    as_json: bool,
) -> int:
    """Check every signature, every file and the whole ledger of a reports folder, or of an archive (s3://...).

    Nothing that lies with the reports is trusted: the keys are those that this site has pinned, or yours. Exit code
    1 where something is wrong (a scenario that is overdue included), 3 where something cannot be told, such as who
    signed.

    \b
    drtool audit
    drtool audit /srv/reports --allowed-signers ~/keys/shop --since 90d --cadence 31d
    drtool audit --head 5f2b...                  what was noted after an earlier drill is still there
    drtool audit reports --html                  the same as a page: reports/index.html
    drtool audit s3://evidence/shop              straight from the archive, and whether it is still locked
    """
    for head in heads:
        if not _HEAD.fullmatch(head):
            raise WrongUse("bad-head", f"{visible(head)} is no ledger head")
    if since and until and since > until:
        raise WrongUse("bad-period", "--since lies after --until")
    if scenarios and not cadence:
        raise WrongUse("no-cadence", "--scenario says whom to ask, but not what")
    scope = Scope(since=since, until=until, heads=heads, every=cadence, scenarios=scenarios, retired=retired)
    authorities = Authorities(tsa_certificates) if tsa_certificates else None
    if place and given("reports"):
        raise WrongUse("two-places", "--reports names one place, and another was named besides")
    reports = place if isinstance(place, Path) else reports
    if isinstance(place, Location):
        if archive:
            raise WrongUse("two-archives", "--archive is for a reports folder, and an archive was named instead of one")
        chosen = _page_of_archive(page)
        from drtool.archive.audit import audit_archive  # with boto3, which takes 0.2 s to import

        audited = partial(audit_archive, place)
    else:
        chosen = None if page is None else output.place_of_page(reports, None if page == _USUAL_PAGE else Path(page))
        audited = partial(audit, reports)
    result = audited(trusted=allowed_signers, authorities=authorities, scope=scope)
    if archive:
        from drtool.archive.audit import compared

        result = compared(result, reports, archive)
    if chosen:
        output.write(chosen, index(result, reports=output.way_to(reports, chosen)).encode())
        click.echo(f"Wrote {chosen}", err=True)
    if as_json:
        print_json(result)
    else:
        click.echo(text(result), color=shows_colours())
    return exit_codes.of_verdicts([result.verdict])


def _page_of_archive(page: str | None) -> Path | None:
    if page == _USUAL_PAGE:
        what = "A page over an archive needs a name"
        raise WrongUse("no-page", what, why="nothing is written there", mend="--html audit.html")
    return output.place_of_page(Path(page).parent, Path(page)) if page else None
