"""From the newest backup back to one that is usable: what is restored and rejected on the way does not fail the drill.

After ransomware, or a damaged newest backup, a recovery does not end with the first one that fails. What was tried,
why it was rejected and how far back the one lies that was taken stand in the record, and the time counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from drtool.amounts import count
from drtool.backups.backup import Backup
from drtool.errors import RestoreFailed, WrongUse
from drtool.record.backups import Choice, Rejected
from drtool.record.journal import Journal
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.stores import StoredObject
from drtool.times import format_duration

Restored = TypeVar("Restored")


def walk_back(
    context: RestoreContext,
    choice: Choice,
    candidates: Sequence[StoredObject],
    dated: Mapping[str, datetime | None],
    identify: Callable[[StoredObject], Backup],
    attempt: Callable[[Backup], Restored],
    resources: dict[str, Any],
) -> Restored:
    """Try backups one after the other until one is usable.

    Args:
        context: of the drill.
        choice: what was looked for, and among what; it is entered once it is known which was taken.
        candidates: what to try, the newest first.
        dated: when each is from, as far as it is known, by location.
        identify: finds out what a candidate is.
        attempt: restores a backup and checks it; whatever fails in it rejects the backup.
        resources: what the drill has restored, by name; attempts add to it.

    Returns:
        What the attempt returned for the one that was taken.

    Raises:
        RestoreFailed: none of them is usable.
        Unverifiable: an attempt could not be carried out, which says nothing of the backup.
    """
    journal = context.journal
    rejected: list[Rejected] = []
    for found in candidates:
        undoable = _Attempt(context, resources)
        try:
            restored = attempt(identify(found))
        except RestoreFailed as error:
            journal.finding(error)
        except WrongUse:
            raise
        except Exception:
            if not undoable.has_failed:  # else it is not usable, and what was not told, or asserted, besides is nothing
                raise
        else:
            if not undoable.has_failed:
                _enter_choice(journal, choice, found, rejected)
                _tell_how_far_back(context, dated[candidates[0].location], found, dated[found.location], rejected)
                return restored
        rejected.append(undoable.undo(choice.pattern, found))
    _enter_choice(journal, choice, None, rejected)
    what = f"None of the {len(rejected)} newest backups for {choice.pattern} is usable"
    raise RestoreFailed("no-usable-backup", what, why=f"of the newest: {rejected[0].reason}")


class _Attempt:
    """All that an attempt may leave: in the journal, in the sandbox, and among what the drill has restored."""

    def __init__(self, context: RestoreContext, resources: dict[str, Any]) -> None:
        self._context = context
        self._resources = resources
        self._restored_before = dict(resources)
        self._there_before = context.sandbox.names()
        self._page = context.journal.new_page()

    @property
    def has_failed(self) -> bool:
        """Whether anything speaks against what was restored."""
        return self._context.journal.has_failed_since(self._page)

    def undo(self, pattern: str, found: StoredObject) -> Rejected:
        """Take everything back to before the attempt, and enter the backup as rejected."""
        journal = self._context.journal
        findings, checks = journal.set_aside(self._page)
        self._resources.clear()
        self._resources.update(self._restored_before)
        rejected = Rejected(
            pattern=pattern, location=found.location, modified_at=found.modified_at, findings=findings, checks=checks
        )
        with journal.step(Phase.DESTROY, f"remove what was restored of {found.location}"):
            self._context.sandbox.discard_but(self._there_before)
        journal.reject(rejected, self._page)
        return rejected


def _enter_choice(journal: Journal, choice: Choice, taken: StoredObject | None, rejected: Sequence[Rejected]) -> None:
    why = "the newest that is usable" if taken else "none of those that were tried is usable"
    if rejected:
        why += f"; rejected: {', '.join(one.location.rpartition('/')[2] for one in rejected)}"
    journal.choices.append(replace(choice, chosen=taken.location if taken else "none", why=why))


def _tell_how_far_back(
    context: RestoreContext,
    newest_at: datetime | None,
    taken: StoredObject,
    taken_at: datetime | None,
    rejected: Sequence[Rejected],
) -> None:
    if not rejected:
        return
    message = f"{count(len(rejected), 'newer backup is', 'newer backups are')} not usable; the newest that is, "
    if newest_at is None or taken_at is None:
        message += f"{taken.location}, was written at a time that is not known: the store's is that of a copy"
    else:
        back = (newest_at - taken_at).total_seconds()
        message += f"{taken.location}, was written {format_duration(back)} before the newest of all"
    rpo = context.terms.rpo
    if taken_at and rpo is not None and (age := context.terms.disaster_at - taken_at) > rpo:
        message += f" and lies {format_duration((age - rpo).total_seconds())} further back than the RPO allows"
    context.journal.warning("walked-back", message)
