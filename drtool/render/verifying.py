"""How a reader checks a drill's evidence without drtool: the same commands in every rendering."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a command shows, and the command's lines; nothing of the record goes into them."""

    what: str
    lines: tuple[str, ...]


_SIGNATURE = Command(
    what="Who signed report.json, and that it is as it was signed",
    lines=(
        "KEYS=/path/to/your/allowed_signers",
        'ssh-keygen -Y verify -f "$KEYS" -n drtool-report -s report.json.sig \\',
        '    -I "$(ssh-keygen -Y find-principals -f "$KEYS" -s report.json.sig)" < report.json',
    ),
)
_FILES = Command(
    what="That the page and the log are those that report.json names",
    lines=("""jq -r '.files | to_entries[] | "\\(.value)  \\(.key)"' report.json | sha256sum --check""",),
)
_LEDGER = Command(
    what="That the ledger holds this very report, whose SHA-256 stands in its end entry",
    lines=('grep "$(sha256sum report.json | cut -c1-64)" ../ledger.jsonl',),
)

COMMANDS = (_SIGNATURE, _FILES, _LEDGER)
"""To be run in the drill's folder, in this order."""

UNSIGNED_COMMANDS = (_FILES, _LEDGER)
"""What is left where there is no signature to check."""
