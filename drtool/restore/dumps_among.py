"""Dumps that lie among the files of an archive: found, named, and read to their ends, though nothing restores them."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drtool.amounts import count, listed
from drtool.backups.compression import Compression
from drtool.backups.encryption import recognise_encryption
from drtool.backups.recognise import Format, Recognised, recognise_content
from drtool.errors import DrtoolError, RestoreFailed
from drtool.record.journal import Journal
from drtool.record.steps import Phase
from drtool.restore.endings import trailer_failure
from drtool.restore.pipeline import Outcome, script, take_fact, text_of
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import RESTORED_PATH

_MOST = 2000
_SHOWN_BYTES = 16 * 1024
_NAMED = 5
_BY_THE_SAME_JOB = timedelta(days=2).total_seconds()
_LOOKING = "looking into the dumps among restored files"
_FIND = text_of("called_dumps.pl") + text_of("dumps_among.pl")
_READ = script("statements.pl", "promises.pl", "streams.sh", "dumps_among.sh")
# Where applications keep the SQL that they make and change their tables with, and how they call it.
_OF_SOURCES = re.compile(
    r"(?:^|/)(?:(?:un)?install\w*|setup|schemas?|migrations?|updates?|upgrades?|changelog|test\w*|spec|fixtures?|samples?"
    r"|examples?|demos?|seeds?|vendor|node_modules|site-packages|docs?|src|resources|contrib|components|modules|plugins"
    r"|themes|extensions|ext|wp-includes|wp-admin|core|\.git)(?=/)",
    re.IGNORECASE,
)
_CALLED_AS_SOURCES = re.compile(
    r"(?:schema|structure|(?:un)?install|upgrade|sample|demo|setup|create|drop|tables?|seed|migration)[^/]*",
    re.IGNORECASE,
)
# Where backups keep dumps (borgmatic, whoever calls a folder so), and where control panels do, if no application does.
_OF_BACKUPS = re.compile(
    r"(?:^|/)(?:(?:mysql|mariadb)_databases|(?:db|mysql|sql|ai1wm)?[-_]?(?:dump|backup)s?|updraft)(?=/)", re.IGNORECASE
)
_OF_PANELS = re.compile(r"(?:^|/)(?:mysql|mariadb)(?=/)", re.IGNORECASE)
_OF_DATABASES = re.compile(r"(?:^|/)(?:databases?|db)(?=/)", re.IGNORECASE)


@dataclass(kw_only=True)
class DumpAmongFiles:
    """A file that is called a dump, among other files.

    Attributes:
        path: where it lies.
        fresh: whether it is about as young as the youngest file, as what the same job wrote.
        recognised: what it is, if it is a dump.
        failure: what is wrong with it.
        closed: whether it is encrypted or packed, so that nobody looked into it.
    """

    path: str
    fresh: bool
    recognised: Recognised | None = None
    failure: DrtoolError | None = None
    closed: bool = False

    @property
    def is_of_a_tool(self) -> bool:
        """Whether a tool for backups wrote it, by its header."""
        return self.recognised is not None and self.recognised.written_by is not None

    @property
    def is_of_sources(self) -> bool:
        """Whether it lies where the SQL of an application lies, and is no backup."""
        among, kept = _last(_OF_SOURCES, self.path), _last(_OF_BACKUPS, self.path)
        if among >= 0:
            return among > kept
        called = _CALLED_AS_SOURCES.fullmatch(self.path.rpartition("/")[2]) is not None
        return called and kept < 0 and _last(_OF_PANELS, self.path) < 0

    @property
    def is_a_backup(self) -> bool:
        """Whether it is a backup, or was to become one."""
        if self.is_of_sources:
            return False
        kept = any(_last(folders, self.path) >= 0 for folders in (_OF_BACKUPS, _OF_PANELS, _OF_DATABASES))
        message = self.failure is not None and self.failure.code == "backup-is-an-error-message"
        damaged = self.failure is not None and self.failure.code == "stream-truncated"
        sql = self.recognised is not None or self.failure is not None
        return self.is_of_a_tool or message or (self.fresh and (self.closed or damaged or (kept and sql)))


@dataclass(kw_only=True)
class _Found:
    dumps: list[DumpAmongFiles] = field(default_factory=list)
    number: int = 0
    archives: list[str] = field(default_factory=list)
    archives_number: int = 0


def judge_dumps_among(journal: Journal, name: str, container: Container, restored: Collection[str]) -> None:
    """Enter which dumps lie among restored files, and what is wrong with those that are backups.

    Args:
        journal: of the drill.
        name: what it calls the files.
        container: holds them.
        restored: the paths of those that were restored into a server as well.
    """
    with journal.step(Phase.VERIFY, f"look for dumps among {name}", resource=name):
        found = _find(container)
        backups = [one for one in found.dumps if one.is_a_backup and one.path not in restored]
        _read(container, [one for one in backups if one.recognised and not one.failure])
    broken = [one for one in backups if one.failure]
    for one in broken[:_NAMED]:
        _enter_broken(journal, name, one)
    if more := broken[_NAMED:]:
        journal.deviation(f"{name}: {count(len(more), 'more dump')} among the files are not whole: {_names(more)}")
    whole = [one for one in backups if not one.failure]
    if fresh := [one for one in whole if one.fresh]:
        what = f"Among the files of {name} lie dumps of databases, which no server has loaded: {_names(fresh)}"
        journal.warning("dump-not-restored", what, resource=name)
    if old := [one for one in whole if not one.fresh]:
        journal.deviation(
            f"{name}: {count(len(old), 'dump')} among the files, days older than the youngest of them, came back as "
            f"files and were not loaded: {_names(old)}"
        )
    others = [one for one in found.dumps if not one.is_a_backup and one.path not in restored]
    if number := len(others) + max(found.number - len(found.dumps), 0):
        named = [_named(one.path) for one in others]
        journal.deviation(
            f"{name}: {count(number, 'file')} called SQL came back as files and were not loaded, since by place or "
            f"content they are an application's own, and no dumps that a backup job made: {_of(named, number)}"
        )
    if found.archives_number:
        journal.deviation(
            f"{name}: {count(found.archives_number, 'archive')} by name came back as files and were not "
            f"opened: {_of(found.archives, found.archives_number)}"
        )


def _enter_broken(journal: Journal, name: str, one: DumpAmongFiles) -> None:
    failure = one.failure
    assert failure is not None  # noqa: S101 (for the type checker: it is one of the broken)
    what = f"{_named(one.path)}, among the files of {name}: {failure.what}"
    if one.fresh:
        journal.finding(RestoreFailed(failure.code, what, why=failure.why, mend=failure.mend), resource=name)
    else:
        what = f"{what} (it is days older than the youngest file, and may be a leftover)"
        journal.warning("dump-not-restored", what, failure.mend, resource=name)


def _last(folders: re.Pattern[str], path: str) -> int:
    """Return where the last folder of a path stands that is called so, or -1."""
    return max((found.start() for found in folders.finditer(path)), default=-1)


def _names(dumps: Iterable[DumpAmongFiles]) -> str:
    return listed([_named(one.path) for one in dumps])


def _of(first: Sequence[str], number: int) -> str:
    """Return the first few names of a number that may be larger than what is known by name."""
    more = number - len(first[:_NAMED])
    return ", ".join(first[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _named(path: str) -> str:
    """Return a path as a report can hold it."""
    text = path.encode(errors="surrogateescape").decode(errors="replace")
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _find(container: Container) -> _Found:
    """Find what is called a dump or an archive, and look at how each dump begins."""
    found, newest = _Found(), 0
    perl = 'perl -e "$@"'
    talk = container.talk(perl, _FIND, RESTORED_PATH, str(_MOST), str(_SHOWN_BYTES), doing=_LOOKING)
    for name, rest in talk:
        if name == "archive":
            found.archives.append(_named(_path(rest)))
        elif name == "archives":
            found.archives_number = int(rest)
        elif name == "dumps":
            found.number = int(rest)
        elif name == "newest":
            newest = int(rest)
        elif name == "dump":
            path, seconds, size = rest.split()
            fresh = newest - int(seconds) <= _BY_THE_SAME_JOB
            found.dumps.append(DumpAmongFiles(path=_path(path), fresh=fresh))
            if size == "0":
                found.dumps[-1].failure = RestoreFailed("backup-empty", "it has zero bytes")
        elif name == "head" and not found.dumps[-1].failure:
            failed, _, content = rest.partition(" ")
            _recognise(found.dumps[-1], base64.b64decode(content), gave_out=failed == "1")
    return found


def _recognise(one: DumpAmongFiles, content: bytes, *, gave_out: bool) -> None:
    if not content:
        cut = RestoreFailed("stream-truncated", "its stream is cut short or damaged")
        empty = RestoreFailed("backup-empty", "it is a compressed stream with nothing in it")
        one.failure = cut if gave_out else empty
        return
    if recognise_encryption(content) or content.startswith(b"PK\3\4"):
        one.closed = True
        return
    try:
        recognised = recognise_content(content, Compression.NONE)
    except RestoreFailed as error:
        if error.code == "backup-is-an-error-message" or not content.strip(b"\0"):
            one.failure = error
    except DrtoolError:  # a dump of another database's, or no dump
        return
    else:
        one.recognised = recognised if recognised.format is Format.DUMP else None


def _read(container: Container, dumps: list[DumpAmongFiles]) -> None:
    """Read dumps to their ends, and note of each what is not as its tool leaves it."""
    by_path = {one.path: one for one in dumps}
    lines = [one.path.encode(errors="surrogateescape").hex() for one in dumps]
    if not lines:
        return
    given = "".join(f"{line}\n" for line in (str(len(lines)), *lines)).encode()
    talk = container.talk(_READ, RESTORED_PATH, doing=_LOOKING, given=given)
    for path, outcome in _outcomes(talk):
        one = by_path[path]
        assert one.recognised is not None  # noqa: S101 (for the type checker: only those are read)
        if outcome.statuses.get("decompress"):
            one.failure = RestoreFailed("stream-truncated", "its stream is cut short or damaged")
        elif ended := trailer_failure(outcome, one.recognised):
            cut = "it does not end as its tool ends it: it was cut short"
            one.failure = RestoreFailed(ended.code, cut) if ended.code == "dump-trailer-missing" else ended


def _outcomes(talk: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Outcome]]:
    path, outcome = "", Outcome()
    for name, rest in talk:
        if name == "file":
            path, outcome = _path(rest), Outcome()
        else:
            take_fact(outcome, name, rest)
        if name == "decompress":
            yield path, outcome


def _path(written: str) -> str:
    return bytes.fromhex(written).decode("utf-8", "surrogateescape")
