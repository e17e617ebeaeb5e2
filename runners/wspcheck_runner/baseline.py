"""Baselines: the deviations of a provider that are known, each with its reason. They
are strict: what a baseline expects has to be seen."""
from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Collection, Iterator, Mapping, Optional, Sequence

from . import places
from .profile import Profile
from .requirements import by_number
from .toml_source import Document, Table
from .verdict import DEVIATIONS, Job, Result, Verdict

_EXPECTABLE = {verdict.value: verdict for verdict in DEVIATIONS}


@dataclass(frozen=True)
class Expectation:
    """One `[[deviation]]`."""

    case: str
    entries: tuple[str, ...]
    verdict: Verdict
    reason: str
    link: str
    expires: datetime.date
    place: str
    """File and line, for messages."""

    @property
    def explanation(self) -> str:
        """The reason, and where to read more."""
        return f"{self.reason} ({self.link})" if self.link else self.reason

    def covers(self, job: Job) -> bool:
        """Whether it speaks of this job."""
        on_entry = "*" in self.entries or job.entry in self.entries
        return on_entry and fnmatchcase(job.case, self.case)


class Baseline:
    """The expectations of one file."""

    def __init__(self, path: Path, expectations: Sequence[Expectation]) -> None:
        self.path = path
        self.expectations = tuple(expectations)

    def reason(self, job: Job, verdict: Verdict) -> Optional[str]:
        """Why this deviation is expected; None if it is not."""
        for one in self.expectations:
            if one.verdict is verdict and one.covers(job):
                return one.explanation
        return None

    def contradicted(self, job: Job, verdict: Verdict) -> Optional[Expectation]:
        """The expectation of a deviation where there is none (any more)."""
        if verdict not in (Verdict.PASS, Verdict.TOLERATED):
            return None
        return next((one for one in self.expectations if one.covers(job)), None)


def load(path: Path) -> Baseline:
    """Reads a baseline; SetupError names what is wrong with it and where."""
    document = Document(path)
    root = document.root()
    root.expect_tables("deviation")
    root.finish()
    tables = document.tables("deviation")
    return Baseline(path, [one for t in tables for one in _expectations(t, path)])


def _expectations(table: Table, path: Path) -> list[Expectation]:
    """One a case or glob that the table names."""
    verdict = table.text("verdict")
    if verdict not in _EXPECTABLE:
        table.complain("verdict", f'"verdict" is none of {", ".join(_EXPECTABLE)}')
    lists = {key: table.text_or_texts(key) for key in ("case", "entry")}
    for key, values in lists.items():
        if not values:
            table.complain(key, f'"{key}" is an empty list')
    common = Expectation(
        case="",
        entries=tuple(lists["entry"]),
        verdict=_EXPECTABLE[verdict],
        reason=table.text("reason"),
        link=table.text("link", ""),
        expires=table.date("expires"),
        place=f"{places.for_reader(path)}:{table.line}",
    )
    table.finish()
    return [replace(common, case=case) for case in lists["case"]]


def surprises(
    profile: Profile,
    baseline: Optional[Baseline],
    results: Mapping[Job, Result],
    known_cases: Collection[str],
    today: datetime.date,
) -> list[str]:
    """What differs from what was expected of this provider, a sentence each: deviations
    that no baseline expects, expectations that did not come true, and claims of the
    profile that are not true. Expectations of cases that were not run are not judged.
    """
    own = {job: one for job, one in results.items() if job.profile == profile.name}
    found = [*_unexpected(own), *_unfounded(profile, own)]
    for one in baseline.expectations if baseline else ():
        found.extend(_unmet(one, profile, own, known_cases, today))
    return found


def _unexpected(results: Mapping[Job, Result]) -> Iterator[str]:
    for job, result in results.items():
        if result.is_own and result.baseline is None:
            yield f"{job}: {result.verdict.value}, which no baseline expects"


def _unfounded(profile: Profile, results: Mapping[Job, Result]) -> Iterator[str]:
    """One sentence a claim, whatever the number of cases that need it."""
    found: dict[str, list[Result]] = {}
    for result in results.values():
        if result.contradicts_profile:
            found.setdefault(result.message, []).append(result)
    for message, needed in found.items():
        entries = dict.fromkeys(one.job.entry for one in needed)
        ids = by_number({ident for one in needed for ident in one.requirements})
        yield (
            f"{profile.name}: {message} (needed for {len(needed)} verdicts on "
            f"{', '.join(entries)}, about {', '.join(ids)})"
        )


def _unmet(
    one: Expectation,
    profile: Profile,
    results: Mapping[Job, Result],
    known_cases: Collection[str],
    today: datetime.date,
) -> Iterator[str]:
    what = f'{one.place}: the baseline entry for "{one.case}"'
    if one.expires < today:
        yield f"{what} expired on {one.expires.isoformat()}"
    cases = [case for case in known_cases if fnmatchcase(case, one.case)]
    if not cases:
        yield f"{what} matches no case of the suite"
        return
    entries = profile.entry_ids() if "*" in one.entries else one.entries
    for entry in entries:
        if entry not in profile.entry_ids():
            yield f'{what} names the entry "{entry}", which {profile.name} has not'
            continue
        yield from _unmet_on(entry, one, what, profile, results, cases)


def _unmet_on(
    entry: str,
    one: Expectation,
    what: str,
    profile: Profile,
    results: Mapping[Job, Result],
    cases: Sequence[str],
) -> Iterator[str]:
    jobs = [Job(profile.name, entry, case) for case in cases]
    ran = [results[job] for job in jobs if job in results]
    passed = [r for r in ran if r.verdict in (Verdict.PASS, Verdict.TOLERATED)]
    for result in passed:
        yield (
            f"{result.job}: {result.verdict.value}, but {what} "
            f"expects {one.verdict.value}; remove or narrow it"
        )
    complete = len(ran) == len(jobs)
    if complete and not passed and not any(r.verdict is one.verdict for r in ran):
        seen = ", ".join(sorted({result.verdict.value for result in ran}))
        yield (
            f"{what} expects {one.verdict.value} on {profile.name}/{entry}, "
            f"where there was {seen}"
        )
