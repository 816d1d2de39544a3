"""Brings a backup within reach of a container: mounted where it lies on the engine's host, else streamed there."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import docker.types

from drtool.backups.backup import Backup
from drtool.errors import Unverifiable
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import BACKUP_PATH, MountedBackup, Sandbox
from drtool.stores import StoredObject

_FOLDER = BACKUP_PATH.rpartition("/")[0]
_CHUNK_BYTES = 1024 * 1024


def bind(found: StoredObject) -> MountedBackup | None:
    """Return the mount of a backup that lies on this host, or None where a container could not read all of it."""
    if found.members and not found.is_folder:
        paths = [member.local_path for member in found.members if member.local_path]
        if len(paths) < len(found.members):
            return None
        targets = part_paths(len(paths))
        first, *others = (_mount(path, target) for path, target in zip(paths, targets, strict=True))
        return MountedBackup(mount=first, reader=_owner(paths[0]), paths=targets, others=tuple(others))
    if found.local_path is None or not all(_readable(member, found.local_path) for member in found.members):
        return None
    return MountedBackup(mount=_mount(found.local_path, BACKUP_PATH), reader=_owner(found.local_path))


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
    if not found.members:
        with backup.store.open(found) as stream:
            return sandbox.stage(image, stream, found.size_bytes, progress=progress)
    if found.is_folder:
        paths = [f"{BACKUP_PATH}/{found.path_of(member)}" for member in found.members]
    else:
        paths = list(part_paths(len(found.members)))
    volume = sandbox.fill_volume(image, _archive(backup, paths, progress))
    mount = docker.types.Mount(target=_FOLDER, source=volume, type="volume", read_only=True)
    return MountedBackup(mount=mount, reader="0:0", paths=(BACKUP_PATH,) if found.is_folder else tuple(paths))


def _archive(backup: Backup, paths: Sequence[str], progress: Callable[[int], None]) -> Iterator[bytes]:
    """Yield a tar archive with the members of a backup, without ever holding more than a chunk."""
    sent = 0
    for found, path in zip(backup.found.members, paths, strict=True):
        member = tarfile.TarInfo(path.removeprefix(f"{_FOLDER}/"))
        member.size, member.mode = found.size_bytes, 0o400
        yield member.tobuf(tarfile.GNU_FORMAT)
        left = found.size_bytes
        with backup.store.open(found) as stream:
            while left:
                chunk = stream.read(min(_CHUNK_BYTES, left))
                if not chunk:
                    raise Unverifiable(
                        "backup-shorter-than-listed",
                        f"The store said {found.size_bytes} bytes of {found.location} and gave fewer",
                        mend="It may have been replaced, or be uploading still; look at the store and drill again",
                    )
                left -= len(chunk)
                sent += len(chunk)
                progress(sent)
                yield chunk
        yield b"\0" * (-found.size_bytes % tarfile.BLOCKSIZE)
    yield b"\0" * 2 * tarfile.BLOCKSIZE


def _mount(path: Path, target: str) -> docker.types.Mount:
    return docker.types.Mount(target=target, source=str(path.resolve()), type="bind", read_only=True)


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
