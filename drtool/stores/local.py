"""Backups in a folder of this host: files, and folders of files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.stores.interface import StoredObject, combined
from drtool.stores.pattern import ends_of, has_wildcard

_SCHEME = re.compile(r"file://(?:localhost(?=/))?", re.IGNORECASE)

_NUMBER = re.compile(r"\d{4}")
_SUFFIX = re.compile(r"\.[A-Za-z]\w*$")


class LocalStore:
    """Files, found by a path pattern."""

    def find(self, pattern: str) -> Iterator[StoredObject]:
        """Yield the regular files, or the folders, that match a path pattern; see `Store.find`.

        As in a shell, a wildcard does not match the dot that a hidden name begins with: hidden are the files that
        a copy still running has not renamed yet. A link to what is not there is yielded as what it is.
        """
        folders = pattern.endswith("/")
        fixed, wild = _split(_path(pattern))
        _refuse_missing(fixed if wild else fixed.parent)
        matching = list(_matching(fixed, wild))
        real = Path(os.path.realpath(fixed))
        led_to = {one: Path(os.path.realpath(one)) for one in matching}
        links = {one for one in matching if led_to[one] != real / one.relative_to(fixed)}
        themselves = {led_to[one] for one in matching if one not in links}
        for candidate in matching:
            if candidate in links and led_to[candidate] in themselves:
                continue  # such as db-latest.sql or latest/db.sql, which leads to one of the others
            candidate = named_by(candidate)
            if (found := _status(candidate)) is None:
                if link := _dangling(candidate, fixed, folders=folders):
                    yield link
                continue  # not there, or rotated away between listing and looking
            if folders and stat.S_ISDIR(found.st_mode) and (folder := _folder(candidate)):
                yield folder
            elif not folders and stat.S_ISREG(found.st_mode):
                yield _object(candidate, found)
            elif not wild:  # one thing was named: a pipe or an empty folder is told as what it is
                self.stat(pattern)

    def stat(self, location: str) -> StoredObject:
        """Return the record of one file; see `Store.stat`."""
        path = named_by(_path(location))
        if (found := _status(path)) is None:
            _refuse_missing(path.parent)
            why = f"it is a link to {path.readlink()}, which is not there" if path.is_symlink() else ""
            raise RestoreFailed("backup-missing", f"There is no backup at {location}", why=why)
        if stat.S_ISDIR(found.st_mode):
            if folder := _folder(path):
                return folder
            raise RestoreFailed("backup-empty", f"The folder {location} is empty")
        if not stat.S_ISREG(found.st_mode):
            raise RestoreFailed("backup-not-a-file", f"{location} is not a file")
        return _object(path, found)

    @contextmanager
    def open(self, found: StoredObject) -> Iterator[BinaryIO]:
        """Open the file if it is still the one that was found; see `Store.open`."""
        path = _path(found.location)
        try:
            stream = path.open("rb")
        except FileNotFoundError as error:
            raise RestoreFailed("backup-missing", f"{path} was removed after it was found") from error
        except OSError as error:
            raise _unreadable(path, error) from error
        with stream:
            now = _object(path, os.fstat(stream.fileno()))
            if (now.size_bytes, now.modified_at) != (found.size_bytes, found.modified_at):
                raise RestoreFailed("backup-changed", f"{path} changed between being found and being read")
            yield stream


def _path(location: str) -> Path:
    if "\0" in location:
        raise WrongUse("bad-location", f"{location!r} is no path")
    try:
        return Path(_SCHEME.sub("", location, count=1)).expanduser().absolute()
    except RuntimeError as error:
        raise WrongUse("bad-location", f"{location} begins with the home folder of a user who has none") from error


def named_by(path: Path) -> Path:
    """Return what a link stands for that says no time, such as db-latest.sql: another backup, which has its own name.

    The name of a link with a number in it is the backup's, whatever the file that it leads to is called.
    """
    try:
        said = Path(os.path.normpath(path.parent / path.readlink()))
    except OSError:
        return path  # no link
    target = said if os.path.realpath(said) == os.path.realpath(path) else Path(os.path.realpath(path))
    return path if _NUMBER.search(path.name) or not target.exists() else named_by(target)


def _status(path: Path) -> os.stat_result | None:
    """Return what the system says of a path, or None where nothing is."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from error


