"""What the verdicts of a run amount to: counts, requirements, and one sentence a
provider."""
from __future__ import annotations

import datetime
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Sequence

from .requirements import Requirement, by_number
from .selection import Plan, Selection
from .verdict import Job, Result, Verdict, worst
from .wire.figures import on_the_network

SCHEMA = 1

_TESTED = (
    Verdict.PASS,
    Verdict.TOLERATED,
    Verdict.FAIL,
    Verdict.TIMEOUT,
    Verdict.CRASH,
)


@dataclass(frozen=True)
class Standing:
    """How a provider stands with one requirement."""

    requirement: Requirement
    entries: Mapping[str, Verdict]
    """The worst verdict on each entry where a case checked it."""

    @property
    def verdict(self) -> Optional[Verdict]:
        """The worst of all; None if no case checked it."""
        return worst(self.entries.values())

    @property
    def is_broken(self) -> bool:
        """Whether the provider does not conform to it."""
        return self.requirement.broken_by(self.verdict)

    @property
    def where(self) -> list[str]:
        """The entries on which the worst was seen."""
        return [entry for entry, one in self.entries.items() if one is self.verdict]


@dataclass(frozen=True)
class ProviderSummary:
    """How one provider came off."""

    plan: Plan
    results: Sequence[Result]
    standings: Mapping[str, Standing]
    surprises: Sequence[str]

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.plan.profile.name

    @property
    def title(self) -> str:
        """The provider in words."""
        return self.plan.profile.title

    @property
    def counts(self) -> dict[Verdict, int]:
        """How often each verdict was given, apart from deviations that are inherited;
        verdicts that were not are left out."""
        counted = Counter(
            result.verdict for result in self.results if result.inherited is None
        )
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    @property
    def inherited(self) -> list[Result]:
        """Its deviations that are those of what is below it."""
        return [result for result in self.results if result.inherited is not None]

    @property
    def not_run(self) -> int:
        """Jobs without a verdict."""
        return len(self.plan.jobs) - len(self.results)

    @property
    def broken(self) -> list[Standing]:
        """The requirements that it does not conform to."""
        return [one for one in self.standings.values() if one.is_broken]

    @property
    def tested(self) -> list[Standing]:
        """The requirements about which something is known."""
        return [one for one in self.standings.values() if one.verdict in _TESTED]

    @property
    def blocked(self) -> list[Standing]:
        """The requirements that could not be tested, or not completely."""
        return [s for s in self.standings.values() if s.verdict is Verdict.BLOCKED]

    @property
    def unchecked(self) -> list[Standing]:
        """The requirements that no case checks."""
        return [one for one in self.standings.values() if one.verdict is None]

    @property
    def tolerated(self) -> list[Standing]:
        """The requirements that hold by another page's permission only."""
        return [s for s in self.standings.values() if s.verdict is Verdict.TOLERATED]

    @property
    def network(self) -> dict[str, str]:
        """By entry, what passed over the network after the call."""
        return on_the_network(self.results)

    @property
    def network_in_words(self) -> dict[str, str]:
        """The same by all entries that share it, as a reader is told it."""
        entries: dict[str, list[str]] = {}
        for entry, text in self.network.items():
            entries.setdefault(text, []).append(entry)
        return {_and(some): text for text, some in entries.items()}

    @property
    def conforms(self) -> Optional[bool]:
        """Whether all that was tested holds; None if that cannot be said."""
        if self.broken:
            return False
        return True if self.tested and not self.not_run else None

    @property
    def answer(self) -> str:
        """Whether it conforms, as the end of a sentence."""
        if self.conforms is None:
            return "is undecided"
        return "conforms" if self.conforms else "does not conform"

    @property
    def grounds(self) -> str:
        """What the answer rests on, and where it does not conform."""
        parts = [self._finding()]
        if self.blocked:
            ids = _ids(self.blocked)
            parts.append(f"not, or not completely, testable here: {ids}")
        if self.unchecked:
            parts.append(f"without a case: {_ids(self.unchecked)}")
        for base in dict.fromkeys(one.inherited for one in self.inherited):
            parts.append(f"inherited from {base}: {', '.join(self._inherited(base))}")
        if self.not_run:
            parts.append(f"incomplete, {self.not_run} of {len(self.plan.jobs)} not run")
        return "; ".join(parts)

    @property
    def sentence(self) -> str:
        """Whether it conforms and where not."""
        return f"{self.title} {self.answer}: {self.grounds}."

    def _inherited(self, base: Optional[str]) -> list[str]:
        ids = {
            ident
            for one in self.inherited
            if one.inherited == base
            for ident in one.requirements
        }
        return by_number(ids)

    def _finding(self) -> str:
        tested = len(self.tested)
        if self.broken:
            where = ", ".join(_with_entries(one, self.plan) for one in self.broken)
            return (
                f"it breaks {len(self.broken)} of the {_requirements(tested)} tested, "
                f"{where}{self._known()}"
            )
        if not tested:
            return "no requirement could be tested"
        entries = dict.fromkeys(job.entry for job in self.plan.jobs)
        what = "the one requirement" if tested == 1 else f"all {_requirements(tested)}"
        return f"{what} tested {'holds' if tested == 1 else 'hold'} on {_and(entries)}"

    def _known(self) -> str:
        if self.plan.baseline is None:
            return ""
        unknown = [one for one in self.results if one.is_own and not one.baseline]
        if unknown:
            return f" ({len(unknown)} of its deviations are not in its baseline)"
        return " (all in its baseline of known deviations)"


