"""What drills are carried out under: the options, and what has to be ready before the first one begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drtool.attest import timestamp
from drtool.drill.options import DrillOptions
from drtool.errors import WrongUse
from drtool.keys import libraries
from drtool.keys.pinning import ready_key
from drtool.keys.raw_signing import RawKey, find_raw_key
from drtool.keys.signing import SigningKey

if TYPE_CHECKING:
    from drtool.archive.keeping import Archive  # with boto3, which takes 0.2 s to import, so only who needs it waits


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How drills are carried out, whatever they do.

    Attributes:
        options: as they were asked for.
        key: what signs the evidence; None leaves it unsigned, and it says so.
        statement_key: signs an in-toto statement about the report; None where nobody wants one.
        archive: gets a copy of the evidence; None where nobody wants one.
    """

    options: DrillOptions
    key: SigningKey | None
    statement_key: RawKey | None = None
    archive: Archive | None = None


def conditions(options: DrillOptions, *, unattended: bool, tell: Callable[[str], None]) -> Conditions:
    """Make everything ready for drills, so that what would stop them at their end does before they begin.

    Args:
        options: as they were asked for.
        unattended: whether the key has to sign without anybody to type its passphrase.
        tell: is told what was made or pinned, in a sentence.

    Raises:
        Unverifiable: there is no key, no folder to write to, or no archive that takes the evidence.
        WrongUse: the options contradict each other, or the disaster has not come yet.
    """
    if options.at and options.at > datetime.now(UTC):
        raise WrongUse("disaster-in-the-future", f"The disaster time {options.at.isoformat()} has not come yet")
    if options.unsigned and options.key:
        raise WrongUse("key-and-unsigned", "--key and --unsigned contradict each other")
    if options.unsigned and options.statement:
        raise WrongUse("statement-and-unsigned", "--statement (DRTOOL_STATEMENT) and --unsigned contradict each other")
    key = statement_key = None
    if not options.unsigned:
        key, public = ready_key(options.key, options.reports, unattended=unattended, tell=tell)
        statement_key = find_raw_key(key, public) if options.statement else None
    if options.authority:
        libraries.require(timestamp.LIBRARY)
    return Conditions(options=options, key=key, statement_key=statement_key, archive=_archive(options))


def _archive(options: DrillOptions) -> Archive | None:
    """Return the archive that is asked for, once it is seen to take the evidence as far as that can be told."""
    mode, period = options.archive_mode, options.archive_retention
    if options.archive is None:
        if mode or period:
            raise WrongUse("no-archive", "An archive's retention was asked for, but no archive")
        return None
    from drtool.archive.keeping import Archive

    return Archive.prepared(options.archive, options.reports, mode=mode, period=period)
