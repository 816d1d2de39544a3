"""Compares two lists of files: pure, in one pass, with nothing of the files' contents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from drtool.amounts import count
from drtool.baseline.database.compare_database import Tolerated
from drtool.baseline.files.file_list import Entry, EntryType, readable
from drtool.baseline.tolerance import Leniency, Tolerance, Tolerances

FOLDERS_AT_MOST = 200
"""How many folders are told apart in a result; beyond that the deepest are counted with the folder they are in."""

_SECOND_NS = 1_000_000_000
_Pair = tuple["Entry | None", "Entry | None"]


class FileDifference(StrEnum):
    """How an entry differs; `changed` is its content or its type."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    MODE = "mode"
    OWNER = "owner"
    LINK = "link"
    ATTRIBUTES = "attributes"
    TIME = "time"


@dataclass(frozen=True, kw_only=True)
class FolderDifference:
    """How many entries of a folder differ, and how; an entry may be counted under several of the last five."""

    folder: str
    missing: int = 0
    extra: int = 0
    changed: int = 0
    mode: int = 0
    owner: int = 0
    link: int = 0
    attributes: int = 0
    time: int = 0


@dataclass(frozen=True, kw_only=True)
class FilesComparison:
    """What a comparison found.

    Attributes:
        entries: how many entries of the baseline were compared.
        files: how many of them are regular files.
        size_bytes: of all its files.
        differing: the folders in which something differs.
        tolerated: what was let pass.
        unproved: what could not be compared, in sentences.
        unknown: what an archive need not bring and this one does not, so that it was not compared.
    """

    entries: int
    files: int
    size_bytes: int
    differing: tuple[FolderDifference, ...]
    tolerated: tuple[Tolerated, ...]
    unproved: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs but times and what is tolerated, and all could be compared."""
        return not self.unproved and not any(
            getattr(one, kind) for one in self.differing for kind in FileDifference if kind is not FileDifference.TIME
        )


_ByFolder = dict[bytes, Counter[FileDifference]]


@dataclass
class _Counts:
    """What is counted while the lists go by."""

    folders: _ByFolder = field(default_factory=lambda: defaultdict(Counter))
    by_tolerance: dict[str, _ByFolder] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    drifted: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    lost_attributes: dict[str, _ByFolder] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    kept_attributes: set[str] = field(default_factory=set)
    unsettled: int = 0
    entries: int = 0
    files: int = 0
    size_bytes: int = 0


def compare_files(
    baseline: Iterable[Entry], observed: Iterable[Entry], tolerances: Tolerances | None = None, *, unowned: bool = False
) -> FilesComparison:
    """Compare what files are with what they were; both lists are in the order of their paths' bytes.

    Args:
        baseline: what they were.
        observed: what they are.
        tolerances: what may differ.
        unowned: owners are not compared, for files that were restored by an account that may not give them away.
    """
    allowed = tolerances or Tolerances()
    counts = _Counts()
    was_linked, is_linked = _Links(allowed), _Links(allowed)
    for was, now in _paired(map(was_linked.told, baseline), map(is_linked.told, observed)):
        entry = was or now
        assert entry is not None  # noqa: S101 (a pair has one)
        tolerance = _tolerance(allowed, entry.path)
        if tolerance is not None and tolerance.leniency is Leniency.IGNORE:
            counts.passed[tolerance.pattern] += 1
            continue
        if was is not None:
            counts.entries += 1
            counts.files += was.type is EntryType.FILE
            counts.size_bytes += was.size_bytes if was.type is EntryType.FILE else 0
        if was is not None and now is not None and was.unsettled:
            counts.unsettled += 1
        differences = tuple(_differences(was, now, unowned=unowned))
        for difference in differences:
            _count(counts, entry, difference, tolerance)
        drifts = tolerance is not None and tolerance.leniency is Leniency.DRIFT
        if tolerance is not None and drifts and set(differences) - {FileDifference.TIME}:
            counts.drifted[tolerance.pattern] += 1
        if was is not None and now is not None and not drifts:
            _compare_attributes(counts, was, now)
    unknown = tuple(_judge_attributes(counts))
    tolerated = _judge_tolerances(counts, allowed)
    unproved = [f"{counts.unsettled} files kept changing while the baseline was taken: their content was not compared"]
    unproved = unproved if counts.unsettled else []
    unproved += [] if counts.entries or not counts.passed else ["There is no file in it that was to be compared"]
    return FilesComparison(
        entries=counts.entries,
        files=counts.files,
        size_bytes=counts.size_bytes,
        differing=_folded(counts.folders),
        tolerated=tuple(tolerated),
        unproved=tuple(unproved),
        unknown=unknown,
    )


@dataclass
class _Links:
    """Hard links as they are among what is compared: a name that is ignored need be in no backup."""

    allowed: Tolerances
    first: dict[bytes, bytes] = field(default_factory=dict)

    def told(self, entry: Entry) -> Entry:
        """Return an entry that is linked to none that is ignored, but to the first of its file that is not."""
        if entry.linked_to is None or not _is_ignored(self.allowed, entry.linked_to):
            return entry
        if _is_ignored(self.allowed, entry.path):
            return entry
        first = self.first.setdefault(entry.linked_to, entry.path)
        return replace(entry, linked_to=None if first == entry.path else first)


def _tolerance(allowed: Tolerances, path: bytes) -> Tolerance | None:
    return allowed.for_path(path.decode("utf-8", "surrogateescape")) if allowed else None


def _is_ignored(allowed: Tolerances, path: bytes) -> bool:
    tolerance = _tolerance(allowed, path)
    return tolerance is not None and tolerance.leniency is Leniency.IGNORE


def _paired(baseline: Iterable[Entry], observed: Iterable[Entry]) -> Iterator[_Pair]:
    """Merge two sorted lists: what both have comes as a pair, the rest alone."""
    left, right = iter(baseline), iter(observed)
    was, now = next(left, None), next(right, None)
    while was is not None or now is not None:
        if now is None or (was is not None and was.path < now.path):
            yield was, None
            was = next(left, None)
        elif was is None or now.path < was.path:
            yield None, now
            now = next(right, None)
        else:
            yield was, now
            was, now = next(left, None), next(right, None)


def _differences(was: Entry | None, now: Entry | None, *, unowned: bool) -> Iterator[FileDifference]:
    if was is None:
        yield FileDifference.EXTRA
        return
    if now is None:
        yield FileDifference.MISSING
        return
    if was.type is not now.type:
        yield FileDifference.CHANGED
        return
    same = (was.sha256, was.size_bytes) == (now.sha256, now.size_bytes)
    if was.type is EntryType.FILE and not was.unsettled and not same:
        yield FileDifference.CHANGED
    if was.target != now.target or was.linked_to != now.linked_to:
        yield FileDifference.LINK
    # A link's mode means nothing, and systems differ in what they say of it.
    if was.type is not EntryType.LINK and was.mode != now.mode:
        yield FileDifference.MODE
    if not unowned and (was.uid, was.gid) != (now.uid, now.gid):
        yield FileDifference.OWNER
    # Archives keep whole seconds, or all; of folders and links many tools keep none.
    if was.type is EntryType.FILE and was.modified_ns // _SECOND_NS != now.modified_ns // _SECOND_NS:
        yield FileDifference.TIME


def _compare_attributes(counts: _Counts, was: Entry, now: Entry) -> None:
    """Note of which kinds an entry has other extended attributes; a list of the first version knows of none."""
    had, has = dict(was.attributes or ()), dict(now.attributes or ())
    counts.kept_attributes |= has.keys() if was.attributes is not None else set()
    for kind in had.keys() | (has.keys() if was.attributes is not None else set()):
        if had.get(kind) != has.get(kind):
            counts.lost_attributes[kind][was.folder][FileDifference.ATTRIBUTES] += 1


def _judge_attributes(counts: _Counts) -> Iterator[str]:
    """Count those that differ, and yield of which kinds there are none any more: archives leave them out by default."""
    for kind, folders in sorted(counts.lost_attributes.items()):
        if kind in counts.kept_attributes:
            for folder, of_folder in folders.items():
                counts.folders[folder].update(of_folder)
        else:
            yield f"{kind} of {count(sum(one.total() for one in folders.values()), 'entry', 'entries')}"


def _count(counts: _Counts, entry: Entry, difference: FileDifference, tolerance: Tolerance | None) -> None:
    where = counts.folders
    if tolerance is not None:
        if tolerance.leniency is Leniency.APPEND_ONLY and difference is FileDifference.EXTRA:
            counts.passed[tolerance.pattern] += 1
            return
        if tolerance.leniency is Leniency.DRIFT:
            where = counts.by_tolerance[tolerance.pattern]
    where[entry.folder][difference] += 1


def _judge_tolerances(counts: _Counts, allowed: Tolerances) -> list[Tolerated]:
    """Let a drift pass that stays within its bound; one that does not is counted like any other difference."""
    passed: list[Tolerated] = []
    for one in allowed:
        count, detail = counts.passed[one.pattern], ""
        if one.leniency is Leniency.DRIFT:
            folders = counts.by_tolerance[one.pattern]
            total = counts.drifted[one.pattern]
            if total <= one.most:
                detail = f"{total} differ, of {one.most} that may"
            else:
                for folder, of_folder in folders.items():
                    counts.folders[folder].update(of_folder)
        elif count:
            detail = f"{count} came since" if one.leniency is Leniency.APPEND_ONLY else f"{count} not compared"
        if detail:
            passed.append(Tolerated(subject=one.pattern, leniency=one.leniency, reason=one.reason, detail=detail))
    return passed


def _folded(folders: _ByFolder) -> tuple[FolderDifference, ...]:
    while len(folders) > FOLDERS_AT_MOST:
        if (deepest := max(map(_depth, folders))) == 0:
            break
        for folder in [one for one in folders if _depth(one) == deepest]:
            folders[folder.rpartition(b"/")[0]].update(folders.pop(folder))
    return tuple(
        FolderDifference(
            folder=readable(folder) or "the topmost folder", **{kind.value: count for kind, count in of_folder.items()}
        )
        for folder, of_folder in sorted(folders.items())
    )


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0
