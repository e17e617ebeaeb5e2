"""Runs random sequences on a provider until they differ from the model."""
from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

import hypothesis
import hypothesis.errors
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from wspcheck_runner.requirements import Requirement

from .case_text import print_case
from .driver import Driver
from .machine import Enough, SocketMachine
from .script import Difference
from .socket_model import Protocol


def explore(
    driver: Driver, entries: Sequence[str], examples: int, seed: int, steps: int = 30
) -> Optional[Difference]:
    """So many sequences of up to so many steps; the same ones for the same seed. A
    difference is shrunk."""
    protocols = tuple(Protocol.of(driver.entries[entry]) for entry in entries)
    found: list[Difference] = []
    members: dict[str, Any] = {"driver": driver, "protocols": protocols}
    members |= {"found": found, "attempts": []}
    machine = type("Sequence", (SocketMachine,), members)
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=HealthCheck.all(),
    )
    try:
        run: Any = run_state_machine_as_test
        run(hypothesis.seed(seed)(machine), settings=settings)
    except Difference as difference:
        return difference
    except (Enough, hypothesis.errors.Flaky):
        # Also a difference that does not show every time is one.
        if not found:
            raise
        return min(found, key=lambda one: len(one.steps))
    return None


def case_of(
    difference: Difference, driver: Driver, known: Mapping[str, Requirement]
) -> str:
    """The difference as a case."""
    entry = driver.entries[difference.entry]
    return print_case(difference, entry, known.get(difference.source))
