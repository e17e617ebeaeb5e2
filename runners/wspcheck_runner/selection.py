"""What of the suite is to run on which provider."""
from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Iterable, Mapping, Optional, Sequence

from . import baseline as baselines
from . import profile as profiles
from . import requirements
from .baseline import Baseline
from .catalogue import Catalogue
from .errors import SetupError, near
from .profile import Profile
from .requirements import Requirements
from .shard import Shard
from .verdict import Job, Result


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; empty means everything."""

    cases: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cases or self.requirements or self.entries)


@dataclass(frozen=True)
class Plan:
    """One provider and the jobs to run on it."""

    profile: Profile
    baseline: Optional[Baseline]
    jobs: tuple[Job, ...]

    def reason(self, result: Result) -> Optional[str]:
        """Why the baseline expects this deviation, if it does."""
        if self.baseline is None or not result.verdict.deviates:
            return None
        return self.baseline.reason(result.job, result.verdict)


@dataclass(frozen=True)
class Selection:
    """Everything that a run is about."""

    plans: tuple[Plan, ...]
    catalogue: Catalogue
    requirements: Requirements
    wanted: Wanted = field(default_factory=Wanted)
    shard: Optional[Shard] = None
    """Which part of it; None if all."""

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the suite."""
        return not self.wanted and self.shard is None

    def split(self, shard: Shard) -> Selection:
        """One part of it."""
        mine = set(shard.part(self.jobs))
        plans = (
            replace(plan, jobs=tuple(job for job in plan.jobs if job in mine))
            for plan in self.plans
        )
        return replace(self, plans=tuple(plans), shard=shard)

    @property
    def jobs(self) -> list[Job]:
        """All jobs in the order of the report."""
        return [job for plan in self.plans for job in plan.jobs]

    def surprises(self, results: Mapping[Job, Result]) -> dict[str, list[str]]:
        """By profile, what differs from what was expected, in the report's order."""
        today = datetime.date.today()
        results = {job: results[job] for job in self.jobs if job in results}
        return {
            plan.profile.name: baselines.surprises(
                plan.profile, plan.baseline, results, self.catalogue, today
            )
            for plan in self.plans
        }


def plan(path: Path, cases: Sequence[str], wanted: Wanted) -> Plan:
    """The plan for one profile; `cases` are the chosen ones."""
    profile = profiles.load(path)
    known = profile.baseline
    jobs = tuple(jobs_of(profile, cases, wanted))
    return Plan(profile, baselines.load(known) if known else None, jobs)


def jobs_of(profile: Profile, cases: Sequence[str], wanted: Wanted) -> list[Job]:
    """These cases on every entry that is wanted."""
    entries = [
        entry
        for entry in profile.entry_ids()
        if not wanted.entries or any(fnmatchcase(entry, one) for one in wanted.entries)
    ]
    return [Job(profile.name, entry, case) for entry in entries for case in cases]


def select(paths: Iterable[Path], catalogue: Catalogue, wanted: Wanted) -> Selection:
    """Plans for all profiles; SetupError if any wish matches nothing."""
    known = requirements.load()
    cases = chosen_cases(catalogue, known, wanted)
    plans = tuple(plan(path, cases, wanted) for path in dict.fromkeys(paths))
    _check_names(plans)
    _check_entries(plans, wanted)
    return Selection(plans, catalogue, known, wanted)


def chosen_cases(
    catalogue: Catalogue, known: Requirements, wanted: Wanted
) -> list[str]:
    """The ids of the cases that are wanted, in the suite's order."""
    for pattern in wanted.cases:
        if not any(fnmatchcase(case, pattern) for case in catalogue):
            raise SetupError(f'no case matches "{pattern}"{near(pattern, catalogue)}')
    for one in wanted.requirements:
        if one not in known:
            raise SetupError(f'there is no requirement "{one}"{near(one, known)}')
        if not any(one in case.requirements for case in catalogue.values()):
            raise SetupError(f"no case checks {one}{_because(known[one].without_case)}")
    chosen = [
        case.id
        for case in catalogue.values()
        if (not wanted.cases or any(fnmatchcase(case.id, p) for p in wanted.cases))
        and (
            not wanted.requirements
            or any(one in case.requirements for one in wanted.requirements)
        )
    ]
    if not chosen:
        raise SetupError(
            f"no case matches {' or '.join(wanted.cases)} "
            f"and checks {' or '.join(wanted.requirements)}"
        )
    return chosen


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _check_names(plans: Sequence[Plan]) -> None:
    names = [plan.profile.name for plan in plans]
    for name in names:
        if names.count(name) > 1:
            raise SetupError(f'two profiles have the name "{name}"')


def _check_entries(plans: Sequence[Plan], wanted: Wanted) -> None:
    known = [entry for plan in plans for entry in plan.profile.entry_ids()]
    for pattern in wanted.entries:
        if not any(fnmatchcase(entry, pattern) for entry in known):
            raise SetupError(f'no entry matches "{pattern}"{near(pattern, known)}')
    for one in plans:
        if not one.jobs:
            raise SetupError(
                f"the profile {one.profile.name} has no entry "
                f"that matches {' or '.join(wanted.entries)}"
            )
