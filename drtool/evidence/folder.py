"""A drill's folder: its report, the report's signature, its page and its log, and what is made of the signed report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from drtool.errors import Unverifiable
from drtool.host import plain
from drtool.host.durable import replace_files, sync, unwritable
from drtool.keys import allowed_signers
from drtool.keys.signature import public_key
from drtool.keys.signing import SigningKey, sign
from drtool.record.model import DrillRecord, encode

RECORD = "report.json"
PAGE = "report.html"
LOG = "drill.log"
SIGNATURE = "report.json.sig"
TIMESTAMP = "report.json.tsr"
STATEMENT = "report.intoto.json"

NOT_IN_THE_REPORT = frozenset({RECORD, SIGNATURE, TIMESTAMP, STATEMENT})
"""What the report cannot hold the digest of: itself, and what is made of its bytes."""

DRILL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}")
"""What a drill's id may be: it names a folder, and no two of them look alike."""

_MADE_BY_DRTOOL = re.compile(r"\d{8}T\d{6}Z-")
_DROPPINGS = {"thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "__macosx"}


@dataclass(frozen=True, kw_only=True)
class Written:
    """A record as it is written, the bytes of `report.json` with their SHA-256 in hex, and those of all its files."""

    record: DrillRecord
    report_sha256: str
    document: bytes = field(repr=False)
    contents: dict[str, bytes] = field(repr=False)


def make(reports: Path, drill_id: str) -> Path:
    """Make a drill's folder.

    Args:
        reports: the reports folder.
        drill_id: the drill.

    Returns:
        The drill's folder, empty.

    Raises:
        Unverifiable: it cannot be made, or there is one already.
    """
    if not DRILL_ID.fullmatch(drill_id):
        raise Unverifiable("drill-id-unusable", f"{plain.visible(drill_id)} cannot name a drill")
    own = reports / drill_id
    try:
        own.mkdir()
        sync(reports)
    except FileExistsError as error:
        what = f"{own} exists already"
        raise Unverifiable("drill-folder-exists", what, why="evidence is never overwritten") from error
    except OSError as error:
        raise unwritable(own, error) from error
    return own


def compose(
    reports: Path, record: DrillRecord, *, render_page: Callable[[DrillRecord], str], key: SigningKey | None
) -> Written:
    """Return a drill's evidence as it is to be written: its page, its signature and its report.

    Args:
        reports: the reports folder; the drill's own folder is in it, from `make`.
        record: what is known of the drill; the digests of the folder's files are put in here.
        render_page: makes the page. It gets the record with all digests but the page's own.
        key: signs the report's exact bytes; None leaves it unsigned, and the record says so.

    Raises:
        Unverifiable: the key does not sign, or a file in the folder is none that drtool put there.
    """
    record = replace(record, signed=key is not None, files=_digests(reports / record.drill_id))
    page = render_page(record).encode()
    record = replace(record, files=record.files | {PAGE: hashlib.sha256(page).hexdigest()})
    document = encode(record)
    contents = {PAGE: page, RECORD: document}
    if key is not None:
        contents = {PAGE: page, SIGNATURE: sign(key, document), RECORD: document}
    return Written(
        record=record, report_sha256=hashlib.sha256(document).hexdigest(), document=document, contents=contents
    )


def write(reports: Path, written: Written, *, key: SigningKey | None) -> None:
    """Write a drill's evidence: its page, its signature and, last, its report.

    A crash leaves the folder without a report, or with all of it.

    Args:
        reports: the reports folder.
        written: from `compose`.
        key: what signed it; auditors are shown its public half.

    Raises:
        Unverifiable: the folder cannot be written to, or holds a report already.
    """
    own = reports / written.record.drill_id
    if (own / RECORD).exists():
        raise Unverifiable("report-exists", f"{own / RECORD} exists already", why="evidence is never overwritten")
    if key is not None:
        public = public_key(written.contents[SIGNATURE])
        assert public is not None  # noqa: S101 (for the type checker: `sign` has seen to it)
        allowed_signers.show(reports, key.principal, public)
    try:
        replace_files(own, written.contents)
    except OSError as error:
        raise unwritable(own, error) from error


def is_dropping(name: str) -> bool:
    """Tell whether a file is one of those that file managers, shares and versioning leave in every folder they see."""
    return name.startswith(".") or name.lower() in _DROPPINGS


def may_be_drills(path: Path) -> bool:
    """Tell whether a folder may be a drill's: it is called like one, or holds something that drills leave.

    Raises:
        OSError: it cannot be looked at.
    """
    names = sorted(NOT_IN_THE_REPORT | {PAGE, LOG})
    return path.is_dir() and (bool(_MADE_BY_DRTOOL.match(path.name)) or any((path / name).exists() for name in names))


def enclosures_of(record: DrillRecord) -> frozenset[str]:
    """Return the names of the files that a report says belong beside it, and has no digests of."""
    says = {SIGNATURE: record.signed, TIMESTAMP: record.timestamp_authority is not None, STATEMENT: record.statement}
    return frozenset(name for name, belongs in says.items() if belongs)


def _digests(own: Path) -> dict[str, str]:
    """Return the digests of what is in the folder already: the log, and whatever else the drill put there.

    Where the folder cannot be read any more there are none; that nothing can be written to it is told then.
    """
    try:
        names = sorted(path.name for path in own.iterdir() if not is_dropping(path.name))
        for name in names:
            sync(own / name)
        return {name: plain.sha256(own / name) for name in names if name not in NOT_IN_THE_REPORT | {PAGE}}
    except OSError:
        return {}
    except plain.NotPlain as error:
        raise Unverifiable("evidence-not-plain", f"A file in {own} {error}") from error
