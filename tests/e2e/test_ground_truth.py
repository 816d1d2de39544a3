"""What drtool measures is what the production's own writer was told is kept."""

from __future__ import annotations

import pytest

from fixtures.truth.trial import carry_out


@pytest.mark.parametrize("seed", [101])
def test_rpa_and_losses_of_a_killed_production_are_those_of_its_writers_log(seed: int) -> None:
    trial = carry_out(seed=seed, scale=1)
    assert trial.faults() == []
    assert trial.true_rows_lost > 0
