"""Checks the enclosures of a signed report, which are made of it: its time-stamp, and the statement about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drtool.attest import statement, timestamp
from drtool.attest.timestamp import Authorities, Token, TokenStanding
from drtool.audit import line_ends
from drtool.audit.drills import CLOCK_TOLERANCE
from drtool.audit.open_folder import OpenFolder
from drtool.errors import Unverifiable
from drtool.evidence import folder
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.keys import libraries
from drtool.keys.verification import Signature, SignatureStanding
from drtool.record.model import DrillRecord
from drtool.times import format_duration, utc

LATEST = timedelta(hours=1)
"""How long after the drill a time-stamp may be made: somebody may first have to unlock the key that signs."""


class EnclosureState(StrEnum):
    """How a time-stamp or a statement stands."""

    GENUINE = "genuine"
    UNKNOWN = "authority unknown"
    SIGNER_UNKNOWN = "signer unknown"
    NOT_MADE = "not made"
    NOT_CHECKED = "not checked"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Enclosures:
    """What was found of a report's enclosures; each is None where none was asked for.

    Attributes:
        timestamp: how the time-stamp stands.
        timestamp_at: the time that it names, UTC; None where it cannot be read.
        statement: how the statement stands.
    """

    timestamp: EnclosureState | None = None
    timestamp_at: datetime | None = None
    statement: EnclosureState | None = None


def check(
    opened: OpenFolder,
    record: DrillRecord,
    document: bytes,
    signature: Signature | None,
    authorities: Authorities | None,
) -> Enclosures:
    """Check the enclosures that a report says it has.

    Args:
        opened: its folder; problems are entered there.
        record: the report.
        document: its bytes.
        signature: over it, as it was checked.
        authorities: the time-stamp authorities that the auditor trusts; None where they named none.
    """
    stamp, at = _timestamp(opened, record, document, authorities)
    return Enclosures(timestamp=stamp, timestamp_at=at, statement=_statement(opened, record, document, signature))


def _timestamp(
    opened: OpenFolder, record: DrillRecord, document: bytes, authorities: Authorities | None
) -> tuple[EnclosureState | None, datetime | None]:
    name = folder.TIMESTAMP
    if record.timestamp_authority is None:
        return None, None
    asked = f"the report says that {visible(record.timestamp_authority)} was asked for a time-stamp"
    content = _content(opened, name, timestamp.LIMIT_BYTES, asked, "timestamp-missing", "timestamp-not-given")
    if not isinstance(content, bytes):
        return content, None
    try:
        token = timestamp.read(content)
    except timestamp.NoToken as error:
        opened.fail("timestamp-broken", name, str(error))
        return EnclosureState.WRONG, None
    except Unverifiable:
        return _not_checked(opened, name), None
    if not token.is_over(document):
        opened.fail("timestamp-of-another-report", name, "is a time-stamp over something else than report.json")
        return EnclosureState.WRONG, token.at
    standing = _judged(opened, token, document, authorities)
    plausible = standing is not EnclosureState.WRONG and _plausible(opened, token, record)
    return standing if plausible and _as_entered(opened, name, content) else EnclosureState.WRONG, token.at


def _judged(opened: OpenFolder, token: Token, document: bytes, authorities: Authorities | None) -> EnclosureState:
    if authorities is None:
        return EnclosureState.UNKNOWN
    judgement, why = authorities.judge(token, document)
    if judgement is TokenStanding.NOT_TRUSTED:
        opened.fail("timestamp-not-trusted", folder.TIMESTAMP, f"was not made by an authority that you trust ({why})")
    elif judgement is TokenStanding.BROKEN:
        opened.fail("timestamp-broken", folder.TIMESTAMP, f"is no valid time-stamp: {why}")
    return EnclosureState.GENUINE if judgement is TokenStanding.GENUINE else EnclosureState.WRONG


def _plausible(opened: OpenFolder, token: Token, record: DrillRecord) -> bool:
    """Hold a token's time against the report's own: only a report that was just written was not kept for later."""
    after = token.at - record.finished_at
    if after < -CLOCK_TOLERANCE:
        what = "before the drill ended as report.json has it: a clock is wrong, or the report was post-dated"
    elif after > LATEST:
        what = "after the drill ended as report.json has it: a clock is wrong, or the report was back-dated"
    else:
        return True
    apart = format_duration(abs(after).total_seconds())
    opened.fail("timestamp-disagrees", folder.TIMESTAMP, f"is of {utc(token.at)}, {apart} {what}")
    return False


def _statement(
    opened: OpenFolder, record: DrillRecord, document: bytes, signature: Signature | None
) -> EnclosureState | None:
    name = folder.STATEMENT
    if not record.statement:
        return None
    asked = "the report says that a statement was to be made"
    content = _content(opened, name, statement.LIMIT_BYTES, asked, "statement-missing", "statement-not-made")
    if not isinstance(content, bytes):
        return content
    try:
        flaw = statement.check(content, document, signature.public if signature else None)
    except Unverifiable:
        return _not_checked(opened, name)
    if flaw is not None:
        opened.fail(flaw[0], name, flaw[1])
        return EnclosureState.WRONG
    if not _as_entered(opened, name, content):
        return EnclosureState.WRONG
    # Whose key that is was judged with the report's own signature, and it is the same.
    standing = signature.standing if signature else None
    if standing is SignatureStanding.TRUSTED:
        return EnclosureState.GENUINE
    return EnclosureState.SIGNER_UNKNOWN if standing is SignatureStanding.SIGNER_UNKNOWN else EnclosureState.WRONG


def _content(
    opened: OpenFolder, name: str, limit_bytes: int, asked: str, missing: str, never_made: str
) -> bytes | EnclosureState:
    """Return a file's bytes; where it is not there or not plain, that is entered, and how it stands is returned."""
    if name not in opened.names and name not in opened.end.enclosed:
        opened.doubt(never_made, name, f"was never made: {asked}, and the ledger has no digest of it")
        return EnclosureState.NOT_MADE
    try:
        return plain.read(name, limit_bytes=limit_bytes, folder=opened.handle)
    except NotPlain as error:
        if error.missing:
            opened.fail(missing, name, f"is missing: {asked}, and the ledger has the digest of it")
        else:
            opened.unread(error, name, missing=missing)
        return EnclosureState.NOT_CHECKED if error.refused else EnclosureState.WRONG


def _as_entered(opened: OpenFolder, name: str, content: bytes) -> bool:
    """Hold a file against the ledger, which has its digest."""
    if (entered := opened.end.enclosed.get(name)) is None:
        opened.fail("file-unlisted", name, "does not belong there: the ledger has no digest of it, so it came later")
    elif entered != hashlib.sha256(content).hexdigest():
        if line_ends.as_it_was(content, entered) is not None:
            opened.fail("line-ends-converted", name, line_ends.WHAT)
        else:
            opened.fail("file-changed", name, "was changed: its digest is not the one in the ledger")
    else:
        return True
    return False


def _not_checked(opened: OpenFolder, name: str) -> EnclosureState:
    what = f"was not checked: a library is missing here, which `{libraries.INSTALL}` installs"
    opened.doubt("not-checked", name, what)
    return EnclosureState.NOT_CHECKED
