"""From an archive or a stream of many dumps: unpacked in the sandbox, looked at, then restored as the folder it was.

Of an archive of files those alone are unpacked that the scenario names; all else is read and flows by.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import replace
from importlib.resources import files
from posixpath import dirname, join, normpath

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.backups.compression import HEAD_BYTES, head_needed_bytes
from drtool.backups.folder import bytes_read_whole, recognise_folder
from drtool.backups.recognise import Format
from drtool.errors import RestoreFailed, Unverifiable
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.files import untar_failure
from drtool.restore.folder import restore_files_of
from drtool.restore.inside import Inside
from drtool.restore.interface import DatabaseOptions, RestoredServer
from drtool.restore.physical.into_server import restore_physical
from drtool.restore.pipeline import Outcome
from drtool.restore.provision import image_for
from drtool.restore.unpack import unpack
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import BACKUP_PATH, Mount, MountedBackup
from drtool.stores.pattern import ends_of

_UNPACKED = "/unpacked"
_FOLDER = f"{_UNPACKED}/{BACKUP_PATH.rpartition('/')[2]}"
_UNSTREAM = files("drtool.restore").joinpath("unstream.pl").read_text(encoding="utf-8")
_LIST = (
    'cd "$1" && find . -type f -printf "%s %P\\n" -o -type l -printf "link %P\\t%l\\n" -o ! -type d -printf "odd %P\\n"'
)
_HEAD = 'head -c "$2" -- "$1" | base64 -w0'
_LOOKING = "looking at what was unpacked"


def restore_archive_of_dumps(
    context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions
) -> RestoredServer:
    """Restore a tar archive of dumps, or what `mydumper --stream` wrote, into a server of its own.

    Raises:
        RestoreFailed: it does not unpack, or what is in it does not restore.
        Unverifiable: the sandbox could not be made or was lost.
    """
    inside = Inside(options.inside, backup.location) if options.inside else None
    if backup.recognised.holds_physical and not inside:
        return restore_physical(context, backup, name, options)
    image = context.image(None)
    [mounted] = context.within_reach([backup], name, image)
    volume = context.sandbox.volume(f"{name}-unpacked")
    with context.journal.step(Phase.PROVISION, f"make a place to unpack {name} in", resource=name):
        container = context.sandbox.room(
            f"{name}-unpack",
            image,
            folders=[_FOLDER],
            limits=options.limits,
            mounts=[Mount(target=_UNPACKED, source=volume), *mounted.mounts],
            capabilities=["DAC_OVERRIDE"],
        )
    context.prove_isolated(name, container)
    streamed = backup.recognised.format is Format.MYDUMPER_STREAM
    outcome = unpack(
        context,
        backup,
        name,
        container,
        sink="unstream" if streamed else "untar",
        into=_FOLDER,
        source=mounted.source,
        failure=_unstream_failure if streamed else inside.failure if inside else untar_failure,
        arguments=[_UNSTREAM] if streamed else [inside.for_tar] if inside else [],
    )
    listing = container.talk(_LIST, _FOLDER, doing=_LOOKING, user="0:0")
    found = [(kind, path) for kind, path in listing if not inside or inside.takes(path.partition("\t")[0])]
    sizes = {path: int(size) for size, path in found if path and size.isdigit()}
    links = (path.partition("\t") for kind, path in found if kind == "link")
    odd = [path for kind, path in found if kind == "odd"]
    leading = [(path, normpath(join(dirname(path), to))) for path, _, to in links]
    odd += [path for path, to in leading if to not in sizes and not _led_inside(path, to, sizes)]
    if inside and not sizes and not odd:
        raise inside.nothing(outcome)
    if any("\ufffd" in path for path in (*sizes, *odd)):
        what = f"A file in {backup.location} has a name that is not UTF-8, so no report could hold it"
        raise Unverifiable("name-not-text", what)
    if aside := [path for path in odd if not any(one.startswith(f"{dict(leading).get(path)}/") for one in sizes)]:
        context.journal.deviation(
            f"{name}: not restored, since they are links that lead out of the archive or nowhere, pipes or the like: "
            f"{listed(aside)}"
        )
    with context.journal.step(Phase.RESTORE, f"look at what {name} was packed of", resource=name):
        try:
            recognised = recognise_folder(
                list(sizes), lambda path: _head(container, path), database=options.database, odd=odd
            )
        except Unverifiable as error:
            if error.code != "files-not-packed":
                raise
            what = f"{backup.location} holds files, and a database was asked for"
            raise (inside.no_dump() if inside else RestoreFailed("wrong-kind-of-backup", what)) from error
    container.kill()
    if recognised.format is Format.PHYSICAL_FOLDER:
        if inside:
            raise inside.physical()
        return restore_physical(context, backup, name, options)
    if not options.only:
        context.journal.loaded.setdefault(backup.location, set()).update(sizes)
    if inside:
        inside.enter(context.journal, name, outcome, list(sizes))
    context.journal.backup_says(backup.location, recognised.header, server_version=recognised.server_version)
    there = Mount(target=BACKUP_PATH.rpartition("/")[0], source=volume, read_only=True)
    opened, mounted = replace(backup, recognised=recognised), MountedBackup(mounts=(there,), reader="0:0")
    context.note_left_behind(name, recognised.left_behind)
    own_image = image_for(context, opened, options)
    return restore_files_of(context, opened, name, options, own_image, mounted, sizes, is_backup=False)


def _unstream_failure(outcome: Outcome) -> RestoreFailed | None:
    if not outcome.statuses.get("sink"):
        return None
    if "unexpected end" in outcome.complaint("sink"):
        what = "The mydumper stream breaks off inside a file: the backup was cut short"
        return RestoreFailed("stream-truncated", what)
    what = "The mydumper stream is damaged: something in it is no file of mydumper's"
    mend = "Compare with another copy of this backup; check whether messages of the tool went into it"
    return RestoreFailed("stream-damaged", what, mend=mend)


def _led_inside(link: str, target: str, paths: Collection[str]) -> bool:
    """Tell whether a link leads by an absolute path, and led to one of these files where it was made."""
    ends = ends_of(target) if target.startswith("/") else []
    return any(one in paths for end in ends for one in (end, join(dirname(link), end)))


def _head(container: Container, path: str) -> bytes:
    """Return the first bytes of a file that was unpacked; they pass through memory alone."""

    def first(count: int) -> bytes:
        talk = container.talk(_HEAD, f"{_FOLDER}/{path}", str(count), doing=_LOOKING, user="0:0")
        return base64.b64decode("".join(talk.lines()))

    if whole := bytes_read_whole(path):
        return first(whole)
    head = first(HEAD_BYTES)
    needed = head_needed_bytes(head)
    return first(needed) if needed > len(head) == HEAD_BYTES else head