def _dangling(path: Path, fixed: Path, *, folders: bool) -> StoredObject | None:
    """Return the record of a path that leads over a link to what is not there; None where there is no such link.

    A link that is named as a file is none to a folder.
    """
    for link in (path, *path.parents):
        if link == fixed.parent or ((folders or link != path) and _SUFFIX.search(link.name)):
            break
        try:
            target, made = link.readlink(), link.lstat().st_mtime
        except OSError:
            continue  # no link
        if link.exists():
            break  # what it leads to has not got it
        at = datetime.fromtimestamp(made, UTC)
        location = _location(path) + "/" * folders
        return StoredObject(location=location, size_bytes=0, modified_at=at, leads_to=str(target))
    return None


def _split(path: Path) -> tuple[Path, Sequence[str]]:
    """Return the part of a pattern without wildcards, and the names from the first wildcard on."""
    fixed = next((one for one in (path, *path.parents) if not has_wildcard(str(one))), Path("/"))
    return fixed, path.relative_to(fixed).parts


def _matching(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """Yield the paths below `folder` that match; unlike `glob`, say so where a folder cannot be read."""
    if not patterns:
        yield folder
    elif not has_wildcard(patterns[0]):
        yield from _matching(folder / patterns[0], patterns[1:])
    else:
        for name in _names(folder):
            hidden = name.startswith(".") and not patterns[0].startswith(".")
            if not hidden and fnmatchcase(name, patterns[0]):
                yield from _matching(folder / name, patterns[1:])


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (names are all that is asked for)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(folder, error) from error


def _led_inside(link: Path, folder: Path) -> bool:
    """Tell whether a link leads by an absolute path to what is not there, and led into this folder where it was made.

    A container made it, which has the folder in another place, or the folder was copied since.
    """
    try:
        target = link.readlink()
    except OSError:
        return False  # no link
    if not target.is_absolute() or link.exists():
        return False
    return any(
        one.is_file() and not one.is_symlink()
        for end in ends_of(str(target))
        for one in (folder / end, link.parent / end)
    )


def _folder(path: Path) -> StoredObject | None:
    """Return a folder with all regular files below it, hidden or not; links are not followed, so that none leads out.

    A folder without any is none.
    """

    def unreadable(error: OSError) -> None:
        raise _unreadable(Path(error.filename or path), error) from error

    found, odd = [], []
    for below, _, names in os.walk(path, onerror=unreadable):
        for name in names:
            member = Path(below, name)
            try:
                looked = member.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(looked.st_mode):
                found.append(_object(member, looked))
            elif not (
                (member.is_file() and member.resolve().is_relative_to(path.resolve())) or _led_inside(member, path)
            ):
                odd.append(str(member.relative_to(path)))
    if not found:
        return None
    found.sort(key=lambda member: member.location)
    return replace(combined(f"{_location(path).rstrip('/')}/", found, local_path=path), odd=tuple(sorted(odd)))


def _refuse_missing(folder: Path) -> None:
    """Raise where not even the folder is there: then nothing is known of the backups in it."""
    found = _status(folder)
    if found is None or not stat.S_ISDIR(found.st_mode):
        what = f"There is no folder {folder}"
        raise Unverifiable("store-unreachable", what, mend="Check the path, and that the backup disk is mounted")


def _object(path: Path, found: os.stat_result) -> StoredObject:
    return StoredObject(
        location=_location(path),
        size_bytes=found.st_size,
        modified_at=datetime.fromtimestamp(found.st_mtime, UTC),
        local_path=path,
        file=(found.st_dev, found.st_ino),
    )


def _location(path: Path) -> str:
    try:
        return os.fsencode(path).decode()
    except UnicodeDecodeError as error:
        shown = os.fsencode(path).decode(errors="backslashreplace")
        what = f"The name {shown} is not UTF-8, so no report could hold it"
        raise Unverifiable("name-not-text", what, mend="Rename the file, or narrow the pattern") from error


def _unreadable(path: Path, error: OSError) -> Unverifiable:
    mend = "Run the drill as a user who may read the backups"
    return Unverifiable("store-unreachable", f"{path} cannot be read", why=error.strerror or str(error), mend=mend)
