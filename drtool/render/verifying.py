"""How a reader checks a drill's evidence without drtool: the same commands in every rendering."""

from __future__ import annotations

from dataclasses import dataclass

from drtool.record.model import Archiving, DrillRecord
from drtool.times import format_duration


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a command shows, and the command's lines; nothing of the record goes into them."""

    what: str
    lines: tuple[str, ...]


_SIGNATURE = Command(
    what="Who signed report.json, and that it is as it was signed",
    lines=(
        "KEYS=/path/to/your/allowed_signers",
        'ssh-keygen -Y verify -f "$KEYS" -n drtool-report -s report.json.sig \\',
        '    -I "$(ssh-keygen -Y find-principals -f "$KEYS" -s report.json.sig)" < report.json',
    ),
)
_FILES = Command(
    what="That the page and the log are those that report.json names",
    lines=("""jq -r '.files | to_entries[] | "\\(.value)  \\(.key)"' report.json | sha256sum --check""",),
)
_LEDGER = Command(
    what="That the ledger holds this very report, whose SHA-256 stands in its end entry",
    lines=('grep "$(sha256sum report.json | cut -c1-64)" ../ledger.jsonl',),
)
_TIMESTAMP = Command(
    what="When report.json was there, by the time-stamp authority's word",
    lines=("openssl ts -verify -data report.json -in report.json.tsr \\", "    -CAfile /path/to/authority.pem"),
)


def commands(record: DrillRecord) -> tuple[Command, ...]:
    """Return what is to be run in the drill's folder, in this order."""
    signature = (_SIGNATURE,) if record.signed else ()
    timestamp = (_TIMESTAMP,) if record.timestamp_authority else ()
    return (*signature, _FILES, _LEDGER, *timestamp)


def asked_beside(record: DrillRecord) -> tuple[str, ...]:
    """Return in sentences what was to be made of the signed record, which cannot say itself what came of that."""
    timestamp = f"A time-stamp over this record was to be asked for from {record.timestamp_authority}: report.json.tsr."
    statement = "An in-toto statement about this drill was to be made: report.intoto.json."
    return (
        *((timestamp,) if record.timestamp_authority else ()),
        *((statement,) if record.statement else ()),
        *((_archive(record.archive),) if record.archive else ()),
    )


def _archive(asked: Archiving) -> str:
    seconds = asked.retention_seconds
    kept = "for as long as the bucket does itself" if seconds is None else f"for {format_duration(seconds)} at least"
    mode = f", in mode {asked.mode}" if asked.mode else ""
    return f"A copy of the evidence was to be put into {asked.location} and locked there {kept}{mode}."
