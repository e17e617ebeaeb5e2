"""What of the suite is to run on which provider."""
from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Callable, Iterable, Iterator, Mapping, Optional, Sequence

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
    is_ground: bool = False
    """Whether it is only run because a layer over it is: it makes no run red."""

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
        """One part of it, in which every job of a layer has that of its base beside
        it."""
        bases = {
            plan.profile.name: list(plan.profile.chain())[-1] for plan in self.plans
        }

        def at_bottom(job: Job) -> Job:
            return job._replace(profile=bases[job.profile].name)

        mine = set(shard.part(list(dict.fromkeys(map(at_bottom, self.jobs)))))
        plans = (
            replace(
                plan, jobs=tuple(job for job in plan.jobs if at_bottom(job) in mine)
            )
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
            plan.profile.name: []
            if plan.is_ground
            else baselines.surprises(
                plan.profile, plan.baseline, results, self.catalogue, today
            )
            for plan in self.plans
        }


def plan(path: Path, cases: Sequence[str], wanted: Wanted) -> Plan:
    """The plan for one profile; `cases` are the chosen ones."""
    profile = profiles.load(path)
    return Plan(profile, _own_baseline(profile), tuple(jobs_of(profile, cases, wanted)))


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
    _check_entries(plans, wanted)
    plans = with_bases(plans)
    _check_names(plans)
    return Selection(plans, catalogue, known, wanted)


def _own_baseline(profile: Profile) -> Optional[Baseline]:
    return baselines.load(profile.baseline) if profile.baseline else None


def with_bases(
    plans: Sequence[Plan],
    baseline_of: Callable[[Profile], Optional[Baseline]] = _own_baseline,
) -> tuple[Plan, ...]:
    """The plans, and after them one for each base that is not among them, with the
    jobs by which the layers over it are judged."""
    found = list(plans)
    for one in found:  # which grows
        base = one.profile.base
        if base is None:
            continue
        path = base.path.resolve()
        known = [plan for plan in found if plan.profile.path.resolve() == path]
        if not known:
            found.append(Plan(base, baseline_of(base), (), is_ground=True))
            known = found[-1:]
        if known[0].is_ground:
            index = found.index(known[0])
            jobs = dict.fromkeys([*known[0].jobs, *_below(one, base)])
            found[index] = replace(known[0], jobs=tuple(jobs))
    return tuple(found)


def _below(plan: Plan, base: Profile) -> Iterator[Job]:
    return (job._replace(profile=base.name) for job in plan.jobs)


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
