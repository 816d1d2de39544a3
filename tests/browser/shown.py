"""What is shown to the browser: reports of real drills, built ones, and names that are meant to do harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drtool.audit.result import AuditResult
from drtool.record.model import DrillRecord, decode
from tests.render import audits, records, rewording

_REAL = Path(__file__).parent / "real"

NAMES = {
    "html": "<img src=x onerror=alert(1)><script>alert(2)</script></title></style></pre>",
    "quotes": """"'` onmouseover="alert(3)" x='""",
    "right-to-left": "dump\u202etxt.exe\u2066 \u05d7\u05e0\u05d5\u05ea \u0645\u062a\u062c\u0631",
    "200 characters": "n" * 200,
}
"""Names that do harm where they are not written as the text that they are, by what is the matter with them."""


def real_passed() -> DrillRecord:
    """Return the report of a real drill that passed, with baselines and 30 nights of history."""
    return decode((_REAL / "passed.json").read_bytes())


def real_failed() -> DrillRecord:
    """Return the same of a drill of backups that had lost rows and files, against objectives that it missed."""
    return decode((_REAL / "failed.json").read_bytes())


def named(name: str) -> DrillRecord:
    """Return a drill in which everything that has a name of its own has this one."""
    record = real_failed()
    return replace(
        record,
        scenario=name,
        scenario_info=replace(record.scenario_info, description=name, file=name),
        owner=name,
        controls=(name, name),
        backups=tuple(replace(one, location=name, resource=name, header={name: name}) for one in record.backups),
        choices=tuple(
            replace(
                one,
                pattern=name,
                chosen=name,
                newest=tuple(replace(candidate, location=name) for candidate in one.newest[:2]),
            )
            for one in record.choices
        ),
        steps=tuple(replace(one, name=name, error=name) for one in record.steps[:3]),
        checks=tuple(replace(one, resource=name, name=name, question=name, observed=name) for one in record.checks[:3]),
        findings=tuple(
            replace(one, code=name, resource=name, message=name, mend=name) for one in record.findings
        ),
        losses=tuple(replace(one, resource=name, subject=name) for one in record.losses),
        exposure=tuple(replace(one, pattern=name, series=name, warnings=(name,)) for one in record.exposure),
        deviations=(name,),
        destruction=replace(record.destruction, removed=(name,)),
    )  # fmt: skip


REPORTS = {
    "real, passed": real_passed,
    "real, failed": real_failed,
    "unverified": records.unverified,
    "interrupted": records.interrupted,
    "unsigned": records.unsigned,
    "sampled": records.sampled,
    "hostile": rewording.hostile,
}


def audited(name: str) -> AuditResult:
    """Return an audit in which a scenario, its drills' description and its controls have this name."""
    report = audits.report(description=name, owner=name, controls=(name,), reason=name)
    drills = [audits.drill(number, report=report) for number in range(2)]
    return audits.result([replace(one, scenario=name, drill_id=name, signer=name) for one in drills])


AUDITS = {"healthy": audits.clean, "tampered": audits.every_kind, "empty": audits.none_at_all}
