"""What programs say into a dump, before it or in its place."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import CUSTOMERS, dump

_SEEN = "percona/percona-xtrabackup#111; percona/percona-xtrabackup#302"

_DUMP = dump()
_BARE = f"SET FOREIGN_KEY_CHECKS=0;\n{CUSTOMERS}SET FOREIGN_KEY_CHECKS=1;\n"


def _file(name: str, content: str | bytes) -> Input:
    return verify(name, {name: content})


def _before(number: str, what: str, line: str, twin: str, before: str) -> Case:
    """Return a case of what another program said into a dump; its twin has something harmless there."""
    return Case(
        number=number,
        seen=_SEEN,
        tried=fails(what, _file("shop.sql", f"{line}\n{_DUMP}"), "dump-behind-a-message", unsaid=("cut dump",)),
        twin=passes(twin, _file("shop.sql", before + _DUMP)),
    )


def _alone(number: str, what: str, line: str, twin: str, content: str | bytes) -> Case:
    """Return a case of a message in place of a dump."""
    return Case(
        number=number,
        seen=_SEEN,
        tried=fails(what, _file("shop.sql", f"{line}\n"), unsaid=("cut dump",)),
        twin=passes(twin, _file("shop.sql", content)),
    )


CASES = (
    _before(
        "c17y",
        "mysqldump says that its name is deprecated",
        "/usr/bin/mysqldump: Deprecated program name. It will be removed in a future release",
        "a comment before it",
        "-- by mysqldump, every night\n",
    ),
    _alone(
        "c18",
        "docker's message in place of a dump",
        "the input device is not a TTY",
        "a dump behind a byte-order mark",
        b"\xef\xbb\xbf" + _DUMP.encode(),
    ),
    _alone(
        "c18b",
        "drush's message",
        " [success] Database dump saved to /tmp/shop.sql",
        "a dump of Windows's line ends",
        _DUMP.replace("\n", "\r\n"),
    ),
    _alone(
        "c18c",
        "wp-cli's message",
        "Success: Exported to 'shop.sql'.",
        "a dump without its last line's end",
        _DUMP.rstrip("\n"),
    ),
    _alone(
        "c18d",
        "the tool's version",
        "mariadb-dump from 11.8.3-MariaDB, client 10.19 for debian-linux-gnu (x86_64)",
        "a dump and empty lines behind it",
        _DUMP + "\n\n",
    ),
    _before(
        "c17v",
        "what kubectl says before a dump",
        'Defaulted container "mariadb" out of: mariadb, exporter, init (init)',
        "an empty line before a dump",
        "\n",
    ),
    _before("c17w", "what ssh says before a dump", "*** Authorized access only ***", "blanks before a dump", "  \n"),
    _before(
        "c17x",
        "what perl says before a dump",
        "perl: warning: Setting locale failed.",
        "a comment before it",
        "-- nightly\n",
    ),
    _before(
        "c17z", "the message of the day", "Welcome to Ubuntu 24.04 LTS", "a comment of # before it", "# Ubuntu 24.04\n"
    ),
    Case(
        number="c17y2",
        seen=_SEEN,
        tried=passes(
            "that message as a comment", _file("shop.sql", f"-- /usr/bin/mysqldump: Deprecated program name.\n{_DUMP}")
        ),
        twin=fails("an error message as the only line", _file("shop.sql", "-- mysqldump: Got error: 2002\n")),
    ),
    Case(
        number="c446",
        seen="dani-garcia/vaultwarden#497",
        tried=fails(
            "echo's own options before statements of no tool's header",
            _file("shop.sql", f"-ne {_BARE}"),
            "dump-behind-a-message",
            says=("option of echo", "printf"),
            unsaid=("no SQL",),
        ),
        twin=unverified("the same without them", _file("shop.sql", _BARE), "backup is complete"),
    ),
    Case(
        number="c447",
        seen="bitnami/charts' documentation of backups",
        tried=fails(
            "the prompt for the password before statements of no tool's header",
            _file("shop.sql", f"Enter password: {_BARE}"),
            "dump-behind-a-message",
            unsaid=("no SQL",),
        ),
        twin=unverified(
            "a comment before them", _file("shop.sql", f"# Enter password: \n{_BARE}"), "backup is complete"
        ),
    ),
    Case(
        number="c466",
        seen="docker/cli's and kubectl's messages",
        tried=fails(
            "two dumps in one file, and what kubectl said between them",
            _file("shop.sql", f'{_DUMP}Defaulted container "mariadb" out of: mariadb, metrics\n{_DUMP}'),
            says=("called through", "take that line out"),
        ),
        twin=fails(
            "what the dump tool said between them",
            _file("shop.sql", f"{_DUMP}mariadb-dump: Got error: 2013\n{_DUMP}"),
            "dump-tool-failed",
            unsaid=("called through",),
        ),
    ),
)
