"""What broken transfers and editors leave in a folder of backups, and whether what it was to be is missing there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drtool.backups.companions import is_companion, is_one_of, shape_of
from drtool.backups.folder_of_dumps import NAMED_AS_DUMP, HeadOf, is_of_stream
from drtool.backups.mysql_shell import ABOUT
from drtool.backups.naming import folder_and_name
from drtool.backups.recognise import OF_PHYSICAL, Format, recognise_head
from drtool.backups.transfers import is_deleted, is_unfinished, original_of, target_of
from drtool.errors import DrtoolError, RestoreFailed

_PACKED = re.compile(r"\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z)$")
_ROWS = re.compile(r"\.(?:txt|tsv|csv|dat)$")
_STREAM = re.compile(r".+\.(?:mbstream|xbstream|xb)", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|(?<=/))\.(?:_)?(?=[^/]+$)")
_CUT = "a compressed stream that is cut short"


@dataclass(frozen=True, kw_only=True)
class LeftBehind:
    """What lies in a folder and is no part of the backup.

    Attributes:
        paths: what nothing is missing for.
        doubtful: what is no transfer by its name, or of nothing that is known, and begins as a backup that is not there
            under its own name; with what it is.
    """

    paths: tuple[str, ...] = ()
    doubtful: tuple[tuple[str, str], ...] = ()

    @property
    def all(self) -> set[str]:
        """All of it."""
        return {*self.paths, *(path for path, _ in self.doubtful)}


def left_behind_in(paths: Sequence[str], head_of: HeadOf) -> LeftBehind:
    """Tell what in a folder was left behind.

    Args:
        paths: of all files in it.
        head_of: gives the first bytes of one.

    Raises:
        RestoreFailed: a backup is missing whose transfer broke off.
    """
    if missing := _missing_by_name(paths):
        raise _missing(*missing)
    there = _there(paths)
    left, doubtful = [], []
    for path in paths:
        transferred = target_of(path)
        own = transferred or original_of(path) or _shown(path)
        if is_deleted(path) or (own and _plain(own) in there):
            left.append(path)
        elif own:
            kind = _kind(head_of(path))
            if transferred and ((kind and kind != _CUT) or _is_named_as_backups(own, there.values(), head_of)):
                raise _missing(path, own)
            if kind:
                doubtful.append((path, f"{kind}, under a name that backups do not have, and {own} is not there"))
            elif transferred or original_of(path):
                left.append(path)
    return LeftBehind(paths=tuple(left), doubtful=tuple(doubtful))


def broken_transfer_in(paths: Sequence[str]) -> str | None:
    """Return what is missing in a folder since its transfer broke off, as far as names tell; None where nothing is."""
    missing = _missing_by_name(paths)
    return missing[1] if missing else None


def _missing_by_name(paths: Sequence[str]) -> tuple[str, str] | None:
    """Return the path of a transfer and of the backup that it was to become, which is not there."""
    there = _there(paths)
    of_shell = any(folder_and_name(path)[1] == ABOUT for path in paths)
    for path in paths:
        target = target_of(path)
        if target is None or _plain(target) in there or is_companion(target, set()):
            continue
        name, plain = folder_and_name(target)[1], _plain(target)
        of_rows = _ROWS.search(plain) and (of_shell or _ROWS.sub(".sql", plain) in there)
        if NAMED_AS_DUMP.search(target) or _STREAM.fullmatch(plain) or OF_PHYSICAL.fullmatch(name) or of_rows:
            return path, target
    return None


def _missing(path: str, target: str) -> RestoreFailed:
    what = f"{target} is missing from the folder: {path} is by its name a transfer of it that goes on, or broke off"
    mend = "Copy it again, and drill the folder once the copy is complete"
    return RestoreFailed("folder-incomplete", what, mend=mend)


def _there(paths: Iterable[str]) -> dict[str, str]:
    """Return the paths of what is complete by its name, by those without what packed it."""
    return {_plain(path): path for path in paths if not is_unfinished(path) and not _shown(path)}


def _shown(path: str) -> str | None:
    """Return a hidden file's path without what hides it; None of what is not hidden, and of checksums and the like."""
    shown = _HIDDEN.sub("", path)
    return None if shown == path or is_companion(path, set()) else shown


def _plain(path: str) -> str:
    return _PACKED.sub("", path)


def _is_named_as_backups(target: str, there: Iterable[str], head_of: HeadOf) -> bool:
    """Tell whether a file that is missing is called as backups of databases are that are there."""
    if is_companion(target, set()):
        return False
    shape, bare = shape_of(target), "." not in folder_and_name(target)[1]
    alike = (path for path in there if (is_one_of(target, [path]) if bare else shape and shape_of(path) == shape))
    return any((kind := _kind(head_of(path))) and kind != _CUT for path in alike)


def _kind(head: bytes) -> str | None:
    """Return what backup of databases the first bytes of a file begin, or that they may be of one; None for others."""
    try:
        recognised = recognise_head(head)
    except DrtoolError as error:
        return _CUT if is_of_stream(error) else None
    if recognised.format is Format.TAR and not recognised.holds_database:
        return None
    return recognised.format
