"""Splitting a run: which of several machines runs which job."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from .errors import SetupError
from .verdict import Job


@dataclass(frozen=True)
class Shard:
    """One part of a run that was split."""

    number: int
    """From 1."""
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def part(self, jobs: Sequence[Job]) -> list[Job]:
        """Its jobs. Each job is in exactly one of the shards, which depends on nothing
        but the list. Shards differ by at most one job, in all as in each topic on each
        entry, so that what takes long is spread too."""
        loads = [0] * self.of
        mine = []
        for turn, group in enumerate(_alike(jobs)):
            order = sorted(
                range(self.of), key=lambda one: (loads[one], (one - turn) % self.of)
            )
            for index, job in enumerate(group):
                taker = order[index % self.of]
                loads[taker] += 1
                if taker == self.number - 1:
                    mine.append(job)
        if not mine:
            raise SetupError(
                f"shard {self} is empty: there are {len(jobs)} verdicts to share out"
            )
        return mine


def parse(text: str) -> Shard:
    """What the user wrote: I/N."""
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not match:
        raise SetupError(f'--shard "{text}": not of the form I/N, such as 2/3')
    shard = Shard(int(match[1]), int(match[2]))
    if not 1 <= shard.number <= shard.of:
        raise SetupError(f'--shard "{text}": there are shards 1 to {shard.of}')
    return shard


def _alike(jobs: Sequence[Job]) -> list[list[Job]]:
    """Groups of jobs that cost about the same: a topic on an entry of a provider."""
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in jobs:
        topic = job.case.split(".")[1:2]
        groups.setdefault((job.profile, job.entry, *topic), []).append(job)
    return list(groups.values())
