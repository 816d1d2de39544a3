"""docs/findings.md, made from the register: `python -m drtool.errors.page`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from drtool.errors.code import Code, ExitClass, Severity
from drtool.errors.register import FAMILIES

_WIDTH = 120

EXIT_CODES = {ExitClass.FAILED: 1, ExitClass.WRONG_USE: 2, ExitClass.UNVERIFIED: 3}
"""What the process ends with; a warning leaves that to the drill."""

_CLASSES = {
    ExitClass.FAILED: "The backup does not give the data back as it should, or the evidence is not what it should be.",
    ExitClass.UNVERIFIED: "The drill or the audit could not be carried out, or could not tell: nothing is proved "
    "either way.",
    ExitClass.WRONG_USE: "The command line or a scenario asks for something that makes no sense.",
    ExitClass.WARNING: "Decides nothing, and somebody has to know.",
}
_SEVERITIES = {
    Severity.URGENT: "Act now. As things stand a recovery would fail or lack data, restored data lies open, or "
    "somebody may have meddled.",
    Severity.SERIOUS: "Act before you rely on this backup, this drill or this evidence again.",
    Severity.MINOR: "Put the command, the scenario or the machine right and run it again: nothing is known against "
    "your backups.",
}
_INTRODUCTION = """\
<!-- Made from drtool/errors/families by `make findings`. -->

# Findings

Whatever drtool finds wrong has a code: a name that stays, for scripts to rely on and for you to look up here. Reports
show it with each finding; it is `findings[].code` in [the record](report.md) and `problems[].code` in
`drtool audit --json`. The sentence beside it names the file, table or host in question, and often what to do in that
very case; this page says what the code means in general.

A code has one **class**. It says what became of the drill or the audit, and so what the process ends with:
"""
_ON_CLASSES = """\
Four things to know about it:

- Once a scenario runs, a wrong use in it leaves the drill unverified (3), since there is a drill to report on by then.
- What spoke against backups that `walk_back` set aside is in the report and does not count: an older one was usable.
- Against a running database (`compare_to`) what else would be failed is a warning: a backup is expected to be behind.
- An interrupted drill ends with 130, whatever was found before.

Its **severity** says how soon somebody has to act. It decides nothing:
"""
_ON_SEVERITIES = """\
The class is about proof, the severity about you: a drill that could not remove its sandbox is unverified and needs you
now; one that was to go back to a time before its backup has failed, and merely needs an older backup named.

Scenarios may raise errors with codes of their own; those are not listed here.
"""


def page() -> str:
    """Return the page, UTF-8 and with a newline at its end."""
    return "\n".join((_INTRODUCTION, *_classes(), _ON_CLASSES, *_severities(), _ON_SEVERITIES, *_contents(), *_body()))


def _classes() -> Iterator[str]:
    yield "| class | what it says | exit code |\n| --- | --- | ---: |"
    yield from (f"| {one} | {said} | {EXIT_CODES.get(one, '')} |" for one, said in _CLASSES.items())
    yield ""


def _severities() -> Iterator[str]:
    yield "| severity | what it asks of you |\n| --- | --- |"
    yield from (f"| {one} | {said} |" for one, said in _SEVERITIES.items())
    yield ""


def _contents() -> Iterator[str]:
    for family in FAMILIES:
        anchor = re.sub(r"[^a-z -]", "", family.title.lower()).replace(" ", "-")
        yield f"- [{family.title}](#{anchor}): {len(family.codes)} codes"
    yield ""


def _body() -> Iterator[str]:
    for family in FAMILIES:
        yield f"## {family.title}\n\n{family.about}\n"
        yield from map(_entry, family.codes)


def _entry(one: Code) -> str:
    number = EXIT_CODES.get(one.exit_class)
    stands = f"*{one.exit_class}{f' (exit code {number})' if number else ''}, {one.severity}*"
    said = f"{_sentence(one.happened)} {_sentence(one.matters)}"
    return f"### `{one.code}`\n\n{stands}\n\n{_wrapped(said)}\n\n{_wrapped(f'**What to do:** {_sentence(one.mend)}')}\n"


def _sentence(text: str) -> str:
    return f"{text.replace('*', chr(92) + '*')}."


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    print(page(), end="")