@dataclass(frozen=True)
class Summary:
    """How a run came off."""

    providers: Sequence[ProviderSummary]
    started: datetime.datetime
    wall_s: float
    complete: bool
    incidents: Sequence[str]
    notes: Sequence[str]
    exit_code: int

    @property
    def results(self) -> list[Result]:
        """All verdicts in the order of the report."""
        return [result for one in self.providers for result in one.results]

    @property
    def median_harness_ms(self) -> Optional[float]:
        """What a case that ran cost without its declared waits, in the middle."""
        costs = [one.harness_ms for one in self.results if one.verdict in _TESTED]
        return statistics.median(costs) if costs else None

    @property
    def surprises(self) -> list[str]:
        """Everything that makes the run red."""
        return [*(s for one in self.providers for s in one.surprises), *self.incidents]

    def as_json(self) -> dict[str, Any]:
        """summary.json (reports/schema/summary.schema.json)."""
        return {
            "schema": SCHEMA,
            "started": self.started.isoformat(timespec="seconds"),
            "wall_s": round(self.wall_s, 3),
            "median_harness_ms": self.median_harness_ms,
            "complete": self.complete,
            "exit_code": self.exit_code,
            "surprises": self.surprises,
            "notes": list(self.notes),
            "profiles": [_provider_json(one) for one in self.providers],
        }


def summarize(
    selection: Selection,
    results: Mapping[Job, Result],
    *,
    started: datetime.datetime,
    wall_s: float,
    incidents: Sequence[str] = (),
    notes: Sequence[str] = (),
    complete: bool = True,
) -> Summary:
    """Sums a run up and decides its exit code."""
    surprises = selection.surprises(results)
    providers = [
        _provider(plan, selection, results, surprises[plan.profile.name])
        for plan in selection.plans
    ]
    red = bool(incidents) or any(surprises.values())
    return Summary(
        providers=providers,
        started=started,
        wall_s=wall_s,
        complete=complete,
        incidents=tuple(incidents),
        notes=tuple(notes),
        exit_code=3 if not complete else 1 if red else 0,
    )


def _provider(
    plan: Plan,
    selection: Selection,
    results: Mapping[Job, Result],
    surprises: Sequence[str],
) -> ProviderSummary:
    own = [results[job] for job in plan.jobs if job in results]
    standings = {
        one: Standing(selection.requirements[one], _by_entry(one, own))
        for one in _relevant(plan, selection)
    }
    return ProviderSummary(plan, own, standings, surprises)


def _relevant(plan: Plan, selection: Selection) -> list[str]:
    """All requirements; of a part of the suite those that it touches."""
    if selection.is_whole:
        return by_number(selection.requirements)
    cases = (selection.catalogue[job.case] for job in plan.jobs)
    ids = {one for case in cases for one in case.requirements}
    return by_number(ids & selection.requirements.keys())


def _by_entry(requirement: str, results: Iterable[Result]) -> dict[str, Verdict]:
    found: dict[str, list[Verdict]] = {}
    for result in results:
        if requirement in result.requirements:
            found.setdefault(result.job.entry, []).append(result.counted)
    worsts = {entry: worst(verdicts) for entry, verdicts in found.items()}
    return {entry: verdict for entry, verdict in worsts.items() if verdict}


def _with_entries(standing: Standing, plan: Plan) -> str:
    where = standing.where
    everywhere = where == plan.profile.entry_ids()
    return standing.requirement.id + ("" if everywhere else f" ({', '.join(where)})")


def _ids(standings: Iterable[Standing]) -> str:
    return ", ".join(one.requirement.id for one in standings)


def _requirements(count: int) -> str:
    return f"{count} requirement{'' if count == 1 else 's'}"


def _and(names: Iterable[str]) -> str:
    words = list(names)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _provider_json(one: ProviderSummary) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "conforms": one.conforms,
        "sentence": one.sentence,
        "counts": {v.value: one.counts.get(v, 0) for v in Verdict},
        "inherited": len(one.inherited),
        "not_run": one.not_run,
        "not_conforming": [s.requirement.id for s in one.broken],
        "tolerated": [s.requirement.id for s in one.tolerated],
        "blocked": [s.requirement.id for s in one.blocked],
        "unchecked": [s.requirement.id for s in one.unchecked],
        "surprises": list(one.surprises),
        "network": one.network,
        "requirements": {
            ident: {
                "level": standing.requirement.level,
                "verdict": standing.verdict.value if standing.verdict else None,
                "entries": {e: v.value for e, v in standing.entries.items()},
            }
            for ident, standing in one.standings.items()
        },
    }
