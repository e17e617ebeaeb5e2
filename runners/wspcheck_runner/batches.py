"""What is to be run, in batches for the processes that run it side by side."""
from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Collection, Iterable, Optional

from .profile import Profile
from .selection import Plan, Selection
from .verdict import Job

SMALLEST_BATCH = 8
SMALLEST_CAPTURE = 16
"""Jobs of a batch about packets."""


@dataclass(frozen=True)
class Batch:
    """What one worker works through."""

    plan: Plan
    jobs: list[Job]
    is_alone: bool = False
    """Whether nothing else runs meanwhile."""


class Queue:
    """Hands out batches: of each provider in turn, large at first (a whole provider
    where there are many) and small towards the end, so that the workers end together;
    then, one at a time and with nothing else running, the suspects. Cases about packets
    come first, as far as it goes in batches of their own, since they last longer and
    each such batch costs a capture. Of a provider with a limit no more batches are out
    at a time, those of layers over it counted. Its caller holds a lock."""

    def __init__(
        self, selection: Selection, workers: int, done: Collection[Job]
    ) -> None:
        self.suspects: deque[tuple[Plan, Job]] = deque()
        """What was running when the ground was lost under everything that ran."""
        self.active = 0
        """Batches that are being worked on."""
        self._loads: Counter[str] = Counter()
        """The same by provider: a layer's are its base's, too."""
        self._workers = workers
        self._cases = selection.catalogue
        self._waiting = deque(
            (plan, self._in_order(job for job in plan.jobs if job not in done))
            for plan in selection.plans
        )

    def take(self) -> Optional[Batch]:
        """The next batch, None if there is none at the moment."""
        batch = self._next()
        if batch is None and self.suspects and not self.active:
            plan, job = self.suspects.popleft()
            batch = Batch(plan, [job], is_alone=True)
        if batch:
            self.active += 1
            self._loads.update(one.name for one in batch.plan.profile.chain())
        return batch

    def put_back(self, batch: Batch) -> None:
        """It is no longer worked on."""
        self.active -= 1
        self._loads.subtract(one.name for one in batch.plan.profile.chain())

    def drain(self, plan: Plan) -> list[Job]:
        """Takes out what is left of a provider."""
        drained = [job for one, job in self.suspects if one is plan]
        self.suspects = deque(pair for pair in self.suspects if pair[0] is not plan)
        for one, jobs in self._waiting:
            if one is plan:
                drained += jobs
                jobs.clear()
        return drained

    def _next(self) -> Optional[Batch]:
        for _ in range(len(self._waiting)):
            plan, jobs = self._waiting.popleft()
            if not jobs:
                continue
            self._waiting.append((plan, jobs))
            if self._has_room(plan.profile):
                return Batch(plan, [jobs.popleft() for _ in range(self._size(jobs))])
        return None

    def _has_room(self, profile: Profile) -> bool:
        return all(
            one.most_processes is None or self._loads[one.name] < one.most_processes
            for one in profile.chain()
        )

    def _size(self, jobs: deque[Job]) -> int:
        """How many of a provider's jobs are the next batch."""
        left = [job for _, waiting in self._waiting for job in waiting]
        size = max(SMALLEST_BATCH, len(left) // (2 * self._workers))
        if size < len(jobs) and self._is_wired(jobs[0]):
            wired = sum(map(self._is_wired, left))
            own = sum(map(self._is_wired, jobs))
            size = min(own, max(SMALLEST_CAPTURE, wired // (2 * self._workers)))
        return min(size, len(jobs))

    def _in_order(self, jobs: Iterable[Job]) -> deque[Job]:
        return deque(sorted(jobs, key=lambda job: not self._is_wired(job)))

    def _is_wired(self, job: Job) -> bool:
        return bool(self._cases[job.case].wire)
