"""The histories of the stores that a drill took its backups from, and the exposure over each."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from glob import escape

from drtool.backups.naming import folder_and_name, siblings_pattern
from drtool.baseline.kept import is_baseline
from drtool.errors import Unverifiable
from drtool.exposure import ExposureTerms, exposures, head_check
from drtool.record.journal import Journal
from drtool.record.steps import Phase
from drtool.restore.context import Terms
from drtool.stores import Store, StoredObject


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a pattern matched in a store; `as_one` where it is of one thing, whatever the names say."""

    store: Store
    listed: tuple[StoredObject, ...]
    as_one: bool = False

    @property
    def clock_ahead_seconds(self) -> float:
        """How far the store's clock is ahead of this host's."""
        return self.listed[0].clock_ahead_seconds if self.listed else 0.0


class Histories:
    """What a drill looked for, and what it named, so that the exposure can be measured when all else is done."""

    def __init__(self, journal: Journal, terms: Terms) -> None:
        self._journal = journal
        self._terms = terms
        self._listings: dict[str, Listing] = {}
        self._named: dict[str, tuple[Store, str, str | None]] = {}
        self._beside: dict[str, Listing] = {}
        self._zones: dict[str, tzinfo] = {}

    def list(self, store: Store, pattern: str) -> Listing:
        """List a store, baselines aside, and remember it.

        Raises:
            Unverifiable: the store cannot be read.
        """
        self._listings[pattern] = _list(store, pattern)
        return self._listings[pattern]

    def list_increments(self, store: Store, pattern: str, full: str) -> Listing:
        """List a store for increments to a full backup; with the others like it they are one history.

        Raises:
            Unverifiable: the store cannot be read.
        """
        listing = _list(store, pattern)
        holding = (key for key, known in self._listings.items() if any(one.location == full for one in known.listed))
        if (base := next(holding, None)) is None or type(self._listings[base].store) is not type(store):
            self._listings[pattern] = listing
        else:
            both = {found.location: found for found in (*self._listings.pop(base).listed, *listing.listed)}
            self._listings[f"{base} with {pattern}"] = Listing(store=store, listed=tuple(both.values()), as_one=True)
        return listing

    def name(self, store: Store, named: str, location: str, modified_at: datetime) -> None:
        """Remember that a backup was named, not looked for, and where it lies; it need not be there."""
        self._named[named] = (store, location, siblings_pattern(location, modified_at))

    def beside(self, named: str) -> tuple[StoredObject, ...]:
        """List what lies beside a backup that was named: those of its kind by its name, or all in its folder."""
        store, location, siblings = self._named[named]
        pattern = siblings or f"{escape(folder_and_name(location)[0])}*"
        if siblings is None and location.endswith("/"):
            return ()  # all folders beside it, with all that they hold, would take too long
        with self._journal.step(Phase.PREPARE, f"see what lies beside {location}"), suppress(Unverifiable):
            self._beside[pattern] = _list(store, pattern)
        # Where it cannot be listed the exposure says so, and the backup is taken by itself.
        return self._beside[pattern].listed if pattern in self._beside else ()

    def read_in(self, location: str, zone: tzinfo | None) -> None:
        """Remember which zone the times of a backup are in, where somebody names it: so are those of its history."""
        if zone is not None:
            self._zones[location] = zone

    def measure(self) -> None:
        """Compute from each listing how much the worst moment would have lost, and enter it in the journal.

        Of a backup that was named there is no listing: those beside it are listed, as far as its name tells which they
        are, or the report says that its exposure was not measured.
        """
        for pattern, listing in self._listings.items():
            self._measure(pattern, listing.store, listing)
        listed = {found.location for listing in self._listings.values() for found in listing.listed}
        measured = set(self._listings)
        for store, location, siblings in self._named.values():
            if location in listed:
                continue
            if siblings is None:
                self._journal.deviation(
                    f"The exposure was not measured: the name {location} has no date in it by which other backups of "
                    "its kind are known; `drtool exposure PATTERN` tells it, as does a scenario with latest(PATTERN)"
                )
            elif siblings not in measured:
                measured.add(siblings)
                self._journal.assumption(
                    f"The backups that match {siblings} are of the same kind as {location}: the pattern was made of "
                    "its name, and the exposure is measured over them"
                )
                self._measure(siblings, store, self._beside.get(siblings))

    def _measure(self, pattern: str, store: Store, listing: Listing | None) -> None:
        rpo = self._terms.rpo
        with self._journal.step(Phase.VERIFY, f"measure the exposure over {pattern}"):
            try:
                listing = listing or _list(store, pattern)
                terms = ExposureTerms(
                    pattern=pattern,
                    until=self._terms.disaster_at,
                    looked_at=self._journal.clock.instant(),
                    objective_seconds=rpo.total_seconds() if rpo else None,
                    clock_ahead_seconds=listing.clock_ahead_seconds,
                    zone=next(
                        (self._zones[one.location] for one in listing.listed if one.location in self._zones), None
                    ),
                    as_one=listing.as_one,
                )
                self._journal.exposure.extend(exposures(terms, listing.listed, head_check(store)))
            except Unverifiable as error:  # caught within the step, which would make a finding of it
                self._journal.deviation(f"The exposure over {pattern} could not be measured: {error.what}")


def _list(store: Store, pattern: str) -> Listing:
    return Listing(store=store, listed=tuple(found for found in store.find(pattern) if not is_baseline(found.location)))
