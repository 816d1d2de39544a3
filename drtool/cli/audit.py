"""`drtool audit`."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
from tabulate import tabulate

from drtool.archive.layout import Location, is_archive
from drtool.attest.timestamp import Authorities
from drtool.audit.audit import audit
from drtool.audit.enclosures import EnclosureState
from drtool.audit.result import AuditedDrill, AuditResult, ScenarioHistory, Scope, State
from drtool.cli import exit_codes, output
from drtool.cli.options import DurationType, InstantType, LocationType, json_option, reports_option
from drtool.errors import WrongUse
from drtool.host.plain import visible
from drtool.record.verdicts import Effect, Verdict
from drtool.render.index import index
from drtool.times import format_duration, parse_duration

_DRILLS = ("drill", "scenario", "began", "came to", "RTA", "RPA", "evidence", "signed by")
_SUMMARY = ("scenario", "drills", "passed", "failed", "last passed", "longest gap", "next due")
_USUAL_PAGE = "\0"  # no file can have that name
_HEAD = re.compile(r"[0-9a-fA-F]{64}")

_CODES = {
    Verdict.PASSED: exit_codes.PASSED,
    Verdict.FAILED: exit_codes.FAILED,
    Verdict.UNVERIFIED: exit_codes.UNVERIFIED,
}
_COLOURS = {State.PASSED: "green", State.FAILED: "red", State.ABANDONED: "red", State.RUNNING: "cyan"}
_VERDICT_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNVERIFIED: "yellow"}


class _MomentType(InstantType):
    """An RFC 3339 instant with a zone, or a duration back from now."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in UTC."""
        if isinstance(value, str) and re.fullmatch(r"[\d.]+[dhms][\d.dhms]*", value):
            try:
                return datetime.now(UTC) - parse_duration(value)
            except (WrongUse, OverflowError) as error:
                self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


