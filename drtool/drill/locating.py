"""Finds the backups that a drill is about: the newest of a pattern, the one at a location, increments to a full one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drtool.backups.backup import Backup
from drtool.backups.choice import Chosen, choose_newest, choose_since, newest_unknown
from drtool.drill.histories import Histories
from drtool.record.backups import Choice
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.stores import Store, StoredObject, store_for
from drtool.stores.lookup import refuse_pattern


class Locator:
    """Looks for backups as the disaster would have left them, and enters what it chose and why.

    What it raises is what the methods of `Drill` that ask it say.
    """

    def __init__(self, context: RestoreContext, histories: Histories) -> None:
        self._context = context
        self._journal = context.journal
        self._disaster_at = context.terms.disaster_at
        self._histories = histories

    def newest(self, pattern: str) -> Backup:
        """Return the newest backup of a pattern."""
        store = store_for(pattern)  # what it refuses is a slip of the pen, and may hold a password: no step names it
        with self._journal.step(Phase.LOCATE, f"find the newest {pattern}"):
            chosen = self._choose(store, pattern)
            self._journal.choices.append(chosen.choice)
            return self._context.identify(store, chosen.found.location, chosen.beside)

    def candidates(self, pattern: str) -> tuple[Chosen, Callable[[StoredObject], Backup]]:
        """Return all that a pattern offers, with what looks at one of them."""
        store = store_for(pattern)
        with self._journal.step(Phase.LOCATE, f"list {pattern}"):
            chosen = self._choose(store, pattern)

        def identified(found: StoredObject) -> Backup:
            with self._journal.step(Phase.LOCATE, f"look at {found.location}"):
                return self._context.identify(store, found.location, chosen.beside)

        return chosen, identified

    def at(self, location: str) -> Backup:
        """Return the one backup at a location."""
        store = store_for(location)  # as above
        refuse_pattern(location)
        self._histories.name(store, location, location, self._disaster_at)
        with self._journal.step(Phase.LOCATE, f"look at {location}"):
            backup = self._context.identify(store, location)
        self._histories.name(store, location, backup.location, backup.modified_at)
        return replace(backup, beside=self._histories.beside(location))

    def since(self, full: Backup, pattern: str) -> list[Backup]:
        """Return the increments that came after a full backup, the oldest first."""
        store = store_for(pattern)
        with self._journal.step(Phase.LOCATE, f"find the increments {pattern}"):
            listing = self._histories.list_increments(store, pattern, full.location)
            chosen = choose_since(pattern, listing.listed, full.found, self._disaster_at)
            if chosen.choice:
                self._journal.choices.append(chosen.choice)
                self._tell_if_guessed(chosen.choice)
            for deviation in chosen.deviations:
                self._journal.deviation(deviation)
            return [self._context.identify(store, found.location, listing.listed) for found in chosen.found]

    def _choose(self, store: Store, pattern: str) -> Chosen:
        listed = self._histories.list(store, pattern).listed
        chosen = choose_newest(pattern, listed, self._disaster_at, self._journal.clock.instant())
        for deviation in chosen.deviations:
            self._journal.deviation(deviation)
        self._tell_if_guessed(chosen.choice)
        return chosen

    def _tell_if_guessed(self, choice: Choice) -> None:
        if choice.is_a_guess:
            self._journal.finding(newest_unknown(choice))
