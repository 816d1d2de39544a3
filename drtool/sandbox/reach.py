"""Brings a backup within reach of a container: mounted where it lies on the engine's host, else streamed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drtool.backups.backup import Backup
from drtool.errors import Unverifiable
from drtool.sandbox import tar_stream
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import BACKUP_PATH, Mount, MountedBackup, Sandbox
from drtool.stores import StoredObject
from drtool.stores.interface import pieces

_FOLDER = BACKUP_PATH.rpartition("/")[0]
_EPOCH = datetime.fromtimestamp(0, UTC)


def bind(found: StoredObject) -> MountedBackup | None:
    """Return the mount of a backup that lies on this host, or None where a container could not read all of it."""
    if found.members and not found.is_folder:
        paths = [member.local_path for member in found.members if member.local_path]
        if len(paths) < len(found.members):
            return None
        targets = part_paths(len(paths))
        return MountedBackup(mounts=tuple(map(_mount, paths, targets)), reader=_owner(paths[0]), paths=targets)
    if found.local_path is None or not all(_readable(member, found.local_path) for member in found.members):
        return None
    return MountedBackup(mounts=(_mount(found.local_path, BACKUP_PATH),), reader=_owner(found.local_path))


def are_seen(sandbox: Sandbox, image: Image, backups: Sequence[StoredObject], bound: Sequence[MountedBackup]) -> bool:
    """Tell whether the engine mounts the very files that were looked at: they are told by size and time of change.

    Their paths may lead it to others, or nowhere, though its host has our name: drtool may have mounts of its own, in
    a container or as a service (PrivateTmp).

    Raises:
        Unverifiable: the engine does not say.
    """
    mounts: list[Mount] = []
    ours: dict[str, Path] = {}
    for found, backup in zip(backups, bound, strict=True):
        for mount in backup.mounts:
            mounts.append(replace(mount, target=f"{_FOLDER}/{len(mounts)}"))
            ours[mounts[-1].target] = Path(mount.source)
        if found.is_folder:  # its own time is that of its list of files
            for member in (found.members[0], found.members[-1]):
                ours[f"{mounts[-1].target}/{found.path_of(member)}"] = Path(str(member.local_path))
    try:
        there = sandbox.look(image, mounts, ours)
        here = [path.stat() for path in ours.values()]
    except (Unverifiable, FileNotFoundError) as error:  # what was removed since is told of by who streams it
        if isinstance(error, Unverifiable) and error.code != "engine-refused":
            raise
        return False  # nothing lies there, or the engine gives nothing of it away
    return there == [(one.st_size, _EPOCH + timedelta(microseconds=one.st_mtime_ns // 1000)) for one in here]


def part_paths(count: int) -> tuple[str, ...]:
    """Return where the parts of a backup that was split are in a container."""
    return tuple(f"{BACKUP_PATH}.{number:04}" for number in range(1, count + 1))


def stage(sandbox: Sandbox, image: Image, backup: Backup, *, progress: Callable[[int], None]) -> MountedBackup:
    """Stream a backup into a volume of the drill.

    Raises:
        RestoreFailed: it is gone or has been replaced.
        Unverifiable: the engine or the store stopped half way.
    """
    found = backup.found
    if found.is_folder:
        members = [(member, f"{BACKUP_PATH}/{found.path_of(member)}") for member in found.members]
    elif found.members:
        members = list(zip(found.members, part_paths(len(found.members)), strict=True))
    else:
        members = [(found, BACKUP_PATH)]
    volume = sandbox.fill_volume(image, _archive(backup, members, progress))
    paths = (BACKUP_PATH,) if found.is_folder else tuple(path for _, path in members)
    return MountedBackup(mounts=(Mount(target=_FOLDER, source=volume, read_only=True),), reader="0:0", paths=paths)


def _archive(
    backup: Backup, members: list[tuple[StoredObject, str]], progress: Callable[[int], None]
) -> Iterator[bytes]:
    """Yield a tar archive with the members of a backup."""
    sent_bytes = 0

    def counted(content: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal sent_bytes
        for piece in content:
            sent_bytes += len(piece)
            progress(sent_bytes)
            yield piece

    for found, path in members:
        with backup.store.open(found) as stream:
            content = counted(pieces(found, stream, no_more=True))
            yield from tar_stream.member(path.removeprefix(f"{_FOLDER}/"), found.size_bytes, content)
            if stream.read(1):
                what = f"The store said {found.size_bytes} bytes of {found.location} and gives more"
                raise Unverifiable("backup-longer-than-listed", what)
    yield tar_stream.END


def _mount(path: Path, target: str) -> Mount:
    return Mount(target=target, source=str(path.resolve()), type="bind", read_only=True)


def _owner(path: Path) -> str:
    owner = path.stat()
    return f"{owner.st_uid}:{owner.st_gid}"


def _readable(member: StoredObject, folder: Path) -> bool:
    """Tell whether the folder's owner may read a file in it: the container has no capability to read all."""
    if member.local_path is None:
        return False
    owner, found = folder.stat(), member.local_path.stat()
    if owner.st_uid == found.st_uid:
        return bool(found.st_mode & 0o400)
    return bool(found.st_mode & (0o040 if owner.st_gid == found.st_gid else 0o004))
