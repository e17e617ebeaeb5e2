"""A run is split so that each job is in exactly one part, and all parts are as long."""
from __future__ import annotations

from collections import Counter
from typing import Iterable

import pytest

from wspcheck_runner import shard
from wspcheck_runner.errors import SetupError
from wspcheck_runner.shard import Shard
from wspcheck_runner.verdict import Job

JOBS = [
    Job(profile, entry, f"f.{topic}.{number}")
    for profile in ("one", "two")
    for entry in ("tcp4", "udp4", "isotp")
    for topic, count in {"buffer": 7, "wire": 4, "receive": 31}.items()
    for number in range(count)
]


def spread(counts: Iterable[int]) -> int:
    """How far the largest is from the smallest."""
    known = list(counts)
    return max(known) - min(known)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 20, len(JOBS)])
def test_every_job_is_in_exactly_one_part(count: int) -> None:
    parts = [Shard(number, count).part(JOBS) for number in range(1, count + 1)]
    assert sorted(job for part in parts for job in part) == sorted(JOBS)
    assert parts == [Shard(n, count).part(JOBS) for n in range(1, count + 1)]
    assert spread(len(part) for part in parts) <= 1
    kinds = [
        Counter((job.profile, job.entry, job.case.split(".")[1]) for job in part)
        for part in parts
    ]
    for kind in set().union(*kinds):
        assert spread(found[kind] for found in kinds) <= 1, kind


def test_a_case_is_not_in_the_same_part_on_every_entry() -> None:
    parts = [set(Shard(number, 2).part(JOBS)) for number in (1, 2)]
    entries = [Job("one", entry, "f.wire.0") for entry in ("tcp4", "udp4", "isotp")]
    assert all(part.intersection(entries) for part in parts)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "a/b", "-1/3", "1/3/5"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="--shard"):
        shard.parse(text)


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(SetupError, match="shard 4/4 is empty: there are 3 verdicts"):
        Shard(4, 4).part(JOBS[:3])
