"""Which of production's server settings a restored server gets: those that the data needs, and no others.

A setting of production's may name its machine's files, reach out of the sandbox or start something there. So what is
let in is listed here, and all else stays out, by name and with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drtool.errors import Unverifiable, WrongUse
from drtool.mariadb.option_file import OptionFile, OptionLine, plain_name, settled
from drtool.sandbox.server import KEYS_PATH, SET_BY_THE_SANDBOX

_KEY_FILE = "file_key_management_filename"
_KEY_OF_KEY_FILE = "file_key_management_filekey"
_FROM_FILE = "FILE:"
_LARGEST_KEY_BYTES = 64 * 1024
_PLUGINS = {"plugin_load", "plugin_load_add"}
_PLUGIN = re.compile(r"(?:\w+=)?(?P<library>\w+)(?:\.so)?")

# What a table, a row or a stored program is, or means, depends on these.
_DATA_NEEDS = re.compile(
    r"lower_case_table_names|character_set_(?:server|collations|filesystem)|collation_server|sql_mode|old_mode"
    r"|default_(?:time_zone|storage_engine|week_format)|explicit_defaults_for_timestamp|lc_time_names"
    r"|innodb_(?:page_size|data_file_path|undo_tablespaces|file_per_table|default_row_format|strict_mode"
    r"|checksum_algorithm|compression_\w+|ft_\w+|encrypt\w*|default_encryption_key_id|autoinc_lock_mode)"
    r"|(?:aria_)?encrypt_\w+|file_key_management(?:_filename|_filekey|_encryption_algorithm|_digest|_use_pbkdf2)?"
    r"|ft_(?:(?:min|max)_word_len|stopword_file)|max_heap_table_size"
    r"|max_allowed_packet|div_precision_increment|group_concat_max_len|max_sp_recursion_depth|thread_stack"
    r"|auto_increment_(?:increment|offset)|log_bin_trust_function_creators|system_versioning_\w+"
    r"|updatable_views_with_limit|plugin_load(?:_add)?|plugin_maturity"
)
_REASONS = {
    "|".join(SET_BY_THE_SANDBOX) + r"|bind_address|(?:extra_)?port": "the sandbox sets them itself",
    r"server_audit\w*|handlersocket\w*|hashicorp_\w+|aws_\w+|feedback\w*": "they would reach out of the sandbox",
    r"\w*password\w*_check\w*|strict_password_validation":
        "they judge passwords that are set anew, and accounts come back with those that they had",
    r"(?:server_id|gtid|replicate|slave|replica|rpl|semisync|wsrep|log_(?:slave|bin)|binlog|relay|report|master|sync_)\w*":
        "a sandbox takes no part in replication and writes no binary log",
    r"\w*(?:dir|_path|_file|_directory)|\w*log(?:_error|_output)?|log_error|user|chroot|ssl\w*|tls\w*|init_\w+":
        "they name files, accounts or statements of production's machine",
}  # fmt: skip
_NOT_NEEDED = "the data does not need them; recovery times are those of a stock server"
# A server that is started empty has no time zones by name yet, and would not start with one. Dumps hold UTC whatever it
# is, and of those that do not zone= names it.
_ZONE = re.compile(r"system|[+-]\d{1,2}:\d\d", re.IGNORECASE)
_NAMES_A_TABLE = re.compile(r"innodb_ft_(?:server_stopword|user_stopword|aux)_table=[^/\\.]+/[^/\\.]+")
_KEYS_STAY_OUT = re.compile(r"(?:hashicorp|aws)_key_management")
_NEEDS_KEYS = re.compile(r"(?:innodb_|aria_)?encrypt\w*|innodb_default_encryption_key_id")
_NO_KEYS = "the plugin that has their keys stays out, and without keys the server would not start"
# Debian's server has all of these, and the official image none. Data that needs one does not load without it.
_COMPRESSES = re.compile("provider_")
_STAYS_OUT = re.compile(
    r"semisync_(?:master|slave)|server_audit|handlersocket|(?:hashicorp|aws)_key_management|\w*password\w*_check"
)


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """What a restored server is started with.

    Attributes:
        applied: options by name, fit for the record.
        files: what they name, by its name in the container's memory; secret, and nobody else's business.
        left_out: what of the option file was not applied: the reason, and the names it holds for.
        plugins: the libraries that are loaded, each with whether it must be there; loose ones need not.
        defaults: whether the image's own option files count too; production's stands in for them.
    """

    applied: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plugins: Mapping[str, bool] = field(default_factory=dict)
    defaults: bool = True


def server_settings(
    config: OptionFile | None, series: str, settings: Mapping[str, str], folder: Path
) -> ServerSettings:
    """Choose what a server is started with.

    Args:
        config: production's option file, if the scenario names one.
        series: `major.minor` of the server that is started: it decides which groups of the file count.
        settings: the scenario's own; they win over the file's.
        folder: what relative paths in `settings` are relative to.

    Raises:
        WrongUse: the scenario sets what the sandbox must set.
        Unverifiable: a key file is not there.
    """
    own = dict(map(_settled, settings, settings.values()))
    for name in own:
        if name in SET_BY_THE_SANDBOX:
            what = f"{name} cannot be set: the sandbox sets it itself, to stay closed"
            mend = "For events there is events=True" if name == "event_scheduler" else "Leave it out"
            raise WrongUse("setting-of-the-sandbox", what, mend=mend)
    options = config.of_server(series) if config else []
    applied, left_out = _sorted(options)
    files = (_keys(applied, config.path.parent) if config else {}) | _keys(own, folder)
    applied |= own
    loose: dict[str, bool] = {}
    needed: dict[str, bool] = {}
    for name, value in [*((one.name, one.value) for one in options), *settings.items()]:
        bare, settled_value = _settled(name, value)
        loose[bare] = plain_name(name).startswith("loose_")
        for library, _ in _libraries(settled_value) if bare in _PLUGINS else ():
            needed[library] = needed.get(library, False) or not (loose[bare] or _COMPRESSES.match(library))
    loaded = [library for name in sorted(_PLUGINS) for library, _ in _libraries(applied.get(name, ""))]
    if "file_key_management" not in loaded and any(
        _KEYS_STAY_OUT.search(name) for names in left_out.values() for name in names
    ):
        for name in [name for name in applied if _NEEDS_KEYS.fullmatch(name) and name not in own]:
            del applied[name]
            left_out.setdefault(_NO_KEYS, []).append(name)
    of_those = tuple(f"{library}_" for library in loaded if not needed[library])
    return ServerSettings(
        applied={
            "loose_" * (loose.get(name, False) or f"{name}_".startswith(of_those)) + name: value
            for name, value in applied.items()
        },
        files=files,
        left_out={reason: tuple(dict.fromkeys(names)) for reason, names in left_out.items()},
        plugins={library: needed[library] for library in loaded},
        defaults=config is None,
    )


def _settled(name: str, value: str | None) -> tuple[str, str]:
    """Settle what an option is before anything is decided by its name, which the server takes cut short, too."""
    bare, value = settled(name, value)
    whole = [key for key in (_KEY_FILE, _KEY_OF_KEY_FILE) if key.startswith(bare)]
    return whole[0] if len(whole) == 1 else bare, value


def _sorted(options: Iterable[OptionLine]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return what is applied, and what is not, by the reason."""
    applied: dict[str, str] = {}
    left_out: dict[str, list[str]] = {}
    for option in options:
        bare, value = _settled(option.name, option.value)
        # A line without a = is all name, and may hold what nobody is to be told.
        told = re.split(r"\W", option.name.removeprefix("loose_"), maxsplit=1)[0]
        if bare == "default_time_zone" and not _ZONE.fullmatch(value):
            left_out.setdefault("the sandbox's server knows no time zone by its name", []).append(told)
        elif not _DATA_NEEDS.fullmatch(bare) or _names_a_place(bare, value):
            left_out.setdefault(_reason(bare), []).append(told or "a line of signs")
        elif bare in _PLUGINS:
            for library, entry in _libraries(value):
                if _STAYS_OUT.fullmatch(library):
                    left_out.setdefault(_reason(library), []).append(f"the plugin {library}")
                elif library not in [already for already, _ in _libraries(applied.get("plugin_load_add", ""))]:
                    applied["plugin_load_add"] = ";".join(filter(None, (applied.get("plugin_load_add"), entry)))
        else:
            applied[bare] = value
    return applied, left_out


