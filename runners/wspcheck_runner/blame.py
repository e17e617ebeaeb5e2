"""Whose deviation it is. A layer hands most calls down, so what its base does wrong is
seen through the layer, too; the base is run alone beside it, and what that shows as
well is not held against the layer."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Mapping, Optional, Sequence

from .selection import Plan
from .verdict import Job, Result

_NUMBER = re.compile(r"0x[0-9A-Fa-f]+|\d+")
"""What differs from process to process: handles, addresses, times."""


class Blame:
    """Puts off the verdicts of layers that deviate until the verdict below is known.
    Its caller holds a lock."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._bases = {
            plan.profile.name: plan.profile.base.name
            for plan in plans
            if plan.profile.base
        }
        self._jobs = {job for plan in plans for job in plan.jobs}
        self._waiting: dict[Job, list[Result]] = {}
        """By the job below."""

    def settle(self, result: Result, known: Mapping[Job, Result]) -> list[Result]:
        """What can be said now that there is this result: nothing as long as the one
        below is missing, or also what has waited for it."""
        below = self._job_below(result.job)
        if result.verdict.deviates and below:
            if below not in known:
                self._waiting.setdefault(below, []).append(result)
                return []
            result = attributed(result, known[below])
        settled = [result]
        for above in self._waiting.pop(result.job, []):
            settled += self.settle(above, {**known, result.job: result})
        return settled

    @property
    def waiting(self) -> list[Result]:
        """What has not been settled."""
        return [result for results in self._waiting.values() for result in results]

    def _job_below(self, job: Job) -> Optional[Job]:
        base = self._bases.get(job.profile)
        below = job._replace(profile=base) if base else None
        return below if below in self._jobs else None


def attributed(result: Result, below: Result) -> Result:
    """The result as that of the base, if that one shows the same deviation. In another
    outcome there is something of the layer's own."""
    if result.verdict is not below.verdict or _shape(result) != _shape(below):
        return result
    return replace(result, inherited=below.inherited or below.job.profile)


def _shape(result: Result) -> tuple[str, str]:
    return result.location, _NUMBER.sub("#", result.observed)
