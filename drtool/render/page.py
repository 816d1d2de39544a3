"""A drill's record as one self-contained page: no script, nothing from elsewhere, fit to be printed on A4."""

from __future__ import annotations

from drtool.record.model import DrillRecord
from drtool.record.recovery_point import contradictions
from drtool.render import exposure
from drtool.render.answers import (
    CheckTally,
    beside_the_used,
    between_steps_seconds,
    evidence,
    findings,
    losses_in_sum,
    projection_in_words,
    remains,
    restorations,
    used_evidence,
)
from drtool.render.figures import drill_seconds, step_bars
from drtool.render.templates import templates
from drtool.render.verifying import asked_beside, commands


def page(record: DrillRecord) -> str:
    """Return the record as an HTML document.

    It is made before the record is signed, so it cannot hold the digest of `report.json`; it says how to check that.
    """
    template = templates().get_template("page.html.j2")
    return template.render(
        record=record,
        charts=exposure,
        restorations=restorations(record),
        tally=CheckTally.of(record.checks),
        used=used_evidence(record),
        findings=findings(record),
        losses_in_sum=losses_in_sum(record),
        projection_in_words=projection_in_words(record),
        remains=remains(record),
        steps=step_bars(record),
        drill_seconds=drill_seconds(record.steps),
        between_steps_seconds=between_steps_seconds(record),
        evidence=[(one, beside_the_used(record, one)) for one in evidence(record)],
        contradictions=contradictions(record.rpo.evidence),
        commands=commands(record),
        asked_beside=asked_beside(record),
    )