def _reason(name: str) -> str:
    return next((reason for names, reason in _REASONS.items() if re.fullmatch(names, name)), _NOT_NEEDED)


def _names_a_place(name: str, value: str) -> bool:
    """Tell whether a value names a place outside the data folder, though it should be a size, a word or a table."""
    if name in {_KEY_FILE, _KEY_OF_KEY_FILE} | _PLUGINS or _NAMES_A_TABLE.fullmatch(f"{name}={value}"):
        return False
    return "/" in value or "\\" in value or (name == "ft_stopword_file" and value != "")


def _libraries(value: str) -> list[tuple[str, str]]:
    """Return the libraries that a list of plugins names, each with its entry in the list."""
    found = []
    for entry in filter(None, map(str.strip, value.split(";"))):
        if (match := _PLUGIN.fullmatch(entry)) is None:  # a path would load what lies in the restored data
            raise WrongUse("bad-plugin", f"{entry!r} is not the name of a plugin")
        found.append((match["library"], entry))
    return found


def _keys(settings: dict[str, str], folder: Path) -> dict[str, bytes]:
    """Take the files with encryption keys out of settings, which name their places in the container from then on."""
    files: dict[str, bytes] = {}
    if _KEY_FILE in settings:
        files["keys"] = _read(settings[_KEY_FILE], folder)
        settings[_KEY_FILE] = f"{KEYS_PATH}/keys"
    if _KEY_OF_KEY_FILE in settings:
        given = settings[_KEY_OF_KEY_FILE]
        named = given[len(_FROM_FILE) :] if given.upper().startswith(_FROM_FILE) else None
        files["key-of-keys"] = given.encode() if named is None else _read(named, folder)
        settings[_KEY_OF_KEY_FILE] = f"{_FROM_FILE}{KEYS_PATH}/key-of-keys"
    return files


def _read(name: str, folder: Path) -> bytes:
    """Read a file with keys: the one of that name beside the option file, else the one that it names."""
    # Paths that end the same are copies of production's that somebody put there for the drill. What lies at
    # production's path on this machine may be this machine's, so it comes second.
    for path in (folder / Path(name).name, folder / name):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            what = f"The file with encryption keys {path} cannot be read"
            raise Unverifiable("key-file-unreadable", what, why=error.strerror or "") from error
        if len(content) > _LARGEST_KEY_BYTES:
            raise Unverifiable("key-file-unreadable", f"{path} is larger than any file with encryption keys")
        return content
    what = f"The file with encryption keys, {Path(name).name}, is neither beside the option file nor where that says"
    mend = f"Put a copy of it into {folder}, readable by whoever runs drtool alone"
    raise Unverifiable("key-file-missing", what, mend=mend)
