"""What lies beside backups and is none, such as checksums and logs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from drtool.backups.naming import name_of

_CHECKSUM = re.compile(
    r"\.(?:sha(?:1|224|256|384|512)(?:sums?)?|md5(?:sums?)?|b2|blake[23]b?|crc32|asc|sig|minisig|par2|baseline\.jsonl?(?:\.zst)?)$"
    r"|^(?:sha\d+|md5)sums?(?:\.txt)?$",
    re.IGNORECASE,
)
# What nobody backs up into by itself: the job's log and lock, the script, the notes on how to restore.
_OF_THE_JOB = re.compile(
    r"\.(?:log(?:\.\d+)?(?:\.gz)?|err|pid|lock|md|html?|pdf|sh|py|pl|rb|php|conf|cfg|ini|service|timer)$"
    r"|^(?:readme|\.?nfs[\da-f]+|lost\+found|thumbs\.db|\.ds_store|crontab)(?:\.txt)?$",
    re.IGNORECASE,
)
# What jobs call their own files where they give these no ending: notes, locks, flags, lists.
_BARE = re.compile(
    r"_?(?:readme|license|changelog|version|lock(?:file)?|pid|logs?|errors?|stderr|stdout|done|ok|success(?:ful)?|failed"
    r"|completed?|finished|started|running|mounted|in[-_]?progress|status|state|stamp|time[-_]?stamp|flag|sentinel"
    r"|(?:last|latest|backup)(?:[-_]?(?:run|backup|ok|success(?:ful)?|done|full|complete))?|keep|empty|placeholder"
    r"|manifest|makefile|crontab|cachedir\.tag)",
    re.IGNORECASE,
)
# What a job that dumps databases packs with them: all else in an archive makes it one of files.
_PACKED_WITH = re.compile(
    r".+\.(?:log|err|pid|lock|md|sig|asc|md5|sha\d+)|manifest(?:\.txt|\.json)?|\.(?:git)?keep", re.IGNORECASE
)
_SETTINGS = re.compile(r".+\.(?:cnf|conf|sh)", re.IGNORECASE)
# borgmatic's: a folder for each host, with a file for each of its databases.
_OF_A_HOST = re.compile(r"(?:^|/)\w+_databases/[^/]+$")
# A text file is a companion only beside the backup that it is named after: by itself it may be the backup.
_BESIDE = re.compile(
    r"(?:\.(?:json|ya?ml|xml|csv|txt|log|info|meta|manifest|html|done|ok|complete|ots))+$", re.IGNORECASE
)

_LAST_WORD = re.compile(r"[^-_]+$")
_NUMBERS = re.compile(r"\d+(?:[-_.:T@]?\d+)*")
_SUFFIX = re.compile(r"(?:\.(?!\d)\w+)?(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))*$", re.IGNORECASE)


def shape_of(location: str) -> str | None:
    """Return what the names have in common that one job gives the databases it dumps; None where it is too little.

    That is where the date stands and the suffix: `crm-2026-11-30.gz` and `my_wiki-2026-11-30.gz` are of one shape,
    `config-2026-11-30.tar.gz`, `SHA256SUMS` and `README.txt` of others.
    """
    name = name_of(location)
    suffix = _SUFFIX.search(name)
    end = suffix.start() if suffix and suffix.start() else len(name)
    numbers, words = _NUMBERS.sub("#", name[:end]), name[end:].lower()
    if "#" not in numbers:
        return words or None
    return re.sub(r"[^#]+", "a", numbers) + words


def is_one_of(location: str, dumps: Iterable[str]) -> bool:
    """Tell whether a name without an ending is that of one of the dumps beside it, which have none either.

    Args:
        location: of a file in a folder, with the folder's path.
        dumps: where the dumps are.
    """
    name = name_of(location)
    if "." in name or _BARE.fullmatch(name) or _OF_THE_JOB.search(name) or _CHECKSUM.search(name):
        return False
    return any(_family(location) == _family(one) for one in dumps if "." not in name_of(one))


def is_packed_with(location: str, dumps: Collection[str]) -> bool:
    """Tell whether a file in an archive is by its name one that the job which made the dumps there leaves beside them.

    Such are logs, checksums, lists and flags; settings and scripts in the dumps' folders; and what the same run named
    as it named a dump, up to the last word and with its time.
    """
    name = name_of(location)
    if _BARE.fullmatch(name) or _PACKED_WITH.fullmatch(name) or _CHECKSUM.search(name):
        return bool(dumps)
    folder = location.rpartition("/")[0]
    if _SETTINGS.fullmatch(name) and any(not folder or one.startswith(f"{folder}/") for one in dumps):
        return True
    return any(
        folder == one.rpartition("/")[0] and len(_NUMBERS.sub("", run)) < len(run) - 7 and name.startswith(run)
        for one in dumps
        if (run := _LAST_WORD.sub("", name_of(one)))
    )


def _family(location: str) -> str:
    folder = location.rpartition("/")[0]
    return folder.rpartition("/")[0] if _OF_A_HOST.search(folder) else folder


def is_companion(location: str, locations: set[str]) -> bool:
    """Tell whether a name is that of what lies beside a backup, such as its checksum or its job's log.

    Args:
        location: the path or key.
        locations: all that are there: a text file is a companion only beside the backup that it is named after.
    """
    if _CHECKSUM.search(name_of(location)) or _OF_THE_JOB.search(name_of(location)):
        return not location.endswith("/")
    suffix = _BESIDE.search(location)
    return suffix is not None and any(
        location[:end] in locations for end in range(suffix.start(), len(location)) if location[end] == "."
    )