class _PlaceType(click.ParamType[Path | Location]):
    """A folder, or the place of an archive."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | Location:
        """Return either."""
        if isinstance(value, str) and is_archive(value):
            return LocationType().convert(value, param, ctx)
        return Path(os.fsdecode(click.Path(file_okay=False).convert(value, param, ctx)))


@click.command("audit")
@click.argument("place", metavar="[REPORTS]", required=False, type=_PlaceType())
@reports_option
@click.option("--archive", type=LocationType(), help="Hold the reports folder against its archive in this bucket too.")
@click.option(
    "--allowed-signers",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keys to trust, got by another way than the reports  [default: those that this site pinned]",
)
@click.option(
    "--tsa-certificates",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Certificates (PEM) of the time-stamp authorities to trust  [default: none, theirs are unknown]",
)
@click.option(
    "--head", "heads", metavar="HASH", multiple=True, help="A ledger head noted earlier; it must still be there."
)
@click.option("--since", type=_MomentType(), help="Drills that began at this time or later; 30d: in the last 30 days.")
@click.option("--until", type=_MomentType(), help="Drills that began at this time or earlier.")
@click.option(
    "--cadence", type=DurationType(), help="How often each must pass, such as 31d  [default: as its reports say]"
)
@click.option("--scenario", "scenarios", multiple=True, help="Ask the cadence of this scenario  [default: of all]")
@click.option("--retired", metavar="SCENARIO", multiple=True, help="Nobody drills this any more: it is never overdue.")
@click.option(
    "--html",
    "page",
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
            raise WrongUse("bad-head", f"{visible(head)} is no ledger head", mend="A head has 64 hexadecimal digits")
    if since and until and since > until:
        raise WrongUse("bad-period", "--since lies after --until")
    if scenarios and not cadence:
        raise WrongUse("no-cadence", "--scenario says whom to ask, but not what", mend="Add --cadence, such as 31d")
    scope = Scope(since=since, until=until, heads=heads, every=cadence, scenarios=scenarios, retired=retired)
    authorities = Authorities(tsa_certificates) if tsa_certificates else None
    reports = place if isinstance(place, Path) else reports
    if isinstance(place, Location):
        if archive:
            raise WrongUse("two-archives", "--archive is for a reports folder, and an archive was named instead of one")
        chosen = _page_of_archive(page)
        audited = partial(_audit_archive, place)
    else:
        chosen = None if page is None else output.place_of_page(reports, None if page == _USUAL_PAGE else Path(page))
        audited = partial(audit, reports)
    result = audited(trusted=allowed_signers, authorities=authorities, scope=scope)
    if archive:
        result = _compared(result, reports, archive)
    if chosen:
        output.write(chosen, index(result, reports=output.way_to(reports, chosen)).encode())
        click.echo(f"Wrote {chosen}", err=True)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
    else:
        _print(result)
    return _CODES[result.verdict]


def _audit_archive(location: Location, **asked: Any) -> AuditResult:
    from drtool.archive.audit import audit_archive  # with boto3, which takes 0.2 s to import

    return audit_archive(location, **asked)


def _compared(result: AuditResult, reports: Path, archive: Location) -> AuditResult:
    from drtool.archive.audit import compared

    return compared(result, reports, archive)


def _page_of_archive(page: str | None) -> Path | None:
    if page == _USUAL_PAGE:
        raise WrongUse(
            "no-page", "A page over an archive needs a name", why="nothing is written there", mend="--html audit.html"
        )
    return output.place_of_page(Path(page).parent, Path(page)) if page else None


def _print(result: AuditResult) -> None:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def say(text: str) -> None:
        click.echo(text, color=colour)

    trusted = result.signers.trusted_from or "none: this site has pinned no key"
    say(f"Reports  {result.reports}: {_count(len(result.drills), 'drill')}, {_count(result.entries, 'ledger entry')}")
    say(f"Keys     {trusted}\n")
    if result.drills:
        columns = [(title, cell) for title, cell in _MORE.items() if any(cell(drill) for drill in result.drills)]
        table = [(*_row(drill), *(cell(drill) or "-" for _, cell in columns)) for drill in result.drills]
        say(tabulate(table, headers=(*_DRILLS, *(title for title, _ in columns))))
        say("")
        say(tabulate(_summary(result), headers=_SUMMARY))
        say("")
    for problem in result.problems:
        mark = click.style("WRONG  ", fg="red", bold=True) if problem.effect is Effect.FAILED else _unsure("UNSURE ")
        say(f"{mark}{problem.code}: {problem.sentence}")
    for note in result.notes:
        say(f"Note   {note}")
    if result.problems or result.notes:
        say("")
    verdict = click.style(str(result.verdict).upper(), fg=_VERDICT_COLOURS[result.verdict], bold=True)
    say(f"{verdict}: {result.reason}")
    states = Counter(str(drill.state) for drill in result.drills)
    say(f"Drills   {', '.join(f'{number} {state}' for state, number in sorted(states.items())) or 'none'}")
    say(f"Head     {result.head or 'none'}")


def _row(drill: AuditedDrill) -> tuple[str, ...]:
    evidence = "-" if drill.intact is None else "intact" if drill.intact else click.style("WRONG", fg="red", bold=True)
    signer = drill.signer or drill.signature or "-"
    return (
        visible(drill.drill_id),
        visible(drill.scenario),
        f"{drill.started_at:%Y-%m-%d %H:%MZ}",
        click.style(str(drill.state), fg=_COLOURS.get(drill.state, "yellow")),
        _duration(drill.report.rto.actual_seconds if drill.report else None),
        _duration(drill.report.rpo.actual_seconds if drill.report else None),
        evidence,
        _unsure(signer) if signer == "UNSIGNED" else visible(signer),
    )


def _stamp(drill: AuditedDrill) -> str:
    """Return the time that a drill's time-stamp names, and how that stands unless it is proved."""
    at = f"{drill.timestamp_at:%Y-%m-%d %H:%M:%SZ}" if drill.timestamp_at else ""
    standing = "" if drill.timestamp is EnclosureState.GENUINE else str(drill.timestamp or "")
    return f"{at}, {standing}" if at and standing else at or standing


def _lock(drill: AuditedDrill) -> str:
    """Return until when a drill's evidence in an archive is locked, and in which mode."""
    return f"{drill.locked_until:%Y-%m-%d %H:%MZ} {drill.lock_mode}" if drill.locked_until else ""


_MORE = {"time-stamp": _stamp, "locked until": _lock}
"""Columns that are there where at least one drill has something in them."""


def _summary(result: AuditResult) -> list[tuple[str | int, ...]]:
    return [
        (
            visible(one.scenario),
            one.drills,
            one.passed,
            one.failed,
            f"{one.last_passed_at:%Y-%m-%d}" if one.last_passed_at else "never",
            _duration(one.longest_gap_seconds),
            _due(one),
        )
        for one in result.scenarios
    ]


def _due(one: ScenarioHistory) -> str:
    if one.overdue:
        return click.style("overdue", fg="red", bold=True)
    return f"{one.due_at:%Y-%m-%d}" if one.due_at else "-"


def _unsure(text: str) -> str:
    return click.style(text, fg="yellow", bold=True)


def _duration(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(seconds)


def _count(number: int, what: str) -> str:
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {what if number == 1 else several}"
