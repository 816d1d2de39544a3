"""Holds the files of a backup against the checksums, and the names, that the job which made it left beside them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from drtool.amounts import count, listed
from drtool.backups.backup import Backup
from drtool.backups.checksums import BESIDE, LIST_BYTES, OF_FOLDER, Checksum, sums_of_file
from drtool.backups.folder_plan import Folder
from drtool.backups.recognise import read_fully
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.record.journal import Journal
from drtool.record.steps import Phase
from drtool.record.verdicts import Check, Verdict
from drtool.restore.context import RestoreContext
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import MountedBackup
from drtool.stores import StoredObject
from drtool.stores.interface import pieces

_QUESTION = "each file has the checksum that the list of its job names"
_SURELY_OLDER = timedelta(minutes=1)
_FROM_AFAR_BYTES = 1 << 30
"""How large a file may be that is fetched once more for its checksum alone."""
# Standard input: a line for each file, the program and its path.
_COMPUTE = """cd "$1" && for ((left = $2; left > 0; left--)); do
    IFS= read -r line
    program=${line%% *} path=${line#* }
    digest=$("$program" < "./$path" 2> /dev/null)
    echo "${digest%% *}:$program $path"
done"""

_Computed = Mapping[tuple[str, str], str]
"""Digests by algorithm and path."""


def judge_lists(
    context: RestoreContext,
    backup: Backup,
    name: str,
    folder: Folder,
    sha256: Mapping[str, str],
    container: Container,
    mounted: MountedBackup,
) -> None:
    """Enter which files of a folder are not as the lists in it say, of those that are restored: a log may change.

    Args:
        context: the drill.
        backup: the folder, or the archive that it came out of.
        name: what the drill calls the resource.
        folder: how it was restored, with what the lists say.
        sha256: digests that are known, by path.
        container: has the folder mounted.
        mounted: where that is.
    """
    restored = {path for load in folder.loads for path in (load.path, load.statement)}
    sums = [one for one in folder.listed.sums if one.path in restored]
    for of_list, missing in _by_list(folder.listed.missing).items():
        what = f"{of_list} names dumps that are not there beside it: {listed(missing)}"
        mend = "Look why the job lost them; where they are meant to be gone, take them off that list"
        context.journal.failure(RestoreFailed("folder-incomplete", what, mend=mend), resource=name)
    if not sums:
        return
    with context.journal.step(Phase.VERIFY, f"hold the files of {name} against their checksums", resource=name):
        known = {("sha256", path): digest for path, digest in sha256.items()}
        needed = sorted({(one.algorithm, one.path) for one in sums} - known.keys())
        given = "".join(f"{algorithm}sum {path}\n" for algorithm, path in needed).encode()
        if needed:
            (place,) = mounted.paths
            talk = container.talk(
                _COMPUTE, place, str(len(needed)), doing="computing checksums", given=given, user=mounted.reader
            )
            for told, path in talk:
                digest, _, program = told.partition(":")
                known[program.removesuffix("sum"), path] = digest
    times = {backup.found.path_of(one): one.modified_at for one in backup.found.members if backup.found.is_folder}
    _judge(context.journal, name, sums, known, times)


def judge_lists_beside(context: RestoreContext, backup: Backup, name: str) -> None:
    """Enter whether a backup of one file is as the lists say that lie beside it in its store."""
    if backup.found.is_folder or backup.found.members:
        return
    lists, times = _beside(backup)
    path = backup.location.rpartition("/")[2]
    sums = sums_of_file(path, lists)
    if not sums:
        return
    times[path] = backup.modified_at
    with context.journal.step(Phase.VERIFY, f"hold the backup of {name} against its checksum", resource=name):
        known = {}
        for algorithm in {one.algorithm for one in sums}:
            digest = context.journal.backups[backup.location].sha256 if algorithm == "sha256" else None
            known[algorithm, path] = digest or _digest(backup, algorithm)
    _judge(context.journal, name, sums, known, times)


def _beside(backup: Backup) -> tuple[dict[str, bytes], dict[str, datetime]]:
    folder, _, _ = backup.location.rpartition("/")
    places = [f"{backup.location}{suffix}" for suffix in BESIDE]
    places += [f"{folder}/{called}" if "/" in backup.location else called for called in OF_FOLDER]
    lists, times = {}, {}
    for place in places:
        with suppress(DrtoolError):  # mostly there is none
            found = backup.store.stat(place)
            called = place.rpartition("/")[2]
            lists[called], times[called] = _content(backup, found), found.modified_at
    return lists, times


def _content(backup: Backup, found: StoredObject) -> bytes:
    with backup.store.open(found) as stream:
        return read_fully(stream, LIST_BYTES)


def _digest(backup: Backup, algorithm: str) -> str:
    """Return the digest of a backup's file; nothing where it would have to come from afar again and is large."""
    if backup.found.local_path is None and backup.size_bytes > _FROM_AFAR_BYTES:
        return ""
    computing = hashlib.new("blake2b" if algorithm == "b2" else algorithm, usedforsecurity=False)
    with suppress(DrtoolError), backup.store.open(backup.found) as stream:
        for piece in pieces(backup.found, stream):
            computing.update(piece)
        return computing.hexdigest()
    return ""


def _judge(
    journal: Journal, name: str, sums: Iterable[Checksum], known: _Computed, times: Mapping[str, datetime]
) -> None:
    """Enter what came of it. Of a file that is listed more than once, one checksum that is its own is enough."""
    alike: set[str] = set()
    by_path: dict[str, list[Checksum]] = defaultdict(list)
    unknown: list[str] = []
    for one in sums:
        if digest := known.get((one.algorithm, one.path)):
            by_path[one.path].append(one)
            alike |= {one.path} if digest == one.digest else set()
        else:
            unknown.append(one.path)
    other = {path: of_file for path, of_file in by_path.items() if path not in alike}
    older = {path for path, of_file in other.items() if all(_is_older(one, times) for one in of_file)}
    named = sorted({one.listed_in for of_file in by_path.values() for one in of_file})
    if changed := sorted(other.keys() - older):
        what = f"These files are not what {_lists(other, changed)} says of them: {listed(changed)}"
        journal.failure(RestoreFailed("checksum-differs", what), resource=name)
    if older:
        what = f"These files differ from {_lists(other, older)}, which is older than they are: {listed(sorted(older))}"
        journal.finding(Unverifiable("checksums-older", what), resource=name)
    if unknown:
        where = listed(sorted(set(unknown)))
        journal.assumption(f"{name}: these were not held against their checksums, which nothing computed: {where}")
    if by_path:
        told = f"{len(by_path) - len(other)} of {count(len(by_path), 'file')} have the one in {listed(named)}"
        outcome = Verdict.FAILED if changed else Verdict.UNVERIFIED if older else Verdict.PASSED
        journal.check(
            Check(
                resource=name,
                name="checksums are those of the job",
                question=_QUESTION,
                expected="each has",
                observed=told,
                outcome=outcome,
                builtin=True,
                elapsed_seconds=0.0,
            )
        )


def _is_older(one: Checksum, times: Mapping[str, datetime]) -> bool:
    of_list, of_file = times.get(one.listed_in), times.get(one.path)
    return of_list is not None and of_file is not None and of_file - of_list > _SURELY_OLDER


def _lists(sums: Mapping[str, Iterable[Checksum]], paths: Iterable[str]) -> str:
    return listed(sorted({one.listed_in for path in paths for one in sums[path]}))


def _by_list(missing: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for of_list, path in missing:
        found[of_list].append(path)
    return found
