"""Checks what lies beside a signed report and is made of it: its time-stamp, and the statement about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from drtool.attest import statement, timestamp
from drtool.attest.timestamp import Authorities, Judgement, Token
from drtool.audit.drills import CLOCK_TOLERANCE, LedgerDrill
from drtool.audit.problems import Problem, failed, unverified
from drtool.errors import Unverifiable
from drtool.evidence import folder
from drtool.evidence.chain import Entry
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.keys import libraries
from drtool.keys.verification import Signature, Standing
from drtool.record.model import DrillRecord
from drtool.times import format_duration

LATEST = timedelta(hours=1)
"""How long after the drill a time-stamp may be made: somebody may first have to unlock the key that signs."""


@dataclass
class Look:
    """One look into a folder, and what came of it so far.

    Attributes:
        drill: what the ledger says of the drill.
        end: its end entry.
        handle: of the open folder.
        names: of what is in it.
        problems: what was found wrong.
    """

    drill: LedgerDrill
    end: Entry
    handle: int
    names: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def file(self, name: str) -> str:
        """Return how a file of the folder is named to people."""
        return f"{visible(self.drill.drill_id)}/{visible(name)}"

    def fail(self, code: str, name: str, what: str) -> None:
        """Enter that something is wrong with a file; `what` follows its name."""
        self.problems.append(failed(code, self.file(name), what, drill_id=self.drill.drill_id))

    def doubt(self, code: str, name: str, what: str) -> None:
        """Enter that something cannot be told of a file; `what` follows its name."""
        self.problems.append(unverified(code, self.file(name), what, drill_id=self.drill.drill_id))


class Beside(StrEnum):
    """How a time-stamp or a statement stands."""

    GENUINE = "genuine"
    UNKNOWN = "authority unknown"
    SIGNER_UNKNOWN = "signer unknown"
    NOT_MADE = "not made"
    NOT_CHECKED = "not checked"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Enclosures:
    """What was found beside a report; each is None where none was asked for.

    Attributes:
        timestamp: how the time-stamp stands.
        timestamp_at: the time that it names, UTC; None where it cannot be read.
        statement: how the statement stands.
    """

    timestamp: Beside | None = None
    timestamp_at: datetime | None = None
    statement: Beside | None = None


def check(
    look: Look, record: DrillRecord, document: bytes, signature: Signature | None, authorities: Authorities | None
) -> Enclosures:
    """Check what a report says lies beside it.

    Args:
        look: the look into its folder; problems are entered there.
        record: the report.
        document: its bytes.
        signature: over it, as it was checked.
        authorities: the time-stamp authorities that the auditor trusts; None where they named none.
    """
    stamp, at = _timestamp(look, record, document, authorities)
    return Enclosures(timestamp=stamp, timestamp_at=at, statement=_statement(look, record, document, signature))


def _timestamp(
    look: Look, record: DrillRecord, document: bytes, authorities: Authorities | None
) -> tuple[Beside | None, datetime | None]:
    name = folder.TIMESTAMP
    if record.timestamp_authority is None:
        return None, None
    asked = f"the report says that {visible(record.timestamp_authority)} was asked for a time-stamp"
    content = _content(look, name, timestamp.LIMIT_BYTES, asked, "timestamp-missing", "timestamp-not-given")
    if not isinstance(content, bytes):
        return content, None
    try:
        token = timestamp.read(content)
    except timestamp.NoToken as error:
        look.fail("timestamp-broken", name, str(error))
        return Beside.WRONG, None
    except Unverifiable:
        return _not_checked(look, name), None
    if not token.is_over(document):
        look.fail("timestamp-of-another-report", name, "is a time-stamp over something else than report.json")
        return Beside.WRONG, token.at
    standing = _judged(look, token, document, authorities)
    well = standing is not Beside.WRONG and _plausible(look, token, record) and _as_entered(look, name, content)
    return standing if well else Beside.WRONG, token.at


def _judged(look: Look, token: Token, document: bytes, authorities: Authorities | None) -> Beside:
    if authorities is None:
        return Beside.UNKNOWN
    judgement, why = authorities.judge(token, document)
    if judgement is Judgement.NOT_TRUSTED:
        look.fail("timestamp-not-trusted", folder.TIMESTAMP, f"was not made by an authority that you trust ({why})")
    elif judgement is Judgement.BROKEN:
        look.fail("timestamp-broken", folder.TIMESTAMP, f"is no valid time-stamp: {why}")
    return Beside.GENUINE if judgement is Judgement.GENUINE else Beside.WRONG


def _plausible(look: Look, token: Token, record: DrillRecord) -> bool:
    """Hold a token's time against the report's own: only a report that was just written was not kept for later."""
    after = token.at - record.finished_at
    if after < -CLOCK_TOLERANCE:
        what = "before the drill ended as report.json has it: a clock is wrong, or the report was post-dated"
    elif after > LATEST:
        what = "after the drill ended as report.json has it: a clock is wrong, or the report was back-dated"
    else:
        return True
    apart = format_duration(abs(after).total_seconds())
    look.fail("timestamp-disagrees", folder.TIMESTAMP, f"is of {token.at:%Y-%m-%dT%H:%M:%SZ}, {apart} {what}")
    return False


def _statement(look: Look, record: DrillRecord, document: bytes, signature: Signature | None) -> Beside | None:
    name = folder.STATEMENT
    if not record.statement:
        return None
    asked = "the report says that a statement was to be made"
    content = _content(look, name, statement.LIMIT_BYTES, asked, "statement-missing", "statement-not-made")
    if not isinstance(content, bytes):
        return content
    try:
        flaw = statement.check(content, document, signature.public if signature else None)
    except Unverifiable:
        return _not_checked(look, name)
    if flaw is not None:
        look.fail(flaw[0], name, flaw[1])
        return Beside.WRONG
    if not _as_entered(look, name, content):
        return Beside.WRONG
    # Whose key that is was judged with the report's own signature, and it is the same.
    standing = signature.standing if signature else None
    if standing is Standing.TRUSTED:
        return Beside.GENUINE
    return Beside.SIGNER_UNKNOWN if standing is Standing.SIGNER_UNKNOWN else Beside.WRONG


def _content(look: Look, name: str, limit_bytes: int, asked: str, missing: str, never_made: str) -> bytes | Beside:
    """Return a file's bytes; where it is not there or not plain, that is entered, and how it stands is returned."""
    if name not in look.names and name not in look.end.enclosed:
        look.doubt(never_made, name, f"was never made: {asked}, and the ledger has no digest of it")
        return Beside.NOT_MADE
    try:
        return plain.read(name, limit_bytes=limit_bytes, folder=look.handle)
    except NotPlain as error:
        if error.missing:
            look.fail(missing, name, f"is missing: {asked}, and the ledger has the digest of it")
        else:
            look.fail("file-not-plain", name, str(error))
        return Beside.WRONG


def _as_entered(look: Look, name: str, content: bytes) -> bool:
    """Hold a file against the ledger, which has its digest."""
    entered = look.end.enclosed.get(name)
    if entered is None:
        look.fail("file-unlisted", name, "does not belong there: the ledger has no digest of it, so it came later")
    elif entered != hashlib.sha256(content).hexdigest():
        look.fail("file-changed", name, "was changed: its digest is not the one in the ledger")
    else:
        return True
    return False


def _not_checked(look: Look, name: str) -> Beside:
    look.doubt("not-checked", name, f"was not checked: a library is missing here, which `{libraries.INSTALL}` installs")
    return Beside.NOT_CHECKED
